"""Shape: one compiled shape, what it targets, and what of it could not be compiled."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from federation.quality.shapes.constraint import Constraint
from federation.quality.shapes.graph import Data
from federation.quality.shapes.paths import Path
from federation.quality.shapes.result import Head, Result
from federation.terms import Term


@dataclass(frozen=True, slots=True)
class Targets:
    """Which nodes a shape is about (SHACL, section 2.1.3)."""

    classes: frozenset[Term] = frozenset()
    nodes: frozenset[Term] = frozenset()
    subjects_of: frozenset[Term] = frozenset()
    objects_of: frozenset[Term] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.classes or self.nodes or self.subjects_of or self.objects_of)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A constraint that is not compiled: where it stands, what it is (for people) and why; `handed` where pySHACL can check it."""

    shape: Term
    component: Term
    name: str
    what: str
    handed: bool


@dataclass(slots=True, eq=False)
class Shape:
    """A node shape, or with a `path` a property shape. `properties` are the property shapes that its values have to conform to."""

    head: Head
    path: Path | None = None
    deactivated: bool = False
    targets: Targets = Targets()
    constraints: list[Constraint] = field(default_factory=list)
    properties: "list[Shape]" = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)

    def run(self, data: Data, focus: Term, out: list[Result]) -> None:
        """Adds a result to `out` for each fault of a focus node."""
        if self.deactivated:
            return
        path = self.path
        if path is None:
            for constraint in self.constraints:
                constraint.run(data, focus, (focus,), out)
            for inner in self.properties:
                inner.run(data, focus, out)
            return
        values = path.walk(data, focus)
        for constraint in self.constraints:
            constraint.run(data, focus, values, out)
        for inner in self.properties:
            self.run_inner(inner, data, focus, values, out)

    def run_inner(self, inner: "Shape", data: Data, focus: Term, values: Iterable[Term], out: list[Result]) -> None:
        """Checks values of this property shape against a property shape of their own, and notes the way in the results."""
        for value in values:
            begin = len(out)
            inner.run(data, value, out)
            for at in range(begin, len(out)):
                out[at] = out[at].through(focus, self.head.path)

    def conforms(self, data: Data, node: Term) -> bool:
        """Whether a node has no fault (of any severity)."""
        out: list[Result] = []
        self.run(data, node, out)
        return not out

    def reach(self) -> int:
        """How far from its focus node the shape reads."""
        if self.deactivated:
            return 0
        inner = max((c.reach for c in self.constraints), default=0)
        inner = max((inner, *(shape.reach() for shape in self.properties)))
        focal = int(any(c.focal for c in self.constraints))
        return max(inner + (self.path.reach if self.path else 0), focal)

    def gaps(self) -> list[Unchecked]:
        """All that could not be compiled in it and below it."""
        return [*self.unchecked, *(gap for shape in self.properties for gap in shape.gaps())]
