"""Names that follow from content alone: the same input gives the same name in every run and on every machine."""

import base64
import hashlib


def content(data: bytes) -> bytes:
    """The 16 bytes that name a content (SHA-256, FIPS 180-4, shortened; processors have instructions for it): of a page as received, of
    a record as said, of the N-Triples of a body.
    """
    return hashlib.sha256(data).digest()[:16]


def digest(*texts: str) -> str:
    """A short name for some texts: 26 characters out of [a-z2-7], BLAKE2b of 128 bits."""
    raw = hashlib.blake2b("\n".join(texts).encode(), digest_size=16).digest()
    return base64.b32encode(raw).decode().rstrip("=").lower()
