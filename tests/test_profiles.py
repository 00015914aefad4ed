"""Receiver profiles are data: what each would refuse, by rule, with the source of every rule and a remedy that names the place."""

import csv
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import _ckan_fields as ckan
from federation.config import FederationConfig, Source
from federation.dcat.description import Description
from federation.dcat.schema import CLASSES
from federation.errors import ConfigError
from federation.finding import Finding, Severity, texts
from federation.harvest.connector import Response, connector, options_of
from federation.quality import profile
from federation.quality.places import place, placed
from federation.quality.profile import Profile, load, names, only
from federation.quality.shacl import Checker
from federation.report.quality import Refusal
from federation.sync.pipeline import Pipeline
from federation.terms import expanded
from tests.command import run
from tests.corpus import feed
from tests.region import Region
from tests.shacl_oracle import profile as official
from tests.shape_examples import GOOD, PREFIXES, dataset
from tests.shared import shared
from tests.test_own_shapes import BROKEN

OURS = ("region", "govdata", "hvd", "kommune", "land-sh")
BY = "<f> dct:license <http://dcat-ap.de/def/licenses/dl-by-de/2.0> ."
OTHER = "<f> dct:license <http://dcat-ap.de/def/licenses/other-open> ."


def codes(name: str | Profile, description: Description) -> dict[str, Severity | None]:
    made = load(name) if isinstance(name, str) else name
    return {one.code: one.severity for one in made.findings(description)}


def refused(name: str, description: Description) -> set[str]:
    return {code for code, severity in codes(name, description).items() if severity is Severity.VIOLATION}


# the profiles that are there


def test_the_region_comes_first_and_is_the_default() -> None:
    assert tuple(names()) == OURS
    assert load().name == "region"


@pytest.mark.parametrize("name", OURS)
def test_every_rule_of_a_profile_says_where_it_comes_from(name: str) -> None:
    made = load(name)
    assert made.title["de"]
    assert made.title["en"]
    assert len(made.rules) >= 10
    assert all(len(rule.source) > 10 for rule in made.rules.values())
    assert {rule.code for rule in made.rules.values()} <= set(texts())
    assert made.notices == ()


@pytest.mark.parametrize("name", OURS)
def test_a_good_dataset_is_taken_by_all(name: str) -> None:
    assert codes(name, dataset()) == {}


def test_a_town_behind_a_land_portal_is_not_failed_for_a_missing_contributor_id() -> None:
    without = dataset("contributor")
    assert codes("kommune", without) == {}
    assert codes("region", without) == {"contributor-missing": Severity.INFO}
    assert refused("govdata", without) == {"contributor-missing"}


def test_schleswig_holstein_refuses_what_has_no_time_no_place_and_a_licence_that_says_nothing() -> None:
    bad = dataset("temporal", "spatial", licence=OTHER)
    assert refused("land-sh", bad) == {"temporal-missing", "spatial-missing", "licence-unspecific"}
    assert refused("region", bad) == set()


def test_a_profile_raises_the_severity_of_a_rule_of_another_file() -> None:
    assert codes("land-sh", dataset(licence=BY)) == {"missing-attribution": Severity.VIOLATION}
    assert codes("region", dataset(licence=BY)) == {"missing-attribution": Severity.WARNING}
    assert not any(rule.code == "level-missing" for rule in load("land-sh").rules.values()), "one rule was asked for, not its whole file"


def test_the_hvd_profile_looks_at_marked_datasets_only() -> None:
    assert codes("hvd", dataset("keyword", "licence", "contact")) == {}
    assert refused("hvd", dataset("licence", "file-law", hvd=True)) == {"hvd-distribution-unmarked"}
    assert refused("hvd", dataset("law", hvd=True)) == {"hvd-without-legislation"}


def test_a_fact_at_many_places_is_told_once_with_their_number() -> None:
    files = " ".join(
        f"<d> dcat:distribution <x{n}> . <x{n}> a dcat:Distribution ; dcat:accessURL <http://a.example/{n}> ." for n in range(7)
    )
    (finding,) = load("govdata").findings(dataset(more=files))
    assert (finding.code, finding.field, finding.params["count"]) == ("missing-licence", "dcterms:license", "7")
    assert finding.dataset == "http://a.example/d"


def test_a_literal_that_breaks_two_rules_of_one_name_counts_once_and_with_the_graver_severity() -> None:
    (finding,) = load("region").findings(dataset(contributor='<d> dcatde:contributorID "berlinOpenData" .'))
    assert (finding.code, finding.severity, finding.params["count"]) == ("not-a-code", Severity.VIOLATION, "1")


