"""JSON-LD contexts: where a document names one by its address, our own equivalent stands in for it; an unknown one is refused."""

from typing import Any

from federation.terms import NAMESPACES

_SCHEMA_ADDRESSES = (
    "about acquireLicensePage additionalType archivedAt codeRepository contentUrl discussionUrl distribution downloadUrl embedUrl encoding "
    "hasPart image includedInDataCatalog installUrl isBasedOn isPartOf license logo mainEntityOfPage publishingPrinciples relatedLink "
    "sameAs sdLicense serviceUrl target targetUrl termsOfService thumbnailUrl url usageInfo"
)  # fmt: skip
_PREFIXES: dict[str, Any] = {space.prefix: space.base for space in NAMESPACES} | {"dct": "http://purl.org/dc/terms/"}
_SCHEMA: dict[str, Any] = {
    "@vocab": "http://schema.org/", "schema": "http://schema.org/", "id": "@id", "type": "@type",
    **{name: {"@type": "@id"} for name in _SCHEMA_ADDRESSES.split()},
}  # fmt: skip

KNOWN: dict[str, dict[str, Any]] = {
    "schema.org": _SCHEMA, "schema.org/docs/jsonldcontext.json": _SCHEMA, "schema.org/docs/jsonldcontext.jsonld": _SCHEMA,
    "schema.org/version/latest/schemaorg-current-https.jsonld": _SCHEMA,
}  # fmt: skip


class Remote(Exception):
    """A context at an address that we hold no equivalent of."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def localise(document: Any) -> bool:
    """Replaces in place every context that is named by its address, also inside others; whether there was one. Raises Remote."""
    changed = False
    level = [document]
    while level:
        following: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                if "@context" in node:
                    was = node["@context"]
                    now = _local(was)
                    if now is not was:
                        node["@context"] = now
                        changed = True
                if isinstance(node.get("@import"), str):
                    raise Remote(node["@import"])
                following += [item for item in node.values() if isinstance(item, dict | list)]
            elif isinstance(node, list):
                following += [item for item in node if isinstance(item, dict | list)]
        level = following
    return changed


def _local(context: Any) -> Any:
    if isinstance(context, str):
        known = KNOWN.get(context.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/#"))
        if known is None:
            raise Remote(context)
        return known
    if isinstance(context, list) and any(isinstance(item, str) for item in context):
        return [_local(item) if isinstance(item, str) else item for item in context]
    return context
