"""The third rung of the parse ladder: rdflib, which reads what a strict parser refuses, on a screened document of bounded size.

Its graph is written again triple by triple; each term must be one that strict N-Triples takes. What is not is mended or withheld, and
each time a Finding says so.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import pyoxigraph
import rdflib

from federation.dcat.repair import Repairs, is_valid_iri
from federation.finding import Finding
from federation.terms import Term, literal

LARGEST = 20 * 1024 * 1024
_FORMATS = {"rdf-xml": "xml", "turtle": "turtle", "n-triples": "nt"}
_LITERALS = Lock()
_TEXT_IN = re.compile(rb"<([\w.-]+:[\w.-]+)\s([^<>]*)(?<!/)>\s*([^<\s][^<]*)</\1\s*>")


@contextmanager
def _literals_as_written() -> Iterator[None]:
    """rdflib rewrites typed literals ("01" to "1"), and logs those that it cannot, unless switches of the whole process are off."""
    log = logging.getLogger("rdflib.term")
    with _LITERALS:
        before = rdflib.NORMALIZE_LITERALS, log.disabled
        rdflib.NORMALIZE_LITERALS, log.disabled = False, True
        try:
            yield
        finally:
            rdflib.NORMALIZE_LITERALS, log.disabled = before


def salvaged(body: bytes, syntax: str, base: str, repairs: Repairs) -> dict[Term, list[str]] | None:
    """The lines that rdflib reads out of a document, None where it cannot, or must not, read it."""
    if syntax not in _FORMATS or len(body) > LARGEST or b"<!DOCTYPE" in body:
        return None
    with _literals_as_written():
        graph = rdflib.Graph()
        try:
            graph.parse(data=body, format=_FORMATS[syntax], publicID=base)
        except Exception:  # noqa: BLE001 - rdflib's readers raise whatever they stumble over, and all of it means: not readable
            return None
        lines: dict[Term, list[str]] = {}
        names: dict[rdflib.BNode, str] = {}
        for triple in graph:
            terms = [_term(part, names, repairs) for part in triple]
            if all(terms):
                lines.setdefault(terms[0], []).append(f"{terms[1]} {terms[2]}")
            else:
                repairs.note(Finding("triple-dropped", field=str(triple[1]), value=str(triple[terms.index("")])))
    if syntax == "rdf-xml":
        for name, attributes, text in _TEXT_IN.findall(body):
            if b":resource" in attributes:
                text = text.strip().decode("utf-8", "replace")
                repairs.note(Finding("text-beside-iri", field=name.decode("utf-8", "replace"), value=text))
    return lines


def _term(part: rdflib.term.Node, names: dict[rdflib.BNode, str], repairs: Repairs) -> Term:
    """The canonical term; empty where strict N-Triples has none for it."""
    if isinstance(part, rdflib.BNode):
        return names.setdefault(part, f"_:s{len(names)}")
    if isinstance(part, rdflib.URIRef):
        return _iri(str(part), repairs)
    assert isinstance(part, rdflib.Literal)
    if part.language:
        return literal(str(part), repairs.tag(part.language).lower())
    return literal(str(part), datatype=_iri(str(part.datatype), repairs) if part.datatype else "")


def _iri(iri: str, repairs: Repairs) -> Term:
    now = repairs.iri(iri)
    if not is_valid_iri(now) or not re.match("[A-Za-z][A-Za-z0-9+.-]*:", now):
        return ""
    return str(pyoxigraph.NamedNode(now))
