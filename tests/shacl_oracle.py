"""What the tests of SHACL share: pySHACL as the oracle, the official profiles as ../shared/spec/validate.py loads them, small shapes."""

import json
import runpy
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import rdflib

from federation.dcat.description import Nodes
from federation.dcat.graph import to_rdflib
from federation.dcat.parse import parse
from federation.quality.shacl import SH, Background, Checker, Result
from federation.quality.shapes.graph import read
from federation.quality.shapes.report import from_report
from federation.terms import OWL
from tests.corpus import feed
from tests.normalising import PREFIXES
from tests.shared import shared

SHACL = PREFIXES + "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://e.example/> .\n"
A = "<http://e.example/a>"
PROFILES = ("v30_de_spec", "v20_de_spec_implr", "semic_301", "hvd_300", "dashboard")


@cache
def _profiles() -> dict[str, list[str]]:
    found: dict[str, list[str]] = runpy.run_path(str(shared("spec/validate.py")))["PROFILES"]
    return found


def official_files(name: str) -> list[Path]:
    """The files with the shapes of an official profile."""
    return [shared(f"spec/{file}") for file in _profiles()[name] if not file.startswith("vocab")]


@cache
def profile(name: str) -> tuple[Nodes, Background]:
    """Shapes and background of an official profile. References to shapes that are in no file are left out: pySHACL ends at them."""
    shapes = read(official_files(name))
    imports: dict[str, list[str]] = json.loads(shared("spec/shapes/imports.json").read_text())
    wanted = [term[1:-1] for properties in shapes.values() for term in properties.pop(OWL.imports, ())]
    vocabularies = {file for term in wanted for file in imports.get(term, ())}
    vocabularies |= {file for file in _profiles()[name] if file.startswith("vocab")}
    background = read([shared(f"spec/{file}") for file in sorted(vocabularies)])
    for properties in background.values():
        properties.pop(OWL.imports, None)
    for properties in shapes.values():
        if SH.property in properties:
            properties[SH.property] = [term for term in properties[SH.property] if term in shapes]
    return shapes, Background(background)


def catalog(name: str) -> Nodes:
    """All nodes of a feed of the corpus."""
    body, syntax = feed(name)
    nodes: Nodes = {}
    for subject, lines in parse(body, syntax, "http://example.org/").lines.items():
        properties = nodes.setdefault(subject, {})
        for line in dict.fromkeys(lines):
            prop, term = line.split(" ", 1)
            properties.setdefault(prop, []).append(term)
    return nodes


def graph(nodes: Nodes) -> rdflib.Graph:
    """The triples of nodes as an rdflib Graph."""
    made = rdflib.Graph(bind_namespaces="none")
    for node, properties in nodes.items():
        for prop, terms in properties.items():
            for term in terms:
                made.add((to_rdflib(node), to_rdflib(prop), to_rdflib(term)))
    return made


def pyshacl_results(shapes: rdflib.Graph, nodes: Nodes, background: rdflib.Graph | None = None, **options: Any) -> list[Result]:
    """What pySHACL says about nodes and background as one graph. The graphs given stay as they are."""
    pyshacl = pytest.importorskip("pyshacl")
    data = rdflib.Graph(bind_namespaces="none") if background is None else background
    added = [triple for triple in graph(nodes) if triple not in data]
    normalising = rdflib.NORMALIZE_LITERALS
    try:
        for triple in added:
            data.add(triple)
        _, report, text = pyshacl.validate(data, shacl_graph=shapes, inference="none", inplace=True, **options)
    finally:
        rdflib.NORMALIZE_LITERALS = normalising
        for triple in added:
            data.remove(triple)
    assert isinstance(report, rdflib.Graph), text
    return from_report(report)


@cache
def graphs(name: str) -> tuple[rdflib.Graph, rdflib.Graph]:
    """Shapes and background of an official profile for pySHACL."""
    shapes, background = profile(name)
    return graph(shapes), graph(background.nodes)


Key = tuple[Any, ...]


def key(result: Result) -> Key:
    """Focus, path, value, component, severity, shape, and the same of the details."""
    return (*result[:6], tuple(sorted(key(detail) for detail in result.details)))


def counted(results: list[Result]) -> Counter[Key]:
    """Results as a multiset."""
    return Counter(key(result) for result in results)


def messages(results: list[Result]) -> Counter[Key]:
    """The messages of results, as far as shapes have their own (pySHACL makes up others)."""
    return Counter((*key(result), tuple(sorted(result.messages))) for result in results if result.messages)


def nodes(turtle: str) -> Nodes:
    return read([(SHACL + turtle).encode()])


