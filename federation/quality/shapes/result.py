"""What a check says: Result, the same fields as a sh:ValidationResult, and Head, what all results of one shape share."""

from typing import NamedTuple

from federation.terms import Namespace, Term

SH = Namespace("sh", "http://www.w3.org/ns/shacl#")


class Result(NamedTuple):
    """One sh:ValidationResult (SHACL, section 3.6.2). All terms are canonical N-Triples; "" stands where there is none.

    `path` is the value of sh:path: an IRI, or the blank node of a longer path in the shapes graph. `messages` are the shape's own, in
    all their languages. `details` are the results of the inner shape where `component` is sh:NodeConstraintComponent. `via` is ours:
    the way from the targeted node to a focus node that was reached through nested property shapes, as (node, path) pairs.
    """

    focus: Term
    path: Term
    value: Term
    component: Term
    severity: Term
    source_shape: Term
    messages: tuple[Term, ...] = ()
    details: "tuple[Result, ...]" = ()
    via: tuple[tuple[Term, Term], ...] = ()

    def through(self, node: Term, path: Term) -> "Result":
        """The same result, reached from `node` by `path`."""
        return _made(Result, (*self[:8], ((node, path), *self.via)))


_made = tuple.__new__


class Head(NamedTuple):
    """What all results of one shape share."""

    shape: Term
    path: Term
    severity: Term
    messages: tuple[Term, ...]

    def result(self, component: Term, focus: Term, value: Term = "", details: tuple[Result, ...] = ()) -> Result:
        """A result about a focus node, and about one of its values if there is one."""
        return _made(Result, (focus, self.path, value, component, self.severity, self.shape, self.messages, details, ()))


def retold(results: tuple[Result, ...], focus: Term, out: list[Result]) -> None:
    """Adds results that were found for some node to `out` as results about `focus`; one that was reached through nested property
    shapes keeps its focus node, and only its way begins at `focus`.
    """
    for result in results:
        via = result[8]
        if via:
            out.append(_made(Result, (*result[:8], ((focus, via[0][1]), *via[1:]))))
        else:
            out.append(_made(Result, (focus, *result[1:])))
