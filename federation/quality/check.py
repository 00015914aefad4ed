"""The check of one finished description against the one table: what DCAT-AP.de 3.0 demands and the source did not say.

Normalising has spoken about the values that it could not read; what it said is not said again. Here it is about shape: what is
missing, what is too many, what is of the wrong kind, what is in no vocabulary, what is out of date. A fact is told once per dataset
and property, with the number of places in `count`, however many distributions show it. Severities are those of the official shapes
(spec, sections 2 and 3; the shapes leave the datatype of dates unchecked, the specification does not); of the recommended properties
only a few are told, as hints. What the conventions ask beyond that is in `federation.quality.conventions`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import inf
from typing import TypeAlias

from federation.dcat.build import typed
from federation.dcat.description import Description, Nodes
from federation.dcat.schema import CLASSES, DATATYPE, Class, Kind, Obligation, Property, class_of
from federation.finding import Finding, Severity
from federation.quality import conventions
from federation.terms import DCAT, DCATAP, DCTERMS, FOAF, RDFS, TIME, TYPE, VCARD, Term, iri, parts, prefixed, value
from federation.vocabulary import vocabulary

HVD = "<http://data.europa.eu/eli/reg_impl/2023/138/oj>"

# Mandatory properties whose absence has a text of its own; all others are `missing-property`.
MISSING = {
    DCTERMS.title: "missing-title", DCTERMS.description: "missing-description", DCTERMS.publisher: "missing-publisher",
    DCTERMS.license: "missing-licence", DCAT.accessURL: "missing-access-url", DCAT.endpointURL: "missing-endpoint-url",
    FOAF.name: "missing-agent-name",
}  # fmt: skip
HINTS = {DCAT.theme: "no-theme", DCAT.keyword: "no-keyword", DCAT.distribution: "no-distribution", DCAT.contactPoint: "no-contact"}
ONE_OF: dict[Term, tuple[str, tuple[Term, ...]]] = {
    VCARD.Kind: ("contact-unreachable", (VCARD.hasEmail, VCARD.hasURL, VCARD.hasTelephone)),
    DCTERMS.PeriodOfTime: ("period-empty", (DCAT.startDate, DCAT.endDate, TIME.hasBeginning, TIME.hasEnd)),
}
# Finding codes of normalising that tell the same as one of ours.
_SAME = {
    "missing-licence": ("missing-licence", "licence-in-rights"), "missing-agent-name": ("missing-publisher-name",),
}  # fmt: skip

# An address outside these vocabularies is a warning (spec section 3); a text is a violation everywhere.
WARNED = frozenset({"dataset-type", "licence", "contributor", "geocoding-level", "hash"})
# A value of these classes has to be described here: nothing else says the name of a publisher or the address of a file.
DESCRIBED = frozenset({FOAF.Agent, VCARD.Kind, DCAT.Distribution})
_MEDIA_TYPES = ("<https://www.iana.org/assignments/media-types/", "<http://www.iana.org/assignments/media-types/")
_CONTRIBUTORS = "<http://dcat-ap.de/def/contributors/"

_Good: TypeAlias = Callable[[Term], bool]
_Rule: TypeAlias = tuple[str, "_Good | None", float, "Property | None"]


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What one class asks of a node with these properties, ready to run: what is `missing` or shows otherwise by the properties (finding
    code, property) and one rule per property in the node's order. A rule says with which signs a good value begins, which further test it
    has to pass, how many there may be without a second look (none of a deprecated property), and the row of the table.
    """

    cls: Class
    missing: tuple[tuple[str, Term], ...]
    rules: tuple[_Rule, ...]


class _Tally:
    """The findings in the making, each (code, class, property) once."""

    __slots__ = ("_codes", "_facts", "_known", "description")

    def __init__(self, description: Description, known: Iterable[Finding]) -> None:
        self.description = description
        self._known = {(finding.field, finding.value) for finding in known}
        self._codes = {finding.code for finding in known}
        self._facts: dict[tuple[str, Class, Term], tuple[str, Severity | None, int]] = {}

    def say(self, code: str, cls: Class, prop: Term = "", shown: str | None = None, severity: Severity | None = None) -> None:
        """One place where a fact holds; `shown` is the value that it is about, None where there is none."""
        if shown is None:
            if not self._codes.isdisjoint(_SAME.get(code, ())):
                return
        else:
            if len(shown) > 200:
                shown = shown[:199] + "…"  # as Finding keeps it
            if (prefixed(prop), shown) in self._known:
                return
        value, worst, count = self._facts.get((code, cls, prop), (shown or "", severity, 0))
        if Severity.VIOLATION in (severity, worst):
            worst = Severity.VIOLATION
        self._facts[code, cls, prop] = (value, worst, count + 1)

    def findings(self) -> list[Finding]:
        dataset = value(self.description.root)
        return [
            Finding(code, severity, dataset, prefixed(prop) if prop else cls.name, shown, _params(cls, prop, count))
            for (code, cls, prop), (shown, severity, count) in self._facts.items()
        ]


