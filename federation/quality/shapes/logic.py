"""Constraint components that are made of other shapes (SHACL, sections 4.6, 4.7; sh:property is part of Shape itself)."""

from collections.abc import Sequence

from federation.quality.shapes.constraint import Constraint, each
from federation.quality.shapes.graph import Data
from federation.quality.shapes.reader import Reader
from federation.quality.shapes.result import SH, Head, Result
from federation.quality.shapes.shape import Shape
from federation.terms import Term, parts


def _reach(shapes: Sequence[Shape]) -> int:
    return max((shape.reach() for shape in shapes), default=0)


def negated(head: Head, shape: Shape) -> Constraint:
    """sh:not: no value conforms to the shape."""
    return each(head, SH.NotConstraintComponent, lambda data, term: not shape.conforms(data, term), shape.reach())


def all_of(head: Head, shapes: Sequence[Shape]) -> Constraint:
    """sh:and: each value conforms to every shape of a list."""
    distinct = tuple(dict.fromkeys(shapes))
    return each(
        head, SH.AndConstraintComponent, lambda data, term: all(shape.conforms(data, term) for shape in distinct), _reach(distinct)
    )


def any_of(head: Head, shapes: Sequence[Shape]) -> Constraint:
    """sh:or: each value conforms to a shape of a list."""
    return each(
        head, SH.OrConstraintComponent, lambda data, term: any(shape.conforms(data, term) for shape in shapes), _reach(shapes)
    )


def just_one_of(head: Head, shapes: Sequence[Shape]) -> Constraint:
    """sh:xone: each value conforms to exactly one shape of a list."""
    return each(
        head, SH.XoneConstraintComponent, lambda data, term: sum(shape.conforms(data, term) for shape in shapes) == 1, _reach(shapes)
    )


def like(head: Head, shape: Shape) -> Constraint:
    """sh:node: each value conforms to a node shape; the faults of that shape are the details of the one result."""

    def run(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        for value in values:
            inner: list[Result] = []
            shape.run(data, value, inner)
            if inner:
                out.append(head.result(SH.NodeConstraintComponent, focus, value, tuple(inner)))

    return Constraint(SH.NodeConstraintComponent, run, reach=shape.reach())


def qualified(reader: Reader, head: Head, shape: Shape, siblings: Sequence[Shape]) -> Constraint:
    """sh:qualifiedValueShape: so many values conform to a shape (and, where they have to be disjoint, to none of its siblings)."""
    counts = (SH.qualifiedMinCount, SH.qualifiedMaxCount)
    least, most = (reader.whole(head.shape, prop) if reader.objects(head.shape, prop) else None for prop in counts)
    if least is None and most is None:
        raise reader.fault(
            "shapes-parameter", head.shape, SH.qualifiedValueShape, reason="sh:qualifiedMinCount or sh:qualifiedMaxCount is missing"
        )

    def run(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        count = 0
        for value in values:
            if shape.conforms(data, value) and not any(sibling.conforms(data, value) for sibling in siblings):
                count += 1
        if most is not None and count > most:
            out.append(head.result(SH.QualifiedMaxCountConstraintComponent, focus))
        if least is not None and count < least:
            out.append(head.result(SH.QualifiedMinCountConstraintComponent, focus))

    return Constraint(SH.QualifiedMinCountConstraintComponent, run, alone=False, reach=_reach((shape, *siblings)))


def siblings_of(reader: Reader, shape: Term, own: Term) -> list[Term]:
    """The other qualified value shapes in the property shapes beside this one, where it says that they are disjoint."""
    flags = reader.objects(shape, SH.qualifiedValueShapesDisjoint)
    if not any(flag[0] == '"' and parts(flag)[0] in ("true", "1") for flag in flags):
        return []
    found = [
        other
        for parent in reader.subjects(SH.property, shape)
        for beside in reader.objects(parent, SH.property)
        for other in reader.objects(beside, SH.qualifiedValueShape)
    ]
    return [other for other in dict.fromkeys(found) if other != own]
