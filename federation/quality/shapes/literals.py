"""Literals as values: whether a lexical form fits its datatype, and which of two comes first.

rdflib decides, as it does for pySHACL; forms that are plainly right are passed without asking it, since building a literal of it takes
a hundred times as long.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache

import rdflib

from federation.dcat.graph import to_rdflib
from federation.terms import RDF, RDFS, XSD, Term, parts

_LANG_STRING = RDF.langString
_STRING = XSD.string
_KINDS: dict[Term, type | tuple[type, ...]] = {
    _STRING: (str, bytes), _LANG_STRING: (str, bytes), XSD.integer: int, XSD.float: float, XSD.decimal: Decimal, XSD.boolean: bool,
    XSD.date: date, XSD.time: time, XSD.dateTime: datetime,
}  # fmt: skip
_PLAIN: dict[Term, Callable[[str], object]] = {
    XSD.integer: re.compile("-?[0-9]{1,18}").fullmatch, XSD.nonNegativeInteger: re.compile("[0-9]{1,18}").fullmatch,
    XSD.decimal: re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?").fullmatch, XSD.hexBinary: re.compile("([0-9a-fA-F]{2}){1,99}").fullmatch,
    XSD.boolean: re.compile("true|false").fullmatch,
    XSD.date: re.compile("[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])").fullmatch,
    XSD.dateTime: re.compile(
        r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,6})?(Z|[+-]0[0-9]:[0-5][0-9])?"
    ).fullmatch,
    XSD.gYear: re.compile("[12][0-9]{3}").fullmatch,
}  # fmt: skip


def has_datatype(term: Term, datatype: Term) -> bool:
    """Whether a term is a literal of a datatype and not ill-typed."""
    if term[0] != '"':
        return False
    text, language, own = parts(term)
    if own == datatype:
        plain = _PLAIN.get(datatype)
        return bool(plain and plain(text)) or _well_typed(term, datatype)
    if datatype == RDFS.Literal:
        return True
    if datatype == RDFS.Datatype:
        return bool(own)
    return not own and datatype == (_LANG_STRING if language else _STRING)


@lru_cache(maxsize=16384)
def _well_typed(term: Term, datatype: Term) -> bool:
    made = to_rdflib(term)
    assert isinstance(made, rdflib.Literal)
    return made.ill_typed is not True and (datatype not in _KINDS or isinstance(made.value, _KINDS[datatype]))


@lru_cache(maxsize=16384)
def order(term: Term, other: Term) -> int | None:
    """-1, 0 or 1 where a literal comes before another, equals it, or comes behind it; None where they cannot be compared."""
    first, second = to_rdflib(term), to_rdflib(other)
    if not (isinstance(first, rdflib.Literal) and isinstance(second, rdflib.Literal)):
        return None
    if isinstance(first.value, str) != isinstance(second.value, str):
        return None
    try:
        if first.eq(second):
            return 0
        if isinstance(first.value, (datetime, time)):  # rdflib would put those with a time zone behind those without
            return int(first.value > second.value) - int(first.value < second.value)
        return 1 if first > second else -1
    except (TypeError, NotImplementedError, ArithmeticError):
        return None


@lru_cache(maxsize=16384)
def precedes(term: Term, other: Term, or_equal: bool) -> bool:
    """Whether one value of a property pair comes before another (sh:lessThan). Addresses and texts are compared as texts."""
    if "_" in (term[0], other[0]):
        return False
    first, second = _comparable(term), _comparable(other)
    if isinstance(first, rdflib.Literal) != isinstance(second, rdflib.Literal):
        return False
    try:
        if first < second:
            return True
        if isinstance(first, rdflib.Literal):
            return or_equal and bool(first.eq(second))
        return or_equal and first == second
    except (TypeError, NotImplementedError, ArithmeticError):
        return False


def _comparable(term: Term) -> str:
    """The text of an address or a text; a literal of another kind (which is a `str` too) as it is."""
    made = to_rdflib(term)
    if isinstance(made, rdflib.Literal):
        return str(made.value) if isinstance(made.value, str) else made
    return str(made)
