"""What goes over the wire: requests, replies, and the ways in which a reply can be sent wrongly."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

LONGEST = 60.0
"""Seconds after which even an endless answer ends: a reader that does not give up is a failed test, not a hung machine."""


@dataclass(frozen=True)
class Request:
    """What was asked: `path` without query, `query` with all values of a name, `headers` with lower-case names."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]

    def first(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]


@dataclass
class Reply:
    """An answer; `wire` sends it in another way than HTTP wants, None as it should be."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    wire: "Wire | None" = None


Wire: TypeAlias = Callable[[socket.socket, bytes, bytes], None]
"""Sends head and body on a connection, which closes afterwards."""


def head(reply: Reply) -> bytes:
    """Status line and headers, with a Content-Length unless the reply has its own."""
    lines = [f"HTTP/1.1 {reply.status} {BaseHTTPRequestHandler.responses.get(reply.status, ('?',))[0]}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    names = {name.lower() for name in reply.headers}
    if not names & {"content-length", "transfer-encoding"} and reply.status not in (204, 304):
        lines.append(f"Content-Length: {len(reply.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _with(head: bytes, line: bytes) -> bytes:
    """The head with this line instead of its Content-Length."""
    lines = [each for each in head.split(b"\r\n") if each and not each.lower().startswith(b"content-length")]
    return b"\r\n".join([*lines, line, b"", b""])


def reset(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Half the body, then RST."""
    connection.sendall(head + body[: len(body) // 2])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def cut(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Half of the body that was announced, then the end."""
    connection.sendall(head + body[: len(body) // 2])


def silent(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Nothing at all, for long."""
    _wait_for_end(connection, LONGEST)


def drip(connection: socket.socket, head: bytes, body: bytes) -> None:
    """A byte now and then: no read ever times out."""
    connection.sendall(head)
    until = time.monotonic() + LONGEST
    for at in range(len(body)):
        if time.monotonic() > until:
            break
        connection.sendall(body[at : at + 1])
        time.sleep(0.1)


def late(connection: socket.socket, head: bytes, body: bytes) -> None:
    """The whole answer in pieces with pauses, each shorter than any timeout."""
    connection.sendall(head)
    step = max(1, len(body) // 4)
    for start in range(0, len(body), step):
        time.sleep(0.02)
        connection.sendall(body[start : start + step])


def endless(connection: socket.socket, head: bytes, body: bytes) -> None:
    """The body, then spaces without end."""
    _stream(connection, head, body, b" " * 65_536)


def _stream(connection: socket.socket, head: bytes, body: bytes, more: bytes) -> None:
    connection.sendall(_with(head, b"Transfer-Encoding: chunked"))
    until = time.monotonic() + LONGEST
    piece = body
    while time.monotonic() < until:
        connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        piece = more


def cut_chunks(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Chunked, without the last chunk."""
    connection.sendall(_with(head, b"Transfer-Encoding: chunked"))
    half = body[: len(body) // 2]
    connection.sendall(b"%x\r\n%s\r\n" % (len(half), half))


def bad_chunks(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Chunked, with a size that is no number."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + body[:50] + b"\r\n0\r\n\r\n")


def no_http(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Something that is no HTTP."""
    connection.sendall(b"220 mail.example ESMTP ready\r\n")


def endless_headers(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Headers without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        connection.sendall(b"X-Nothing: " + b"n" * 1000 + b"\r\n")


def hang_up(connection: socket.socket, head: bytes, body: bytes) -> None:
    """The connection ends before an answer."""


def too_little(connection: socket.socket, head: bytes, body: bytes) -> None:
    """Announces less than it sends, and keeps the connection open."""
    connection.sendall(_with(head, b"Content-Length: %d" % (len(body) // 2)) + body)
    _wait_for_end(connection, 1.0)


def _wait_for_end(connection: socket.socket, seconds: float) -> None:
    connection.settimeout(seconds)
    with suppress(OSError):
        connection.recv(1)


class Listener(ThreadingHTTPServer):
    """A real HTTP server whose answers come from `respond`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, respond: Callable[[Request], Reply], tls: Any = None) -> None:
        super().__init__((host, port), _Handler)
        self.respond = respond
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls else 'http'}://{host}:{self.server_port}"

    def start(self) -> None:
        """Answers in a thread until `stop`."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Ends it."""
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: object) -> None:
        """Readers that give up are no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        request = Request(
            self.command, parts.path, parse_qs(parts.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
        )  # fmt: skip
        reply = self.server.respond(request)
        body = b"" if self.command == "HEAD" or reply.status in (204, 304) else reply.body
        try:
            if reply.wire is None:
                self.connection.sendall(head(reply) + body)
            else:
                self.close_connection = True
                reply.wire(self.connection, head(reply), body)
        except OSError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = _answer

    def log_message(self, *_: object) -> None:
        pass
