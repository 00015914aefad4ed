"""The planner: what the shapes ask of a node is decided once for all nodes with the same classes and the same properties.

Most of a shapes graph is about values one at a time, and what is wrong with an address or a text is the same in every dataset. So the
rules for one property become one Step, which remembers its judgements; a value that the data describes itself is remembered by its
classes. What depends on more than that runs as it was compiled. No judgement differs from that of Shape.run (tests/test_shacl.py).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from federation.dcat.description import Nodes
from federation.quality.shapes.constraint import Constraint
from federation.quality.shapes.graph import Background, Data
from federation.quality.shapes.result import SH, Result, retold
from federation.quality.shapes.shape import Shape
from federation.terms import RDFS, TYPE, Term

Step: TypeAlias = Callable[[Data, Term, Sequence[Term], list[Result]], None]
_Results: TypeAlias = tuple[Result, ...]
_Judges: TypeAlias = list[Callable[[Data, Term, Sequence[Term], list[Result]], None]]

_SOME = "_:focus"  # stands for the focus node in results that are remembered
_REMEMBERED = 4096  # judgements that a step keeps; then it begins again
_PLANS = 8192
_OUTLINES = 512
_NO: dict[Term, list[Term]] = {}
_INFINITE = 1 << 60
_NOWHERE = Data({}, Background({}))


class Plan(NamedTuple):
    """For nodes with certain classes and properties: one step (or None) for each property, in the node's order; the results about
    properties that they do not have; what runs as it was compiled; and whether they say something about classes.
    """

    steps: tuple[Step | None, ...]
    absent: _Results
    loose: tuple[Callable[[Data, Term, list[Result]], None], ...]
    hierarchy: bool


class _Outline(NamedTuple):
    """For a set of shapes: by property its step and the results where it is absent; and what runs as it was compiled."""

    by_property: dict[Term, tuple[Step | None, _Results]]
    loose: tuple[Callable[[Data, Term, list[Result]], None], ...]


class Planner:
    """Makes plans for the shapes that have targets, and keeps them."""

    def __init__(self, shapes: Iterable[Shape], background: Background) -> None:
        self._background = background
        self._by_class: dict[Term, list[Shape]] = {}
        self._by_property: dict[Term, list[Shape]] = {}
        self.wide: list[Shape] = []  # targets by name or as value of a property: found otherwise than by looking at a node
        for shape in shapes:
            if shape.deactivated or not shape.targets:
                continue
            if shape.targets.nodes or shape.targets.objects_of:
                self.wide.append(shape)
                continue
            for class_term in shape.targets.classes:
                self._by_class.setdefault(class_term, []).append(shape)
            for prop in shape.targets.subjects_of:
                self._by_property.setdefault(prop, []).append(shape)
        self._outlines: dict[tuple[Shape, ...], _Outline] = {}
        self.plans: dict[tuple[tuple[Term, ...], tuple[Term, ...]], Plan] = {}

    def plan(self, key: tuple[tuple[Term, ...], tuple[Term, ...]]) -> Plan:
        """The plan for nodes with these (classes, properties), made now and kept in `plans`."""
        types, properties = key
        shapes = tuple(self._targeted(types, properties))
        outline = self._outlines.get(shapes)
        if outline is None:
            if len(self._outlines) >= _OUTLINES:
                self._outlines.clear()
                self.plans.clear()
            outline = self._outlines[shapes] = self._outlined(shapes)
        have = frozenset(properties)
        nothing: tuple[Step | None, _Results] = (None, ())
        plan = Plan(
            tuple(outline.by_property.get(prop, nothing)[0] for prop in properties),
            tuple(result for prop, (_, results) in outline.by_property.items() if prop not in have for result in results),
            outline.loose,
            RDFS.subClassOf in have,
        )
        if len(self.plans) >= _PLANS:
            self.plans.clear()
        self.plans[key] = plan
        return plan

    def _targeted(self, types: Sequence[Term], properties: Sequence[Term]) -> dict[Shape, None]:
        found: dict[Shape, None] = {}
        for type_term in types:
            for class_term in sorted(self._background.ancestors(type_term)):
                found.update(dict.fromkeys(self._by_class.get(class_term, ())))
        for prop in properties:
            found.update(dict.fromkeys(self._by_property.get(prop, ())))
        return found

    def _outlined(self, shapes: Sequence[Shape]) -> _Outline:
        simple: dict[Term, list[Shape]] = {}
        loose: list[Callable[[Data, Term, list[Result]], None]] = []
        for shape in shapes:
            if shape.path is None:
                loose += [_on_focus(constraint) for constraint in shape.constraints]
            for one in [shape] if shape.path else shape.properties:
                if one.deactivated:
                    continue
                if one.path and one.path.predicate and not any(constraint.focal for constraint in one.constraints):
                    simple.setdefault(one.path.predicate, []).append(one)
                else:
                    loose.append(one.run)
        by_property: dict[Term, tuple[Step | None, _Results]] = {}
        for prop, ones in simple.items():
            absent: list[Result] = []
            for one in ones:
                for constraint in one.constraints:
                    constraint.run(_NOWHERE, _SOME, (), absent)
            by_property[prop] = _step(ones), tuple(absent)
        return _Outline(by_property, tuple(loose))


def _on_focus(constraint: Constraint) -> Callable[[Data, Term, list[Result]], None]:
    return lambda data, focus, out: constraint.run(data, focus, (focus,), out)


def _as_constraint(shape: Shape, inner: Shape) -> Constraint:
    """sh:property as a constraint on the values of a property shape."""

    def run(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        shape.run_inner(inner, data, focus, values, out)

    return Constraint("", run, reach=inner.reach())


def _step(shapes: Sequence[Shape]) -> Step | None:
    """The rules of several property shapes for one property as one function; None where no value can be wrong."""
    constraints = [constraint for shape in shapes for constraint in shape.constraints]
    constraints += [_as_constraint(shape, inner) for shape in shapes for inner in shape.properties if not inner.deactivated]
    counts = [constraint for constraint in constraints if constraint.most is not None]
    limit = min((constraint.most for constraint in counts if constraint.most is not None), default=_INFINITE)
    together = [constraint.run for constraint in constraints if not (constraint.alone or constraint in counts or _satisfied(constraint))]
    near = [constraint for constraint in constraints if constraint.alone and constraint.reach <= 1]
    always = together + [constraint.run for constraint in constraints if constraint.alone and constraint.reach > 1]
    judge = _judging(near)
    if judge is None and not always and not counts:
        return None

    def step(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        if len(values) > limit:
            for constraint in counts:
                constraint.run(data, focus, values, out)
        if judge is not None:
            judge(data, focus, values, out)
        for run in always:
            run(data, focus, values, out)

    return judge if judge is not None and not always and not counts else step


def _satisfied(constraint: Constraint) -> bool:
    """Whether a rule about a number of values is met by any value there is (sh:minCount 1)."""
    out: list[Result] = []
    constraint.run(_NOWHERE, _SOME, ("<x:>",), out)
    return constraint.component == SH.MinCountConstraintComponent and not out


def _judging(near: list[Constraint]) -> Step | None:
    if not near:
        return None
    if all(constraint.by_kind for constraint in near):
        return _by_kind(near)
    if all(constraint.reach == 0 for constraint in near):
        return _by_term(near)
    return _by_term_or_class(near)


def _judged(near: Sequence[Constraint], data: Data, value: Term) -> _Results:
    out: list[Result] = []
    for constraint in near:
        constraint.run(data, _SOME, (value,), out)
    return tuple(out)


def _by_kind(near: list[Constraint]) -> Step | None:
    """Rules for which only counts whether a value is an IRI, a blank node or a literal."""
    wrong = "".join(sign for sign, example in (("<", "<x:>"), ("_", "_:x"), ('"', '""')) if _judged(near, _NOWHERE, example))
    if not wrong:
        return None

    def step(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        for value in values:
            if value[0] in wrong:
                for constraint in near:
                    constraint.run(data, focus, (value,), out)

    return step


def _by_term(near: list[Constraint]) -> Step:
    """Rules for which only the value itself counts."""
    known: dict[Term, _Results] = {}

    def step(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        for value in values:
            found = known.get(value)
            if found is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                found = known[value] = _judged(near, data, value)
            if found:
                retold(found, focus, out)

    return step


def _by_term_or_class(near: list[Constraint]) -> Step:
    """Rules that also read the properties of the value: the background's, where the data say nothing about it."""
    known: dict[Term, _Results] = {}
    known_classes: dict[tuple[str, tuple[Term, ...]], bool] = {}
    by_class = all(constraint.by_kind or constraint.by_type for constraint in near)

    def described(data: Data, focus: Term, value: Term, out: list[Result]) -> None:
        if by_class:
            key = value[0], tuple(data.objects(value, TYPE))
            good = known_classes.get(key)
            if good is None:
                if len(known_classes) >= _REMEMBERED:
                    known_classes.clear()
                good = known_classes[key] = not _judged(near, data, value)
            if good:
                return
        for constraint in near:
            constraint.run(data, focus, (value,), out)

    def step(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        nodes = data.nodes
        for value in values:
            if value in nodes:
                described(data, focus, value, out)
                continue
            found = known.get(value)
            if found is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                found = known[value] = _judged(near, data, value)
            if found:
                retold(found, focus, out)

    return step


def check_nodes(planner: Planner, data: Data, nodes: Nodes, out: list[Result]) -> bool:
    """Adds the results about `nodes`, which are all of the data or nodes of the background, to `out`. False where data say something
    new about classes (rdfs:subClassOf), so that plans do not hold.
    """
    plans, shelf, own = planner.plans, data.shelf, data.nodes
    for node, properties in nodes.items():
        if node in shelf and node in own:
            properties = {prop: list(terms) for prop, terms in data.properties(node).items()}
        types = properties.get(TYPE)
        key = (tuple(types) if types else (), tuple(properties))
        steps, absent, loose, hierarchy = plans.get(key) or planner.plan(key)
        if hierarchy and node in own and not set(own[node].get(RDFS.subClassOf, ())) <= set(shelf.get(node, _NO).get(RDFS.subClassOf, ())):
            return False
        if absent:
            retold(absent, node, out)
        for step, values in zip(steps, properties.values(), strict=True):
            if step is not None:
                step(data, node, values, out)
        for run in loose:
            run(data, node, out)
    return True
