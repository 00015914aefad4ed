"""A scene: one source with its catalog, its protocol and the fault that it has at the moment; a server holds many."""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.nasty_source.catalog import Dataset
from tests.nasty_source.faults import FAULTS, Fault, Moment
from tests.nasty_source.protocols import Page, View, protocols
from tests.nasty_source.wire import Listener, Reply, Request


@dataclass
class Scene:
    """`datasets` is the truth and may be edited at any time; `size` the datasets on a page; `fault` a name of `FAULTS`, "" for none."""

    name: str
    protocol: str
    form: str
    datasets: list[Dataset]
    size: int
    server: "Server"
    served: list[Request] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _fault: Fault | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def base(self) -> str:
        """The address below which everything of this source is."""
        return f"{self.server.url}/{self.name}"

    @property
    def url(self) -> str:
        """The address to configure."""
        return protocols()[self.protocol].url(self.base, self.form)

    @property
    def connector(self) -> str:
        """The connector that reads it."""
        return protocols()[self.protocol].CONNECTOR

    @property
    def fault(self) -> str:
        """What is wrong with it, "" for nothing."""
        return self._fault.name if self._fault else ""

    @fault.setter
    def fault(self, name: str) -> None:
        with self._lock:
            self._fault = FAULTS[name] if name else None
            self.served.clear()
            self.counts.clear()

    def listing(self) -> list[Dataset]:
        """What the first answer of a listing would show at this moment."""
        moment = Moment(self, Request("GET", "", {}, {}), protocols()[self.protocol].asked(Request("GET", "", {}, {})), 1)
        return list(self._fault.listing(moment, self.datasets)) if self._fault and self._fault.listing else list(self.datasets)

    def respond(self, request: Request) -> Reply:
        """The answer to one request."""
        protocol, fault = protocols()[self.protocol], self._fault
        with self._lock:
            self.served.append(request)
            key = f"{request.path}?{sorted(request.query.items())}"
            self.counts[key] += 1
            moment = Moment(self, request, protocol.asked(request), self.counts[key])
            if fault and fault.instead and (reply := fault.instead(moment)) is not None:
                return reply
            listed: Sequence[Dataset] = self.datasets
            if fault and fault.listing:
                listed = fault.listing(moment, self.datasets)
            spoil = fault.page if fault else None

            def page(page: Page) -> Page:
                return spoil(moment, page) if spoil else page

            reply = protocol.reply(request, View(listed, self.datasets, self.size, self.base, page), self.form)
            if fault and fault.after:  # a spoiled body has no honest ETag
                return fault.after(moment, reply)
            return _with_etag(reply, request) if protocol.NAME == "dcat" else reply


def _with_etag(reply: Reply, request: Request) -> Reply:
    if reply.status != 200:
        return reply
    etag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
    reply.headers["ETag"] = etag
    return Reply(304, {"ETag": etag}) if request.headers.get("if-none-match") == etag else reply


class Server:
    """A running server; each scene lives below a folder of its own."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, tls: Any = None) -> None:
        self.scenes: dict[str, Scene] = {}
        self.elsewhere: dict[str, str] = {}
        self._listener = Listener(host, port, self._respond)
        self._badly_certified = Listener(host, 0, self._respond, tls) if tls else None
        self.url = self._listener.url
        if self._badly_certified:
            self.elsewhere["bad-certificate"] = self._badly_certified.url

    def add(self, name: str, protocol: str, datasets: list[Dataset], form: str = "", size: int = 4) -> Scene:
        """A source with this catalog."""
        form = form or next(iter(protocols()[protocol].FORMS))
        self.scenes[name] = Scene(name, protocol, form, datasets, size, self)
        return self.scenes[name]

    def start(self) -> None:
        """Answers in threads until `stop`."""
        self._listener.start()
        if self._badly_certified:
            self._badly_certified.start()

    def stop(self) -> None:
        """Ends it."""
        self._listener.stop()
        if self._badly_certified:
            self._badly_certified.stop()

    def _respond(self, request: Request) -> Reply:
        scene = self.scenes.get(request.path.strip("/").partition("/")[0])
        return scene.respond(request) if scene else Reply(404, {"Content-Type": "text/plain"}, b"no such source")


@contextmanager
def serve(tls: Any = None) -> Iterator[Server]:
    """A server for the time of the block; `tls` (an ssl.SSLContext) is for redirects to a certificate that nobody should trust."""
    server = Server(tls=tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()
