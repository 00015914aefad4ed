"""The requests of CSW 2.0.2 (OGC 07-006r1, ISO profile 07-045) and 3.0 (OGC 12-176r7), by POST of XML or GET with parameters.

Servers differ in the type names, queryables and sorting that they accept; a Dialect is one combination.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import urlencode

GMD = "http://www.isotc211.org/2005/gmd"
MDB = "http://standards.iso.org/iso/19115/-3/mdb/2.0"
_SPACES = (
    f' xmlns:gmd="{GMD}" xmlns:apiso="http://www.opengis.net/cat/csw/apiso/1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dct="http://purl.org/dc/terms/" xmlns:ows="http://www.opengis.net/ows"'
)
_KVP = frozenset(("service", "request", "version", "acceptversions"))

Version = Literal["2.0.2", "3.0.0"]
Method = Literal["post", "get"]

_QUERYABLES = {
    "apiso": {"type": "apiso:Type", "modified": "apiso:Modified", "keyword": "apiso:Subject", "organisation": "apiso:OrganisationName",
              "identifier": "apiso:Identifier"},
    "dc": {"type": "dc:type", "modified": "dct:modified", "keyword": "dc:subject", "organisation": "", "identifier": "dc:identifier"},
}  # fmt: skip


class Dialect(NamedTuple):
    """How one server wants to be asked."""

    method: Method
    version: Version
    types: str
    names: str
    sorted: bool
    schema: str = GMD

    def queryable(self, name: str) -> str:
        """The property of the server that a filter is about, "" where this dialect has none."""
        return _QUERYABLES[self.names][name]


def dialects(methods: Sequence[Method], versions: Sequence[Version], schema: str) -> Iterator[Dialect]:
    """What is tried, the best first: the ISO profile sorted by identifier, then less."""
    for method in methods:
        for version in versions:
            for types, names, order in (("gmd:MD_Metadata", "apiso", True), ("csw:Record", "dc", True),
                                        ("gmd:MD_Metadata", "apiso", False), ("csw:Record", "dc", False)):  # fmt: skip
                yield Dialect(method, version, types, names, order, schema)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: records of a type, changed since a date, with one of the keywords, of one of the organisations."""

    type: str = ""
    since: str = ""
    keyword: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()


class Test(NamedTuple):
    """One comparison of a filter: `=`, `>=` or `like` (with % for anything)."""

    name: str
    operator: str
    values: tuple[str, ...]


def tests(query: Query, dialect: Dialect) -> list[Test]:
    """The comparisons that a server is asked to make; what its dialect has no property for is left to the reader of the answer."""
    found = []
    for name, operator, values in (
        ("type", "=", (query.type,)), ("modified", ">=", (query.since,)), ("keyword", "like", query.keyword),
        ("organisation", "like", query.organisation),
    ):  # fmt: skip
        said = tuple(value for value in values if value)
        if said and dialect.queryable(name):
            found.append(Test(dialect.queryable(name), operator, said))
    return found


def base(url: str) -> str:
    """The address of a catalog without the parameters of a request that was copied with it."""
    head, mark, query = url.partition("#")[0].partition("?")
    kept = [part for part in query.split("&") if part and part.partition("=")[0].casefold() not in _KVP] if mark else []
    return f"{head}?{'&'.join(kept)}" if kept else head


def address(url: str, parameters: Sequence[tuple[str, str]]) -> str:
    """A GET address."""
    root = base(url)
    return f"{root}{'&' if '?' in root else '?'}{urlencode(parameters)}"


def capabilities(url: str, version: str = "") -> str:
    """The address of GetCapabilities."""
    return address(url, [("service", "CSW"), ("request", "GetCapabilities"), *([("version", version)] if version else [])])


