"""Where a CKAN is: from any address of it that a person copies out of a browser or a documentation."""

import re
from urllib.parse import urlsplit, urlunsplit

# The first part of a path that belongs to CKAN itself; what stands before it is where the CKAN is mounted.
_OURS = frozenset(("api", "dataset", "organization", "group", "harvest", "catalog.ttl", "catalog.xml", "catalog.rdf", "catalog.jsonld"))
_PAGES = frozenset(("index.html", "index.php"))
_LOCALE = re.compile(r"[a-z]{2}(?:_[A-Za-z]{2,4})?")


def root_of(url: str) -> str:
    """The address of the CKAN that `url` is in, without a slash at the end: a page of it, its API, its catalog file or itself."""
    return _split(url)[0]


def chosen(url: str) -> dict[str, list[str]]:
    """The part of the CKAN that an address shows, as options: {"organization": [name]}, {"group": [name]} or nothing."""
    rest = _split(url)[1]
    if len(rest) > 1 and rest[0] in ("organization", "group") and rest[1] not in ("about", "activity"):
        return {rest[0]: [rest[1]]}
    return {}


def public(url: str) -> str:
    """The same address without user and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def host(url: str) -> str:
    """The host of an address without "www.", "" where it has none."""
    found = urlsplit(url.strip()).hostname if "://" in url else None
    return (found or "").removeprefix("www.")


def _split(url: str) -> tuple[str, list[str]]:
    url = url.strip()
    parts = urlsplit(url if "://" in url else f"https://{url}")
    path = [part for part in parts.path.split("/") if part]
    ours = next((place for place, part in enumerate(path) if part in _OURS), None)
    if ours is not None:
        mount, rest = path[:ours], path[ours:]
        if mount and _LOCALE.fullmatch(mount[-1]):
            mount.pop()
    else:
        mount, rest = [part for part in path if part not in _PAGES], []
    user, at, address = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme.lower(), user + at + address.lower(), "/".join(["", *mount]) if mount else "", "", "")), rest
