"""The compiler: finds the shapes of a shapes graph and turns each into a Shape; says what it cannot, and refuses what is ill-formed."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from federation.quality.shapes import logic, sets, values
from federation.quality.shapes.constraint import Constraint
from federation.quality.shapes.graph import Background
from federation.quality.shapes.paths import compile_path
from federation.quality.shapes.reader import Reader, shown
from federation.quality.shapes.result import SH, Head
from federation.quality.shapes.shape import Shape, Targets, Unchecked
from federation.terms import OWL, RDFS, SKOS, TYPE, Term, value

DEEPEST = 50  # shapes within shapes

_Builder: TypeAlias = Callable[[Reader, Head, Sequence[Term]], list[Constraint]]
_BUILDERS: dict[Term, _Builder] = {
    SH["class"]: values.classes, SH.datatype: values.datatype, SH.nodeKind: values.node_kind, SH.minCount: sets.min_count,
    SH.maxCount: sets.max_count, SH.minExclusive: values.value_range(SH.minExclusive), SH.minInclusive: values.value_range(SH.minInclusive),
    SH.maxExclusive: values.value_range(SH.maxExclusive), SH.maxInclusive: values.value_range(SH.maxInclusive),
    SH.minLength: values.min_length, SH.maxLength: values.max_length, SH.pattern: values.pattern, SH.languageIn: values.language_in,
    SH.uniqueLang: sets.unique_lang, SH.equals: sets.equals, SH.disjoint: sets.disjoint, SH.lessThan: sets.less_than(False),
    SH.lessThanOrEquals: sets.less_than(True), SH.closed: sets.closed, SH.hasValue: sets.has_value, SH["in"]: values.one_of,
}  # fmt: skip
_LISTS = {
    SH["and"]: (SH.AndConstraintComponent, logic.all_of), SH["or"]: (SH.OrConstraintComponent, logic.any_of),
    SH.xone: (SH.XoneConstraintComponent, logic.just_one_of),
}  # fmt: skip
_SINGLES = {SH["not"]: (SH.NotConstraintComponent, logic.negated), SH.node: (SH.NodeConstraintComponent, logic.like)}
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_SHAPES = frozenset({SH.NodeShape, SH.PropertyShape})
_REST = frozenset({
    SH.path, SH.property, SH.severity, SH.message, SH.deactivated, SH.name, SH.description, SH.order, SH.group, SH.defaultValue, SH.flags,
    SH.ignoredProperties, SH.qualifiedValueShape, SH.qualifiedMinCount, SH.qualifiedMaxCount, SH.qualifiedValueShapesDisjoint,
    SH.declare, SH.suggestedShapesGraph, SH.shapesGraph, *_TARGETS,
})  # fmt: skip
_KNOWN = _REST | _BUILDERS.keys() | _LISTS.keys() | _SINGLES.keys()
_BY_OTHERS = {SH.sparql: SH.SPARQLConstraintComponent}
# What a query could fetch from the network when rdflib runs it.
_FETCHES = re.compile(r"\b(SERVICE|FROM|LOAD)\b", re.IGNORECASE)


class Compiler:
    """Compiles all shapes of a graph; afterwards `shapes` has them by name. `absent` names the vocabularies that rules look values up
    in and the background does not have, each with the shapes that do; `blind` are the (shape, component) pairs that can find nothing
    but faults for that reason.
    """

    def __init__(self, reader: Reader, background: Background) -> None:
        self.reader = reader
        self.background = background
        self.shapes: dict[Term, Shape] = {}
        self.absent: dict[Term, list[Term]] = {}
        self.blind: set[tuple[Term, Term]] = set()
        self._open: list[Term] = []
        self._classes = {RDFS.Class, OWL.Class, *reader.subjects(RDFS.subClassOf, RDFS.Class)}
        self._custom = list(self._components())
        for node in self._found():
            self.build(node)

    def _found(self) -> list[Term]:
        found = []
        for node, properties in self.reader.nodes.items():
            named = not _SHAPES.isdisjoint(properties.get(TYPE, ()))
            if named or any(prop in properties for prop in (*_TARGETS, SH.property, SH.node)):
                found.append(node)
        return found

    def build(self, node: Term) -> Shape:
        """The compiled shape of a name. ConfigError for one that is ill-formed or refers to itself."""
        shape = self.shapes.get(node)
        if shape is None:
            if node in self._open or len(self._open) > DEEPEST:
                way = " > ".join(self.reader.named(item) for item in (*self._open[-3:], node))
                raise self.reader.fault("shapes-recursive", node, reason=way)
            self._open.append(node)
            shape = self.shapes[node] = self._built(node)
            self._open.pop()
        return shape

    def _built(self, node: Term) -> Shape:
        reader = self.reader
        if node[0] == '"':
            raise reader.fault("shapes-shape", self._open[-2] if len(self._open) > 1 else node, value=node, reason="a text is no shape")
        paths, types = reader.objects(node, SH.path), reader.objects(node, TYPE)
        if len(paths) > 1 or (paths and SH.NodeShape in types) or (not paths and SH.PropertyShape in types):
            raise reader.fault("shapes-shape", node, SH.path, reason=f"{len(paths)} values; a property shape has one, a node shape none")
        severity = reader.only(node, SH.severity) or SH.Violation
        head = Head(node, paths[0] if paths else "", severity, tuple(reader.objects(node, SH.message)))
        path = compile_path(reader, node, paths[0]) if paths else None
        shape = Shape(head, path, reader.flag(node, SH.deactivated), self._targets(node, types))
        if not shape.deactivated:
            self._fill(shape)
        return shape

    def _targets(self, node: Term, types: Sequence[Term]) -> Targets:
        classes, nodes, subjects, objects = (frozenset(self.reader.objects(node, prop)) for prop in _TARGETS)
        if not self._classes.isdisjoint(types):
            classes |= {node}
        return Targets(classes, nodes, subjects, objects)

    def _fill(self, shape: Shape) -> None:
        head, reader = shape.head, self.reader
        for prop, given in reader.nodes.get(head.shape, {}).items():
            if prop in _BUILDERS:
                shape.constraints += _BUILDERS[prop](reader, head, given)
            elif prop in _LISTS:
                self._lists(shape, prop, given)
            elif prop in _SINGLES:
                self._singles(shape, prop, given)
            elif prop == SH.property:
                self._properties(shape, given)
            elif prop == SH.qualifiedValueShape and shape.path:
                self._qualified(shape, given)
            elif prop.startswith(f"<{SH.base}") and prop not in _KNOWN:
                self._unknown(shape, prop, given)
        self._custom_of(shape)
        self._mark_blind(shape)

    def _properties(self, shape: Shape, given: Sequence[Term]) -> None:
        for term in given:
            if self._is_there(shape, SH.property, term):
                if not self.reader.objects(term, SH.path):
                    raise self.reader.fault("shapes-shape", shape.head.shape, SH.property, term, "it has no sh:path: no property shape")
                shape.properties.append(self.build(term))

    def _is_there(self, shape: Shape, prop: Term, term: Term) -> bool:
        """Whether a shape that another refers to is in the graph; official files have loose ends too, so that is no fault of theirs."""
        there = term[0] == '"' or term in self.reader.nodes
        if not there:
            self._leave(shape, prop, f"{shown(prop)} {shown(term)}", handed=False)
        return there

    def _lists(self, shape: Shape, prop: Term, given: Sequence[Term]) -> None:
        component, make = _LISTS[prop]
        for term in given:
            members = self.reader.items(shape.head.shape, term, prop)
            if not members:
                raise self.reader.fault("shapes-list", shape.head.shape, prop, term)
            shapes = [self.build(member) for member in members]
            if self._complete(shape, component, prop, shapes):
                shape.constraints.append(make(shape.head, shapes))

    def _singles(self, shape: Shape, prop: Term, given: Sequence[Term]) -> None:
        component, make = _SINGLES[prop]
        for term in given:
            if not self._is_there(shape, prop, term):
                continue
            inner = self.build(term)
            if prop == SH.node and inner.path:
                raise self.reader.fault("shapes-shape", shape.head.shape, prop, term, "it has a sh:path: no node shape")
            if self._complete(shape, component, prop, [inner]):
                shape.constraints.append(make(shape.head, inner))

    def _qualified(self, shape: Shape, given: Sequence[Term]) -> None:
        for term in given:
            inner = self.build(term)
            siblings = [self.build(other) for other in logic.siblings_of(self.reader, shape.head.shape, term)]
            made = logic.qualified(self.reader, shape.head, inner, siblings)
            if self._complete(shape, SH.QualifiedMinCountConstraintComponent, SH.qualifiedValueShape, [inner, *siblings]):
                shape.constraints.append(made)

    def _complete(self, shape: Shape, component: Term, prop: Term, inner: Sequence[Shape]) -> bool:
        """Whether shapes are compiled wholly; if not, the constraint that is made of them cannot be compiled either."""
        if any(self._is_blind(found) for found in inner):
            self.blind.add((shape.head.shape, component))
        gaps = [gap for found in inner for gap in found.gaps()]
        if gaps:
            what = f"{shown(prop)} ({', '.join(dict.fromkeys(gap.what for gap in gaps))})"
            self._leave(shape, component, what, all(gap.handed for gap in gaps))
        return not gaps

    def _leave(self, shape: Shape, component: Term, what: str, handed: bool) -> None:
        shape.unchecked.append(Unchecked(shape.head.shape, component, self.reader.named(shape.head.shape), what, handed))

    def _unknown(self, shape: Shape, prop: Term, given: Sequence[Term]) -> None:
        component = _BY_OTHERS.get(prop)
        handed = component is not None and not any(self._fetches(term) for term in given)
        self._leave(shape, component or prop, shown(prop), handed)

    def _fetches(self, node: Term) -> bool:
        """Whether a query (sh:select, sh:ask) below a node would use the network."""
        met, waiting = {node}, [node]
        while waiting:
            for prop, terms in self.reader.nodes.get(waiting.pop(), {}).items():
                if prop in (SH.select, SH.ask) and any(_FETCHES.search(value(term)) for term in terms):
                    return True
                fresh = [term for term in terms if term[0] != '"' and term not in met]
                met.update(fresh)
                waiting += fresh
        return False

    def _components(self) -> Iterator[tuple[Term, list[Term]]]:
        """Constraint components that the graph defines itself: (name, properties that a shape needs to use it)."""
        reader = self.reader
        kinds = [SH.ConstraintComponent, *reader.subjects(RDFS.subClassOf, SH.ConstraintComponent)]
        for node in dict.fromkeys(node for kind in kinds for node in reader.subjects(TYPE, kind)):
            if not node.startswith(f"<{SH.base}"):
                parameters = [term for term in reader.objects(node, SH.parameter) if not reader.flag(term, SH.optional)]
                paths = [path for term in parameters for path in reader.objects(term, SH.path)[:1]]
                if paths:
                    yield node, paths

    def _custom_of(self, shape: Shape) -> None:
        properties = self.reader.nodes.get(shape.head.shape, {})
        for component, paths in self._custom:
            if all(path in properties for path in paths):
                self._leave(shape, component, shown(component), not self._fetches(component))

    def _mark_blind(self, shape: Shape) -> None:
        """Notes a rule that looks values up in a vocabulary that the background does not have: it would find fault with each value."""
        name = shape.head.shape
        if shape.path and shape.path.predicate == SKOS.inScheme:
            for wanted in self.reader.objects(name, SH.hasValue):
                if wanted[0] == "<" and wanted not in self.background.schemes:
                    self.absent.setdefault(wanted, []).append(name)
                    self.blind.add((name, SH.HasValueConstraintComponent))

    def _is_blind(self, shape: Shape) -> bool:
        own = any((shape.head.shape, constraint.component) in self.blind for constraint in shape.constraints)
        return own or any(self._is_blind(inner) for inner in shape.properties)
