"""Our own shapes say what the one table and the conventions say: complete, in two languages, alike in every SHACL engine."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.dcat.description import Description, Nodes
from federation.dcat.schema import CLASSES, Obligation
from federation.finding import Severity, texts
from federation.quality import profile, shape_text
from federation.quality.check import check
from federation.quality.shacl import SH, Background, Checker, compile
from federation.quality.shapes.graph import read
from federation.terms import ADMS, DCTERMS, TYPE, Term, iri, parts, prefixed
from tests.corpus import DATASETS
from tests.shacl_oracle import catalog, counted, graph, pyshacl_results
from tests.shacl_oracle import profile as official
from tests.shape_examples import dataset
from tests.shared import shared

SHAPES = Path(__file__).resolve().parents[1] / "vocabularies" / "shapes"
HAND = ("conventions", "practice", "hvd-3.0.0", "govdata", "land-sh")
SPEC = "dcat-ap-de-3.0"

BY = "<f> dct:license <http://dcat-ap.de/def/licenses/dl-by-de/2.0> ."
NC = "<f> dct:license <http://dcat-ap.de/def/licenses/cc-by-nc/4.0> ."
WFS = '<s> a dcat:DataService ; dct:title "WFS"@de ; dct:publisher <p> ; dcat:endpointURL <http://a.example/wfs> . '
SERVICE = f"<f> dcat:accessService <s> . {WFS}"
MARKED_SERVICE = f"""{WFS} <s> dcat:contactPoint <k> ; dcatap:hvdCategory <http://data.europa.eu/bna/c_06b1eec4> ;
    dcatap:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ."""
EU = "http://publications.europa.eu/resource/authority"
NAME_ONLY = '<d> dct:spatial [ a dct:Location ; <http://www.w3.org/2004/02/skos/core#prefLabel> "Kiel" ] .'
NO_START = '<d> dct:temporal <t> . <t> a dct:PeriodOfTime ; dcat:endDate "2024-01-01"^^xsd:date .'

# (file, code): a dataset that breaks this rule
BROKEN: dict[tuple[str, str], Description] = {
    ("conventions", "contact-only-telephone"): dataset(
        contact="<d> dcat:contactPoint <k> . <k> a vcard:Kind ; vcard:hasTelephone <tel:+49381000> ."
    ),
    ("conventions", "language-twice"): dataset(more='<d> dct:title "Bäume der Stadt"@de .'),
    ("conventions", "language-untagged"): dataset(more='<d> dct:description "Trees" .'),
    ("conventions", "geometry-encoding"): dataset(spatial='<d> dct:spatial <o> . <o> a dct:Location ; dcat:bbox "1 2 3 4"^^xsd:integer .'),
    ("conventions", "level-missing"): dataset("level"),
    ("conventions", "time-only-in-title"): dataset("temporal", title='<d> dct:title "Bäume 2024"@de .'),
    ("conventions", "contributor-missing"): dataset("contributor"),
    ("conventions", "contributor-several"): dataset(more="<d> dcatde:contributorID <http://dcat-ap.de/def/contributors/auswaertigesAmt> ."),
    ("conventions", "source-used"): dataset(more="<d> dct:source <http://a.example/d0> ."),
    ("conventions", "musterdatensatz-form"): dataset(more="<d> dct:references <http://musterdatenkatalog.de/baum> ."),
    ("conventions", "status-hidden"): dataset(more=f"<f> adms:status <{EU}/distribution-status/DEVELOP> ."),
    ("conventions", "format-missing"): dataset("format"),
    ("conventions", "service-licence-missing"): dataset("download-url", more=SERVICE),
    ("conventions", "missing-attribution"): dataset(licence=BY),
    ("conventions", "download-url-missing"): dataset("download-url"),
    ("conventions", "download-beside-service"): dataset(more=SERVICE + "<s> dct:license <http://dcat-ap.de/def/licenses/dl-zero-de/2.0> ."),
    ("practice", "licence-not-open"): dataset(licence=NC + '<f> dcatde:licenseAttributionByText "Stadt" .'),
    ("practice", "publisher-is-person"): dataset(publisher="<d> dct:publisher <p> . <p> a foaf:Agent , foaf:Person ."),
    ("hvd-3.0.0", "hvd-without-legislation"): dataset("law", hvd=True),
    ("hvd-3.0.0", "hvd-without-category"): dataset("category", hvd=True),
    ("hvd-3.0.0", "not-a-code"): dataset(hvd=True, category="<d> dcatap:hvdCategory <http://data.europa.eu/bna/c_00000000> ."),
    ("hvd-3.0.0", "hvd-category-general"): dataset(hvd=True, category="<d> dcatap:hvdCategory <http://data.europa.eu/bna/c_ac64a52d> ."),
    ("hvd-3.0.0", "hvd-licence"): dataset(hvd=True, licence="<f> dct:license <http://dcat-ap.de/def/licenses/cc-by-sa/4.0> ."),
    ("hvd-3.0.0", "hvd-distribution-unmarked"): dataset("file-law", hvd=True),
    ("hvd-3.0.0", "hvd-without-api"): dataset("api", hvd=True),
    ("hvd-3.0.0", "hvd-without-bulk"): dataset("download-url", hvd=True, access_url="<f> dcat:accessURL <http://a.example/seite> ."),
    ("hvd-3.0.0", "hvd-without-contact"): dataset(
        hvd=True, contact="<d> dcat:contactPoint <k> . <k> a vcard:Kind ; vcard:hasTelephone <tel:+49381000> ."
    ),
    ("hvd-3.0.0", "hvd-without-documentation"): dataset("documentation", hvd=True, more=MARKED_SERVICE),
    ("govdata", "no-keyword"): dataset(keyword="<d> dcat:keyword <http://a.example/baum> ."),
    ("govdata", "contributor-missing"): dataset(contributor="<d> dcatde:contributorID <http://a.example/ids/7> ."),
    ("govdata", "contributor-several"): dataset(more="<d> dcatde:contributorID <http://dcat-ap.de/def/contributors/auswaertigesAmt> ."),
    ("govdata", "missing-publisher"): dataset("publisher"),
    ("govdata", "too-many"): dataset(more='<d> dct:publisher <p2> . <p2> a foaf:Agent ; foaf:name "Kreis" . '),
    ("govdata", "missing-publisher-name"): dataset("publisher-name"),
    ("govdata", "missing-licence"): dataset("licence"),
    ("govdata", "licence-not-taken"): dataset(licence='<f> dct:license "frei" .'),
    ("govdata", "licence-not-open"): dataset(licence=NC),
    ("land-sh", "temporal-missing"): dataset(temporal=NO_START),
    ("land-sh", "spatial-missing"): dataset("spatial"),
    ("land-sh", "spatial-unusable"): dataset(spatial=NAME_ONLY),
    ("land-sh", "missing-licence"): dataset("licence"),
    ("land-sh", "licence-not-taken"): dataset(licence="<f> dct:license <http://a.example/lizenz> ."),
    ("land-sh", "licence-unspecific"): dataset(licence="<f> dct:license <http://dcat-ap.de/def/licenses/other-open> ."),
    ("land-sh", "attribution-without-need"): dataset(more='<f> dcatde:licenseAttributionByText "Stadt" .'),
}  # fmt: skip


@cache
def checker(*names: str) -> Checker:
    return compile([SHAPES / f"{name}.ttl" for name in ("values", *names)])


def codes(description: Description, *names: str) -> set[str]:
    return {code_of(result.source_shape) for result in checker(*names).check(description.nodes)}


def code_of(shape: Term) -> str:
    return shape.removeprefix(profile.RULES).rstrip(">").partition(":")[0]


def rules(name: str) -> dict[Term, dict[Term, list[Term]]]:
    return {node: properties for node, properties in read([SHAPES / f"{name}.ttl"]).items() if node.startswith(profile.RULES)}


# the files


def test_the_files_made_from_the_tables_are_those_that_are_there() -> None:
    for file, turtle in shape_text.files().items():
        assert (SHAPES / file).read_text(encoding="utf-8") == turtle, f"python -m federation.quality.shape_text {SHAPES.name}"


@pytest.mark.parametrize("name", [SPEC, *HAND])
def test_every_rule_has_texts_a_severity_and_a_message_in_both_languages(name: str) -> None:
    found = rules(name)
    assert len(found) > 1
    for rule, properties in found.items():
        assert code_of(rule) in texts(), rule
        assert properties[SH.severity][0] in (SH.Violation, SH.Warning, SH.Info)
        messages = {parts(text)[1]: parts(text)[0] for text in properties[SH.message]}
        assert set(messages) == {"de", "en"}
        assert all(len(message) > 30 and message.endswith((".", ")", "/...")) for message in messages.values()), messages
        assert SH.path in properties or DCTERMS.subject in properties
        assert name == SPEC or properties[DCTERMS.source]


def test_the_shapes_are_compiled_as_a_whole_and_need_no_vocabulary() -> None:
    made = checker(SPEC, *HAND)
    assert (made.unchecked, made.notices) == ((), ())


def test_every_mandatory_and_limited_property_of_the_table_is_asked_for() -> None:
    names = {rule.removeprefix(profile.RULES).rstrip(">") for rule in rules(SPEC)}
    asked = {(part[1], part[2]) for name in names if (part := name.split(":"))[0].startswith("missing")}
    limited = {(part[1], part[2]) for name in names if (part := name.split(":"))[0] == "too-many"}
    for cls in CLASSES.values():
        if cls.name not in ("dcat:Resource", "time:Instant"):
            for row in cls.properties.values():
                key = cls.name.replace(":", "-"), row.name.replace(":", "-")
                assert (row.obligation is Obligation.MANDATORY) == (key in asked), key
                if row.max is not None and row.obligation is not Obligation.ALLOWED and not row.deprecated:
                    assert key in limited, key


# the known faults of the official files (spec, section 8) are not repeated


def test_the_namespace_of_dcatap_is_the_one_with_the_slash() -> None:
    for file in SHAPES.glob("*.ttl"):
        assert "r5r#" not in file.read_text(encoding="utf-8")
    nonsense = dataset(more='<d> dcatap:availability <http://a.example/immer> . <f> dcatap:availability "ab und zu" .')
    found = {(result.path, result.focus) for result in checker(SPEC).check(nonsense.nodes)}
    assert {focus for path, focus in found if prefixed(path) == "dcatap:availability"} == {"<http://a.example/d>", "<http://a.example/f>"}


def test_a_series_without_publisher_is_found() -> None:
    series = dataset("publisher", "distribution", "access-url", "download-url", type="<d> a dcat:DatasetSeries .")
    assert "missing-publisher" in codes(series, SPEC)


def test_each_message_begins_with_the_class_it_is_about() -> None:
    for rule, properties in rules(SPEC).items():
        cls = next(each for each in CLASSES.values() if each.name.replace(":", "-") == rule.split(":")[4].rstrip(">"))
        assert all(parts(text)[0].startswith(f"{cls.de if parts(text)[1] == 'de' else cls.en}: ") for text in properties[SH.message])


def test_a_geometry_as_the_specification_advises_it_is_no_violation() -> None:
    advised = dataset(spatial='<d> dct:spatial <o> . <o> a dct:Location ; locn:geometry "POINT(12 54)"^^geo:wktLiteral .')
    assert codes(advised, SPEC, "conventions") == set()


def test_a_bare_address_of_a_vocabulary_needs_no_class() -> None:
    assert codes(dataset(more="<d> dct:conformsTo <http://a.example/norm> ; dct:provenance <http://a.example/weg> ."), SPEC) == set()


def test_the_rules_of_hvd_concern_no_other_dataset() -> None:
    bad = dataset("licence", "contact", "download-url", more="<d> dcatap:applicableLegislation <http://data.europa.eu/eli/dir/2007/2/oj> .")
    assert codes(bad, "hvd-3.0.0") == set()


# every rule


def test_a_good_dataset_breaks_no_rule() -> None:
    assert codes(dataset(), SPEC, *HAND) == set()
    assert codes(dataset(hvd=True), SPEC, *HAND) == set()


def test_there_is_an_example_for_every_rule() -> None:
    assert set(BROKEN) == {(name, code_of(rule)) for name in HAND for rule in rules(name)}


@pytest.mark.parametrize(("name", "code"), BROKEN)
def test_each_rule_is_broken_by_its_example(name: str, code: str) -> None:
    found = codes(BROKEN[name, code], name)
    assert code in found
    assert len(found) <= 2, found


def test_other_engines_find_the_same() -> None:
    """All examples in one graph, each under addresses of its own, checked by pySHACL."""
    nodes: Nodes = {}
    for number, one in enumerate([dataset(), dataset(hvd=True), *BROKEN.values()]):
        nodes |= {_moved(node, number): {prop: [_moved(term, number) for term in terms] for prop, terms in properties.items()}
                  for node, properties in one.nodes.items()}  # fmt: skip
    shapes = read([SHAPES])
    ours = Checker(shapes, Background({})).check(nodes)
    theirs = pyshacl_results(graph(shapes), nodes, allow_warnings=True)
    assert len(ours) > 50
    assert counted(ours) == counted(theirs)


def _moved(term: Term, number: int) -> Term:
    if term[0] == "<":
        return term.replace("<http://a.example/", f"<http://a{number}.example/", 1)
    return f"{term}x{number}" if term[0] == "_" else term


# our shapes and the check in Python


@given(st.data())
def test_the_shapes_find_what_the_check_finds(data: st.DataObject) -> None:
    """On datasets with classes everywhere, as normalising leaves them. The shapes ask only what DCAT-AP.de lists for a class itself, and
    know a licence that is not listed by its own name.
    """
    description = dataset()
    nodes = description.nodes
    for _ in range(data.draw(st.integers(1, 4))):
        node = data.draw(st.sampled_from(sorted(nodes)))
        prop = data.draw(st.sampled_from(sorted(set(nodes[node]) - {TYPE} | {DCTERMS.issued, ADMS.status, DCTERMS.language})))
        change = data.draw(st.sampled_from(["gone", '"x"', iri("http://a.example/y"), '"2024-01-01"^^<http://www.w3.org/2001/XMLSchema#date>']))
        if change == "gone":
            nodes[node].pop(prop, None)
        else:
            nodes[node].setdefault(prop, []).append(change)
    assert _told(_found(description)) == _told(_checked(description))


def _checked(description: Description) -> Iterator[tuple[str, str]]:
    rows = ((cls.name, row) for cls in CLASSES.values() for row in cls.properties.values())
    own = {(name, row.name) for name, row in rows if row.obligation is not Obligation.ALLOWED}
    # what is compared in test_check_and_profile.py
    beyond = {code_of(rule) for name in HAND for rule in rules(name)} - {code_of(rule) for rule in rules(SPEC)}
    found = (one for one in check(description) if one.code not in beyond)
    return ((one.code, one.field) for one in found if not one.params.get("label_de") or (one.params["class"], one.field) in own)


def _found(description: Description) -> Iterator[tuple[str, str]]:
    known = profile._rules(str(SHAPES / f"{SPEC}.ttl"))
    for result in checker(SPEC).check(description.nodes):
        rule = known[result.source_shape]
        code = "not-a-code" if rule.code == "licence-not-listed" else rule.code
        one_of = code in ("contact-unreachable", "period-empty")
        yield code, CLASSES[rule.classes[0]].name if one_of else prefixed(rule.about)


def _told(found: Iterator[tuple[str, str]]) -> set[tuple[str, str]]:
    return set(found)


# our shapes and the official ones

# (who, property, what, severity): why only one of them finds it. `few`: a property is missing, `many`: too many values or out of date.
EXPLAINED = {
    ("official", "adms:status", "value", "Warning"): "told as a violation already: the old list is no code; this repeats it",
    ("official", "dcterms:spatial", "value", "Warning"): "the specification lets a place be a bare address and says to ignore this",
    ("official", "locn:geometry", "value", "Violation"): "contradicts the specification, whose own advice is a literal (fault 4)",
    ("official", "foaf:primaryTopic", "value", "Violation"): "the topic is described on another page, or has a class of its own",
    ("official", "dcat:dataset", "value", "Violation"): "other pages describe the datasets; a series needs no second class (fault 5)",
    ("official", "dcatde:politicalGeocodingURI", "many", "Warning"): "no harm beside its replacement, and GovData reads only this",
    ("ours", "dcterms:issued", "value", "Violation"): "the specification asks for a typed date, the official shapes leave it unchecked",
    ("ours", "dcterms:modified", "value", "Violation"): "the same",
    ("ours", "spdx:checksumValue", "value", "Violation"): "an empty checksum is well-formed, but none",
    ("ours", "dcat:contactPoint", "few", "Info"): "a hint: recommended",
    ("ours", "dcat:keyword", "few", "Info"): "a hint: recommended, and counted by GovData",
    ("ours", "dcat:theme", "few", "Info"): "a hint: recommended",
    ("ours", "dcat:distribution", "few", "Info"): "a hint: recommended",
}  # fmt: skip
_KINDS = {SH.MinCountConstraintComponent: "few", SH.MaxCountConstraintComponent: "many"}
Fact = tuple[Term, str, str, str]


def test_every_difference_to_the_official_shapes_is_explained() -> None:
    theirs, ours = Checker(*official("v30_de_spec")), checker(SPEC)
    only: Counter[tuple[str, ...]] = Counter()
    both = 0
    for name in DATASETS:
        nodes = catalog(name)
        wanted, found = set(_official(theirs, nodes)), set(_ours(ours, nodes))
        both += len(wanted & found)
        only.update(("official", *fact[1:]) for fact in wanted - found)
        only.update(("ours", *fact[1:]) for fact in found - wanted)
    assert set(only) == set(EXPLAINED), only
    assert both > 9000


def _official(made: Checker, nodes: Nodes) -> Iterator[Fact]:
    for result in made.check(nodes):
        focus, path = result.focus, result.path if result.path[:1] == "<" else ""
        if result.via and (focus not in nodes or path.endswith("#inScheme>")):  # about the entry of a value in a vocabulary
            focus, path = result.via[-1]
        yield focus, prefixed(path) if path else "", _KINDS.get(result.component, "value"), _grade(result.severity)


def _ours(made: Checker, nodes: Nodes) -> Iterator[Fact]:
    known = profile._rules(str(SHAPES / f"{SPEC}.ttl"))
    for result in made.check(nodes):
        rule = known[result.source_shape]
        one_of = rule.code in ("contact-unreachable", "period-empty")
        many = rule.code in ("too-many", "deprecated-property")
        kind = "few" if one_of or rule.code.startswith(("missing", "no-")) else "many" if many else "value"
        yield result.focus, "" if one_of else prefixed(rule.about), kind, _grade(result.severity)


def _grade(severity: Term) -> str:
    return severity.rpartition("#")[2].rstrip(">")


def test_our_example_of_a_record_that_conforms_conforms() -> None:
    nodes = read([shared("spec/shapes/examples/minimal-conforms-de30-and-semic301.ttl")])
    assert [result for result in checker(SPEC).check(nodes) if result.severity == SH.Violation] == []


def test_an_expression_that_every_dataset_meets_is_plain() -> None:
    """Groups would send each text through a query engine, a thousand times slower (federation.quality.shapes.patterns)."""
    for file in SHAPES.glob("*.ttl"):
        for pattern in re.findall(r'sh:pattern "((?:[^"\\]|\\.)*)"', file.read_text(encoding="utf-8")):
            assert "(" not in pattern, pattern


def test_severities_are_those_of_the_findings_but_for_what_a_list_only_warns_of() -> None:
    for rule, properties in rules(SPEC).items():
        grade = Severity(_grade(properties[SH.severity][0]).lower())
        assert grade == texts()[code_of(rule)].severity or rule.endswith("-listed>")
