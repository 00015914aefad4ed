"""Builder: how a connector writes a Description from what a source said in some other form (JSON, XML, a table).

The one table decides whether a value becomes an address, a text or a typed literal. What cannot be typed stays the text that the
source wrote ("kostenlos" as a licence, "Sommer 2021" as a date): normalising decides about it later. Nothing here is a Change.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeAlias

import pyoxigraph

from federation.dcat.description import Description
from federation.dcat.names import digest
from federation.dcat.schema import DATATYPE as DATATYPES
from federation.dcat.schema import KINDS, TYPES, Kind, Property
from federation.dcat.schema_table import EVERYWHERE
from federation.terms import DCTERMS, TYPE, XSD, Term, expanded, literal

Value: TypeAlias = str | int | float | None
_Writer: TypeAlias = Callable[[str], Term]

_SCHEME = re.compile(r"(?:https?|ftps?|sftp)://[^/]|(?:mailto|tel|urn|geo|doi|info|data|file|ldaps?):\S", re.IGNORECASE)
_YEAR = r"-?(?:[1-9]\d{3,8}|0\d{3})"
_MONTH = r"(?:0[1-9]|1[0-2])"
_CLOCK = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_TEMPORAL = re.compile(  # XML Schema 1.1 part 2, sections 3.3.7, 3.3.9, 3.3.10, 3.3.11
    rf"(?P<year>{_YEAR})(?:-(?P<month>{_MONTH})(?:-(?P<day>\d\d)(?P<time>T{_CLOCK})?)?)?{_ZONE}"
)
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_INTEGER = re.compile(r"\+?\d+")
_DURATION = re.compile(r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


@lru_cache(maxsize=65536)
def address(text: str) -> Term:
    """An IRI term where the text is an absolute IRI (RFC 3987) of a scheme that catalogs use, else a literal."""
    if _SCHEME.match(text):
        try:
            return f"<{pyoxigraph.NamedNode(text).value}>"
        except ValueError:
            pass
    return literal(text)


@lru_cache(maxsize=65536)
def temporal(text: str) -> Term:
    """A literal typed xsd:gYear, xsd:gYearMonth, xsd:date or xsd:dateTime where the text is one, else an untyped one."""
    found = _TEMPORAL.fullmatch(text)
    if not found:
        return literal(text)
    year, month, day, time = found.groups()
    if not month:
        return literal(text, datatype=XSD.gYear)
    if not day:
        return literal(text, datatype=XSD.gYearMonth)
    if not 1 <= int(day) <= monthrange(int(year), int(month))[1]:
        return literal(text)
    return literal(text, datatype=XSD.dateTime if time else XSD.date)


def _typed(pattern: re.Pattern[str], datatype: Term) -> _Writer:
    return lambda text: literal(text, datatype=datatype) if pattern.fullmatch(text) else literal(text)


_WRITERS: dict[Kind, _Writer] = {
    Kind.LITERAL: literal, Kind.TYPED: literal, Kind.IRI: address, Kind.NODE: address, Kind.TEMPORAL: temporal,
    Kind.DECIMAL: _typed(_DECIMAL, DATATYPES[Kind.DECIMAL]), Kind.INTEGER: _typed(_INTEGER, DATATYPES[Kind.INTEGER]),
    Kind.DURATION: _typed(_DURATION, DATATYPES[Kind.DURATION]), Kind.HEX: _typed(_HEX, DATATYPES[Kind.HEX]),
}  # fmt: skip


def typed(kind: Kind, text: str) -> Term:
    """A text as the term that a property of this kind wants; an untyped literal where the text cannot be one."""
    return _WRITERS[kind](text)


_Entry: TypeAlias = tuple[Term, _Writer, Property]
_ENTRIES: dict[Term, dict[str, _Entry]] = {
    term: {prop.name: (prop.term, _WRITERS[prop.kind], prop) for prop in each.properties.values()}
    for term, each in TYPES.items()
}
_BARE = {row.property: _ENTRIES[DCTERMS.Location][row.property] for row in EVERYWHERE}


class Builder:
    """Writes one Description. `root` is the entity's IRI ("" where the source has none: a blank node stands for it; ValueError
    for what is no IRI, ask `address` first), `kind` one of dataset, service, series, catalog, record. The result is `description`.

    Properties and classes are named in prefix form ("dcterms:title", "dcat:Distribution"). A property that a class does not have
    is a ValueError: a mistake in the connector, never one in the data.
    """

    __slots__ = ("_count", "_entries", "_keyed", "description", "root")

    def __init__(self, root: str, kind: str) -> None:
        start = KINDS[kind]
        self.root: Term = f"<{pyoxigraph.NamedNode(root).value}>" if root else "_:root"
        self.description = Description(self.root, kind, {self.root: {TYPE: [start.term]}})
        self._entries: dict[Term, dict[str, _Entry]] = {self.root: _ENTRIES[start.term]}
        self._keyed: dict[tuple[Term, str, str], Term] = {}
        self._count = 0

    def add(self, node: Term, name: str, value: Value, language: str = "", datatype: Term = "") -> None:
        """One value of a property, written as the table says. None and "" say nothing and are left out; a number is written in
        decimal form, True and False as "true" and "false". `language` is a BCP 47 tag ("de_DE" is read as "de-DE"; what is no tag
        is left out), `datatype` an IRI term for literals whose type only the connector knows (`GEO.wktLiteral`).
        """
        if value is None or value == "":
            return
        term, write, _ = self._entry(node, name)
        text = value if isinstance(value, str) else _number(value)
        if datatype:
            made = literal(text, datatype=datatype)
        elif language and write is literal:
            made = literal(text, language=_tag(language))
        else:
            made = write(text)
        properties = self.description.nodes[node]
        terms = properties.get(term)
        if terms is None:
            properties[term] = [made]
        elif made not in terms:
            terms.append(made)

    def iri(self, node: Term, name: str, value: str) -> None:
        """A value that the connector knows to be an absolute IRI, of whatever scheme. What is none after all stays a literal."""
        if value:
            try:
                made = f"<{pyoxigraph.NamedNode(value).value}>"
            except ValueError:
                made = literal(value)
            self.description.say(node, self._entry(node, name)[0], made)

    def node(self, node: Term, name: str, cls: str = "", key: str = "") -> Term:
        """A described value (a distribution, a publisher, a place): links it, gives it its class, returns its term.

        `cls` is the class in prefix form where it is not the one of the table ("foaf:Organization"). `key` is the node's IRI
        where the source has one; any other text keeps nodes apart: the same (node, property, key) gives the same blank node again.
        Without a key each call makes a new blank node.
        """
        term, _, prop = self._entry(node, name)
        if prop.kind is not Kind.NODE and not prop.range:
            raise ValueError(f"{name} holds a value, not a node: use add")
        made = self._named(node, name, key)
        class_term = expanded(cls) if cls else prop.range
        self._entries.setdefault(made, _ENTRIES.get(class_term, _BARE))
        self.description.say(node, term, made)
        self.description.say(made, TYPE, class_term)
        return made

    def say(self, node: Term, name: str, term: Term) -> None:
        """A finished term under a property that the table does not know (what a source says beyond the standard is kept too)."""
        self.description.say(node, expanded(name), term)

    def has(self, node: Term, name: str) -> bool:
        """Whether something was written under a property already."""
        return expanded(name) in self.description.nodes.get(node, {})

    def _named(self, node: Term, name: str, key: str) -> Term:
        if key:
            made = address(key)
            if made[0] == "<":
                return made
            known = self._keyed.get((node, name, key))
            if known:
                return known
        self._count += 1
        blank = f"_:n{digest(self.description.root, str(self._count))}"  # never the name of another entity's node
        if key:
            self._keyed[node, name, key] = blank
        return blank

    def _entry(self, node: Term, name: str) -> _Entry:
        try:
            return self._entries[node][name]
        except KeyError:
            raise ValueError(self._complaint(node, name)) from None

    def _complaint(self, node: Term, name: str) -> str:
        entries = self._entries.get(node)
        if entries is None:
            return f"{node} is not a node of this description: make it with node()"
        types = self.description.values(node, TYPE)
        owner = next((TYPES[term].name for term in types if term in TYPES), "this class")
        near = get_close_matches(name, entries, 3, 0.5)
        return f"{owner} has no property {name}" + (f" (did you mean {', '.join(near)}?)" if near else "")


def _number(value: int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


@lru_cache(maxsize=1024)
def _tag(language: str) -> str:
    try:
        return pyoxigraph.Literal("", language=language.strip().replace("_", "-")).language or ""
    except ValueError:
        return ""
