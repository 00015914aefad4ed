"""Names that follow from content alone: the same input gives the same name in every run and on every machine."""

import base64
import hashlib


def digest(*texts: str) -> str:
    """A short name for some texts: 26 characters out of [a-z2-7], BLAKE2b of 128 bits."""
    raw = hashlib.blake2b("\n".join(texts).encode(), digest_size=16).digest()
    return base64.b32encode(raw).decode().rstrip("=").lower()
