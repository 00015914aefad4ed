"""A small real HTTP server on loopback for tests: `with serve({"/a": b"..."}) as server: http.get(server.url + "/a")`.

Routes map a path to bytes, to `(status, headers, body)`, or to a callable that takes the Request and returns either. A body may also be
one of the wrappers below, which misbehave on the wire: Drip, Cut, Raw.
"""

import gzip
import hashlib
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from string import Formatter
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

import pytest

from federation.config import NetworkSettings
from federation.errors import SourceError
from federation.finding import Finding, texts
from federation.harvest.http import Http

MISSING = (404, {"Content-Type": "text/plain"}, b"not found")


@dataclass(frozen=True)
class Drip:
    """The body in pieces of `size` bytes with `seconds` between them."""

    body: bytes
    seconds: float
    size: int = 1


@dataclass(frozen=True)
class Cut:
    """Announces the whole body, sends the first `keep` bytes and closes the connection; `chunked` cuts a chunked answer."""

    body: bytes
    keep: int
    chunked: bool = False


@dataclass(frozen=True)
class Raw:
    """Exactly these bytes instead of an HTTP answer (also none at all), then the connection closes."""

    data: bytes = b""


Body: TypeAlias = bytes | str | Drip | Cut | Raw
Reply: TypeAlias = "Body | tuple[int, Mapping[str, str], Body]"
Route: TypeAlias = "Reply | Callable[[Request], Reply]"


@dataclass
class Request:
    """What the server was asked: `path` without query, `query` as a dict (last value wins), `headers` with lower-case names."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A running server: `url` without a slash at the end, `seen` all requests in order, `count(path)` how many, `busiest` most at once."""

    url: str
    routes: "dict[str, Route]"
    seen: list[Request] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    running: int = 0
    busiest: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __str__(self) -> str:
        return self.url

    def __add__(self, path: str) -> str:
        return self.url + path

    def count(self, path: str = "") -> int:
        return self.counts[path] if path else sum(self.counts.values())


def zipped(body: bytes, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A gzip-encoded answer."""
    return 200, {"Content-Encoding": "gzip", **headers}, gzip.compress(body, mtime=0)


def cached(body: bytes, media_type: str = "application/octet-stream", modified: str = "") -> "Callable[[Request], Reply]":
    """A route with an ETag (and Last-Modified) that answers 304 to a request that names it."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"ETag": etag, "Content-Type": media_type} | ({"Last-Modified": modified} if modified else {})

    def answer(request: Request) -> Reply:
        if request.headers.get("if-none-match") == etag or (
            "if-none-match" not in request.headers and modified and request.headers.get("if-modified-since") == modified
        ):
            return 304, headers, b""
        return 200, headers, body

    return answer


def in_turn(*replies: "Reply") -> "Callable[[Request], Reply]":
    """A route that gives one reply after the other, the last one from then on."""
    left = list(replies)
    lock = threading.Lock()

    def answer(_: Request) -> Reply:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answer


@contextmanager
def serve(routes: "Mapping[str, Route] | Callable[[Request], Reply]", tls: Any = None, host: str = "127.0.0.1") -> "Iterator[Server]":
    """A server on a free port for the time of the block; `tls` is an ssl.SSLContext. A callable instead of routes answers every path."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            request = Request(
                self.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length) if length else b"",
            )  # fmt: skip
            with server.lock:
                server.seen.append(request)
                server.counts[request.path] += 1
                server.times.append(time.monotonic())
                server.running += 1
                server.busiest = max(server.busiest, server.running)
            try:
                route = routes if callable(routes) else server.routes.get(self.path) or server.routes.get(request.path, MISSING)
                self.reply(route(request) if callable(route) else route)
            except (ConnectionError, TimeoutError):
                self.close_connection = True
            finally:
                with server.lock:
                    server.running -= 1

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = handle_one

        def reply(self, reply: Reply) -> None:
            status, headers, body = reply if isinstance(reply, tuple) else (200, {}, reply)
            if isinstance(body, str):
                body = body.encode()
            if isinstance(body, Raw):
                self.close_connection = True
                self.wfile.write(body.data)
                self.wfile.flush()
                return
            whole = body if isinstance(body, bytes) else body.body
            lines = [f"HTTP/1.1 {status} {self.responses.get(status, ('',))[0]}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            names = {name.lower() for name in headers}
            chunked = isinstance(body, Cut) and body.chunked
            if chunked:
                lines.append("Transfer-Encoding: chunked")
            elif "content-length" not in names and status not in (204, 304):
                lines.append(f"Content-Length: {len(whole)}")
            self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
            if self.command == "HEAD" or status in (204, 304):
                self.wfile.flush()
            elif isinstance(body, bytes):
                self.wfile.write(body)
                self.wfile.flush()
            elif isinstance(body, Cut):
                part = body.body[: body.keep]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
                self.wfile.flush()
                self.close_connection = True
            else:
                for start in range(0, len(whole), body.size):
                    self.wfile.write(whole[start : start + body.size])
                    self.wfile.flush()
                    time.sleep(body.seconds)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            pass

    listener = Quiet((host, 0), Handler)
    if tls is not None:
        listener.socket = tls.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
    server = Server(f"{'https' if tls else 'http'}://{host}:{listener.server_port}", dict(routes) if isinstance(routes, Mapping) else {})
    threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()


def network(**settings: Any) -> NetworkSettings:
    """Settings of a door that may reach loopback and does not try again."""
    return NetworkSettings(**{"allow": ["127.0.0.0/8", "::1/128"], "retries": 0, **settings})


@contextmanager
def door(**settings: Any) -> "Iterator[Door]":
    """A door to loopback that does not sleep: `waits` are the seconds that it would have waited."""
    opened = Door(**settings)
    try:
        yield opened
    finally:
        opened.close()


class Door(Http):
    """The real door with its waits recorded."""

    def __init__(self, **settings: Any) -> None:
        self.waits: list[float] = []
        super().__init__(network(**settings), sleep=self.waits.append)


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> SourceError:
    """The SourceError that the call must raise, with complete texts in both languages."""
    with pytest.raises(SourceError) as caught:
        call(*args, **kwargs)
    error = caught.value
    complete(error.finding())
    return error


def complete(finding: Finding) -> None:
    """Fails where the texts of a finding are missing or name something that it does not carry."""
    text = texts()[finding.code]
    for template in (*text.cause.values(), *text.remedy.values()):
        assert {name for _, name, _, _ in Formatter().parse(template) if name} <= {*finding.params, "value", "field", "dataset"}


def codes(findings: "Iterable[Finding]") -> list[str]:
    """The codes of findings that have complete texts."""
    found = []
    for finding in findings:
        complete(finding)
        found.append(finding.code)
    return found


def outcome(call: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """"done", or the code of the SourceError with which the call ended."""
    try:
        call(*args, **kwargs)
    except SourceError as error:
        complete(error.finding())
        return error.code
    return "done"


def resolver(monkeypatch: pytest.MonkeyPatch, *answers: "list[str] | Exception") -> list[str]:
    """Answers the look-ups one after the other, and says how often it was asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        with suppress(ValueError):
            return [(socket.AF_INET6 if ip_address(host).version == 6 else socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        if isinstance(found, Exception):
            raise found
        return [(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked
