"""The SHACL compiler: faults of shapes, vocabularies that are not there, findings, reports, what is handed over."""

import csv
import gzip
import string
from importlib.resources import files
from pathlib import Path

import pytest
import rdflib

from federation.errors import ConfigError
from federation.finding import Severity, texts
from federation.quality import shacl
from federation.quality.shacl import SH
from federation.quality.shapes import handover
from federation.quality.shapes.graph import Source
from federation.quality.shapes.report import from_report
from federation.terms import DCTERMS, SKOS, TYPE
from tests.normalising import dataset
from tests.shacl_oracle import ONE_BY_ONE, SHACL, A, both, checker, counted, messages, nodes, on_a, values
from tests.shared import shared

# ill-formed shapes


def fault(shapes: str | bytes) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        shacl.compile([shapes if isinstance(shapes, bytes) else (SHACL + shapes).encode()])
    named = {"field", "value", *caught.value.params}
    for template in (*texts()[caught.value.code].cause.values(), *texts()[caught.value.code].remedy.values()):
        assert {name for _, name, _, _ in string.Formatter().parse(template) if name} <= named
    return caught.value


@pytest.mark.parametrize(("shapes", "code"), [
    ("ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:path ex:p .", "shapes-shape"),
    ("ex:S a sh:PropertyShape ; sh:minCount 1 .", "shapes-shape"),
    ("ex:S a sh:PropertyShape ; sh:path ex:p , ex:q .", "shapes-shape"),
    ("ex:S sh:targetNode ex:a ; sh:property ex:P . ex:P sh:minCount 1 .", "shapes-shape"),
    ("ex:S sh:targetNode ex:a ; sh:property 'x' .", "shapes-shape"),
    ("ex:S sh:targetNode ex:a ; sh:node ex:P . ex:P sh:path ex:p .", "shapes-shape"),
    (on_a("sh:minCount 1 , 2"), "shapes-parameter"),
    (on_a("sh:minCount 'viele'"), "shapes-parameter"),
    (on_a("sh:maxCount -1"), "shapes-parameter"),
    (on_a("sh:datatype xsd:date , xsd:gYear"), "shapes-parameter"),
    (on_a("sh:nodeKind sh:Iri"), "shapes-parameter"),
    (on_a("sh:deactivated 'vielleicht'"), "shapes-parameter"),
    (on_a("sh:qualifiedValueShape [ sh:class ex:T ]"), "shapes-parameter"),
    (on_a("sh:severity sh:Info , sh:Warning"), "shapes-parameter"),
    (on_a("sh:lessThan 'x'"), "shapes-parameter"),
    ("ex:S sh:targetNode ex:a ; sh:minCount 1 .", "shapes-parameter"),
    (on_a("sh:in ex:nowhere"), "shapes-list"),
    (on_a("sh:or ()"), "shapes-list"),
    (on_a("sh:in ex:l") + "ex:l rdf:first 1 ; rdf:rest ex:l .", "shapes-list"),
    (on_a("sh:in ex:l") + "ex:l rdf:first 1 , 2 ; rdf:rest () .", "shapes-list"),
    ("ex:S a sh:PropertyShape ; sh:path 'p' .", "shapes-path"),
    ("ex:S a sh:PropertyShape ; sh:path ( ex:p ) .", "shapes-path"),
    ("ex:S a sh:PropertyShape ; sh:path [ sh:alternativePath ( ex:p ) ] .", "shapes-path"),
    ("ex:S a sh:PropertyShape ; sh:path [ sh:sidewaysPath ex:p ] .", "shapes-path"),
    ("ex:S a sh:PropertyShape ; sh:path [ sh:inversePath ex:p ; sh:zeroOrMorePath ex:q ] .", "shapes-path"),
    ("ex:S a sh:PropertyShape ; sh:path _:p . _:p sh:inversePath _:p .", "shapes-path"),
    ("ex:S sh:targetNode ex:a ; sh:node ex:S .", "shapes-recursive"),
    ("ex:S sh:targetNode ex:a ; sh:property ex:P . ex:P sh:path ex:p ; sh:or ( ex:T ) . ex:T sh:not ex:S .", "shapes-recursive"),
    ("ex:a a ex:Thing .", "shapes-empty"),
])  # fmt: skip
def test_an_ill_formed_shape_is_refused_with_its_place(shapes: str, code: str) -> None:
    error = fault(shapes)
    assert (error.code, error.exit_code) == (code, 2)
    assert code == "shapes-empty" or "http://e.example/S" in error.text("de")


@pytest.mark.parametrize("pattern", ["(", "a{2", "(?=a)b", r"(a)\\1", "(a{1000}){1000}", "a" * 1001])
def test_an_expression_that_cannot_be_bounded_is_refused(pattern: str) -> None:
    assert fault(on_a(f"sh:pattern '{pattern}'")).code == "shapes-pattern"


def test_shapes_nested_without_end_are_refused() -> None:
    chain = " ".join(f"ex:s{n} sh:node ex:s{n + 1} ." for n in range(500))
    assert fault(f"ex:s0 sh:targetNode ex:a . {chain} ex:s500 sh:class ex:T .").code == "shapes-recursive"


@pytest.mark.parametrize("body", [b"<http://a", b"<?xml version='1.0'?><a>", b'{"@id": ', b"\xff\xfe\x00", b"das ist kein Turtle"])
def test_what_is_not_rdf_is_refused(body: bytes) -> None:
    assert fault(body).code == "shapes-unreadable"


def test_the_official_example_with_a_missing_dot_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigError) as caught:
        shacl.compile([shared("spec/shapes/examples/DataService.ttl")])
    assert "DataService.ttl" in str(caught.value)
    assert "line 13" in str(caught.value) or "line 14" in str(caught.value)


def test_shapes_come_from_files_folders_memory_and_graphs(tmp_path: Path) -> None:
    text = SHACL + on_a("sh:minCount 1 ; sh:message 'fehlt'@de")
    (tmp_path / "b").mkdir()
    (tmp_path / "a.ttl").write_text(text)
    (tmp_path / "b" / "a.nt.gz").write_bytes(gzip.compress(rdflib.Graph().parse(data=text).serialize(format="nt").encode()))
    (tmp_path / "c.rdf").write_text(rdflib.Graph().parse(data=text).serialize(format="xml"))
    in_graph = rdflib.Graph().parse(data=text)
    json_ld = in_graph.serialize(format="json-ld").encode()
    ways: list[Source] = [tmp_path / "a.ttl", tmp_path / "b", tmp_path / "c.rdf", text.encode(), in_graph, json_ld]
    found = [[(r.focus, r.component, r.messages) for r in shacl.compile([way]).check(nodes("ex:a a ex:Thing ."))] for way in ways]
    assert found == [[(A, SH.MinCountConstraintComponent, ('"fehlt"@de',))]] * len(ways)


