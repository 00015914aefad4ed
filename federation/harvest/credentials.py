"""Credentials of sources: what `[source.credentials]` names, read from the environment or a file when it is needed, sent to that source's
own server only and never written down.
"""

import base64
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from federation.config import Credentials, FederationConfig, Source
from federation.errors import SourceError
from federation.log import conceal

_PORTS = {"http": 80, "https": 443}
Site = tuple[str, str, int | None]


def site(url: str) -> Site:
    """Scheme, host and port of an address: who may be told the secret."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme.lower())
    except ValueError:
        return "", "", None


class Access:
    """The credentials of all sources. Sources without any are not in it."""

    def __init__(self, sources: Iterable[Source] = (), folder: Path = Path()) -> None:
        self._folder = folder
        self._known: dict[str, tuple[Site, Credentials]] = {
            source.id: (site(source.url), source.credentials) for source in sources if source.credentials is not None
        }
        self.names = frozenset(kept.header.lower() for _, kept in self._known.values() if kept.header)

    @classmethod
    def of(cls, config: FederationConfig) -> "Access":
        """Those that the member files of a region name."""
        return cls(config.sources(), config.path)

    def headers(self, source: str, url: str) -> Mapping[str, str]:
        """The header that lets us in, for a request of this source to this address; none for another server than the source's own.

        SourceError "credentials-missing" where the variable or file is not there or empty.
        """
        known = self._known.get(source)
        if known is None or known[0] != site(url):
            return {}
        kept = known[1]
        secret = self._secret(source, kept)
        conceal(secret)
        if kept.user:
            login = base64.b64encode(f"{kept.user}:{secret}".encode()).decode()
            conceal(login)
            return {"authorization": f"Basic {login}"}
        return {kept.header.lower(): secret} if kept.header else {"authorization": f"Bearer {secret}"}

    def _secret(self, source: str, kept: Credentials) -> str:
        if kept.secret_env:
            found, field, value = os.environ.get(kept.secret_env, ""), "secret_env", kept.secret_env
        else:
            field, value = "secret_file", kept.secret_file
            try:
                found = (self._folder / kept.secret_file).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                found = ""
        found = found.strip()
        if not found or not found.isprintable() or not (found.isascii() or kept.user):  # headers are ASCII
            raise SourceError("credentials-missing", source=source, field=f"[source.credentials] {field}", value=value)
        return found
