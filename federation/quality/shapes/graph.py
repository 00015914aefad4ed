"""RDF sources as nodes; Background, the vocabularies that every check shares; Data, what constraints look at."""

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pyoxigraph
import rdflib
from pyoxigraph import RdfFormat

from federation.dcat.description import Nodes
from federation.dcat.graph import from_rdflib
from federation.errors import ConfigError
from federation.terms import RDFS, SKOS, TYPE, Term

Source: TypeAlias = bytes | Path | rdflib.Graph
_Properties: TypeAlias = Mapping[Term, Sequence[Term]]

_FORMATS = {
    ".ttl": RdfFormat.TURTLE, ".rdf": RdfFormat.RDF_XML, ".xml": RdfFormat.RDF_XML, ".owl": RdfFormat.RDF_XML, ".nt": RdfFormat.N_TRIPLES,
    ".jsonld": RdfFormat.JSON_LD, ".json": RdfFormat.JSON_LD, ".trig": RdfFormat.TRIG, ".nq": RdfFormat.N_QUADS, ".n3": RdfFormat.TURTLE,
}  # fmt: skip
_JSON_ARRAY = re.compile(rb"\[\s*\{")
_BASE = "http://example.org/"
_NOTHING: dict[Term, list[Term]] = {}


def read(sources: Iterable[Source]) -> Nodes:
    """The triples of all sources together. A source is RDF in memory (Turtle, RDF/XML or JSON-LD), a file (also .gz), a folder (all RDF
    files in it, without its subfolders), or an rdflib Graph, whose blank nodes keep their labels; those of the others are renamed, so
    that files never share one. ConfigError "shapes-unreadable" for what is not there or not RDF.
    """
    nodes: Nodes = {}
    met: set[tuple[Term, Term, Term]] = set()
    for source in sources:
        for triple in _triples(source):
            if triple not in met:
                met.add(triple)
                subject, prop, term = triple
                nodes.setdefault(subject, {}).setdefault(prop, []).append(term)
    return nodes


def _triples(source: Source) -> Iterator[tuple[Term, Term, Term]]:
    if isinstance(source, rdflib.Graph):
        known: dict[object, Term] = {}
        for triple in source:
            for node in triple:
                if node not in known:
                    known[node] = from_rdflib(node)
            subject, prop, term = triple
            yield known[subject], known[prop], known[term]
    elif isinstance(source, bytes):
        yield from _parsed(source, _sniffed(source), "RDF")
    else:
        for path in _files(source):
            yield from _file(path)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(item for item in path.iterdir() if item.is_file() and _suffix(item) in _FORMATS)
    if not found:
        raise ConfigError("shapes-unreadable", value=str(path), reason="the folder holds no RDF file (.ttl, .rdf, .jsonld, .nt)")
    return found


def _suffix(path: Path) -> str:
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()


def _file(path: Path) -> Iterator[tuple[Term, Term, Term]]:
    try:
        body = path.read_bytes()
        if path.suffix == ".gz":
            body = gzip.decompress(body)
    except (OSError, EOFError) as error:
        raise ConfigError("shapes-unreadable", value=str(path), reason=getattr(error, "strerror", None) or str(error)) from error
    yield from _parsed(body, _FORMATS.get(_suffix(path)) or _sniffed(body), str(path))


def _sniffed(body: bytes) -> RdfFormat:
    start = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"<?xml", b"<rdf:RDF", b"<!--")):
        return RdfFormat.RDF_XML
    return RdfFormat.JSON_LD if start.startswith(b"{") or _JSON_ARRAY.match(start) else RdfFormat.TURTLE


def _parsed(body: bytes, syntax: RdfFormat, name: str) -> Iterator[tuple[Term, Term, Term]]:
    try:
        for quad in pyoxigraph.parse(body, format=syntax, base_iri=_BASE, rename_blank_nodes=True):
            yield str(quad.subject), str(quad.predicate), str(quad.object)
    except SyntaxError as error:
        raise ConfigError("shapes-unreadable", value=name, reason=str(error.msg or error)[:300]) from error


