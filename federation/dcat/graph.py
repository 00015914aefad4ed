"""A Description as an rdflib Graph and back: the mapping API at the edge (hooks, pySHACL, a region's own scripts).

Nothing changes on the way. rdflib would rewrite literals ("01"^^xsd:integer) unless each is built with `normalize=False`; its
global switch NORMALIZE_LITERALS is left alone, since other threads see it too. tests/test_graph.py proves the round trip.
"""

import logging
from functools import lru_cache
from typing import TypeAlias

import pyoxigraph
import rdflib
from rdflib.term import Node

from federation.dcat.description import Description
from federation.terms import NAMESPACES, RDF, XSD, Term, parts

# rdflib rewrites the first two even without normalising, and hands the others to an XML or HTML parser: text of a stranger.
_NOT_CONVERTED = frozenset({XSD.normalizedString, XSD.token, RDF.XMLLiteral, RDF.HTML})

_BOOLEANS = frozenset({"true", "false", "1", "0"})

# rdflib logs a stack trace for each value that its datatype forbids; normalising reports those as findings.
logging.getLogger("rdflib.term").addFilter(lambda record: not record.getMessage().startswith("Failed to convert Literal"))

Identifier: TypeAlias = rdflib.URIRef | rdflib.BNode | rdflib.Literal


def to_graph(description: Description) -> rdflib.Graph:
    """The triples of a description as a new Graph with the namespaces of DCAT-AP.de bound. Blank nodes keep their labels."""
    graph = rdflib.Graph(bind_namespaces="none")
    for space in NAMESPACES:
        graph.store.bind(space.prefix, rdflib.URIRef(space.base))
    for node, properties in description.nodes.items():
        subject = to_rdflib(node)
        for prop, terms in properties.items():
            predicate = to_rdflib(prop)
            for term in terms:
                graph.add((subject, predicate, to_rdflib(term)))
    return graph


def from_graph(graph: rdflib.Graph, root: Term, kind: str) -> Description:
    """The triples of a Graph as a description of `root`, which comes first. ValueError for what N-Triples cannot hold (a
    literal as subject, an IRI with a blank). A Graph has no order, so nodes, properties and values are sorted.
    """
    description = Description(root, kind)
    triples = sorted((from_rdflib(s), from_rdflib(p), from_rdflib(o)) for s, p, o in graph)
    for s, p, o in sorted(triples, key=lambda triple: triple[0] != root):
        if s[0] == '"' or p[0] != "<":
            raise ValueError(f"{s} {p} {o} is no RDF triple")
        description.say(s, p, o)
    return description


@lru_cache(maxsize=65536)
def to_rdflib(term: Term) -> Identifier:
    """One term as rdflib has it."""
    if term[0] == "<":
        return rdflib.URIRef(term[1:-1])
    if term[0] == "_":
        return rdflib.BNode(term[2:])
    text, language, datatype = parts(term)
    if datatype in _NOT_CONVERTED or (datatype == XSD.boolean and text not in _BOOLEANS):
        made = rdflib.Literal(text)
        made.__setstate__((None, {"language": None, "datatype": rdflib.URIRef(datatype[1:-1])}))
        return made
    return rdflib.Literal(text, lang=language or None, datatype=datatype[1:-1] or None, normalize=False)


def from_rdflib(node: Node) -> Term:
    """One rdflib term as ours, checked by pyoxigraph. ValueError for what is no RDF term or could not be written."""
    if isinstance(node, rdflib.Literal):
        if node.language:
            return str(pyoxigraph.Literal(str(node), language=node.language))
        datatype = pyoxigraph.NamedNode(str(node.datatype)) if node.datatype else None
        return str(pyoxigraph.Literal(str(node), datatype=datatype))
    if isinstance(node, rdflib.BNode):
        return str(pyoxigraph.BlankNode(str(node)))
    if isinstance(node, rdflib.URIRef):
        return str(pyoxigraph.NamedNode(str(node)))
    raise ValueError(f"{node!r} is no RDF term")