def _params(cls: Class, prop: Term, count: int) -> dict[str, str]:
    params = {"class_de": cls.de, "class_en": cls.en, "class": cls.name, "count": str(count)}
    row = cls.properties.get(prop)
    if row:
        params |= {"label_de": row.de, "label_en": row.en, "instead": prefixed(row.instead) if row.instead else "-", "kind": row.kind}
    return params | {"place": prefixed(prop) if prop else cls.name}


def check(description: Description, known: Iterable[Finding] = ()) -> list[Finding]:
    """The findings about a normalised description, with the addresses of `dataset` without angle brackets. `known` are the findings
    that normalising gave: a value that they speak about is not told again.
    """
    tally = _Tally(description, tuple(known))
    nodes = description.nodes
    unclear: list[Term] = []
    for node, properties in nodes.items():
        plan = _plan(tuple(properties.get(TYPE, ())), tuple(properties))
        if plan is None:
            unclear.append(node)
        else:
            _check_node(tally, plan, properties, nodes)
    if unclear:
        for node, cls in _expected(nodes, unclear).items():
            plan = _plan((cls,), tuple(nodes[node]))
            if plan:
                _check_node(tally, plan, nodes[node], nodes)
    marked = _check_root(tally, nodes.get(description.root, {}), nodes)
    found = tally.findings()
    return found + conventions.high_value(description, {one.code for one in found}) if marked else found


def _check_node(tally: _Tally, plan: _Plan, properties: Mapping[Term, list[Term]], nodes: Nodes) -> None:
    for code, prop in plan.missing:
        tally.say(code, plan.cls, prop)
    for (signs, good, limit, row), terms in zip(plan.rules, properties.values(), strict=True):
        if len(terms) > limit and row:
            _count(tally, plan.cls, row, properties, nodes)
        for term in terms:
            if (term[0] not in signs or (good and not good(term))) and row:
                _complain(tally, plan.cls, row, term, nodes)


def _count(tally: _Tally, cls: Class, row: Property, properties: Mapping[Term, list[Term]], nodes: Nodes) -> None:
    terms = properties[row.term]
    if row.max is not None and len(terms) > row.max:
        tally.say("too-many", cls, row.term, ", ".join(_shown(nodes, term) for term in terms[:3]), _softened(row))
    if row.deprecated and row.instead not in properties:
        tally.say("deprecated-property", cls, row.term)
    conventions.look(lambda code, prop, term: tally.say(code, cls, prop, _shown(nodes, term)), row.term, properties, nodes)


def _complain(tally: _Tally, cls: Class, row: Property, term: Term, nodes: Nodes) -> None:
    """Says what is wrong with a value that is not good."""
    severity = _softened(row)
    if row.range in DESCRIBED and term in nodes:
        return
    if row.vocabulary:
        code = "not-a-code"
        severity = severity or (Severity.WARNING if row.vocabulary in WARNED and term[0] == "<" else Severity.VIOLATION)
    elif row.kind is Kind.NODE:
        code = "not-described"
    elif row.kind is Kind.IRI:
        code = "not-an-address"
    elif term[0] != '"' or row.kind is Kind.LITERAL:
        code = "not-a-text"
    elif row.kind is Kind.TYPED:
        code = "geometry-encoding" if term[-1] == ">" else "without-datatype"
    else:
        code = "wrong-datatype"
    tally.say(code, cls, row.term, _shown(nodes, term), severity)


def _softened(row: Property) -> Severity | None:
    """What DCAT-AP.de does not list for a class breaks none of its rules: a warning."""
    return Severity.WARNING if row.obligation is Obligation.ALLOWED else None


