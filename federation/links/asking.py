"""Asking servers for addresses: HEAD, GET, redirects, and the manners towards each server."""

import re
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from queue import SimpleQueue
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from federation import clock
from federation.errors import SourceError
from federation.harvest.addresses import Unresolved
from federation.harvest.answer import Answer
from federation.harvest.http import Http
from federation.harvest.pace import retry_after
from federation.links.collecting import host_of
from federation.store.links import LinkRow

_GOOD = frozenset(("ok", "redirected"))
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_LASTING = frozenset((301, 308))
_FORBIDDEN = frozenset((401, 403, 407, 451))
# Interfaces answer a bare address with one of these: they want parameters, and they are there.
_WANTS_MORE = frozenset((400, 405, 406, 411, 415, 422))
_INTERFACE = re.compile(r"(?i)(?<![a-z])(w[mfcp]s|wmts|csw|ows|sos|sta|sparql|api|rest|soap|odata|oai|services?|geoserver|arcgis)(?![a-z])")
_HOME = frozenset(("", "de", "en", "home", "index.html", "index.htm", "index.php", "start", "startseite"))
_BEGINNING = {"Range": "bytes=0-1023", "Accept-Encoding": "identity"}
# What HEAD showed already and GET would show again.
_SETTLED = frozenset(("link-host-gone", "link-certificate", "link-down", "link-invalid", "link-private"))
# After so many failures in a row without any answer nothing more is asked of a server; these hold for all its addresses.
_ALL_ALIKE = {"link-host-gone": 1, "link-certificate": 3, "link-down": 3}
_SILENT = 10
_SILENCE = frozenset(("http-dns", "http-tls", "http-connect", "http-timeout", "http-incomplete"))
_REFUSALS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run may ask for: seconds and counts; days are those of the calendar (UTC)."""

    hosts: int = 16  # servers asked at the same time
    interval: float = 0.5  # between two requests to one server
    requests: int = 1000  # to one server in a run
    seconds: float = 900.0  # for one server in a run, waiting included
    timeout: float = 20.0  # of one exchange
    pause: float = 15.0  # after "too many requests" without Retry-After; doubled each time
    redirects: int = 10
    recheck_days: int = 7  # about when an address that is well is asked for again
    report_days: int = 3  # on how many days it must have failed to be reported


class Checked(NamedTuple):
    """What one address came to. `code` is what it would be reported under, `reason` a technical word for it, `status` 0 without answer."""

    url: str
    verdict: str
    status: int = 0
    code: str = ""
    reason: str = ""
    target: str = ""
    method: str = "HEAD"
    etag: str = ""
    modified: str = ""


class _Unasked(Exception):
    """The server is to be asked nothing more in this run (or not now, for somebody else's redirect)."""

    def __init__(self, host: "_Host") -> None:
        super().__init__(host.name)
        self.host = host


class _Later(Exception):
    """The server wants to be left alone for a while; `_Host.next` says until when."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class _Host:
    """One server in this run: what it has cost so far and when it may be asked again (seconds of the monotonic clock)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.gate = threading.Lock()
        self.began = self.next = 0.0
        self.requests = self.silent = self.refusals = 0
        self.closed = False


class Asking:
    """The asking of one run. `serve` is the work of a thread and puts what came of each address on `results`; `end` ends it all."""

    def __init__(self, http: Http, limits: Limits, ends: float = float("inf")) -> None:
        self._http = http
        self._limits = limits
        self._ends = ends
        self._ending = threading.Event()
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()
        self.results: SimpleQueue[Checked] = SimpleQueue()
        self.answered = False

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return sum(host.requests for host in self._hosts.values())

    def end(self) -> None:
        """Nothing more is asked; what waits wakes up."""
        self._ending.set()

    def serve(self, name: str, links: Sequence[LinkRow]) -> None:
        """Asks one server for its addresses, one after the other, until the budget is used up."""
        host = self._host(name)
        waiting, deferred = deque(links), set[str]()
        while waiting and not self._ending.is_set() and time.monotonic() < self._ends:
            one = waiting[0]
            try:
                checked = self._visit(host, one)
            except _Later as later:
                if one.url not in deferred:
                    deferred.add(one.url)
                    continue
                if later.status == 429:  # says nothing about the address
                    waiting.popleft()
                    continue
                checked = Checked(one.url, "unreachable", 503, "link-unreachable", "Status 503", method=one.method)
            except _Unasked as unasked:
                if unasked.host is host:
                    return
                waiting.popleft()
                continue
            waiting.popleft()
            self.results.put(checked)
            if host.silent >= _ALL_ALIKE.get(checked.code, _SILENT):
                for other in waiting if checked.code in _ALL_ALIKE else ():
                    self.results.put(checked._replace(url=other.url, method=other.method, target=""))
                return

    def _visit(self, host: _Host, one: LinkRow) -> Checked:
        found = self._follow(host, one, one.method)
        if one.method == "GET" or found.verdict in _GOOD or found.code in _SETTLED or found.verdict == "unchecked":
            return found
        return self._follow(host, one, "GET")

    def _follow(self, own: _Host, one: LinkRow, method: str) -> Checked:
        """Where the address leads, redirect by redirect. `target` of the result is as far as permanent ones lead."""
        url, target, lasting, seen = one.url, "", True, {one.url}
        plain = _BEGINNING if method == "GET" else {}
        headers = {**plain, **_conditions(one)}
        while True:
            try:
                answer = self._ask(own, method, url, headers)
            except SourceError as error:
                return _failed(one, error, redirected=len(seen) > 1)
            location = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not location:
                return _judged(one, method, answer, target, direct=len(seen) == 1)
            new = _joined(url, location)
            if not new:
                return Checked(one.url, "unreachable", answer.status, "link-unreachable", "Location", method=one.method)
            lasting = lasting and answer.status in _LASTING
            target = new if lasting else target
            url, headers = new.partition("#")[0], plain
            if url in seen or len(seen) > self._limits.redirects:
                return Checked(one.url, "unreachable", answer.status, "link-loop", f"{len(seen)} redirects", method=one.method)
            seen.add(url)

    def _ask(self, own: _Host, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        host = self._host(host_of(url))
        if not host.gate.acquire(timeout=-1 if host is own else self._limits.timeout):
            raise _Unasked(host)
        try:
            self._admit(host, patience=self._limits.seconds if host is own else self._limits.timeout)
            host.requests += 1
            try:
                answer = self._http.probe(method, url, seconds=self._limits.timeout, headers=headers)
            except SourceError as error:
                if error.code == "http-stopped":
                    raise _Unasked(own) from error
                host.silent += error.code in _SILENCE
                raise
            finally:
                host.next = time.monotonic() + self._limits.interval
            self.answered, host.silent = True, 0
            self._heed(host, own, answer)
            return answer
        finally:
            host.gate.release()

    def _admit(self, host: _Host, patience: float) -> None:
        """Waits for the server's turn, within its budget."""
        now = time.monotonic()
        host.began = host.began or now
        start = max(now, host.next)
        spent = host.closed or host.requests >= self._limits.requests or start > min(host.began + self._limits.seconds, self._ends)
        if spent or start - now > patience or self._ending.wait(start - now):
            raise _Unasked(host)

    def _heed(self, host: _Host, own: _Host, answer: Answer) -> None:
        """Does as a server says that wants to be left alone."""
        after = retry_after(answer.headers.get("retry-after", ""), clock.now().timestamp())
        if answer.status != 429 and (answer.status != 503 or after is None):
            host.refusals = 0
            return
        if answer.status == 429:
            host.refusals += 1
            host.closed = host.refusals > _REFUSALS
        pause = self._limits.pause * 2 ** (host.refusals - 1) if after is None else after
        host.next = max(host.next, time.monotonic() + pause)
        raise _Later(answer.status) if host is own else _Unasked(host)

    def _host(self, name: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(name, _Host(name))


def _conditions(one: LinkRow) -> dict[str, str]:
    known = {"If-None-Match": one.etag, "If-Modified-Since": one.modified}
    return {name: said for name, said in known.items() if said and said.isascii() and said.isprintable()}


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; "" where that is no address."""
    try:
        new = urljoin(url, location)
        host_of(new)
    except ValueError:
        return ""
    return new


def _judged(one: LinkRow, method: str, answer: Answer, target: str, *, direct: bool) -> Checked:
    """What an answer that is no redirect says of the address."""
    status, reason = answer.status, f"Status {answer.status}"
    if 200 <= status < 300 or status in (300, 304, 416) or (status in _WANTS_MORE and method == "GET" and _INTERFACE.search(one.url)):
        etag, modified = (answer.etag or one.etag, answer.modified or one.modified) if status == 304 else (answer.etag, answer.modified)
        verdict, code = ("redirected", moved(one.url, target)) if target else ("ok", "")
        return Checked(one.url, verdict, status, code, "", target, method, etag if direct else "", modified if direct else "")
    if status in (404, 410):
        return Checked(one.url, "broken", status, "link-broken", reason, target, one.method)
    if status in _FORBIDDEN:
        return Checked(one.url, "forbidden", status, "link-forbidden", reason, target, one.method)
    return Checked(one.url, "unreachable", status, "link-unreachable", reason, target, one.method)


def _failed(one: LinkRow, error: SourceError, *, redirected: bool) -> Checked:
    """What it says of the address that no answer came."""
    reason = error.params.get("reason", "")
    found = Checked(one.url, "unreachable", 0, "link-unreachable", reason or error.code, method=one.method)
    if error.code == "http-dns" and not (isinstance(error.__cause__, Unresolved) and error.__cause__.again):
        return found._replace(verdict="broken", code="link-host-gone")
    if error.code == "http-timeout":
        return found._replace(code="link-slow", reason=f"{error.params['seconds']} s")
    if error.code in ("http-tls", "http-connect"):
        return found._replace(code="link-certificate" if error.code == "http-tls" else "link-down")
    if error.code == "http-url-invalid" and not redirected:
        return found._replace(verdict="invalid", code="link-invalid")
    if error.code == "http-address-refused" and not redirected:
        # A name may lead elsewhere when asked from outside; a number is what it is.
        verdict, code = ("invalid", "link-private") if _is_number(error.params["host"]) else ("unchecked", "")
        return found._replace(verdict=verdict, code=code, reason=error.params["kind"])
    return found


def _is_number(host: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(host.strip("[]")))
    return False


def moved(url: str, target: str) -> str:
    """The code of what a permanent redirect means: moved, or sent to the home page (what there was is probably gone); "" for one that
    nobody should follow in the catalog, from https:// to http://.
    """
    old, new = urlsplit(url), urlsplit(target)
    if old.scheme == "https" and new.scheme == "http":
        return ""
    home = new.path.strip("/").lower() in _HOME and not new.query
    return "link-moved-home" if home and (old.query or old.path.strip("/").lower() not in _HOME) else "link-moved"
