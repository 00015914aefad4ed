"""The one network door: every byte from or to another machine passes here, and nothing else imports httpx.

What it promises: nobody waits longer than `total_timeout`; nothing larger than the limits is held; no address inside the own network
is reached unless listed; what is transient (connection, timeouts, 408, 429, 502 to 504, a cut answer) is tried again with full jitter and
what is not is said at once; a half-received body is an error, never a short listing. Every failure is a SourceError.
"""

import base64
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, cast

import httpcore
import httpx

from federation import __version__
from federation.errors import SourceError
from federation.harvest import addresses, screen
from federation.harvest.answer import Answer, Network, Validators, content_type
from federation.harvest.connection import Backend, innermost, pool, tls_flaw
from federation.harvest.credentials import Access
from federation.harvest.inflate import Broken, Inflate, TooLarge
from federation.harvest.pace import Pace, Stopped, backoff, retry_after
from federation.harvest.robots import Robots
from federation.harvest.session import Session
from federation.log import log, masked

__all__ = ["Answer", "Http", "Network", "Validators"]

LONGEST_RETRY_AFTER = 120.0
PRODUCT = "open-data-federation"
_ERROR_PAGE = 65_536
_TRANSIENT = frozenset((408, 429, 502, 503, 504))
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_SECRET_HEADERS = frozenset(("authorization", "cookie", "x-ckan-api-key", "x-api-key", "apikey", "proxy-authorization"))
_NOTHING_KNOWN = Validators()
_FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, httpcore.ProxyError)
_CODES = {401: "http-unauthorised", 403: "http-forbidden", 404: "http-not-found", 410: "http-gone", 429: "http-rate-limited"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One call of the door with all that its attempts need."""

    method: str
    url: httpx.URL
    source: str
    headers: dict[str, str]
    content: dict[str, Any]
    conditional: bool
    limit: int
    repeat: bool
    any_status: bool
    seconds: float
    once: bool

    def error(self, code: str, value: str = "", **params: Any) -> SourceError:
        return SourceError(code, source=self.source, url=masked(str(self.url)), value=value, **params)


class _Again(Exception):
    """An attempt failed for a reason that may pass. `untouched`: the server did not act on the request."""

    def __init__(self, error: SourceError, after: float | None = None, untouched: bool = False, at_once: bool = False) -> None:
        super().__init__(error.code)
        self.error, self.after, self.untouched, self.at_once = error, after, untouched, at_once


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


class _Transport(httpx.BaseTransport):
    """httpx over a connection pool with our own way of connecting. Used without httpx.Client, which would read Location headers, keep
    cookies and log addresses with their keys.
    """

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        answer = self._pool.handle_request(httpcore.Request(
            method=request.method, url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw, content=request.stream, extensions=request.extensions,
        ))  # fmt: skip
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class Http:
    """The door; one for the whole process, used by all fetch threads. Closing it (also from another thread) ends what is under way."""

    def __init__(
        self, network: Network, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] | None = None,
        now: Callable[[], float] = time.time, access: Access | None = None,
    ) -> None:  # fmt: skip
        self._network = network
        self._access = access or Access()
        self._secret_headers = _SECRET_HEADERS | self._access.names
        self._clock, self._now = clock, now
        self._judge = addresses.Addresses(network.allow)
        self._pace = Pace(network.per_host, network.min_interval, clock, sleep)
        contact = network.user_agent_contact
        self.user_agent = f"{PRODUCT}/{__version__}" + (f" (+{contact})" if contact else "")
        self._backend = Backend(self._judge, clock, network.proxy)
        self._transport = _Transport(pool(self._backend, network.ca_file, network.proxy))
        self._unproxied = tuple(name.lower().lstrip(".") for name in network.no_proxy) if network.proxy else ()
        self._direct = _Transport(pool(self._backend, network.ca_file)) if self._unproxied else self._transport
        self._headers = {"user-agent": self.user_agent, "accept": "*/*", "accept-encoding": "gzip, deflate"}
        read = network.read_timeout
        self._extensions = {"timeout": {"connect": network.connect_timeout, "read": read, "write": read, "pool": read}}
        self._robots = Robots(self, PRODUCT, clock, self._pace.slower)

    def __enter__(self) -> "Http":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends every request under way (they raise SourceError "http-stopped") and closes the connections."""
        self._pace.stop()
        self._backend.cut()
        self._transport.close()
        self._direct.close()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Every call that this thread makes in the block ends within so many seconds from now, all of them together."""
        self._backend.deadline.last = self._clock() + seconds
        try:
            yield
        finally:
            self._backend.deadline.last = float("inf")

    def get(
        self, url: str, *, source: str = "", validators: Validators = _NOTHING_KNOWN, accept: str = "", limit: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """The answer to GET: status 200 to 299, or 304 where `validators` were given.

        `accept` is the Accept header, `limit` the largest unpacked body in bytes (at most the configured one). SourceError for anything
        else: a page of an error, a redirect to nowhere, half an answer.
        """
        asked = dict(headers or {})
        if accept:
            asked["Accept"] = accept
        if validators.etag:
            asked["If-None-Match"] = validators.etag
        if validators.modified:
            asked["If-Modified-Since"] = validators.modified
        return self.request("GET", url, source=source, headers=asked, limit=limit)

    def head(self, url: str, *, source: str = "", headers: Mapping[str, str] | None = None, any_status: bool = False) -> Answer:
        """The answer to HEAD, with an empty body; `any_status` gives answers of every status instead of an error (for checking links)."""
        return self.request("HEAD", url, source=source, headers=headers, any_status=any_status)

    def post(
        self, url: str, *, json: Any = None, data: bytes | Mapping[str, str] | None = None, source: str = "", accept: str = "",
        limit: int | None = None, headers: Mapping[str, str] | None = None, repeat: bool = True,
    ) -> Answer:  # fmt: skip
        """The answer to POST of `json` or of `data` (bytes as they are, a mapping as a form). `repeat=False` for what must not be done
        twice: it is tried again only where the server cannot have acted on it.
        """
        asked = dict(headers or {})
        if accept:
            asked["Accept"] = accept
        content: dict[str, Any] = {"json": json} if json is not None else {"content" if isinstance(data, bytes) else "data": data}
        return self.request("POST", url, source=source, headers=asked, content=content, limit=limit, repeat=repeat)

    def probe(
        self, method: str, url: str, *, seconds: float, source: str = "", headers: Mapping[str, str] | None = None, limit: int = 1024
    ) -> Answer:
        """One exchange and no more, for checking links: every status is an answer, that of a redirect too; nothing is tried again; it ends
        within `seconds` and after about `limit` bytes of the body. SourceError where no answer came. Retry-After holds as ever.
        """
        return self.request(method, url, source=source, headers=headers, limit=limit, any_status=True, once=seconds)

    def session(self, source: str = "", headers: Mapping[str, str] | None = None, repeat: bool = True) -> Session:
        """What ckanapi.RemoteCKAN(session=...) asks for, going through this door."""
        return Session(self, source, headers, repeat)

    def allowed(self, url: str, source: str = "") -> bool:
        """Whether the robots.txt of the site lets us read `url`; for connectors that follow links, not for addresses that were given."""
        address, _ = self._address(url, source)
        return self._robots.allowed(str(address), f"{address.scheme}://{address.netloc.decode()}", address.netloc.decode(), source)

    def failure(self, answer: Answer, source: str = "") -> SourceError:
        """The error that an answer with a status beyond 299 stands for."""
        code = _CODES.get(answer.status, "http-server-error" if answer.status >= 500 else "http-status")
        return SourceError(code, source=source, url=masked(answer.url), status=answer.status, detail=screen.title(answer.body))

    def request(
        self, method: str, url: str, *, source: str = "", headers: Mapping[str, str] | None = None,
        content: Mapping[str, Any] | None = None, limit: int | None = None, repeat: bool = True, any_status: bool = False,
        once: float | None = None,
    ) -> Answer:  # fmt: skip
        """Any method; `content` holds httpx's own `content`, `data`, `files` or `json`. get, post, head and probe say the rest."""
        address, secrets = self._address(url, source)
        secrets = {**self._access.headers(source, str(address)), **secrets}
        asked_headers = {**self._headers, **secrets, **{name.lower(): value for name, value in (headers or {}).items()}}
        asked = _Asked(
            method, address, source, asked_headers, dict(content or {}),
            conditional="if-none-match" in asked_headers or "if-modified-since" in asked_headers,
            limit=min(limit or self._network.max_bytes, self._network.max_bytes), repeat=repeat, any_status=any_status,
            seconds=self._network.total_timeout if once is None else once, once=once is not None,
        )  # fmt: skip
        try:
            return self._attempts(asked)
        except Stopped as error:
            raise asked.error("http-stopped") from error
        finally:
            self._backend.deadline.ends = float("inf")

    def _address(self, url: str, source: str) -> tuple[httpx.URL, dict[str, str]]:
        """The parsed address without user and password, and these as a header."""
        try:
            address = _web(httpx.URL(url.strip()))
        except (httpx.InvalidURL, ValueError) as error:
            raise SourceError("http-url-invalid", source=source, url=masked(url)[:500], reason=str(error)) from error
        if not address.userinfo:
            return address, {}
        login = f"{address.username}:{address.password}".encode()
        return address.copy_with(username=None, password=None), {"authorization": "Basic " + base64.b64encode(login).decode()}

    def _attempts(self, asked: _Asked) -> Answer:
        deadline = self._backend.deadline
        deadline.ends = min(self._clock() + asked.seconds, deadline.last)
        attempt = 0
        while True:
            try:
                return self._follow(asked)
            except _Again as failure:
                may = attempt < self._network.retries and not asked.once and (asked.repeat or failure.untouched)
                if failure.after is not None and failure.after > LONGEST_RETRY_AFTER:
                    raise asked.error("http-retry-later", minutes=round(failure.after / 60)) from failure
                wait = 0.0 if failure.at_once and attempt == 0 else max(backoff(attempt), failure.after or 0.0)
                if not may or self._clock() + wait >= deadline.ends:
                    raise failure.error from failure.__cause__
                facts = {"source": asked.source, "url": masked(str(asked.url)), "code": failure.error.code, "wait": round(wait, 1)}
                log.debug("trying again", extra=facts)
                self._pace.wait(wait)
                attempt += 1

    def _follow(self, asked: _Asked) -> Answer:
        for _ in range(self._network.redirects + 1):
            with self._pace.turn(asked.url.netloc.decode()) as waited:
                deadline = self._backend.deadline
                deadline.ends = min(deadline.ends + waited, deadline.last)
                answer = self._exchange(asked)
            location = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not location or asked.once:
                return answer
            asked = self._redirected(asked, answer.status, location)
        raise asked.error("http-redirect-loop", count=self._network.redirects)

    def _redirected(self, asked: _Asked, status: int, location: str) -> _Asked:
        try:
            target = _web(asked.url.join(location))
        except (httpx.InvalidURL, ValueError) as error:
            raise asked.error("http-redirect-refused", target=masked(location)[:500], reason=str(error)) from error
        if asked.url.scheme == "https" and target.scheme == "http":
            raise asked.error("http-redirect-refused", target=masked(str(target))[:500], reason="https:// to http://")
        target = target.copy_with(username=None, password=None, fragment=asked.url.fragment or None)
        headers = asked.headers
        if target.raw_host != asked.url.raw_host or (target.port != asked.url.port and target.scheme == asked.url.scheme):
            headers = {name: value for name, value in headers.items() if name not in self._secret_headers}
        if status == 303 and asked.method not in ("GET", "HEAD"):
            headers = {name: value for name, value in headers.items() if name not in ("content-type", "content-length")}
            return replace(asked, url=target, headers=headers, method="GET", content={})
        return replace(asked, url=target, headers=headers)

    def _exchange(self, asked: _Asked) -> Answer:
        """One request and its whole answer; raises SourceError, or _Again where another attempt may help."""
        try:
            if self._network.proxy:
                self._judge.check_literal(asked.url.raw_host.decode("ascii"))
            request = httpx.Request(asked.method, asked.url, headers=asked.headers, extensions=self._extensions, **asked.content)
            self._pace.check()
            response = self._way(asked.url.host.lower()).handle_request(request)
            try:
                return self._judged(asked, response, self._read(asked, response))
            finally:
                response.close()
        except _FAILURES as error:
            self._pace.check()
            raise self._failure(asked, error) from error
        except addresses.Refused as error:
            raise asked.error("http-address-refused", host=error.host, address=error.address, kind=error.kind) from error
        except addresses.Unresolved as error:
            problem = asked.error("http-dns", host=error.host, reason=error.reason)
            raise (_Again(problem, untouched=True) if error.again else problem) from error

    def _way(self, host: str) -> _Transport:
        """With the proxy, or without it for the hosts that the operator named."""
        direct = any(host == name or host.endswith(f".{name}") for name in self._unproxied)
        return self._direct if direct else self._transport

    def _failure(self, asked: _Asked, error: Exception) -> Exception:
        """What a failed exchange means."""
        if isinstance(error, httpcore.TimeoutException):
            over = self._clock() >= self._backend.deadline.ends
            connecting = isinstance(error, httpcore.ConnectTimeout | httpcore.PoolTimeout)
            limit = asked.seconds if over else self._network.connect_timeout if connecting else self._network.read_timeout
            return _Again(asked.error("http-timeout", seconds=f"{limit:g}"), untouched=connecting)
        if isinstance(error, httpcore.ConnectError):
            flaw = tls_flaw(error)
            if flaw:
                return asked.error("http-tls", reason=flaw)
            return _Again(asked.error("http-connect", reason=innermost(error)), untouched=True)
        if isinstance(error, httpcore.ProxyError):
            return asked.error("http-proxy", reason=innermost(error))
        if isinstance(error, httpcore.NetworkError):
            return _Again(asked.error("http-incomplete", reason=innermost(error)))
        if isinstance(error, httpcore.RemoteProtocolError):
            text = str(error)
            silent = "without sending a response" in text
            if silent or "closed connection" in text:
                return _Again(asked.error("http-incomplete", reason=text), at_once=silent)
            return asked.error("http-protocol", reason=text)
        return asked.error("http-url-invalid", reason=str(error))

    def _read(self, asked: _Asked, response: httpx.Response) -> bytes:
        """The unpacked body, bounded on the wire and after unpacking; of an error answer only the beginning."""
        wanted = _is_good(response.status_code) and not asked.once
        limit = asked.limit if wanted else min(asked.limit, _ERROR_PAGE)
        wire_limit = self._network.max_wire_bytes if wanted else _ERROR_PAGE
        if asked.method == "HEAD" or response.status_code in (204, 304):
            return b""
        coding = response.headers.get("content-encoding", "").strip().lower()
        if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            if not wanted:
                return b""
            raise asked.error("http-encoding", value=coding)
        length = response.headers.get("content-length", "")
        if wanted and length.isdigit() and int(length) > min(wire_limit, limit if coding in ("", "identity") else wire_limit):
            raise asked.error("http-too-large", limit=_megabytes(min(wire_limit, limit)))
        inflate = Inflate(coding, limit) if coding not in ("", "identity") else None
        body, wire = BytesIO(), 0
        try:
            for chunk in cast(_Body, response.stream):
                wire += len(chunk)
                if wire > wire_limit:
                    raise TooLarge(wire_limit)
                body.write(inflate.feed(chunk) if inflate else chunk)
                if body.tell() > limit:
                    raise TooLarge(limit)
            if inflate:
                body.write(inflate.finish())
        except TooLarge as error:
            if wanted:
                raise asked.error("http-too-large", limit=_megabytes(error.limit)) from error
        except Broken as error:
            if wanted:
                problem = asked.error("http-incomplete" if error.cut else "http-encoding", value=coding, reason=str(error))
                raise (_Again(problem) if error.cut else problem) from error
        return body.getvalue()

    def _judged(self, asked: _Asked, response: httpx.Response, body: bytes) -> Answer:
        """The answer as we give it on; an error for a status that is none."""
        headers = {name.decode("ascii").lower(): _header(value) for name, value in response.headers.raw}
        media_type, charset = content_type(headers.get("content-type", ""))
        status = response.status_code
        etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
        answer = Answer(str(asked.url), status, body, media_type, charset, etag, modified, headers)
        if _is_good(status) or (status == 304 and asked.conditional) or (status in _REDIRECTS and "location" in headers):
            return answer
        problem = self.failure(answer, asked.source)
        if status in _TRANSIENT:
            after = retry_after(headers.get("retry-after", ""), self._now())
            if after is not None and after <= LONGEST_RETRY_AFTER:
                self._pace.hold(asked.url.netloc.decode(), after)
            if not asked.once:
                raise _Again(problem, after, untouched=status in (429, 503))
        if asked.any_status:
            return answer
        raise problem


def _web(address: httpx.URL) -> httpx.URL:
    """The address, if it is one of the web; ValueError says why not."""
    if address.scheme not in ("http", "https"):
        raise ValueError("only http:// and https://")
    if not address.host:
        raise ValueError("no host")
    return address


def _is_good(status: int) -> bool:
    """Success with a whole body: 206 is a part, which we never ask for."""
    return 200 <= status < 300 and status != 206


def _header(value: bytes) -> str:
    """A field value; servers write UTF-8 into Location though RFC 9110 knows ASCII only."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _megabytes(count: int) -> str:
    return f"{count / 1_048_576:.4g} MiB"
