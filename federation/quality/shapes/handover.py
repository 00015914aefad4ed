"""What is not compiled, handed to pySHACL (extra `validate`), one graph at a time: right, but a hundred times slower."""

import threading
from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec

import rdflib

from federation.dcat.description import Nodes
from federation.dcat.graph import to_rdflib
from federation.errors import ConfigError
from federation.quality.shapes.graph import Background
from federation.quality.shapes.report import from_report
from federation.quality.shapes.result import SH, Result
from federation.quality.shapes.shape import Unchecked
from federation.terms import RDFS, TYPE, Term

_TARGETS = frozenset({SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf})
_LOCK = threading.Lock()  # pySHACL switches rdflib's handling of literals while it reads


def installed() -> bool:
    """Whether pySHACL is there."""
    return find_spec("pyshacl") is not None


class Handover:
    """Checks the constraints that are left over. `targets` are the names of the shapes that contain them; all others are at rest."""

    def __init__(self, shapes: Nodes, targets: Iterable[Term], left: Iterable[Unchecked], background: Background) -> None:
        self._wanted = {(gap.shape, gap.component) for gap in left}
        active = frozenset(targets)
        self._shapes = rdflib.Graph(bind_namespaces="none")
        for node, properties in shapes.items():
            resting = node not in active
            for prop, terms in properties.items():
                if not (resting and prop in _TARGETS):
                    for term in terms:
                        if not (resting and prop == TYPE and term == RDFS.Class):
                            self._shapes.add((to_rdflib(node), to_rdflib(prop), to_rdflib(term)))
        self._data = _graph(background.nodes)
        self._own: Counter[Result] | None = None

    def check(self, nodes: Nodes, whole: bool) -> list[Result]:
        """The results of the constraints that are left over; without `whole` those only that would not be there without `nodes`."""
        with _LOCK:
            if whole:
                return list(self._results(nodes).elements())
            if self._own is None:
                self._own = self._results({})
            return list((self._results(nodes) - self._own).elements())

    def _results(self, nodes: Nodes) -> Counter[Result]:
        added = [triple for triple in _graph(nodes) if triple not in self._data]
        for triple in added:
            self._data.add(triple)
        try:
            report = self._validated()
        finally:
            for triple in added:
                self._data.remove(triple)
        return Counter(result for result in from_report(report) if (result.source_shape, result.component) in self._wanted)

    def _validated(self) -> rdflib.Graph:
        import pyshacl

        normalising = rdflib.NORMALIZE_LITERALS
        try:
            _, report, text = pyshacl.validate(self._data, shacl_graph=self._shapes, inference="none", inplace=True)
        except Exception as error:  # a query may fail in any part of rdflib
            raise ConfigError("shapes-pyshacl", reason=f"{type(error).__name__}: {error}"[:300]) from error
        finally:
            rdflib.NORMALIZE_LITERALS = normalising
        if not isinstance(report, rdflib.Graph):
            raise ConfigError("shapes-pyshacl", reason=text[:300])
        return report


def _graph(nodes: Nodes) -> rdflib.Graph:
    graph = rdflib.Graph(bind_namespaces="none")
    for node, properties in nodes.items():
        for prop, terms in properties.items():
            for term in terms:
                graph.add((to_rdflib(node), to_rdflib(prop), to_rdflib(term)))
    return graph