def test_the_value_that_a_rule_is_about_is_shown() -> None:
    (attribution,) = load("region").findings(dataset(licence=BY))
    assert attribution.value == "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
    assert "dl-by-de/2.0 verlangt" in attribution.cause("de")


@pytest.mark.parametrize(("name", "code"), BROKEN)
def test_the_texts_of_every_rule_have_all_that_they_name(name: str, code: str) -> None:
    for one in load({"govdata": "govdata", "land-sh": "land-sh", "hvd-3.0.0": "hvd"}.get(name, "region")).findings(BROKEN[name, code]):
        known = {"field", "value", "dataset", *one.params}
        for template in (*texts()[one.code].cause.values(), *texts()[one.code].remedy.values()):
            assert {key for _, key, _, _ in string.Formatter().parse(template) if key} <= known, one.code


# the place in the source's software


def test_the_remedy_names_the_place_in_the_software_of_the_source() -> None:
    (finding,) = load("land-sh").findings(dataset("temporal"))
    assert "(dcterms:temporal)" in finding.remedy("de")
    assert "(CKAN: temporal_start)" in placed(finding, "ckan").remedy("de")
    assert "(ISO 19139: gmd:EX_TemporalExtent)" in placed(finding, "csw").remedy("en")
    assert "(Spalte „Zeitliche Abdeckung“)" in placed(finding, "table").remedy("de")
    assert "(dcterms:temporal)" in placed(finding, "dcat").remedy("en")


def test_a_place_depends_on_the_class_and_what_is_unknown_is_its_own_place() -> None:
    assert place("dcterms:title", "ckan", "dcat:Dataset") == "CKAN: title"
    assert place("dcterms:title", "ckan", "dcat:Distribution") == "CKAN: resources.name"
    assert place("dcterms:license", "ckan") == "CKAN: license_id"
    assert place("extras.foo", "ckan") == "extras.foo"
    assert place("prov:wasGeneratedBy", "csw") == "prov:wasGeneratedBy"
    assert place("urls", "table") == "urls"