def records(url: str, dialect: Dialect, query: Query, start: int, rows: int) -> str:
    """The address of one page of GetRecords; it names the page also where it is asked for by POST."""
    asked = [
        ("service", "CSW"), ("version", dialect.version), ("request", "GetRecords"), ("resultType", "results"),
        ("elementSetName", "full"), ("outputSchema", dialect.schema), ("outputFormat", "application/xml"),
        ("typeNames", dialect.types), ("startPosition", str(start)), ("maxRecords", str(rows)),
    ]  # fmt: skip
    if dialect.sorted:
        asked.append(("sortBy", f"{dialect.queryable('identifier')}:A"))
    conditions = _cql(tests(query, dialect))
    if conditions:
        asked += [("constraintLanguage", "CQL_TEXT"), ("constraint_language_version", "1.1.0"), ("constraint", conditions)]
    return address(url, asked)


def by_id(url: str, dialect: Dialect, identifiers: Sequence[str]) -> str:
    """The address of GetRecordById."""
    return address(url, [
        ("service", "CSW"), ("version", dialect.version), ("request", "GetRecordById"), ("elementSetName", "full"),
        ("outputSchema", dialect.schema), ("id", ",".join(identifiers)),
    ])  # fmt: skip


def _cql(conditions: Sequence[Test]) -> str:
    parts = []
    for test in conditions:
        sign = {"like": "LIKE"}.get(test.operator, test.operator)
        values = [(_like(value) if test.operator == "like" else value).replace("'", "''") for value in test.values]
        each = [f"{test.name} {sign} '{value}'" for value in values]
        parts.append(each[0] if len(each) == 1 else f"({' OR '.join(each)})")
    return " AND ".join(parts)


def _like(value: str) -> str:
    return f"%{value}%"


def body(dialect: Dialect, query: Query, start: int, rows: int) -> bytes:
    """The XML of GetRecords."""
    three = dialect.version == "3.0.0"
    csw = "http://www.opengis.net/cat/csw/" + ("3.0" if three else "2.0.2")
    prefix, space = ("fes", "http://www.opengis.net/fes/2.0") if three else ("ogc", "http://www.opengis.net/ogc")
    name = "fes:ValueReference" if three else "ogc:PropertyName"
    conditions = "".join(_filter(test, prefix, name) for test in tests(query, dialect))
    several = len(tests(query, dialect)) > 1
    if several:
        conditions = f"<{prefix}:And>{conditions}</{prefix}:And>"
    constraint = ""
    if conditions:
        version = "2.0.0" if three else "1.1.0"
        constraint = f'<csw:Constraint version="{version}"><{prefix}:Filter>{conditions}</{prefix}:Filter></csw:Constraint>'
    order = ""
    if dialect.sorted:
        order = (f"<{prefix}:SortBy><{prefix}:SortProperty><{name}>{dialect.queryable('identifier')}</{name}>"
                 f"<{prefix}:SortOrder>ASC</{prefix}:SortOrder></{prefix}:SortProperty></{prefix}:SortBy>")  # fmt: skip
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><csw:GetRecords xmlns:csw="{csw}" xmlns:{prefix}="{space}"{_SPACES}'
        f' service="CSW" version="{dialect.version}" resultType="results" startPosition="{start}" maxRecords="{rows}"'
        f' outputFormat="application/xml" outputSchema={_quoted(dialect.schema)}><csw:Query typeNames="{dialect.types}">'
        f"<csw:ElementSetName>full</csw:ElementSetName>{constraint}{order}</csw:Query></csw:GetRecords>"
    ).encode()


def _filter(test: Test, prefix: str, name: str) -> str:
    parts = []
    for value in test.values:
        tag, attributes, said = "PropertyIsEqualTo", "", value
        if test.operator == ">=":
            tag = "PropertyIsGreaterThanOrEqualTo"
        elif test.operator == "like":
            tag, attributes, said = "PropertyIsLike", ' wildCard="%" singleChar="_" escapeChar="\\"', _like(value)
        parts.append(f"<{prefix}:{tag}{attributes}><{name}>{test.name}</{name}><{prefix}:Literal>{_text(said)}</{prefix}:Literal></{prefix}:{tag}>")
    return parts[0] if len(parts) == 1 else f"<{prefix}:Or>{''.join(parts)}</{prefix}:Or>"


def _text(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(value: str) -> str:
    return '"' + _text(value).replace('"', "&quot;") + '"'