@pytest.mark.parametrize("name", ["absent.ttl", "absent", "empty"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError) as caught:
        shacl.compile([SHACL.encode()], [tmp_path / name])
    assert (caught.value.code, caught.value.value) == ("shapes-unreadable", str(tmp_path / name))


# vocabularies that are not there

LISTED = """ex:S a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ sh:path dcterms:language ;
    sh:property [ sh:path skos:inScheme ; sh:hasValue ex:languages ; sh:message 'Sprache aus der Liste'@de ; sh:severity sh:Warning ] ] ."""


def test_a_missing_vocabulary_is_told_once_and_not_blamed_on_the_town() -> None:
    made = checker(LISTED)
    (notice,) = made.notices
    assert (notice.code, notice.value, notice.severity) == ("shapes-vocabulary-missing", "http://e.example/languages", Severity.WARNING)
    described = dataset("dcterms:language <http://e.example/GER>")
    assert len(made.check(described.nodes)) == 1
    assert made.findings(described) == []


def test_a_rule_made_of_a_blind_one_is_blind_too() -> None:
    rule = on_a("sh:or ( [ sh:path skos:inScheme ; sh:hasValue ex:x ] [ sh:datatype xsd:date ] )").replace("ex:Thing", "dcat:Dataset")
    described = dataset("<http://e.example/p> <http://e.example/GER>")
    assert checker(rule).findings(described) == []
    assert checker(rule, "ex:c skos:inScheme ex:x .").findings(described) != []


# findings


def test_a_value_outside_its_vocabulary_is_a_finding_about_the_dataset() -> None:
    made = checker(LISTED, "ex:DEU skos:inScheme ex:languages .")
    described = dataset("dcterms:language <http://e.example/GER> , <http://e.example/DEU>")
    (result,) = made.check(described.nodes)
    assert (result.focus, result.path, result.via) == ("<http://e.example/GER>", SKOS.inScheme, ((described.root, DCTERMS.language),))
    (found,) = made.findings(described)
    assert (found.code, found.severity, found.dataset) == ("shacl-not-in-vocabulary", Severity.WARNING, described.root[1:-1])
    assert (found.field, found.value, found.params["class"]) == ("dcterms:language", "http://e.example/GER", "dcat:Dataset")
    assert "Sprache aus der Liste." in found.cause("de")


def test_a_fault_of_a_node_of_the_dataset_is_told_where_it_stands() -> None:
    name = "sh:property [ sh:path foaf:name ; sh:minCount 1 ]"
    made = checker(f"ex:S sh:targetClass dcat:Dataset ; sh:property [ sh:path dcterms:publisher ; {name} ] .")
    (found,) = made.findings(dataset("dcterms:publisher [ a foaf:Agent ]"))
    assert (found.code, found.field, found.value, found.params["class"]) == ("shacl-too-few", "foaf:name", "", "foaf:Agent")
    (found,) = made.findings(dataset("dcterms:publisher 'Stadt'"))
    assert (found.code, found.field, found.value) == ("shacl-too-few", "dcterms:publisher", "Stadt")


def test_equal_faults_are_one_finding_with_their_number() -> None:
    made = checker("ex:S sh:targetClass dcat:Dataset ; sh:property [ sh:path ( dcat:distribution dcterms:format ) ; sh:nodeKind sh:IRI ] ."
                   "ex:D sh:targetClass dcat:Distribution ; sh:property [ sh:path dcterms:license ; sh:nodeKind sh:IRI ] .")  # fmt: skip
    files = " ".join(f"<f{n}> a dcat:Distribution ; dcterms:license 'frei' ; dcterms:format 'CSV' ." for n in range(3))
    described = dataset("dcat:distribution <f0> , <f1> , <f2>", more=files)
    found = {(f.field, f.value): f.params["count"] for f in made.findings(described)}
    assert found == {("dcterms:license", "frei"): "3", ("dcat:distribution/dcterms:format", "CSV"): "1"}


def test_severities_are_those_of_the_shapes() -> None:
    rule = "ex:{0} sh:targetClass dcat:Dataset ; sh:severity {1} ; sh:class ex:T ."
    made = checker("".join(rule.format(name, grade) for name, grade in
                           (("a", "sh:Violation"), ("b", "sh:Warning"), ("c", "sh:Info"), ("d", "ex:own"))))  # fmt: skip
    assert sorted(str(f.severity) for f in made.findings(dataset())) == ["info", "violation", "warning", "warning"]


def test_messages_keep_their_languages() -> None:
    made = checker(on_a("sh:minCount 1 ; sh:message 'Es fehlt'@de , 'It lacks'@en-gb").replace("ex:Thing", "dcat:Dataset"))
    (found,) = made.findings(dataset())
    assert found.cause("de").endswith("Es fehlt.")
    assert found.cause("en").endswith("It lacks.")
    (found,) = checker(on_a("sh:minCount 1").replace("ex:Thing", "dcat:Dataset")).findings(dataset())
    assert found.cause("de") == "Es fehlt „http://e.example/p“, oder es ist zu wenig angegeben (Datensatz, 1-mal)."


def test_the_place_is_told_by_the_tables_label_or_the_shapes_name() -> None:
    rule = "ex:S sh:targetClass dcat:Dataset ; sh:property [ sh:path {} ; sh:minCount 1 ; sh:name 'Eigenes'@de , 'own one'@en ] ."
    (found,) = checker(rule.format("ex:p")).findings(dataset())
    assert found.cause("de").startswith("Es fehlt „Eigenes“ (http://e.example/p)")
    assert found.cause("en").startswith('"own one" (http://e.example/p) is missing')
    (found,) = checker(rule.format("dcterms:license")).findings(dataset(file="dcterms:title 'x'"))
    assert "(dcterms:license)" in found.cause("de")


def test_every_component_has_a_text_without_gaps() -> None:
    described = dataset("<http://e.example/p> 'x' , 'y'@de , 'z'@de , <http://e.example/b> , 5 , _:n")
    met = set()
    rules = [*(f"sh:property [ sh:path ex:p ; {constraint} ]" for constraint in ONE_BY_ONE), "sh:closed true", "sh:hasValue ex:b"]
    rules.append("sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMaxCount 0 ]")
    for rule in rules:
        for found in checker(f"ex:S sh:targetClass dcat:Dataset ; {rule} .").findings(described):
            met.add(found.code)
            for language in ("de", "en"):
                assert "?" not in found.cause(language) + found.remedy(language)
                assert "{" not in found.cause(language)
    told = {code for code in texts() if code.startswith("shacl-")}
    assert told - met == {"shacl-not-in-vocabulary", "shacl-rule"}


def test_every_text_has_its_placeholders() -> None:
    rows = list(csv.DictReader(files("vocabularies").joinpath("findings", "shacl.csv").read_text(encoding="utf-8").splitlines()))
    allowed = {"field", "value", "class_de", "class_en", "place_de", "place_en", "message_de", "message_en", "shape", "reason", "count"}
    for row in rows:
        for column, text in row.items():
            assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= allowed, (row["code"], column)


# reports


def test_a_report_is_read_back_as_it_was() -> None:
    inner = "[ sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ; sh:message 'fehlt'@de ] ]"
    made = checker(on_a(f"sh:node {inner} ; sh:minCount 3 ; sh:severity sh:Info"))
    results = made.check(nodes(values("ex:b", "'x'@de")))
    report = made.report(results)
    again = from_report(report)
    assert counted(again) == counted(results)
    assert messages(again) == messages(results)
    (top,) = report.subjects(rdflib.RDF.type, rdflib.SH.ValidationReport)
    assert report.value(top, rdflib.SH.conforms) == rdflib.Literal(False)
    (longer,) = {path for path in report.objects(None, rdflib.SH.resultPath) if isinstance(path, rdflib.BNode)}
    assert [str(step)[-1] for step in report.items(longer)] == ["p", "q"]


def test_a_report_without_results_conforms() -> None:
    report = checker(on_a("sh:minCount 1")).report([])
    assert [str(value) for value in report.objects(None, rdflib.SH.conforms)] == ["true"]


# what is handed over

SPARQL = """ex:S a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ sh:path dcterms:title ; sh:maxCount 0 ] ;
  sh:sparql [ a sh:SPARQLConstraint ; sh:message 'Titel gleich Beschreibung'@de ;
    sh:select 'SELECT $this ?value WHERE { $this dcterms:title ?value ; dcterms:description ?value }' ] ."""
CUSTOM = """ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ] ;
  sh:validator [ a sh:SPARQLAskValidator ; sh:ask 'ASK { FILTER (STRLEN(STR($value)) <= $most) }' ] .
  ex:S a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property ex:P . ex:P sh:path dcterms:title ; ex:most 3 ; sh:minLength 9 ."""


def test_sparql_goes_to_pyshacl_and_the_rest_stays() -> None:
    pytest.importorskip("pyshacl")
    made = checker(SPARQL)
    assert [(gap.what, gap.handed) for gap in made.unchecked] == [("sh:sparql", True)]
    assert [notice.code for notice in made.notices] == ["shapes-slow"]
    same = dataset("dcterms:description 'Bäume'")
    found = {(f.code, f.field, f.value) for f in made.findings(same)}
    assert found == {("shacl-rule", "dcat:Dataset", "Bäume"), ("shacl-too-many", "dcterms:title", "")}
    assert {result.component for result in made.check(dataset().nodes)} == {SH.MaxCountConstraintComponent}
    assert [notice.cause("de")[:8] for notice in made.notices] == ["Ein Teil"]


@pytest.mark.parametrize("shapes", [
    SPARQL, CUSTOM, SPARQL.replace("sh:sparql", "sh:not [ a sh:NodeShape ; sh:sparql").replace("] .", "] ] ."),
    SPARQL.replace("sh:targetClass dcat:Dataset", "sh:targetNode ex:x") + "ex:T sh:targetClass dcat:Dataset ; sh:node ex:S .",
])  # fmt: skip
def test_shapes_that_are_handed_over_find_what_pyshacl_finds(shapes: str) -> None:
    data = "ex:a a dcat:Dataset ; dcterms:title 'eins' ; dcterms:description 'eins' . ex:b a dcat:Dataset ; dcterms:title 'ab' ."
    assert both(shapes, data, "ex:known a dcat:Dataset ; dcterms:title 'x' ; dcterms:description 'x' .")


def test_the_background_is_not_told_as_the_datasets_fault() -> None:
    pytest.importorskip("pyshacl")
    made = checker(SPARQL, "ex:known a dcat:Dataset ; dcterms:title 'x' ; dcterms:description 'x' .")
    assert {result.component for result in made.check(dataset().nodes)} == {SH.MaxCountConstraintComponent}
    assert rdflib.NORMALIZE_LITERALS is True


def test_without_pyshacl_a_finding_says_what_was_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "find_spec", lambda name: None)
    made = checker(SPARQL)
    assert [(notice.code, notice.field) for notice in made.notices] == [("shapes-not-checked", "sh:sparql")]
    assert "validate" in made.notices[0].remedy("de")
    assert {result.component for result in made.check(dataset("dcterms:description 'Bäume'").nodes)} == {SH.MaxCountConstraintComponent}


