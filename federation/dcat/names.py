"""Names that follow from content alone: the same input gives the same name in every run and on every machine."""

import hashlib


def content(data: bytes) -> bytes:
    """The 16 bytes that name a content (SHA-256, FIPS 180-4, shortened; processors have instructions for it): of a page as received, of
    a record as said, of the N-Triples of a body.
    """
    return hashlib.sha256(data).digest()[:16]


_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def digest(*texts: str) -> str:
    """A short name for some texts: 26 characters out of [a-z2-7] (RFC 4648 base 32 without padding), BLAKE2b of 128 bits."""
    number = int.from_bytes(hashlib.blake2b("\n".join(texts).encode(), digest_size=16).digest(), "big") << 2
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
