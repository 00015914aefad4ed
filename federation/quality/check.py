"""The check of one finished description against the one table: what DCAT-AP.de 3.0 demands and the source did not say.

Normalising has spoken about the values that it could not read; what it said is not said again. Here it is about shape: what is
missing, what is too many, what is of the wrong kind, what is in no vocabulary, what is out of date. A fact is told once per dataset
and property, with the number of places in `count`, however many distributions show it. Severities are those of the official shapes
(spec, sections 2 and 3) and of convention 38; of the recommended properties only a few are told, as hints.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeAlias

from federation.dcat.build import typed
from federation.dcat.description import Description, Nodes
from federation.dcat.schema import CLASSES, Class, Kind, Obligation, Property, class_of
from federation.finding import Finding, Severity
from federation.terms import DCAT, DCATAP, DCTERMS, FOAF, RDFS, TIME, TYPE, VCARD, Term, iri, parts, prefixed, value
from federation.vocabulary import vocabulary

HVD = "<http://data.europa.eu/eli/reg_impl/2023/138/oj>"

# Mandatory properties whose absence has a text of its own; all others are `missing-property`.
_MISSING = {
    DCTERMS.title: "missing-title", DCTERMS.description: "missing-description", DCTERMS.publisher: "missing-publisher",
    DCTERMS.license: "missing-licence", DCAT.accessURL: "missing-access-url", DCAT.endpointURL: "missing-endpoint-url",
    FOAF.name: "missing-agent-name",
}  # fmt: skip
_HINTS = {DCAT.theme: "no-theme", DCAT.keyword: "no-keyword", DCAT.distribution: "no-distribution", DCAT.contactPoint: "no-contact"}
_ONE_OF: dict[Term, tuple[str, tuple[Term, ...]]] = {
    VCARD.Kind: ("contact-unreachable", (VCARD.hasEmail, VCARD.hasURL, VCARD.hasTelephone)),
    DCTERMS.PeriodOfTime: ("period-empty", (DCAT.startDate, DCAT.endDate, TIME.hasBeginning, TIME.hasEnd)),
}
# Finding codes of normalising that tell the same as one of ours.
_SAME = {"missing-licence": ("missing-licence", "licence-in-rights")}

# An address outside these vocabularies is a warning (spec section 3); a text is a violation everywhere.
_WARNED = frozenset({"dataset-type", "licence", "contributor", "geocoding-level", "hash"})
# A value of these classes has to be described here: nothing else says the name of a publisher or the address of a file.
_DESCRIBED = frozenset({FOAF.Agent, VCARD.Kind, DCAT.Distribution})
_MEDIA_TYPES = ("<https://www.iana.org/assignments/media-types/", "<http://www.iana.org/assignments/media-types/")
_CONTRIBUTORS = "<http://dcat-ap.de/def/contributors/"

_Good: TypeAlias = Callable[[Term], bool]
_Rule: TypeAlias = tuple[_Good | None, float, Property]


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """What one class asks for, ready to run. A rule says which values are good (None: those that the description describes), how
    many there may be without a second look (none of a deprecated property), and the row of the table.
    """

    cls: Class
    required: tuple[tuple[Term, str], ...]
    one_of: tuple[Term, ...]
    one_of_code: str
    rules: Mapping[Term, _Rule]


class _Tally:
    """The findings in the making, each (code, class, property) once."""

    __slots__ = ("_codes", "_facts", "_known", "description")

    def __init__(self, description: Description, known: Iterable[Finding]) -> None:
        self.description = description
        self._known = {(finding.field, finding.value) for finding in known if finding.value}
        self._codes = {finding.code for finding in known}
        self._facts: dict[tuple[str, Class, Term], tuple[str, Severity | None, int]] = {}

    def say(self, code: str, cls: Class, prop: Term = "", shown: str = "", severity: Severity | None = None) -> None:
        if len(shown) > 200:
            shown = shown[:199] + "…"  # as Finding keeps it
        if (prefixed(prop), shown) in self._known if shown else not self._codes.isdisjoint(_SAME.get(code, ())):
            return
        value, worst, count = self._facts.get((code, cls, prop), (shown, severity, 0))
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
    return params


def check(description: Description, known: Iterable[Finding] = ()) -> list[Finding]:
    """The findings about a normalised description, with the addresses of `dataset` without angle brackets. `known` are the findings
    that normalising gave: a value that they speak about is not told again.
    """
    tally = _Tally(description, tuple(known))
    nodes = description.nodes
    unclear: list[Term] = []
    for node, properties in nodes.items():
        plan = _plan_of(tuple(properties.get(TYPE, ())))
        if plan is None:
            unclear.append(node)
        else:
            _check_node(tally, plan, properties, nodes)
    if unclear:
        for node, plan in _expected(nodes, unclear).items():
            _check_node(tally, plan, nodes[node], nodes)
    root = nodes.get(description.root, {})
    _check_root(tally, root)
    return tally.findings()


def _check_node(tally: _Tally, plan: _Plan, properties: Mapping[Term, list[Term]], nodes: Nodes) -> None:
    for prop, code in plan.required:
        if prop not in properties:
            tally.say(code, plan.cls, prop)
    if plan.one_of and properties.keys().isdisjoint(plan.one_of):
        tally.say(plan.one_of_code, plan.cls)
    rule_of = plan.rules.get
    for prop, terms in properties.items():
        rule = rule_of(prop)
        if rule is None:
            continue
        good, limit, row = rule
        if len(terms) > limit:
            _count(tally, plan.cls, row, properties, nodes)
        for term in terms:
            if not (good(term) if good else term in nodes):
                _complain(tally, plan.cls, row, term, nodes)


def _count(tally: _Tally, cls: Class, row: Property, properties: Mapping[Term, list[Term]], nodes: Nodes) -> None:
    terms = properties[row.term]
    if row.max is not None and len(terms) > row.max:
        tally.say("too-many", cls, row.term, ", ".join(_shown(nodes, term) for term in terms[:3]))
    if row.deprecated and row.instead not in properties:
        tally.say("deprecated-property", cls, row.term)


def _complain(tally: _Tally, cls: Class, row: Property, term: Term, nodes: Nodes) -> None:
    """Says what is wrong with a value that is not good."""
    severity = None
    if row.vocabulary:
        code = "not-a-code"
        severity = Severity.WARNING if row.vocabulary in _WARNED and term[0] == "<" else Severity.VIOLATION
    elif row.kind is Kind.NODE:
        code = "not-described"
    elif row.kind is Kind.IRI:
        code = "not-an-address"
    elif term[0] != '"' or row.kind is Kind.LITERAL:
        code = "not-a-text"
    elif row.kind is Kind.TYPED:
        code = "without-datatype"
    else:
        code = "wrong-datatype"
    tally.say(code, cls, row.term, _shown(nodes, term), severity)


def _check_root(tally: _Tally, root: Mapping[Term, list[Term]]) -> None:
    """What concerns the entity as a whole: hints, and the two marks of high-value datasets, which belong together (DCAT-AP HVD 3.0)."""
    cls = class_of(root.get(TYPE, ()))
    if cls is None:
        return
    for prop, code in _HINTS.items():
        if prop not in root and cls.properties[prop].obligation is Obligation.RECOMMENDED:
            tally.say(code, cls, prop)
    marked = HVD in root.get(DCATAP.applicableLegislation, ())
    if marked and DCATAP.hvdCategory not in root:
        tally.say("hvd-without-category", cls, DCATAP.hvdCategory)
    elif not marked and DCATAP.hvdCategory in root:
        tally.say("hvd-without-legislation", cls, DCATAP.applicableLegislation)


def _shown(nodes: Nodes, term: Term) -> str:
    """A value as people see it: the label of a blank node, which has no name of its own."""
    if term[0] != "_":
        return value(term)
    label = next(iter(nodes.get(term, {}).get(RDFS.label, ())), "")
    return value(label) if label else "[]"


def _expected(nodes: Nodes, unclear: Iterable[Term]) -> dict[Term, _Plan]:
    """Plans for nodes that name no class of the table: what the property that leads to them expects."""
    wanted = set(unclear)
    found: dict[Term, _Plan] = {}
    for properties in nodes.values():
        plan = _plan_of(tuple(properties.get(TYPE, ())))
        for prop, terms in properties.items():
            if plan and prop in plan.rules and not wanted.isdisjoint(terms):
                expected = _plans().get(plan.rules[prop][2].range)
                found |= {term: expected for term in terms if term in wanted and expected}
    return found


# plans, made once


@lru_cache(maxsize=4096)
def _plan_of(types: tuple[Term, ...]) -> _Plan | None:
    found = class_of(types)
    return _plans()[found.term] if found else None


@cache
def _plans() -> dict[Term, _Plan]:
    return {term: _plan(cls) for term, cls in CLASSES.items()}


def _plan(cls: Class) -> _Plan:
    code, one_of = _ONE_OF.get(cls.term, ("", ()))
    return _Plan(
        cls, tuple((prop.term, _MISSING.get(prop.term, "missing-property")) for prop in cls.of(Obligation.MANDATORY)), one_of, code,
        {
            prop.term: (_good(prop), 0 if prop.deprecated else float("inf") if prop.max is None else prop.max, prop)
            for prop in cls.properties.values() if prop.term != TYPE
        },
    )  # fmt: skip


def _good(prop: Property) -> _Good | None:
    """The test of one value. An address where a node is described may lead anywhere, except for classes that have to be described."""
    if prop.vocabulary:
        return _coded(prop.vocabulary)
    if prop.range in _DESCRIBED:
        return None
    if prop.kind is Kind.IRI and not prop.range:
        return _is_address
    if prop.kind in (Kind.IRI, Kind.NODE):
        return _is_resource
    if prop.kind is Kind.LITERAL:
        return _is_literal
    if prop.kind is Kind.TYPED:
        return _has_datatype
    kind = prop.kind
    return lambda term: _has_form(kind, term)


@cache
def _coded(name: str) -> _Good:
    codes = frozenset(map(iri, vocabulary(name)))
    if name == "media-type":  # any registered type is right, also one younger than our table
        return lambda term: term in codes or term.lower().startswith(_MEDIA_TYPES)
    if name == "contributor":  # ids of other patterns are free (convention 13)
        return lambda term: term in codes or (term[0] == "<" and not term.startswith(_CONTRIBUTORS))
    return codes.__contains__


def _is_literal(term: Term) -> bool:
    return term[0] == '"'


def _is_address(term: Term) -> bool:
    return term[0] == "<"


def _is_resource(term: Term) -> bool:
    return term[0] != '"'


def _has_datatype(term: Term) -> bool:
    return term[0] == '"' and term[-1] == ">"


@lru_cache(maxsize=65536)
def _has_form(kind: Kind, term: Term) -> bool:
    return term[0] == '"' and typed(kind, parts(term)[0]) == term
