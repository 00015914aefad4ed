"""Results as a standard sh:ValidationReport (SHACL, section 3.6), and such a report as results."""

from collections.abc import Iterable, Mapping

import rdflib
from rdflib.namespace import RDF

from federation.dcat.description import Nodes
from federation.dcat.graph import from_rdflib, to_rdflib
from federation.quality.shapes.result import SH, Result
from federation.terms import Term

_SH = rdflib.Namespace(SH.base)


def to_report(results: Iterable[Result], shapes: Nodes) -> rdflib.Graph:
    """The report of results about one graph. `shapes` is the shapes graph: longer paths and shapes without a name are described by
    their blank nodes, as they stand there.
    """
    graph = rdflib.Graph(bind_namespaces="core")
    graph.bind("sh", _SH)
    report = rdflib.BNode()
    found = tuple(results)
    graph.add((report, RDF.type, _SH.ValidationReport))
    graph.add((report, _SH.conforms, rdflib.Literal(not found)))
    for result in found:
        graph.add((report, _SH.result, _add(graph, result, shapes)))
    return graph


def _add(graph: rdflib.Graph, result: Result, shapes: Nodes) -> rdflib.BNode:
    node = rdflib.BNode()
    graph.add((node, RDF.type, _SH.ValidationResult))
    for prop, term in (
        (_SH.focusNode, result.focus), (_SH.resultPath, result.path), (_SH.value, result.value), (_SH.resultSeverity, result.severity),
        (_SH.sourceConstraintComponent, result.component), (_SH.sourceShape, result.source_shape),
    ):  # fmt: skip
        if term:
            graph.add((node, prop, to_rdflib(term)))
    for message in result.messages:
        graph.add((node, _SH.resultMessage, to_rdflib(message)))
    for term in (result.path, result.source_shape):
        _describe(graph, term, shapes)
    for detail in result.details:
        graph.add((node, _SH.detail, _add(graph, detail, shapes)))
    return node


def _describe(graph: rdflib.Graph, term: Term, shapes: Nodes) -> None:
    if term[:1] != "_" or (to_rdflib(term), None, None) in graph:
        return
    for prop, terms in shapes.get(term, {}).items():
        for value in terms:
            graph.add((to_rdflib(term), to_rdflib(prop), to_rdflib(value)))
            _describe(graph, value, shapes)


def from_report(graph: rdflib.Graph) -> list[Result]:
    """The results of a report, as another validator gives it; details stand within their result."""
    return [_read(graph, node) for report in graph.subjects(RDF.type, _SH.ValidationReport) for node in graph.objects(report, _SH.result)]


def _read(graph: rdflib.Graph, node: rdflib.term.Node) -> Result:
    said: Mapping[str, Term] = {
        name: "" if (term := graph.value(node, _SH[name])) is None else from_rdflib(term)
        for name in ("focusNode", "resultPath", "value", "sourceConstraintComponent", "resultSeverity", "sourceShape")
    }
    return Result(
        said["focusNode"], said["resultPath"], said["value"], said["sourceConstraintComponent"], said["resultSeverity"],
        said["sourceShape"], tuple(sorted(from_rdflib(term) for term in graph.objects(node, _SH.resultMessage))),
        tuple(_read(graph, detail) for detail in graph.objects(node, _SH.detail)),
    )  # fmt: skip