@pytest.mark.parametrize(("shapes", "what"), [
    (on_a("sh:minCout 1"), "sh:minCout"),
    (on_a("sh:js [ sh:jsFunctionName 'f' ]"), "sh:js"),
    ("ex:S sh:targetClass ex:T ; sh:rule [ a sh:TripleRule ] ; sh:class ex:U .", "sh:rule"),
    ("ex:S sh:targetClass ex:T ; sh:node ex:nowhere .", "sh:node http://e.example/nowhere"),
    (SPARQL.replace("WHERE {", "WHERE { SERVICE <http://far.example/> {").replace("?value }", "?value } }"), "sh:sparql"),
    (SPARQL.replace("SELECT $this ?value WHERE", "SELECT $this ?value FROM <http://far.example/> WHERE"), "sh:sparql"),
])  # fmt: skip
def test_what_nobody_checks_is_named(shapes: str, what: str) -> None:
    made = checker(shapes)
    assert [(gap.what, gap.handed) for gap in made.unchecked] == [(what, False)]
    assert [notice.code for notice in made.notices] == ["shapes-not-checked"]


def test_a_query_that_pyshacl_cannot_read_is_a_clear_error() -> None:
    pytest.importorskip("pyshacl")
    made = checker(SPARQL.replace("SELECT $this", "SELECT ((("))
    with pytest.raises(ConfigError) as caught:
        made.check(dataset().nodes)
    assert caught.value.code == "shapes-pyshacl"


# bounds


def test_what_is_remembered_is_bounded() -> None:
    made = checker(on_a("sh:pattern '^a' ; sh:maxLength 9"))
    for start in range(0, 20_000, 1000):
        terms = [f'"a{n}"' for n in range(start, start + 1000)]
        assert made.check({A: {TYPE: ["<http://e.example/Thing>"], "<http://e.example/p>": terms}}) == []
    for n in range(9000):
        made.check({A: {TYPE: ["<http://e.example/Thing>"], f"<http://e.example/q{n}>": [A]}})
    assert len(made._planner.plans) <= 8192


def test_a_description_is_left_as_it_was() -> None:
    described = dataset("dcterms:language <http://e.example/GER>", file="dcterms:license 'x'")
    before = described.copy()
    checker(LISTED, f"{described.root} a ex:Known ; dcterms:title 'bekannt' .").findings(described)
    assert (described.nodes, described.changes) == (before.nodes, before.changes)
