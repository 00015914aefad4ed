"""Constraint: one compiled rule of one shape, with what the planner has to know about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from federation.quality.shapes.graph import Data
from federation.quality.shapes.result import Head, Result
from federation.terms import Term

Run: TypeAlias = Callable[[Data, Term, Sequence[Term], list[Result]], None]
Test: TypeAlias = Callable[[Data, Term], bool]


@dataclass(frozen=True, slots=True)
class Constraint:
    """`run(data, focus, values, out)` adds a result to `out` for each fault among the values of a focus node.

    `alone`: each value is judged by itself. `reach`: how far from a value the judgement reads (0 the term only, 1 also its own
    properties, more: further). `by_kind`: only whether the value is an IRI, a blank node or a literal counts; `by_type`: only its
    classes. `focal`: other properties of the focus node count. `most`: the rule is "at most so many values".
    """

    component: Term
    run: Run
    alone: bool = True
    reach: int = 0
    by_kind: bool = False
    by_type: bool = False
    focal: bool = False
    most: int | None = None


def each(head: Head, component: Term, test: Test, reach: int = 0, *, by_kind: bool = False, by_type: bool = False) -> Constraint:
    """A constraint that each value has to pass by itself."""

    def run(data: Data, focus: Term, values: Sequence[Term], out: list[Result]) -> None:
        for value in values:
            if not test(data, value):
                out.append(head.result(component, focus, value))

    return Constraint(component, run, reach=reach, by_kind=by_kind, by_type=by_type)
