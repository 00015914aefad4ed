"""Formats and media types: each from what was said, one from the other, the file's ending last."""

import pytest

from federation.terms import iri
from tests.normalising import EU, FILE, codes, dataset, described, normaliser, rules, values

TYPES = "https://www.iana.org/assignments/media-types/"
LICENCE = "dcterms:license <http://dcat-ap.de/def/licenses/cc-zero> ; dcat:accessURL <https://daten.musterstadt.example/seite>"


def made(file: str):
    """(file types, media types, codes of findings, rules) of a distribution."""
    description = dataset(file=f"{LICENCE} ; {file}" if file else LICENCE)
    findings = normaliser()(description)
    formats = [term.removeprefix(f"<{EU}file-type/").rstrip(">") for term in values(description, "dcterms:format", FILE)]
    media = [term.removeprefix(f"<{TYPES}").rstrip(">") for term in values(description, "dcat:mediaType", FILE)]
    return formats, media, codes(findings), rules(description)


@pytest.mark.parametrize(
    "said",
    [
        f"<{EU}file-type/CSV>", "'CSV'", "'csv'", "'.csv'", f"'{EU}file-type/CSV'",
        "[a dcterms:MediaTypeOrExtent ; rdfs:label 'CSV']", "'text/csv'", "<https://www.iana.org/assignments/media-types/text/csv>",
        "'text/csv; charset=utf-8'", "[a dcterms:IMT ; rdf:value 'text/csv' ; rdfs:label 'CSV']",
    ],
)  # fmt: skip
def test_a_format_is_its_eu_file_type_and_gives_the_media_type(said):
    formats, media, found, _ = made(f"dcterms:format {said}")
    assert (formats, media, found) == (["CSV"], ["text/csv"], [])


@pytest.mark.parametrize("said", [f"<{TYPES}text/csv>", f"<{TYPES.replace('https', 'http')}text/csv>", "'text/csv'", "'TEXT/CSV'"])
def test_a_media_type_is_its_iana_address_and_gives_the_format(said):
    assert made(f"dcat:mediaType {said}")[:3] == (["CSV"], ["text/csv"], [])


def test_the_old_code_of_a_map_service_is_the_present_one():
    assert made(f"dcterms:format <{EU}file-type/WMS>")[0] == ["WMS_SRVC"]


def test_a_media_type_said_under_format_does_not_overrule_the_one_said_in_its_place():
    formats, media, _, _ = made("dcterms:format 'text/csv' ; dcat:mediaType 'application/octet-stream'")
    assert (formats, media) == (["CSV"], ["application/octet-stream"])


def test_a_file_type_said_as_media_type_goes_to_both():
    formats, media, found, did = made("dcat:mediaType 'XLSX'")
    assert (formats, found) == (["XLSX"], [])
    assert media == ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]
    assert "media-type:format-said" in did


def test_the_ending_of_the_download_is_asked_only_where_both_are_silent():
    download = "dcat:downloadURL <https://daten.musterstadt.example/baeume.geojson?stand=2024>"
    formats, media, _, did = made(download)
    assert (formats, media) == (["GEOJSON"], ["application/geo+json"])
    assert {"format:ending", "media-type:format"} <= did
    assert made(f"{download} ; dcterms:format 'CSV'")[0] == ["CSV"]
    assert made("dcat:downloadURL <https://daten.musterstadt.example/baeume>")[:2] == ([], [])


def test_an_unknown_format_stays_and_is_a_finding_even_where_the_ending_is_known():
    formats, media, found, _ = made("dcterms:format 'Zettelkasten' ; dcat:downloadURL <https://daten.musterstadt.example/baeume.csv>")
    assert (formats, media, found) == (['"Zettelkasten"'], [], ["unknown-format"])


def test_an_unknown_media_type_stays_and_is_a_finding():
    _, media, found, _ = made("dcat:mediaType 'application/x-nie-gehört' ; dcterms:format 'CSV'")
    assert (media, found) == (['"application/x-nie-gehört"'], ["unknown-media-type"])


def test_two_spellings_of_one_format_become_one_and_nothing_is_lost():
    description = dataset(file=f"{LICENCE} ; dcterms:format 'CSV', 'csv', 'text/csv'")
    said = sorted(description.triples())
    normaliser()(description)
    assert values(description, "dcterms:format", FILE) == [f"<{EU}file-type/CSV>"]
    assert sorted(description.undone().triples()) == said


def test_a_node_that_only_stands_for_a_format_goes_with_it():
    description = dataset(file=f"{LICENCE} ; dcterms:format [a dcterms:IMT ; rdf:value 'text/csv']")
    normaliser()(description)
    assert not [node for node in description.nodes if node.startswith("_")]


def test_a_node_that_says_more_stays():
    description = dataset(file=f"{LICENCE} ; dcterms:format [rdfs:label 'CSV' ; dcterms:description 'mit Strichpunkt']")
    said = sorted(description.triples())
    normaliser()(description)
    assert values(description, "dcterms:format", FILE) == [f"<{EU}file-type/CSV>"]
    assert [node for node in description.nodes if node.startswith("_")]
    assert sorted(description.undone().triples()) == said


def test_a_service_has_formats_but_no_media_type():
    service = described("<dienst> a dcat:DataService ; dcterms:title 'Dienst' ; dcterms:format 'application/json', 'XML' .", "service")
    normaliser()(service)
    node = iri("https://daten.musterstadt.example/dataset/dienst")
    assert values(service, "dcterms:format", node) == [f"<{EU}file-type/JSON>", f"<{EU}file-type/XML>"]
    assert values(service, "dcat:mediaType", node) == []


def test_a_lookup_decides_a_spelling_of_the_house():
    description = dataset(file=f"{LICENCE} ; dcterms:format 'Tabelle (Rathaus)'")
    assert normaliser(lookups={"format": {"Tabelle (Rathaus)": "XLSX"}})(description) == []
    assert values(description, "dcterms:format", FILE) == [f"<{EU}file-type/XLSX>"]
