"""Which addresses are public, and who uses them: read from the bodies of the public entities, each body once."""

import hashlib
from urllib.parse import urlsplit

from federation import clock
from federation.store.links import NEVER, LinkRow, Use
from federation.store.store import Store
from federation.terms import DCAT, FOAF, is_blank, prefixed, value

# Where several properties of an entity have one address, the first of these is told.
FIELDS = (DCAT.downloadURL, DCAT.accessURL, DCAT.landingPage, FOAF.page)
LONGEST = 2_500  # characters; of a longer address PostgreSQL makes no index entry

_FIELDS = {term.encode(): (place, prefixed(term)) for place, term in enumerate(FIELDS)}

AT_ONCE = "0001-01-01"  # due: before every day, whatever clock the next check goes by


def collect(store: Store, today: str = AT_ONCE) -> None:
    """Takes down the addresses of what is public, as far as it changed since the last time; forgets those that nobody uses any more."""
    stamp = hashlib.blake2b(repr(FIELDS).encode(), digest_size=8).hexdigest()
    if store.setting("links.fields") != stamp:
        store.forget_uses()
        store.set_setting("links.fields", stamp)
    for page in store.uncollected():
        found: dict[tuple[str, bytes], list[Use]] = {}
        links: dict[str, LinkRow] = {}
        for iri, _, body, nt in page:
            uses = found.setdefault((iri, body), [])
            for use in addresses(nt):
                uses.append(use)
                links[use.url] = link(use.url, today)
        store.put_uses(found, list(links.values()))
    store.forget_links()


def addresses(nt: bytes) -> list[Use]:
    """The addresses in the N-Triples of an entity, each once, with the property that comes first in FIELDS."""
    found: dict[str, tuple[int, str, str]] = {}
    for line in nt.split(b"\n"):
        parts = line.split(b" ", 2)
        known = _FIELDS.get(parts[1]) if len(parts) == 3 else None
        if known is None:
            continue
        term = parts[2].rpartition(b" ")[0].decode()
        if is_blank(term):
            continue
        url, _, fragment = value(term).strip().partition("#")
        if len(url) <= LONGEST and (url not in found or known[0] < found[url][0]):
            found[url] = (*known, fragment)
    return [Use(url, name, fragment) for url, (_, name, fragment) in found.items()]


def link(url: str, today: str) -> LinkRow:
    """An address that is new to us, due today; one that no check is needed or possible for says so at once."""
    try:
        parts = urlsplit(url)
        scheme, name, host = parts.scheme.lower(), parts.hostname or "", host_of(url)
    except ValueError:
        scheme, name, host = "", "", ""
    if scheme in ("ftp", "ftps", "sftp") and name:
        return LinkRow(url, host, NEVER, reason=scheme)
    if scheme not in ("http", "https") or not ("." in name.strip(".") or ":" in name):
        return LinkRow(url, host, NEVER, "invalid", finding="link-invalid", reported=clock.stamp())
    return LinkRow(url, host, today)


def host_of(url: str) -> str:
    """The server of an address, with its port unless it is the usual one: what politeness counts by. ValueError where there is none."""
    parts = urlsplit(url)
    name = (parts.hostname or "").rstrip(".")
    return f"{name}:{parts.port}" if parts.port not in (None, 80 if parts.scheme == "http" else 443) else name
