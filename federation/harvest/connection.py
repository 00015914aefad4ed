"""Connections of the network door: to judged addresses only, ended in time, trusted by the system's certificates.

httpcore (what httpx stands on) takes a network backend; ours connects to the very address that was judged, while the name for TLS and the
Host header stay those of the URL, and bounds every operation by the deadline of the call that uses the connection.
"""

import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore
import truststore

from federation.errors import ConfigError
from federation.harvest import addresses
from federation.log import masked


class _Deadline(threading.local):
    ends: float = float("inf")  # of the call under way
    last: float = float("inf")  # of every call in a block `Http.within`


class _Stream(httpcore.NetworkStream):
    """A connection whose every operation ends by the deadline of the call that uses it: a server that drips cannot hold a thread."""

    def __init__(self, stream: httpcore.NetworkStream, backend: "Backend") -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._backend.left(timeout, httpcore.ConnectTimeout))
        return self._backend.watched(stream)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    """Connects to judged addresses only; to the proxy that the operator named, wherever it is."""

    def __init__(self, judge: addresses.Addresses, clock: Callable[[], float], proxy: str = "") -> None:
        self._judge = judge
        self._proxy = proxy_host(proxy)
        self._clock = clock
        self._plain = httpcore.SyncBackend()
        self._open: weakref.WeakSet[_Stream] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.deadline = _Deadline()

    def left(self, timeout: float | None, error: type[Exception]) -> float:
        left = self.deadline.ends - self._clock()
        if left <= 0:
            raise error("total timeout")
        return left if timeout is None else min(timeout, left)

    def watched(self, stream: httpcore.NetworkStream) -> _Stream:
        ours = _Stream(stream, self)
        with self._lock:
            self._open.add(ours)
        return ours

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        ends = self._clock() + self.left(timeout, httpcore.ConnectTimeout)
        found = [host] if (host, port) == self._proxy else self._judge.vetted(host, port, ends - self._clock())
        for number, address in enumerate(found):
            share = max(0.1, (ends - self._clock()) / (len(found) - number))
            try:
                return self.watched(self._plain.connect_tcp(address, port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(found) - 1:
                    raise
        raise httpcore.ConnectError("no address")

    def cut(self) -> None:
        """Ends every operation under way in other threads."""
        with self._lock:
            streams = list(self._open)
        for stream in streams:
            connection = stream.get_extra_info("socket")
            if connection is not None:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def trust(ca_file: str = "") -> ssl.SSLContext:
    """The system's trusted authorities, and those of `ca_file` (PEM) beside them. ConfigError where that file is not readable."""
    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise ConfigError("http-ca-file", field="network.ca_file", value=ca_file, reason=str(error)) from error
    return context


def proxy_host(proxy: str) -> tuple[str, int]:
    """Host and port of the proxy's address, ("", 0) where there is none. ConfigError where it is no address of a proxy."""
    if not proxy:
        return "", 0
    try:
        address = urlsplit(proxy)
        port = address.port
    except ValueError:
        address, port = urlsplit(""), None
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ConfigError("http-proxy-address", field="network.proxy", value=masked(proxy))
    return address.hostname, port or (443 if address.scheme == "https" else 80)


def pool(backend: Backend, ca_file: str = "", proxy: str = "") -> httpcore.ConnectionPool:
    """Kept-alive connections; `proxy` is `http(s)://[user:password@]host:port`. ConfigError where that is none."""
    context = trust(ca_file)
    way = None
    if proxy:
        host, port = proxy_host(proxy)
        address = urlsplit(proxy)
        login = (unquote(address.username), unquote(address.password or "")) if address.username else None
        url = httpcore.URL(scheme=address.scheme, host=host, port=port, target="/")
        way = httpcore.Proxy(url, auth=login, ssl_context=context if address.scheme == "https" else None)
    return httpcore.ConnectionPool(
        context, way, max_connections=200, max_keepalive_connections=40, keepalive_expiry=20.0, network_backend=backend
    )  # fmt: skip


def innermost(error: BaseException) -> str:
    """The innermost words of a chain of errors."""
    text = str(error)
    while (error := error.__cause__ or error.__context__) is not None:  # type: ignore[assignment]
        text = str(error) or text
    return masked(text)[:300]


def tls_flaw(error: BaseException | None) -> str:
    """What is wrong with the certificate or the handshake; empty where the connection failed for another reason."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return str(error.verify_message or error.reason or error)
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return str(error.reason or error)
        error = error.__cause__ or error.__context__
    return ""
