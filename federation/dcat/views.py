"""Typed views: a node of a Description read through the properties of its class, without copying anything.

`Dataset(description).title`, `.distributions`, `.publisher.name`: the usual properties are named below with their types; every other
one of the table is there under its Python name (`schema.Property.attribute`). What comes:

- a property that repeats per language (title, description, name): one text, German first, then untagged, then English, then any;
- else a list where the table allows many values, one value where it allows one;
- a text or an address is a `str` ("" for none), a date the text that stands there, a described node a view of its class (None for
  none), a number an int or Decimal (None for none or where it cannot be read).
"""

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Self

from federation.dcat.description import Description
from federation.dcat.schema import CLASSES, Class, Kind, Property, class_named, class_of
from federation.terms import TYPE, Term, parts, value

_PER_LANGUAGE = frozenset({"title", "description", "name", "label", "pref_label"})
_NUMBERS: dict[Kind, Callable[[str], int | Decimal]] = {Kind.INTEGER: int, Kind.DECIMAL: Decimal}


def preferred(terms: Iterable[Term], language: str = "de") -> str:
    """The text of the literal that suits a reader of `language` best: that language (regions of it too), untagged, English, any other,
    a machine translation; "" where there is no literal.
    """
    ranked = [(_rank(parts(term)[1], language), term) for term in terms if term[0] == '"']
    return parts(min(ranked, key=lambda entry: entry[0])[1])[0] if ranked else ""


def _rank(tag: str, language: str) -> int:
    if not tag:
        return 2
    if "-t-" in tag:  # BCP 47 extension T (RFC 6497): transformed, in practice by a machine
        return 5
    base = tag.partition("-")[0]
    return 0 if tag == language else 1 if base == language else 3 if base == "en" else 4


class View:
    """A node of a description, seen as one class of the table. `node` is its term, by default the root."""

    __slots__ = ("_source", "node")
    schema: ClassVar[Class] = class_named("dcat:Resource")

    def __init__(self, source: Description, node: Term = "") -> None:
        self._source = source
        self.node = node or source.root

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.node})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and other.node == self.node and other._source is self._source

    def __hash__(self) -> int:
        return hash(self.node)

    @property
    def iri(self) -> str:
        """The node's address, "" for a blank node."""
        return value(self.node) if self.node[0] == "<" else ""

    def terms(self, attribute: str) -> list[Term]:
        """The terms of a property as they stand. KeyError for an attribute that the class does not have."""
        return self._source.values(self.node, self.schema.attribute(attribute).term)

    def text(self, attribute: str, language: str = "de") -> str:
        """One text of a property, in the best language."""
        return preferred(self.terms(attribute), language)

    def texts(self, attribute: str, language: str = "de") -> list[str]:
        """Every text of a property in that one language which suits best, in their order (keywords)."""
        found = [(_rank(tag, language), text) for text, tag, _ in map(parts, self._literals(attribute))]
        best = min((rank for rank, _ in found), default=0)
        return [text for rank, text in found if rank == best]

    def all(self, attribute: str) -> list[Any]:
        """Every value of a property."""
        prop = self.schema.attribute(attribute)
        return [self._read(prop, term) for term in self._source.values(self.node, prop.term)]

    def one(self, attribute: str) -> Any:
        """The first value of a property (of texts the one in the best language), "" or None where there is none."""
        prop = self.schema.attribute(attribute)
        if prop.kind is Kind.LITERAL:
            return self.text(attribute)
        found = self._source.value(self.node, prop.term)
        if found:
            return self._read(prop, found)
        return None if prop.kind is Kind.NODE or prop.kind in _NUMBERS else ""

    def __getattr__(self, name: str) -> Any:
        try:
            prop = self.schema.attribute(name)
        except KeyError:
            raise AttributeError(f"{self.schema.name} has no property {name}") from None
        return self.one(name) if prop.max == 1 or name in _PER_LANGUAGE else self.all(name)

    def _literals(self, attribute: str) -> list[Term]:
        return [term for term in self.terms(attribute) if term[0] == '"']

    def _views(self, attribute: str) -> list[Any]:
        return [each for each in self.all(attribute) if isinstance(each, View)]

    def _read(self, prop: Property, term: Term) -> Any:
        if prop.kind is Kind.NODE and term[0] != '"':
            return view(self._source, term, prop.range)
        read = _NUMBERS.get(prop.kind)
        if read is None:
            return value(term)
        try:
            return read(value(term))
        except (ValueError, InvalidOperation):
            return None

    @classmethod
    def each(cls, source: Description, nodes: Iterable[Term]) -> list[Self]:
        """One view of this class per node."""
        return [cls(source, node) for node in nodes]


class Agent(View):
    """foaf:Agent: a publisher, creator, contributor ..."""

    __slots__ = ()
    schema = class_named("foaf:Agent")
    name: str
    type: str


