"""JSON-LD contexts: where a document names one by its address, our own equivalent stands in for it; an unknown one is refused.

Two kinds are known. schema.org: every name is one of its vocabulary. The addresses of DCAT itself, which people put there to mean the
usual prefixes: ours holds exactly these, and a document that uses a name without prefix is refused, for JSON-LD would drop it in silence.
(The context files of DCAT-AP 3.0.0 are no valid JSON as published, so nobody can mean them.)
"""

from collections.abc import Iterator
from typing import Any

from federation.terms import NAMESPACES

_SCHEMA_ADDRESSES = (
    "about acquireLicensePage additionalType archivedAt codeRepository contentUrl discussionUrl distribution downloadUrl embedUrl encoding "
    "hasPart image includedInDataCatalog installUrl isBasedOn isPartOf license logo mainEntityOfPage publishingPrinciples relatedLink "
    "sameAs sdLicense serviceUrl target targetUrl termsOfService thumbnailUrl url usageInfo"
)  # fmt: skip
_SCHEMA: dict[str, Any] = {
    "@vocab": "http://schema.org/", "schema": "http://schema.org/", "id": "@id", "type": "@type",
    **{name: {"@type": "@id"} for name in _SCHEMA_ADDRESSES.split()},
}  # fmt: skip

PREFIXES: dict[str, Any] = {space.prefix: space.base for space in NAMESPACES} | {"dct": "http://purl.org/dc/terms/"}
"""The context for addresses of DCAT: prefixes only."""

KNOWN: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("schema.org", "schema.org/docs/jsonldcontext.json", "schema.org/docs/jsonldcontext.jsonld"), _SCHEMA),
    **dict.fromkeys(("w3.org/ns/dcat", "w3.org/ns/dcat.jsonld", "w3.org/ns/dcat2.jsonld", "w3.org/ns/dcat3.jsonld"), PREFIXES),
}
"""What stands in for an address (written without scheme, www and the last slash or hash)."""


class Remote(Exception):
    """A context at an address that we hold no equivalent of."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def localise(document: Any) -> bool:
    """Replaces in place every context that is named by its address, also inside others; whether there was one. Raises Remote."""
    named: list[str] = []
    contexts: list[Any] = []
    for node in _objects(document):
        if "@context" in node:
            node["@context"] = _local(node["@context"], named)
            contexts.append(node["@context"])
        if isinstance(node.get("@import"), str):
            raise Remote(node["@import"])
    for address in named:
        if _known(address) is PREFIXES:
            _check_prefixed(document, contexts, address)
    return bool(named)


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document, outer ones first; their values may be replaced while this runs."""
    level = [document]
    while level:
        following: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                yield node
            following += [item for item in (node.values() if isinstance(node, dict) else node) if isinstance(item, dict | list)]
        level = following


def _known(address: str) -> dict[str, Any] | None:
    return KNOWN.get(address.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/#"))


def _local(context: Any, named: list[str]) -> Any:
    if isinstance(context, str):
        known = _known(context)
        if known is None:
            raise Remote(context)
        named.append(context)
        return known
    if isinstance(context, list):
        return [_local(item, named) for item in context]
    return context


def _check_prefixed(document: Any, contexts: list[Any], address: str) -> None:
    """Raises Remote where a name means something only by the remote context."""
    defined = {name for context in contexts for part in _objects([context]) for name in part}
    described = {id(part) for context in contexts for part in _objects([context])}
    for node in _objects(document):
        if id(node) in described:
            continue
        types = node.get("@type", [])
        for name in (*node, *(types if isinstance(types, list) else [types])):
            if isinstance(name, str) and ":" not in name and name[:1] != "@" and name not in defined:
                raise Remote(address)
