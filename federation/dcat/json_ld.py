"""JSON-LD before it is parsed: the parser drops what has an invalid IRI or language tag without a word (as JSON-LD 1.1 tells it to),
so these are mended here, and what cannot be mended is said.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from federation.dcat.repair import Repairs, is_valid_iri
from federation.finding import Finding

_IRI_TYPES = ("@id", "@vocab")


def mended(body: bytes, repairs: Repairs) -> bytes:
    """The document with IRIs and language tags mended; the same bytes where there is nothing to do or it is no JSON."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body  # the parser says where
    terms = _Terms(document)
    before = len(repairs.findings)
    changed = _Walk(terms, repairs).value(document)
    return body if len(repairs.findings) == before and changed == document else orjson.dumps(changed)


class _Terms:
    """Terms that some context of the document defines with IRIs as values, or with one text per language."""

    def __init__(self, document: Any) -> None:
        self.iris: set[str] = {"@id"}
        self.maps: set[str] = set()
        for context in _contexts(document):
            for term, definition in context.items():
                if isinstance(definition, dict):
                    if definition.get("@type") in _IRI_TYPES:
                        self.iris.add(term)
                    container = definition.get("@container")
                    if container == "@language" or (isinstance(container, list) and "@language" in container):
                        self.maps.add(term)
                elif definition in ("@id", "@type"):
                    self.iris.add(term)


def _contexts(value: Any) -> Iterator[dict[str, Any]]:
    """Every context in a document, also those inside of definitions."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            found = value.get("@context")
            yield from (each for each in (found if isinstance(found, list) else [found]) if isinstance(each, dict))
            waiting += value.values()


class _Walk:
    def __init__(self, terms: _Terms, repairs: Repairs) -> None:
        self._terms = terms
        self._repairs = repairs

    def value(self, value: Any) -> Any:
        """The value with everything inside of it mended (nesting is bounded by the screen)."""
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if not isinstance(value, dict):
            return value
        result = {}
        for key, inner in value.items():
            if key == "@context":
                result[key] = self._context(inner)
            elif key == "@language" and isinstance(inner, str):
                tag = self._repairs.tag(inner)
                if tag:
                    result[key] = tag
            elif key == "@type" or key in self._terms.iris:
                result[self._key(key)] = self._iris(inner)
            elif key in self._terms.maps and isinstance(inner, dict):
                result[self._key(key)] = self._languages(inner)
            else:
                result[self._key(key)] = self.value(inner)
        return result

    def _key(self, key: str) -> str:
        return self._repairs.iri(key) if "://" in key else key

    def _context(self, context: Any) -> Any:
        if isinstance(context, list):
            return [self._context(each) for each in context]
        if not isinstance(context, dict):
            return context
        result = {}
        for term, definition in context.items():
            if term == "@language" and isinstance(definition, str):
                definition = self._repairs.tag(definition) or None
            elif isinstance(definition, str) and "://" in definition:
                definition = self._repairs.iri(definition)
            elif isinstance(definition, dict):
                definition = {
                    key: self._repairs.iri(inner) if isinstance(inner, str) and "://" in inner else
                    self._context(inner) if key == "@context" else
                    self._repairs.tag(inner) or None if key == "@language" and isinstance(inner, str) else inner
                    for key, inner in definition.items()
                }  # fmt: skip
            result[term] = definition
        return result

    def _iris(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._iris(each) for each in value]
        if not isinstance(value, str) or value.startswith(("@", "_:")):
            return self.value(value)
        now = self._repairs.iri(value)
        if not is_valid_iri(now):
            self._repairs.note(Finding("iri-dropped", value=value))
        return now

    def _languages(self, texts: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for tag, text in texts.items():
            now = tag if tag == "@none" else self._repairs.tag(tag) or "@none"
            known = result.get(now)
            result[now] = text if known is None else [
                *(known if isinstance(known, list) else [known]), *(text if isinstance(text, list) else [text]),
            ]  # fmt: skip
        return result