def checker(shapes: str, background: str = "") -> Checker:
    return Checker(nodes(shapes), Background(nodes(background)))


def both(shapes: str, data: str, background: str = "", **options: Any) -> list[Result]:
    """Our results, after they were found to be pySHACL's."""
    rules, facts, known = nodes(shapes), nodes(data), nodes(background)
    made = Checker(rules, Background(known))
    theirs = pyshacl_results(graph(rules), facts, graph(known), **options)
    for _ in range(2):  # what is remembered is as good as what is judged
        ours = made.check(facts, whole=True)
        assert counted(ours) == counted(theirs)
        assert not messages(ours) - messages(theirs)
    return ours


def on_a(constraint: str) -> str:
    """A shape for the values of ex:p of all things."""
    return f"ex:S a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property [ sh:path ex:p ; {constraint} ] ."


def values(*terms: str) -> str:
    return f"ex:a a ex:Thing ; ex:p {' , '.join(terms)} ."


def bad(constraint: str, *terms: str, background: str = "") -> list[str]:
    """Which values of ex:p break a constraint."""
    return sorted(result.value for result in both(on_a(constraint), values(*terms), background))


DATATYPES = (
    "string", "integer", "decimal", "double", "float", "boolean", "date", "dateTime", "time", "gYear", "hexBinary", "nonNegativeInteger",
    "byte", "duration", "anyURI",
)  # fmt: skip
NODE_KINDS = ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
# At least one of every constraint component, for a property shape.
ONE_BY_ONE = [
    *(f"sh:datatype xsd:{name}" for name in DATATYPES), "sh:datatype rdf:langString", "sh:datatype ex:own", "sh:datatype rdfs:Literal",
    *(f"sh:nodeKind sh:{kind}" for kind in NODE_KINDS),
    "sh:class ex:Thing", "sh:class ex:Other , ex:Thing", "sh:class ex:Thing ; sh:nodeKind sh:IRI",
    "sh:minInclusive 5", "sh:maxInclusive 5", "sh:minExclusive 5", "sh:maxExclusive 5", "sh:minInclusive 1.5 ; sh:maxInclusive 6",
    "sh:minInclusive '2024-01-01'^^xsd:date", "sh:maxExclusive '2024-05-31T12:00:00'^^xsd:dateTime", "sh:minExclusive 'm'",
    "sh:maxInclusive '2024-05-31T12:00:00Z'^^xsd:dateTime", "sh:minLength 4", "sh:maxLength 4", "sh:minLength 0",
    "sh:minLength 1 ; sh:maxLength 2", "sh:pattern '^http'", "sh:pattern 'STR' ; sh:flags 'i'", "sh:pattern '[0-9]+$'",
    "sh:pattern 't' , 'r'", "sh:pattern '(a|e)x'", "sh:pattern ''", "sh:languageIn ( 'de' 'fr' )", "sh:languageIn ( 'en-gb' )",
    "sh:languageIn ( '*' )", "sh:uniqueLang true", "sh:uniqueLang false", "sh:minCount 1", "sh:minCount 3", "sh:maxCount 0",
    "sh:maxCount 2", "sh:minCount 0 ; sh:maxCount 1", "sh:in ( 'x' 5 ex:b )", "sh:in ()", "sh:hasValue ex:b",
    "sh:hasValue 5 , 'x'", "sh:equals ex:q", "sh:disjoint ex:q", "sh:lessThan ex:q", "sh:lessThanOrEquals ex:q",
    "sh:not [ sh:nodeKind sh:IRI ]",
    "sh:and ( [ sh:nodeKind sh:Literal ] [ sh:minLength 2 ] )", "sh:or ( [ sh:datatype xsd:date ] [ sh:class ex:Thing ] )",
    "sh:xone ( [ sh:nodeKind sh:IRI ] [ sh:class ex:Thing ] [ sh:pattern 'x' ] )",
    "sh:node [ sh:property [ sh:path ex:p ; sh:minCount 1 ] ]",
    "sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:message 'fehlt'@de , 'missing'@en ]",
    "sh:property [ sh:path ex:q ; sh:nodeKind sh:IRI ]", "sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 2",
    "sh:qualifiedValueShape [ sh:class ex:Thing ] ; sh:qualifiedMaxCount 0", "sh:closed true ; sh:ignoredProperties ( rdf:type )",
    "sh:qualifiedValueShape [ sh:path ex:p ; sh:minCount 1 ] ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1",
    "sh:severity sh:Warning ; sh:maxCount 0", "sh:deactivated true ; sh:maxCount 0", "sh:severity ex:own ; sh:message 'a' ; sh:maxCount 0",
]  # fmt: skip
