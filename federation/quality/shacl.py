"""SHACL, compiled: a shapes graph becomes functions that check a Description at harvest speed, with pySHACL's results.

All of SHACL Core (W3C Recommendation of 2017) is compiled. SPARQL constraints and components that a shapes graph defines itself go to
pySHACL where the extra `validate` is installed; `Checker.unchecked` names them, and whatever else is not checked.
tests/test_shacl_parity.py and tests/test_shacl_components.py compare results one by one with pySHACL's, on the official shapes and on
random ones. It differs knowingly from pySHACL 0.40 in this only: shapes that refer to themselves are refused, not cut off; the flags s,
x and q of sh:pattern count; the inverse of a sequence is the inverse sequence; sh:languageIn takes "de-at-1996" where "de-at" is listed;
"a" and "a"^^xsd:string are one value; and where pySHACL ends with an error, the check goes on: values that cannot be compared break
sh:lessThan, and a reference to a shape that is in no file is named in `unchecked`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import rdflib

from federation.dcat.description import Description, Nodes
from federation.errors import ConfigError
from federation.finding import Finding
from federation.quality.shapes import handover
from federation.quality.shapes.compiler import Compiler
from federation.quality.shapes.finding import Teller
from federation.quality.shapes.graph import Background, Data, Source, read
from federation.quality.shapes.plan import Planner, check_nodes
from federation.quality.shapes.reader import Reader
from federation.quality.shapes.report import to_report
from federation.quality.shapes.result import SH, Result
from federation.quality.shapes.shape import Shape, Unchecked
from federation.terms import TYPE, Term, value

__all__ = ["SH", "Background", "Checker", "Result", "Source", "Unchecked", "compile"]


def compile(shapes: Sequence[Source], background: Background | Iterable[Source] = ()) -> "Checker":
    """Compiles a shapes graph.

    `shapes` are RDF in memory (Turtle, RDF/XML, JSON-LD), files or folders (.ttl .rdf .jsonld .nt, also .gz) or rdflib Graphs; together
    they are one graph. `background` has the vocabularies that values are looked up in (skos:inScheme) and the class hierarchies
    (rdfs:subClassOf); read it once with `Background.read` and share it. owl:imports are not followed: nothing here opens the network.

    ConfigError: "shapes-unreadable" (not there, not RDF), "shapes-empty" (no shape in it), "shapes-shape", "shapes-parameter",
    "shapes-list", "shapes-path", "shapes-pattern" (ill-formed, with the place), "shapes-recursive" (a shape that refers to itself).
    """
    return Checker(read(shapes), background if isinstance(background, Background) else Background.read(background))


class Checker:
    """A compiled shapes graph. One serves all descriptions of a process; it keeps judgements about values, within bounds.

    `unchecked` are the constraints that are not compiled; `notices` the same for people, and the vocabularies that the shapes look
    values up in although the background does not have them.
    """

    def __init__(self, shapes: Nodes, background: Background) -> None:
        self._nodes = shapes
        self._background = background
        self._compiler = Compiler(Reader(shapes), background)
        compiled = self._compiler.shapes
        if not compiled:
            raise ConfigError("shapes-empty")
        self._planner = Planner(compiled.values(), background)
        longer = {shape.path.term: shape.path.text for shape in compiled.values() if shape.path and not shape.path.predicate}
        reader = self._compiler.reader
        self._teller = Teller(longer, {name: tuple(reader.objects(name, SH.name)) for name in compiled}, reader.named)
        there = handover.installed()
        gaps = [gap for shape in compiled.values() for gap in shape.unchecked]
        self.unchecked: tuple[Unchecked, ...] = tuple(replace(gap, handed=gap.handed and there) for gap in gaps)
        self.notices: tuple[Finding, ...] = (*self._gaps_told(), *self._absent_told())
        self._handover = self._handed(compiled)

    def check(self, nodes: Nodes, *, whole: bool = False) -> list[Result]:
        """Every result about the nodes of a description or of a whole catalog, as SHACL says it, in no certain order.

        The background counts as part of the data. With `whole`, the results about nodes that only the background describes and about
        targets by name (sh:targetNode) are told as well, as by a validator that was given all in one graph.
        """
        data = Data(nodes, self._background)
        out: list[Result] = []
        if not check_nodes(self._planner, data, nodes, out):
            return Checker(self._nodes, self._background.with_classes(nodes)).check(nodes, whole=whole)
        shelf = self._background.nodes
        if whole and shelf:
            check_nodes(self._planner, data, {node: shelf[node] for node in shelf.keys() - nodes.keys()}, out)
        for shape in self._planner.wide:
            for node in self._focus_nodes(shape, data, whole):
                shape.run(data, node, out)
        if self._handover:
            out += self._handover.check(nodes, whole)
        return out

    def findings(self, description: Description) -> list[Finding]:
        """What is wrong with a dataset, each fact once, about one of its own properties: also where the rule that is broken is about
        a value's entry in a vocabulary. Faults that only an absent vocabulary makes (see `notices`) are not told.
        """
        blind = self._compiler.blind
        results = self.check(description.nodes)
        if blind:
            results = [result for result in results if (result.source_shape, result.component) not in blind]
        return self._teller.findings(description, results) if results else []

    def report(self, results: Iterable[Result]) -> rdflib.Graph:
        """Results as a sh:ValidationReport."""
        return to_report(results, self._nodes)

    def _focus_nodes(self, shape: Shape, data: Data, whole: bool) -> Iterable[Term]:
        """The target nodes of a shape that has targets by name or as values of a property."""
        targets, ancestors = shape.targets, self._background.ancestors
        found: dict[Term, None] = {}
        for nodes in (data.nodes, self._background.nodes) if whole else (data.nodes,):
            for node, properties in nodes.items():
                types = data.objects(node, TYPE) if targets.classes else ()
                of_class = any(not targets.classes.isdisjoint(ancestors(term)) for term in types)
                if of_class or any(data.objects(node, prop) for prop in targets.subjects_of):
                    found[node] = None
                for prop in targets.objects_of:
                    found.update(dict.fromkeys(properties.get(prop, ())))
        found.update((node, None) for node in targets.nodes if whole or node in data.nodes)
        return found

    def _gaps_told(self) -> list[Finding]:
        told = []
        for gap in self.unchecked:
            code = "shapes-slow" if gap.handed else "shapes-not-checked"
            told.append(Finding(code, field=gap.what, params={"shape": gap.name}))
        return told

    def _absent_told(self) -> list[Finding]:
        reader = self._compiler.reader
        return [
            Finding("shapes-vocabulary-missing", value=value(scheme), params={"shape": reader.named(names[0]), "count": str(len(names))})
            for scheme, names in self._compiler.absent.items()
        ]

    def _handed(self, compiled: dict[Term, Shape]) -> handover.Handover | None:
        left = [gap for gap in self.unchecked if gap.handed]
        if not left:
            return None
        targets = [name for name, shape in compiled.items() if shape.targets and not shape.deactivated and _below(shape, left)]
        return handover.Handover(self._nodes, targets, left, self._background)


def _below(shape: Shape, left: Sequence[Unchecked]) -> bool:
    names = {(gap.shape, gap.component) for gap in left}
    return any((gap.shape, gap.component) in names for gap in shape.gaps())