class Contact(View):
    """vcard:Kind: where to ask."""

    __slots__ = ()
    schema = class_named("vcard:Kind")
    fn: str

    @property
    def email(self) -> str:
        """Its first e-mail address, without `mailto:`."""
        return next(iter(self.all("has_email")), "").removeprefix("mailto:")

    @property
    def url(self) -> str:
        """Its first web page or form."""
        return next(iter(self.all("has_url")), "")

    @property
    def telephone(self) -> str:
        """Its first telephone number, without `tel:`."""
        return next(iter(self.all("has_telephone")), "").removeprefix("tel:")


class Period(View):
    """dcterms:PeriodOfTime; "" for an open side."""

    __slots__ = ()
    schema = class_named("dcterms:PeriodOfTime")
    start_date: str
    end_date: str


class Location(View):
    """dcterms:Location; geometries as they are written (WKT, GeoJSON ...)."""

    __slots__ = ()
    schema = class_named("dcterms:Location")
    bbox: str
    centroid: str
    pref_label: str


class Checksum(View):
    """spdx:Checksum."""

    __slots__ = ()
    schema = class_named("spdx:Checksum")
    algorithm: str
    checksum_value: str


class Distribution(View):
    """dcat:Distribution: one form in which a dataset can be had."""

    __slots__ = ()
    schema = class_named("dcat:Distribution")
    title: str
    description: str
    access_url: list[str]
    download_url: list[str]
    license: str
    license_attribution_by_text: list[str]
    format: str
    media_type: str
    byte_size: int | None
    issued: str
    modified: str
    availability: str
    status: str
    checksum: Checksum | None

    @property
    def services(self) -> "list[DataService]":
        """The services behind it (dcat:accessService)."""
        return self._views("access_service")


class Resource(View):
    """What datasets, series, services and catalogs have in common (dcat:Resource)."""

    __slots__ = ()
    title: str
    description: str
    publisher: Agent | None
    identifier: list[str]
    issued: str
    modified: str
    language: list[str]
    landing_page: list[str]
    access_rights: str
    availability: str
    applicable_legislation: list[str]
    hvd_category: list[str]

    @property
    def keywords(self) -> list[str]:
        """Every keyword in the best language."""
        return self.texts("keyword")

    @property
    def themes(self) -> list[str]:
        """The addresses of its themes."""
        return self.all("theme")

    @property
    def contacts(self) -> list[Contact]:
        """Where to ask."""
        return self._views("contact_point")

    @property
    def places(self) -> list[Location]:
        """The places that it covers; one that is an address only has nothing but its `iri`."""
        return self._views("spatial")


class Dataset(Resource):
    """dcat:Dataset."""

    __slots__ = ()
    schema = class_named("dcat:Dataset")
    accrual_periodicity: str
    contributor_id: list[str]
    references: list[str]
    version: str

    @property
    def distributions(self) -> list[Distribution]:
        """The forms in which it can be had."""
        return self._views("distribution")

    @property
    def periods(self) -> list[Period]:
        """The time that it covers."""
        return self._views("temporal")

    @property
    def series(self) -> "list[DatasetSeries]":
        """The series that it belongs to."""
        return self._views("in_series")


class DatasetSeries(Dataset):
    """dcat:DatasetSeries."""

    __slots__ = ()
    schema = class_named("dcat:DatasetSeries")


class DataService(Resource):
    """dcat:DataService."""

    __slots__ = ()
    schema = class_named("dcat:DataService")
    endpoint_url: list[str]
    endpoint_description: list[str]
    license: str
    format: list[str]

    @property
    def datasets(self) -> list[Dataset]:
        """What it serves."""
        return self._views("serves_dataset")


class Catalog(Dataset):
    """dcat:Catalog."""

    __slots__ = ()
    schema = class_named("dcat:Catalog")
    homepage: str
    license: str
    theme_taxonomy: list[str]


class CatalogRecord(View):
    """dcat:CatalogRecord."""

    __slots__ = ()
    schema = class_named("dcat:CatalogRecord")
    modified: str
    issued: str
    primary_topic: View | None


_VIEWS: dict[Term, type[View]] = {
    each.schema.term: each
    for each in (
        Agent, Contact, Period, Location, Checksum, Distribution, Resource, Dataset, DatasetSeries, DataService, Catalog, CatalogRecord,
    )
}  # fmt: skip
for _class in CLASSES.values():
    _VIEWS.setdefault(_class.term, type(_class.name.partition(":")[2], (View,), {"schema": _class, "__slots__": ()}))


def view(source: Description, node: Term = "", expected: Term = "") -> View:
    """The view of a node by what it says that it is, else by the class `expected` of it; of the root where no node is given."""
    node = node or source.root
    found = class_of(source.values(node, TYPE))
    term = found.term if found else expected
    return _VIEWS.get(term, View)(source, node)
