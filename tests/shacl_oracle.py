"""The oracle of the SHACL tests: pySHACL on the same triples, and the official profiles as ../shared/spec/validate.py loads them."""

import json
import runpy
from collections import Counter
from functools import cache
from typing import Any

import pytest
import rdflib

from federation.dcat.description import Nodes
from federation.dcat.graph import to_rdflib
from federation.dcat.parse import parse
from federation.quality.shacl import SH, Background, Result
from federation.quality.shapes.graph import read
from federation.quality.shapes.report import from_report
from federation.terms import OWL
from tests.corpus import feed
from tests.shared import shared

PROFILES = ("v30_de_spec", "v20_de_spec_implr", "semic_301", "hvd_300", "dashboard")


@cache
def profile(name: str) -> tuple[Nodes, Background]:
    """Shapes and background of an official profile. References to shapes that are in no file are left out: pySHACL ends at them."""
    folder = shared("spec/validate.py").parent
    files: list[str] = runpy.run_path(str(folder / "validate.py"))["PROFILES"][name]
    shapes = read([folder / file for file in files if not file.startswith("vocab")])
    imports: dict[str, list[str]] = json.loads((folder / "shapes/imports.json").read_text())
    wanted = [term[1:-1] for properties in shapes.values() for term in properties.pop(OWL.imports, ())]
    vocabularies = {file for term in wanted for file in imports.get(term, ())} | {file for file in files if file.startswith("vocab")}
    background = read([folder / file for file in sorted(vocabularies)])
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
