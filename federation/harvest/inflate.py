"""Bounded decompression: a small answer may unpack to more than the machine has, so output is produced only up to a limit."""

import zlib

GZIP = b"\x1f\x8b"
RATIO = 200
"""How many times its size something may unpack to, beyond the first 16 MiB: catalogs reach 20 to 60, bombs 1,000."""
_FREE = 16 * 1024 * 1024


class TooLarge(Exception):
    """More than `limit` bytes would come out."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class Broken(Exception):
    """The compressed bytes end early (`cut`) or are not what they claim to be."""

    def __init__(self, reason: str, cut: bool) -> None:
        super().__init__(reason)
        self.cut = cut


class Inflate:
    """Unpacks a stream of gzip (RFC 1952, several members in a row too) or deflate (RFC 1950, or 1951 as some servers send it).

    Bytes that do not start as the named coding does are passed on as they are: there are servers that name gzip and send plain text.
    """

    def __init__(self, coding: str, limit: int) -> None:
        self._gzip = coding != "deflate"
        self._limit = limit
        self._fed = 0
        self._made = 0
        self._head = b""
        self._stream: zlib._Decompress | None = None
        self._plain = False

    def feed(self, data: bytes) -> bytes:
        """The bytes that `data` unpacks to. Raises TooLarge as soon as the limit is passed, Broken for damage."""
        self._fed += len(data)
        if self._plain:
            return self._count(data)
        parts = []
        while data:
            if self._stream is None or self._stream.eof:
                data = self._begin(data)
                if self._plain:
                    return self._count(data)
                if self._stream is None or self._stream.eof:
                    break
            try:
                part = self._stream.decompress(data, self._most() - self._made + 1)
            except zlib.error as error:
                raise Broken(str(error), cut=False) from error
            parts.append(self._count(part))
            data = self._stream.unconsumed_tail or self._stream.unused_data
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _begin(self, data: bytes) -> bytes:
        """Opens the first or the next member once its first two bytes are there; what follows the last member is padding."""
        self._head += data
        if len(self._head) < 2 or (self._stream is not None and (not self._gzip or self._head[:2] != GZIP)):
            return b""
        data, self._head = self._head, b""
        bits = self._bits(data)
        self._plain = not bits
        if bits:
            self._stream = zlib.decompressobj(bits)
        return data

    def _bits(self, data: bytes) -> int:
        if self._gzip:
            return 31 if data[:2] == GZIP else 0
        return 15 if data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0 else -15

    def _most(self) -> int:
        return min(self._limit, max(_FREE, RATIO * self._fed))

    def _count(self, data: bytes) -> bytes:
        self._made += len(data)
        if self._made > self._most():
            raise TooLarge(self._most())
        return data

    def finish(self) -> bytes:
        """What is left at the end of the stream. Raises Broken when the compressed bytes end early."""
        if self._stream is None:
            return self._count(self._head)
        if not self._stream.eof:
            raise Broken("the compressed bytes end early", cut=True)
        return b""


def gunzip(body: bytes, limit: int) -> bytes:
    """All of a gzip body in memory, at most `limit` bytes."""
    stream = Inflate("gzip", limit)
    return stream.feed(body) + stream.finish()