class Background:
    """The vocabularies and class hierarchies that values are looked up in: read once, shared by every check, never copied."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self._ancestors: dict[Term, frozenset[Term]] = {}
        self._inverse: dict[tuple[Term, Term], list[Term]] | None = None
        # every vocabulary that some term here belongs to
        self.schemes = frozenset(term for properties in nodes.values() for term in properties.get(SKOS.inScheme, ()))

    @classmethod
    def read(cls, sources: Iterable[Source]) -> "Background":
        """From the same kinds of source as the shapes (see `read`)."""
        return cls(read(sources))

    def ancestors(self, class_term: Term) -> frozenset[Term]:
        """The class itself and all that it is a subclass of, near or far."""
        found = self._ancestors.get(class_term)
        if found is None:
            if class_term not in self.nodes:  # not kept: who knows how many classes a feed has
                return frozenset((class_term,))
            met, waiting = {class_term}, [class_term]
            while waiting:
                for above in self.nodes.get(waiting.pop(), _NOTHING).get(RDFS.subClassOf, ()):
                    if above not in met:
                        met.add(above)
                        waiting.append(above)
            found = self._ancestors[class_term] = frozenset(met)
        return found

    def with_classes(self, nodes: Nodes) -> "Background":
        """The same with the subclass statements of some data."""
        merged = dict(self.nodes)
        for node, properties in nodes.items():
            above = properties.get(RDFS.subClassOf)
            if above:
                own = merged.get(node, _NOTHING)
                merged[node] = {**own, RDFS.subClassOf: list(dict.fromkeys((*own.get(RDFS.subClassOf, ()), *above)))}
        return Background(merged)

    def inverse(self) -> dict[tuple[Term, Term], list[Term]]:
        """Subjects by (property, object)."""
        if self._inverse is None:
            self._inverse = _inverted(self.nodes)
        return self._inverse


def _inverted(nodes: Nodes) -> dict[tuple[Term, Term], list[Term]]:
    found: dict[tuple[Term, Term], list[Term]] = {}
    for node, properties in nodes.items():
        for prop, terms in properties.items():
            for term in terms:
                found.setdefault((prop, term), []).append(node)
    return found


class Data:
    """The nodes under check together with the background, as if they were one graph."""

    __slots__ = ("_inverse", "background", "nodes", "shelf")

    def __init__(self, nodes: Nodes, background: Background) -> None:
        self.nodes = nodes
        self.background = background
        self.shelf = background.nodes
        self._inverse: dict[tuple[Term, Term], list[Term]] | None = None

    def objects(self, node: Term, prop: Term) -> Sequence[Term]:
        """The values of a property, none of them twice."""
        own = self.nodes.get(node, _NOTHING).get(prop)
        known = self.shelf.get(node, _NOTHING).get(prop)
        if not known:
            return own or ()
        return [*own, *(term for term in known if term not in own)] if own else known

    def properties(self, node: Term) -> _Properties:
        """Every property of a node with its values."""
        own, known = self.nodes.get(node), self.shelf.get(node)
        if own is None or known is None:
            return own or known or _NOTHING
        return {prop: self.objects(node, prop) for prop in (*own, *(prop for prop in known if prop not in own))}

    def subjects(self, prop: Term, term: Term) -> Sequence[Term]:
        """The nodes that have a term as value of a property, none of them twice."""
        if self._inverse is None:
            self._inverse = _inverted(self.nodes)
        own = self._inverse.get((prop, term), ())
        known = self.background.inverse().get((prop, term), ())
        return list(dict.fromkeys((*own, *known))) if own and known else own or known

    def is_a(self, node: Term, class_term: Term) -> bool:
        """Whether a node is a SHACL instance of a class: by one of its types or a class above it."""
        ancestors = self.background.ancestors
        return any(class_term == found or class_term in ancestors(found) for found in self.objects(node, TYPE))
