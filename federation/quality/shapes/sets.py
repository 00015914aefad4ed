"""Constraint components that judge the values of a focus node together (SHACL, sections 4.2, 4.5, sh:uniqueLang, sh:hasValue,
sh:closed)."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from federation.quality.shapes.constraint import Constraint
from federation.quality.shapes.graph import Data
from federation.quality.shapes.literals import precedes
from federation.quality.shapes.reader import Reader
from federation.quality.shapes.result import SH, Head, Result
from federation.terms import RDFS, TYPE, Term, parts

_Judge: TypeAlias = Callable[[Data, Term, Sequence[Term]], Sequence[Term]]


def _together(head: Head, component: Term, judge: _Judge, *, focal: bool = False, most: int | None = None) -> Constraint:
    """A constraint with one result for each term that `judge` gives; "" is a result without a value."""

    def run(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        for term in judge(data, focus, values):
            out.append(head.result(component, focus, term))

    return Constraint(component, run, alone=False, focal=focal, most=most)


_ONCE = ("",)
_NEVER: tuple[Term, ...] = ()


def min_count(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:minCount: at least so many values."""
    least = _on_property(reader, head, SH.minCount)
    if least == 0:
        return []
    return [_together(head, SH.MinCountConstraintComponent, lambda data, focus, values: _ONCE if len(values) < least else _NEVER)]


def max_count(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:maxCount: at most so many values."""
    most = _on_property(reader, head, SH.maxCount)
    judge: _Judge = lambda data, focus, values: _ONCE if len(values) > most else _NEVER  # noqa: E731
    return [_together(head, SH.MaxCountConstraintComponent, judge, most=most)]


def _on_property(reader: Reader, head: Head, prop: Term) -> int:
    _needs_path(reader, head, prop)
    return reader.whole(head.shape, prop)


def _needs_path(reader: Reader, head: Head, prop: Term) -> None:
    if not head.path:
        raise reader.fault("shapes-parameter", head.shape, prop, reason="it is allowed in property shapes only (with sh:path)")


def has_value(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:hasValue: each term given is among the values."""

    def of(wanted: Term) -> _Judge:
        return lambda data, focus, values: _NEVER if wanted in values else _ONCE

    return [_together(head, SH.HasValueConstraintComponent, of(wanted)) for wanted in given]


def unique_lang(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:uniqueLang: no language twice; one result for each language that is."""
    _needs_path(reader, head, SH.uniqueLang)

    def judge(data: Data, focus: Term, values: Sequence[Term]) -> Sequence[Term]:
        tags = [parts(term)[1].lower() for term in values if term[0] == '"']
        return [""] * len({tag for tag in tags if tag and tags.count(tag) > 1})

    return [_together(head, SH.UniqueLangConstraintComponent, judge)] if reader.flag(head.shape, SH.uniqueLang) else []


def equals(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:equals: the same values as another property of the focus node."""

    def of(prop: Term) -> _Judge:
        def judge(data: Data, focus: Term, values: Sequence[Term]) -> Sequence[Term]:
            others = data.objects(focus, prop)
            return [*(term for term in values if term not in others), *(term for term in others if term not in values)]

        return judge

    return _pairs(reader, head, SH.equals, SH.EqualsConstraintComponent, of, given)


def disjoint(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:disjoint: no value of another property of the focus node."""

    def of(prop: Term) -> _Judge:
        def judge(data: Data, focus: Term, values: Sequence[Term]) -> Sequence[Term]:
            others = data.objects(focus, prop)
            return [term for term in values if term in others]

        return judge

    return _pairs(reader, head, SH.disjoint, SH.DisjointConstraintComponent, of, given)


def less_than(or_equal: bool) -> Callable[[Reader, Head, Sequence[Term]], list[Constraint]]:
    """sh:lessThan, sh:lessThanOrEquals: each value comes before each value of another property; one result for each pair that does
    not.
    """
    parameter = SH.lessThanOrEquals if or_equal else SH.lessThan
    component = SH.LessThanOrEqualsConstraintComponent if or_equal else SH.LessThanConstraintComponent

    def of(prop: Term) -> _Judge:
        def judge(data: Data, focus: Term, values: Sequence[Term]) -> Sequence[Term]:
            others = data.objects(focus, prop)
            return [term for term in values for other in others if not precedes(term, other, or_equal)]

        return judge

    def build(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
        _needs_path(reader, head, parameter)
        return _pairs(reader, head, parameter, component, of, given)

    return build


def _pairs(
    reader: Reader, head: Head, parameter: Term, component: Term, of: Callable[[Term], _Judge], given: Sequence[Term]
) -> list[Constraint]:
    for prop in given:
        if prop[0] != "<":
            raise reader.fault("shapes-parameter", head.shape, parameter, prop, "the address of a property is expected")
    return [_together(head, component, of(prop), focal=True) for prop in given]


def closed(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:closed with sh:ignoredProperties: no other properties than those of the shape's own property shapes. The result's path is
    the property, its value the property's value.
    """
    if not reader.flag(head.shape, SH.closed):
        return []
    allowed = {term for shape in reader.objects(head.shape, SH.property) for term in reader.objects(shape, SH.path)}
    for ignored in reader.objects(head.shape, SH.ignoredProperties):
        allowed.update(reader.items(head.shape, ignored, SH.ignoredProperties))
    component = SH.ClosedConstraintComponent

    def run(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        for node in values:
            for prop, terms in data.properties(node).items():
                if prop not in allowed:
                    out.extend(
                        head._replace(path=prop).result(component, focus, term)
                        for term in terms
                        if (prop, term) != (TYPE, RDFS.Resource)  # every node is one; some tools write it down
                    )

    return [Constraint(component, run, reach=1)]