def test_every_place_is_a_property_of_its_class_and_a_field_that_the_connector_reads() -> None:
    known = {*ckan.DATASET, *ckan.PARTS, *ckan.DISTRIBUTION, *ckan.FILE_PARTS}
    with (Path(profile.__file__).parents[2] / "vocabularies" / "quality" / "places.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert expanded(row["property"]) in CLASSES[expanded(row["class"])].properties, row
            assert row["ckan"].removeprefix("resources.") in known, row


# one's own


def own(folder: Path, text: str, shapes: str = "") -> Path:
    (folder / "profiles").mkdir(parents=True, exist_ok=True)
    head = 'title_de = "Kreis"\ntitle_en = "District"\nsource = "Beschluss 7/2025"\n'
    (folder / "profiles" / "kreis.toml").write_text(head + text, encoding="utf-8")
    if shapes:
        (folder / "profiles" / "kreis.ttl").write_text(shapes, encoding="utf-8")
    return folder


RULE = """@prefix rule: <urn:federation:rule:> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dcterms: <http://purl.org/dc/terms/> .
rule:kreis-frequency a sh:PropertyShape ; sh:targetClass dcat:Dataset ; sh:path dcterms:accrualPeriodicity ; sh:minCount 1 ;
  sh:severity sh:Violation ; sh:message "Der Kreis verlangt den Turnus."@de , "The district asks for the frequency."@en .
"""
SHAPE = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
[] a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ sh:path dcat:version ; sh:minCount 1 ; sh:message "Version fehlt."@de ] .
"""


def test_a_profile_of_ones_own_needs_no_code(tmp_path: Path) -> None:
    choice = '[rules.no-keyword]\nseverity = "info"\nsource = "Beschluss 8"\n'
    made = load("kreis", own(tmp_path, f'shapes = ["govdata", "kreis.ttl"]\n{choice}', RULE))
    found = {one.code: one for one in made.findings(dataset("keyword"))}
    assert found["no-keyword"].severity is Severity.INFO
    rule = found["profile-rule"]
    assert (rule.severity, rule.field, rule.params["rule"]) == (Severity.VIOLATION, "dcterms:accrualPeriodicity", "kreis-frequency")
    assert "Der Kreis verlangt den Turnus." in rule.cause("de")
    assert "The district asks for the frequency." in rule.cause("en")
    assert "CKAN: frequency" in placed(rule, "ckan").remedy("en")
    sources = {rule.code: rule.source for rule in made.rules.values()}
    assert sources["no-keyword"] == "Beschluss 8"
    assert sources["kreis-frequency"] == "Beschluss 7/2025"
    assert "GovData" in sources["missing-licence"]
    assert "kreis" in names(tmp_path)


def test_single_rules_and_shapes_of_any_make_serve_too(tmp_path: Path) -> None:
    made = load("kreis", own(tmp_path, 'shapes = ["kreis.ttl"]\n[rules.spatial-missing]\n', SHAPE))
    found = made.findings(dataset("spatial", "keyword"))
    assert {one.code for one in found if not one.code.startswith("shacl-")} == {"spatial-missing"}
    (foreign,) = [one for one in found if one.code.startswith("shacl-")]
    assert foreign.field == "dcat:version"
    assert "Version fehlt." in foreign.cause("de")


def test_a_profile_of_the_workspace_stands_in_for_ours(tmp_path: Path) -> None:
    own(tmp_path, "[rules.spatial-missing]\n")
    (tmp_path / "profiles" / "kreis.toml").rename(tmp_path / "profiles" / "govdata.toml")
    assert load("govdata", tmp_path).title["de"] == "Kreis"
    assert names(tmp_path) == list(OURS)


@pytest.mark.parametrize(("text", "code", "says"), [
    ("shapes = x", "profile-invalid", "line 4"),
    ('colour = "red"', "profile-invalid", "colour"),
    ('[rules.no-keyword]\nseverity = "fatal"', "profile-invalid", "rules.no-keyword.severity"),
    ("[rules.no-keywords]", "profile-rule-unknown", "no-keyword"),
    ('shapes = ["gov-data"]', "profile-shapes-unknown", "govdata"),
    ('shapes = ["kreis.ttl"]', "shapes-parameter", "minCount"),
])  # fmt: skip
def test_what_is_wrong_with_a_profile_is_said_with_the_place(tmp_path: Path, text: str, code: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        load("kreis", own(tmp_path, text, SHAPE.replace("minCount 1", 'minCount "viele"')))
    assert error.value.code == code
    assert says in error.value.text("en")
    assert "{" not in error.value.text("de")


def test_an_unknown_profile_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="region, govdata, hvd, kommune, kreis, land-sh"):
        load("bund", own(tmp_path, ""))


# official shapes


def test_official_shapes_find_their_vocabularies_in_our_tables() -> None:
    folder = shared("spec/shapes/dcat-ap-de-3.0")
    made = only([folder, folder.parent / "dcat-ap-3.0.0" / "dcat-ap-SHACL.ttl"])
    assert made.notices == ()
    assert {one.code for one in made.findings(dataset()) if one.severity is Severity.VIOLATION} == set()
    wrong = made.findings(dataset(theme="<d> dcat:theme <http://a.example/thema> .", more='<d> dct:language "de" .'))
    assert {one.field for one in wrong if one.severity is Severity.VIOLATION} == {"dcat:theme", "dcterms:language"}


def described(name: str) -> Iterator[Description]:
    """The datasets of a feed as they would be published."""
    body, syntax = feed(name)
    config = FederationConfig.model_validate({"catalog": {"title": "x", "base_url": "https://r.example"}})
    source = Source(id="x", member="x", connector="dcat", url=f"https://x.example/{name}")
    kind, options = connector("dcat"), options_of(source)
    line = Pipeline(config, None, source, kind, options)
    for record in kind.split(Response(source.url, body, {"rdf-xml": "application/rdf+xml"}[syntax]), options):
        if record.identifier and record.kind == "dataset":
            yield line.prepare(record).description


@pytest.mark.parametrize(("name", "faulty"), [("rostock_catalog.rdf.gz", 0), ("bremen_catalog.rdf.gz", 30)])
def test_the_govdata_profile_objects_to_just_the_datasets_that_its_dashboard_counts(name: str, faulty: int) -> None:
    ours, theirs = load("govdata"), Checker(*official("dashboard"))
    counted = 0
    for description in described(name):
        for one in (description, _spoilt(description)):
            found = {result.severity.rpartition("#")[2] for result in theirs.check(one.nodes)}
            told = {finding.code for finding in ours.findings(one)}
            assert bool(told) == bool({grade for grade in found if not grade.startswith("count_")}), (one.root, found, told)
            if one is description:
                counted += bool(told)
    assert counted == faulty


def _spoilt(description: Description) -> Description:
    """The same dataset with one statement of its own less, another one each time."""
    copy = description.copy()
    root = copy.nodes[copy.root]
    del root[sorted(root)[len(copy.root) % len(root)]]
    return copy


# the command


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    text = "\n".join([PREFIXES, *GOOD.values()])
    second = text.replace(GOOD["spatial"], "").replace("<d>", "<e>")
    (tmp_path / "feed.ttl").write_text(f"{text}\n{second}", encoding="utf-8")
    return Region(tmp_path).folder


def test_check_tells_what_a_land_would_refuse(workspace: Path) -> None:
    done = run("-C", workspace, "check", workspace / "feed.ttl", "--profile", "land-sh")
    assert done.code == 0, done.err
    assert "1 of 2 datasets would be refused" in done.said
    assert "spatial-missing" in done.out
    assert "http://a.example/e" in done.out
    assert "Name the area in the source (dcterms:spatial)" in done.said
    assert "ckanext-odsh" in done.said


def test_check_gives_the_answer_as_json(workspace: Path) -> None:
    found = run("-C", workspace, "check", workspace / "feed.ttl", "--profile", "land-sh", "--json").json()["profile"]
    assert (found["name"], found["datasets"], found["refused"]) == ("land-sh", 2, ["http://a.example/e"])
    (rule,) = [rule for rule in found["rules"] if rule["severity"] == "violation"]
    assert (rule["code"], rule["datasets"], rule["place"]) == ("spatial-missing", ["http://a.example/e"], "dcterms:spatial")
    assert rule["remedy"]
    assert rule["source"]


def test_check_says_in_german_that_all_is_well(workspace: Path) -> None:
    done = run("-C", workspace, "check", workspace / "feed.ttl", "--profile", "hvd", lang="de")
    assert "Empfänger: Hochwertige Datensätze (HVD)" in done.said
    assert "Keiner der 2 Datensätze würde abgewiesen." in done.said


def test_check_takes_shapes_of_ones_own_and_profiles_of_the_workspace(workspace: Path) -> None:
    own(workspace, 'shapes = ["kreis.ttl"]', RULE)
    assert "2 of 2" in run("-C", workspace, "check", workspace / "feed.ttl", "--profile", "kreis").said
    (workspace / "s.ttl").write_text(SHAPE, encoding="utf-8")
    done = run("-C", workspace, "check", workspace / "feed.ttl", "--shapes", workspace / "s.ttl", lang="de")
    assert "Version fehlt." in done.said
    both = run("-C", workspace, "check", workspace / "feed.ttl", "--profile", "land-sh", "--shapes", workspace / "s.ttl", "--json").json()
    assert {rule["code"] for rule in both["profile"]["rules"]} == {"spatial-missing", "shacl-too-few"}


def test_check_with_a_profile_that_is_not_there_ends_with_a_usage_error(workspace: Path) -> None:
    done = run("-C", workspace, "check", workspace / "feed.ttl", "--profile", "bund")
    assert done.code == 2
    assert "land-sh" in done.err
    assert run("-C", workspace, "check", workspace / "feed.ttl", "--shapes", workspace / "none.ttl").code == 2


def test_objections_stand_in_the_order_of_their_gravity() -> None:
    made = Refusal(load("region"))
    made.ask([dataset("publisher"), dataset("keyword", "format"), dataset("keyword")], "ckan")
    assert [each.finding.code for each in made.objections()] == ["missing-publisher", "no-keyword", "format-missing"]
    assert [each.finding.code for each in made.objections(Severity.WARNING)] == ["missing-publisher"]
    assert list(made.refused) == ["http://a.example/d"]
    assert made.objections()[2].finding.remedy("en").endswith("(CKAN: resources.format).")


def test_the_profiles_are_toml_that_people_can_read() -> None:
    for file in sorted((Path(profile.__file__).parents[2] / "vocabularies" / "profiles").glob("*.toml")):
        text = file.read_text(encoding="utf-8")
        assert text.startswith("# "), file.name
        assert tomllib.loads(text)["source"]


def test_a_finding_of_another_room_can_be_placed_too() -> None:
    known = Finding("missing-licence", field="dcterms:license")
    assert placed(known, "ckan").params["place"] == "CKAN: license_id"
