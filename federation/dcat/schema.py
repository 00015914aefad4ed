"""What DCAT-AP.de 3.0 says about each class and property, ready to be asked: built once from `schema_table`.

Views, builder, check, shape texts, the spreadsheet template and the documentation all come from here, so that a rule stands once.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from federation.dcat.schema_table import EVERYWHERE, RESOURCE, TABLE, Block, Row
from federation.terms import XSD, Term, expanded


class Kind(StrEnum):
    """What a value is: an address, a node that is described, or a kind of literal.

    `temporal` is a literal of type xsd:gYear, xsd:gYearMonth, xsd:date or xsd:dateTime; `typed` a literal with any datatype but
    xsd:string (geometry, identifier of a scheme).
    """

    LITERAL = "literal"
    TEMPORAL = "temporal"
    DECIMAL = "decimal"
    INTEGER = "nonNegativeInteger"
    DURATION = "duration"
    HEX = "hexBinary"
    TYPED = "typed"
    IRI = "iri"
    NODE = "node"


class Obligation(StrEnum):
    """How strongly a property is asked for. ALLOWED: not listed by DCAT-AP.de, allowed by the vocabularies that it builds on."""

    MANDATORY = "M"
    RECOMMENDED = "R"
    OPTIONAL = "O"
    DEPRECATED = "D"
    ALLOWED = "A"


TEMPORAL = (XSD.date, XSD.dateTime, XSD.gYear, XSD.gYearMonth)
DATATYPE: Mapping[Kind, Term] = MappingProxyType({
    Kind.DECIMAL: XSD.decimal, Kind.INTEGER: XSD.nonNegativeInteger, Kind.DURATION: XSD.duration, Kind.HEX: XSD.hexBinary,
})  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Property:
    """One property of one class. `name` is the prefix form, `attribute` the Python name, `range` the class of an IRI or node
    value ("" for literals), `max` None for any number, `instead` the property that replaces a deprecated one ("" for none).
    """

    term: Term
    name: str
    attribute: str
    kind: Kind
    range: Term
    obligation: Obligation
    min: int
    max: int | None
    vocabulary: str
    de: str
    en: str
    german: bool
    instead: Term

    @property
    def deprecated(self) -> bool:
        """Whether DCAT-AP.de 3.0 still reads it but does not want it written."""
        return self.obligation is Obligation.DEPRECATED


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """One class with all properties that may stand on it, own ones first, inherited ones (as allowed) after them."""

    term: Term
    name: str
    de: str
    en: str
    parent: Term
    aliases: tuple[Term, ...]
    properties: Mapping[Term, Property] = field(repr=False)

    def attribute(self, name: str) -> Property:
        """The property with this Python name. KeyError where the class has none."""
        return _ATTRIBUTES[self.term][name]

    def of(self, obligation: Obligation) -> list[Property]:
        """The properties of one obligation, in the table's order."""
        return [prop for prop in self.properties.values() if prop.obligation is obligation]


def class_of(types: Iterable[Term]) -> Class | None:
    """The most special class of the table among `types` (a series that is also typed dcat:Dataset is a series); None for none."""
    found = [TYPES[term] for term in types if term in TYPES]
    return min(found, key=lambda each: _RANK[each.term]) if found else None


def class_named(name: str) -> Class:
    """The class with this prefix form ("dcat:Dataset"). KeyError where the table has none."""
    return CLASSES[expanded(name)]


_CLASS_NAMES = {block.name for block in TABLE} | {"dcat:Resource"}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _property(row: Row, attribute: str) -> Property:
    letter, many, *german = row.rule.split()
    low, _, high = many.partition("..")
    if ":" in row.range:
        kind, target = (Kind.NODE if row.range in _CLASS_NAMES else Kind.IRI), expanded(row.range)
    else:
        kind, target = Kind(row.range), ""
    least = 0 if low == "*" else int(low)
    most = None if "*" in many else int(high or low)
    return Property(
        expanded(row.property), row.property, attribute, kind, target, Obligation(letter), least, most, row.vocabulary,
        row.de, row.en, bool(german), expanded(row.instead) if row.instead else "",
    )  # fmt: skip


def _inherited(row: Row) -> Row:
    letter, many, *german = row.rule.split()
    letter, many = "D" if letter == "D" else "A", "0..1" if many in ("1", "0..1") else "*"
    return row._replace(rule=" ".join((letter, many, *german)))


def _rows(block: Block) -> list[Row]:
    """Own rows, then those of the superclass that the class does not restate, then what may stand on any node."""
    rows = {row.property: row for row in block.rows}
    inherited: tuple[Row, ...] = ()
    if block.parent == "dcat:Resource":
        inherited = RESOURCE
    elif block.parent:
        inherited = tuple(_rows(next(other for other in TABLE if other.name == block.parent)))
    for row in (*map(_inherited, inherited), *EVERYWHERE):
        rows.setdefault(row.property, row)
    return list(rows.values())


def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()


def _attributes(rows: Iterable[Row]) -> dict[str, str]:
    """Property -> Python name: the local name in snake case; where two share it, all but the first that is not deprecated carry
    the prefix (`identifier` is dcterms:identifier, `adms_identifier` the other).
    """
    names: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: "MROAD".index(row.rule[0])):
        prefix, _, local = row.property.partition(":")
        name = _snake(local)
        names[row.property] = f"{prefix}_{name}" if name in names.values() else name
    return names


def _build(block: Block) -> Class:
    rows = _rows(block)
    names = _attributes(rows)
    properties = {prop.term: prop for prop in (_property(row, names[row.property]) for row in rows)}
    return Class(
        expanded(block.name), block.name, block.de, block.en, expanded(block.parent) if block.parent else "",
        tuple(map(expanded, block.aliases)), MappingProxyType(properties),
    )  # fmt: skip


_BLOCKS = (*TABLE, Block("dcat:Resource", "Ressource", "Resource", "", (), RESOURCE))

CLASSES: Mapping[Term, Class] = MappingProxyType({each.term: each for each in map(_build, _BLOCKS)})
"""Every class of the table by its term."""

TYPES: Mapping[Term, Class] = MappingProxyType(
    {alias: each for each in CLASSES.values() for alias in each.aliases} | {each.term: each for each in CLASSES.values()}
)
"""Every class by its term and by the other type names that mean the same (foaf:Organization for foaf:Agent)."""

KINDS: Mapping[str, Class] = MappingProxyType({
    "dataset": class_named("dcat:Dataset"), "service": class_named("dcat:DataService"),
    "series": class_named("dcat:DatasetSeries"), "catalog": class_named("dcat:Catalog"),
    "record": class_named("dcat:CatalogRecord"),
})  # fmt: skip
"""The class of the root node by the kind of its Description."""

_ATTRIBUTES = {each.term: {prop.attribute: prop for prop in each.properties.values()} for each in CLASSES.values()}


def _depth(each: Class) -> int:
    return 0 if not each.parent else 1 + _depth(CLASSES[each.parent])


_RANK = {each.term: -_depth(each) for each in CLASSES.values()}