def _check_root(tally: _Tally, root: Mapping[Term, list[Term]], nodes: Nodes) -> bool:
    """What concerns the entity as a whole: hints, and the two marks of high-value datasets, which belong together (DCAT-AP HVD 3.0). Tells
    whether it is marked as one.
    """
    cls = class_of(root.get(TYPE, ()))
    if cls is None:
        return False
    for prop, code in _hints(cls):
        if prop not in root:
            tally.say(code, cls, prop)
    marked = HVD in root.get(DCATAP.applicableLegislation, ())
    if marked and DCATAP.hvdCategory not in root:
        tally.say("hvd-without-category", cls, DCATAP.hvdCategory)
    elif not marked and DCATAP.hvdCategory in root:
        tally.say("hvd-without-legislation", cls, DCATAP.applicableLegislation)
    person = conventions.person_publishes(root, nodes)
    if person:
        tally.say("publisher-is-person", cls, DCTERMS.publisher, _shown(nodes, person))
    return marked


def _shown(nodes: Nodes, term: Term) -> str:
    """A value as people see it: the label of a blank node, which has no name of its own."""
    if term[0] != "_":
        return value(term)
    label = next(iter(nodes.get(term, {}).get(RDFS.label, ())), "")
    return value(label) if label else "[]"


def _expected(nodes: Nodes, unclear: Iterable[Term]) -> dict[Term, Term]:
    """Classes for nodes that name none of the table: what the property that leads to them expects."""
    wanted = set(unclear)
    found: dict[Term, Term] = {}
    for properties in nodes.values():
        cls = class_of(properties.get(TYPE, ()))
        for prop, terms in properties.items():
            if cls and prop in cls.properties and not wanted.isdisjoint(terms):
                found |= {term: cls.properties[prop].range for term in terms if term in wanted}
    return {node: cls for node, cls in found.items() if cls in CLASSES}


@lru_cache(maxsize=16384)
def _plan(types: tuple[Term, ...], properties: tuple[Term, ...]) -> _Plan | None:
    """The plan for a node of these classes with these properties; few combinations exist, so each is made once."""
    cls = class_of(types)
    if cls is None:
        return None
    missing = [
        (MISSING.get(row.term, "missing-property"), row.term) for row in cls.of(Obligation.MANDATORY) if row.term not in properties
    ]
    code, one_of = ONE_OF.get(cls.term, ("", ()))
    if one_of and not set(properties).intersection(one_of):
        missing.append((code, ""))
    missing += conventions.by_presence(cls, properties)
    return _Plan(cls, tuple(missing), tuple(_rule(cls, cls.properties.get(prop)) for prop in properties))


def _rule(cls: Class, row: Property | None) -> _Rule:
    """The test of one property's values; one that the table does not know may hold anything. An address where a node is described may
    lead anywhere, except for classes that have to be described here: those get a second look (no sign is good).
    """
    if row is None or row.term == TYPE:
        return '"<_', None, inf, None
    limit = 0 if row.deprecated else inf if row.max is None else row.max
    special = conventions.second_look(cls, row.term)
    limit = limit if special is None else min(limit, special)
    if row.term in conventions.GEOMETRIES and row.kind is Kind.TYPED:
        return '"', conventions.is_geometry, limit, row
    if row.vocabulary:
        return "<", _coded(row.vocabulary), limit, row
    if row.range in DESCRIBED:
        return "", None, limit, row
    if row.kind in (Kind.IRI, Kind.NODE):
        return "<_" if row.range else "<", None, limit, row
    return '"', _FORMS.get(row.kind), limit, row


@cache
def _hints(cls: Class) -> list[tuple[Term, str]]:
    return [(row.term, HINTS[row.term]) for row in cls.of(Obligation.RECOMMENDED) if row.term in HINTS]


@cache
def _coded(name: str) -> _Good:
    codes = frozenset(map(iri, vocabulary(name)))
    if name == "media-type":  # any registered type is right, also one younger than our table
        return lambda term: term in codes or term.lower().startswith(_MEDIA_TYPES)
    if name == "contributor":  # ids of other patterns are free (convention 13)
        return lambda term: term in codes or not term.startswith(_CONTRIBUTORS)
    return codes.__contains__


@lru_cache(maxsize=65536)
def _has_form(kind: Kind, term: Term) -> bool:
    return term[-1] == ">" and typed(kind, parts(term)[0]) == term


def _form(kind: Kind) -> _Good:
    return lambda term: _has_form(kind, term)


_FORMS: dict[Kind, _Good] = {kind: _form(kind) for kind in (Kind.TEMPORAL, *DATATYPE)} | {Kind.TYPED: lambda term: term[-1] == ">"}
