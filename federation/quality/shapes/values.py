"""Constraint components that judge one value at a time (SHACL, sections 4.1, 4.3, 4.4 and sh:in)."""

from collections.abc import Callable, Sequence

from federation.quality.shapes.constraint import Constraint, Test, each
from federation.quality.shapes.literals import has_datatype, order
from federation.quality.shapes.patterns import compile_pattern
from federation.quality.shapes.reader import Reader
from federation.quality.shapes.result import SH, Head
from federation.terms import RDFS, Term, parts, value

_NODE_KINDS = {
    SH.IRI: "<", SH.BlankNode: "_", SH.Literal: '"', SH.BlankNodeOrIRI: "_<", SH.BlankNodeOrLiteral: '_"', SH.IRIOrLiteral: '<"',
}  # fmt: skip


def classes(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:class: each value is an instance of every class given."""

    def of(class_term: Term) -> Test:
        return lambda data, term: term[0] != '"' and data.is_a(term, class_term)

    return [each(head, SH.ClassConstraintComponent, of(class_term), 1, by_type=True) for class_term in given]


def datatype(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:datatype: literals of one datatype, well-formed."""
    wanted = reader.only(head.shape, SH.datatype)
    if wanted[0] != "<":
        raise reader.fault("shapes-parameter", head.shape, SH.datatype, wanted, "the address of a datatype is expected")
    return [each(head, SH.DatatypeConstraintComponent, lambda data, term: has_datatype(term, wanted), by_kind=wanted == RDFS.Literal)]


def node_kind(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:nodeKind: address, blank node or literal."""
    wanted = reader.only(head.shape, SH.nodeKind)
    if wanted not in _NODE_KINDS:
        raise reader.fault("shapes-parameter", head.shape, SH.nodeKind, wanted, "one of the six node kinds of SHACL is expected")
    signs = _NODE_KINDS[wanted]
    return [each(head, SH.NodeKindConstraintComponent, lambda data, term: term[0] in signs, by_kind=True)]


_RANGES: dict[Term, tuple[Term, Callable[[int], bool]]] = {
    SH.minExclusive: (SH.MinExclusiveConstraintComponent, lambda found: found > 0),
    SH.minInclusive: (SH.MinInclusiveConstraintComponent, lambda found: found >= 0),
    SH.maxExclusive: (SH.MaxExclusiveConstraintComponent, lambda found: found < 0),
    SH.maxInclusive: (SH.MaxInclusiveConstraintComponent, lambda found: found <= 0),
}


def value_range(parameter: Term) -> Callable[[Reader, Head, Sequence[Term]], list[Constraint]]:
    """sh:minInclusive and its kin: literals that can be compared with the bound, on the right side of it."""
    component, fits = _RANGES[parameter]

    def build(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
        def of(bound: Term) -> Test:
            if bound[0] != '"':
                raise reader.fault("shapes-parameter", head.shape, parameter, bound, "a literal is expected")

            def test(data: object, term: Term) -> bool:
                found = order(term, bound) if term[0] == '"' else None
                return found is not None and fits(found)

            return test

        return [each(head, component, of(bound)) for bound in given]

    return build


def min_length(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:minLength: the text of a literal or address has at least so many characters; a blank node has no text."""
    least = reader.whole(head.shape, SH.minLength)
    test: Test = lambda data, term: least == 0 or (term[0] != "_" and len(value(term)) >= least)  # noqa: E731
    return [each(head, SH.MinLengthConstraintComponent, test)]


def max_length(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:maxLength: the text has at most so many characters."""
    most = reader.whole(head.shape, SH.maxLength)
    return [each(head, SH.MaxLengthConstraintComponent, lambda data, term: term[0] != "_" and len(value(term)) <= most)]


def pattern(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:pattern with sh:flags: the expression is found in the text."""
    flags = "".join(value(term) for term in reader.objects(head.shape, SH.flags)[:1])

    def of(term: Term) -> Test:
        if term[0] != '"':
            raise reader.fault("shapes-parameter", head.shape, SH.pattern, term, "a text is expected")
        try:
            found = compile_pattern(value(term), flags)
        except ValueError as error:
            raise reader.fault("shapes-pattern", head.shape, SH.pattern, term, str(error)) from error
        return lambda data, term: term[0] != "_" and found(value(term))

    return [each(head, SH.PatternConstraintComponent, of(term)) for term in given]


def language_in(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:languageIn: texts whose tag is one of the list or begins with one; "*" is any tag."""
    ranges = []
    for term in reader.items(head.shape, reader.only(head.shape, SH.languageIn), SH.languageIn):
        if term[0] != '"':
            raise reader.fault("shapes-parameter", head.shape, SH.languageIn, term, "a language tag is expected")
        ranges.append(value(term).lower())
    exact = frozenset(ranges)
    longer = tuple(f"{tag}-" for tag in ranges)

    def test(data: object, term: Term) -> bool:
        tag = parts(term)[1].lower() if term[0] == '"' else ""
        return bool(tag) and (tag in exact or tag.startswith(longer) or "*" in exact)

    return [each(head, SH.LanguageInConstraintComponent, test)]


def one_of(reader: Reader, head: Head, given: Sequence[Term]) -> list[Constraint]:
    """sh:in: members of a list."""
    members = frozenset(reader.items(head.shape, reader.only(head.shape, SH["in"]), SH["in"]))
    return [each(head, SH.InConstraintComponent, lambda data, term: term in members)]
