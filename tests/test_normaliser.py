"""Normalising whole entities: nothing is lost, twice is once, and real feeds come out as DCAT-AP.de 3.0."""

import importlib.util
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import finding
from federation.dcat.description import REMOVALS, Description
from federation.normalise import normaliser as module
from federation.normalise.values import Readers
from federation.terms import DCAT, DCTERMS, TYPE, VCARD, XSD, iri, literal
from tests.normalising import CITY, DATASET, FILE, codes, dataset, described, feed, normaliser, values
from tests.shared import shared

FEEDS = [
    "rostock_catalog.rdf.gz", "bremen_catalog.rdf.gz", "es_ua_alicante.rdf.gz", "be_best_addresses.rdf", "be_fps_economy.rdf",
    "dataeuropa_survey.rdf", "fr_oreme_geonetwork.rdf", "it_alessandria.rdf", "it_brescia_mobilita.rdf", "it_foggia.rdf",
    "opendataswiss_single_dataset.rdf", "rostock_single_dataset.rdf",
]  # fmt: skip
EVERYTHING = {
    "publisher": "Stadt", "publisher_type": "LocalAuthority", "license": "dl-by-de/2.0", "attribution": "Stadt", "language": "de",
    "contact_email": "opendata@stadt.example", "coverage": "member",
}  # fmt: skip


def said(description: Description) -> list[tuple[str, str, str]]:
    return sorted(description.triples())


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize("defaults", [{}, EVERYTHING], ids=["plain", "defaults"])
def test_the_changes_undone_give_back_what_the_source_said_and_twice_is_once(name, defaults):
    normalise = normaliser(defaults)
    for description in feed(name):
        before = said(description)
        normalise(description)
        assert said(description.undone()) == before
        after, changes = said(description), len(description.changes)
        normalise(description)
        assert (said(description), len(description.changes)) == (after, changes), description.changes[changes:]


@pytest.mark.parametrize("name", FEEDS)
def test_nothing_goes_without_a_reason_and_every_finding_has_its_texts(name):
    normalise = normaliser()
    known = finding.texts()
    for description in feed(name):
        for each in normalise(description):
            assert each.code in known, each
            assert "?" not in each.cause("de").replace("?", "", each.value.count("?")), each.cause("de")
            assert each.dataset == description.root[1:-1] or description.root.startswith("_:")
        for change in description.changes:
            assert change.added or change.rule.partition("+")[0] in REMOVALS or change.rule.endswith("+duplicate"), change


@pytest.mark.parametrize("name", ["rostock_catalog.rdf.gz", "it_foggia.rdf"])
def test_a_nodes_result_depends_on_that_node_and_the_configuration_only(name):
    """Another order of the datasets, or another normaliser for each, changes nothing."""
    together = normaliser(EVERYTHING)
    entities = feed(name)[:40]
    results = []
    for description in entities:
        together(description)
        results.append(said(description))
    for expected, description in zip(results, feed(name)[:40], strict=True):
        normaliser(EVERYTHING)(description)
        assert said(description) == expected


def test_the_official_shapes_find_only_what_the_source_does_not_state(tmp_path):
    """Raw, Rostock has 3,537 violations and Bremen 794. Both are validated at once, since reading the shapes takes most of the time."""
    pytest.importorskip("pyshacl")
    oracle = importlib.util.spec_from_file_location("oracle", shared("spec/validate.py"))
    assert oracle is not None
    assert oracle.loader is not None
    validate = importlib.util.module_from_spec(oracle)
    oracle.loader.exec_module(validate)
    lines, told = [], set()
    for name in ("rostock_catalog.rdf.gz", "bremen_catalog.rdf.gz"):
        normalise = normaliser()
        for description in feed(name):
            if description.kind == "dataset":
                told |= {each.dataset for each in normalise(description)}
                lines += [f"{node} {prop} {term} .\n" for node, prop, term in description.triples()]
    path = tmp_path / "normalised.ttl"
    path.write_text("".join(lines), encoding="utf-8")
    results, _ = validate.results("v30_de_spec", path)
    violations = [(row[1], row[2]) for row in results if row[0] == "Violation"]
    assert len(violations) <= 7, Counter(message for message, _ in violations)
    assert all(focus.partition("#")[0] in told for _, focus in violations)


def test_the_main_cases_keep_their_numbers():
    expected = {
        "rostock_catalog.rdf.gz": (100, {"empty-value"}), "bremen_catalog.rdf.gz": (153, {"missing-attribution", "unknown-licence"}),
    }  # fmt: skip
    for name, (datasets, wanted) in expected.items():
        normalise, found, count = normaliser(), set(), 0
        for description in feed(name):
            if description.kind == "dataset":
                count += 1
                found |= {each.code for each in normalise(description)}
        assert count == datasets
        assert wanted <= found


# Any text and any address where any value may stand.
_TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "CSV", "text/csv", "de", "TODO:", "2019/2020", "POINT(12 54)", "130030000000", "info@stadt.example",
         "Amt, email: a@stadt.example", "https://dcat-ap.de/def/licenses/cc-zero", "dl-de-by-2.0", "<b>fett</b>", "ECON, ENVI",
         "01.02.2024", "12,5 MB", "© Stadt", "0381 1"]
    ),
)  # fmt: skip
_LITERALS = st.builds(literal, _TEXTS, st.sampled_from(["", "de", "EN"])) | st.builds(
    lambda text: literal(text, datatype=XSD.date), st.sampled_from(["2020-01-01", "gestern", ""])
)
_IRIS = st.sampled_from([
    iri("https://www.dcat-ap.de/def/licenses/cc-by/4.0"), iri("http://publications.europa.eu/resource/authority/language/GER"),
    CITY,
    iri("https://www.dcat-ap.de/def/politicalGeocoding/regionalKey/130030000000"), iri("http://purl.org/adms/status/Completed"),
    iri("https://daten.musterstadt.example/katalog/CSV"), iri("https://daten.musterstadt.example/katalog/feed.rdf"), FILE, "_:eins",
    "_:zwei", iri("mailto:info@stadt.example"), iri("http://inspire.ec.europa.eu/theme/tn"), "<TODO:>",
    "<dct:PeriodOfTime>", "<dcat:Dataset>", DCAT.Distribution, VCARD.Organization,
])  # fmt: skip
_NAMES = sorted({*Readers({}, True)._readers} | {prop.replace("<http:", "<https:") for prop in Readers({}, True)._readers} | {
    DCTERMS.format, DCAT.mediaType, DCAT.contactPoint, DCTERMS.spatial, DCTERMS.type, DCTERMS.abstract, DCAT.bytes,
    "<https://www.dcat-ap.de/def/dcatde/1.1/geocodingDescription>", "<https://www.dcat-ap.de/def/dcatde/1.1/politicalGeocodingURI>",
    "<https://www.dcat-ap.de/def/dcatde/1.0/legalBasis>", "<http://schema.org/startDate>", "<http://data.europa.eu/r5r#availability>",
    "<http://www.w3.org/2002/07/owl#versionInfo>", "<http://www.w3.org/ns/dcat#accessUrl>", "<http://schema.org/name>", DCTERMS.hasVersion,
})  # fmt: skip
_TRIPLES = st.lists(
    st.tuples(st.sampled_from([DATASET, FILE, CITY, "_:eins", "_:zwei"]), st.sampled_from(_NAMES), _LITERALS | _IRIS), max_size=25
)


NORMALISERS = {False: normaliser(), True: normaliser(EVERYTHING, political_geocoding=True, html=False)}


@settings(max_examples=400, deadline=None)
@given(_TRIPLES, st.sampled_from(["dataset", "service", "series", "catalog", "record", "rest"]), st.booleans())
def test_whatever_is_said_can_be_undone_and_twice_is_once(triples, kind, defaults):
    description = Description(DATASET, kind)
    description.say(DATASET, TYPE, DCAT.Dataset)
    description.say(DATASET, DCAT.distribution, FILE)
    for triple in triples:
        description.say(*triple)
    before = said(description)
    normalise = NORMALISERS[defaults]
    normalise(description)
    assert said(description.undone()) == before
    after, changes = said(description), len(description.changes)
    normalise(description)
    assert (said(description), description.changes[changes:]) == (after, [])


def test_a_pure_download_has_its_file_as_access_url():
    description = dataset(file="dcat:downloadURL <https://stadt.example/a.csv> ; dcterms:license <http://dcat-ap.de/def/licenses/cc-zero>")
    normaliser()(description)
    assert values(description, "dcat:accessURL", FILE) == ["<https://stadt.example/a.csv>"]
    assert "k39:download" in {change.rule for change in description.changes}


def test_a_distribution_of_a_service_has_its_endpoint_as_access_url():
    service = "dcat:accessService [dcat:endpointURL 'https://stadt.example/wfs' ; dcterms:title 'WFS']"
    description = dataset(file=f"{service} ; dcterms:license <http://dcat-ap.de/def/licenses/cc-zero>")
    normaliser()(description)
    assert values(description, "dcat:accessURL", FILE) == ["<https://stadt.example/wfs>"]
    assert "k41:endpoint" in {change.rule for change in description.changes}


def test_an_empty_access_url_stays_and_is_a_finding():
    description = dataset(file="dcat:accessURL '' ; dcterms:license <http://dcat-ap.de/def/licenses/cc-zero>")
    assert codes(normaliser()(description)) == ["empty-value"]
    assert values(description, "dcat:accessURL", FILE) == ['""']


def test_the_german_text_among_others_carries_its_tag_and_a_single_one_does_not():
    description = described("<baeume> a dcat:Dataset ; dcterms:title 'Bäume', 'Trees'@en ; dcterms:description 'Nur so' .")
    normaliser()(description)
    assert values(description, "dcterms:title") == ['"Bäume"@de', '"Trees"@en']
    assert values(description, "dcterms:description") == ['"Nur so"']


@pytest.mark.parametrize("other", ["'Bäume'@de", "'Bäume'@de-t-en-t0-mtec", "'Deux'"])
def test_it_is_not_tagged_where_it_may_be_something_else(other):
    description = described(f"<baeume> a dcat:Dataset ; dcterms:title 'Trees', 'Arbres'@fr, {other} .")
    normaliser()(description)
    assert '"Trees"' in values(description, "dcterms:title")


def test_descriptions_keep_the_tags_that_govdata_shows_unless_the_region_wants_plain_text():
    for html, wanted in ((True, '"<p>Bäume</p>"'), (False, '"Bäume"')):
        description = dataset("dcterms:description '<p style=red>Bäume</p>'")
        normaliser(html=html)(description)
        assert values(description, "dcterms:description") == [wanted]


def test_a_placeholder_for_a_distributions_language_gives_way_to_the_datasets():
    description = dataset("dcterms:language 'de'", file="dcat:accessURL <https://stadt.example> ; dcterms:language <TODO:>")
    assert "unknown-language" in codes(normaliser()(description))
    assert values(description, "dcterms:language", FILE) == values(description, "dcterms:language")


def test_an_italian_profile_passes_through():
    description = dataset("<http://dati.gov.it/onto/dcatapit#x> 'y' ; a <http://dati.gov.it/onto/dcatapit#Dataset>")
    assert normaliser()(description) == []
    assert "<http://dati.gov.it/onto/dcatapit#Dataset>" in values(description, "rdf:type")
    assert values(description.undone(), "rdf:type") == values(description, "rdf:type")


def test_a_dataset_known_only_by_its_place_in_the_catalog_gets_its_class():
    description = Description(DATASET, "dataset")
    description.say(DATASET, DCTERMS.title, '"Bäume"')
    description.say(DATASET, "<http://www.w3.org/2002/07/owl#versionInfo>", '"2"')
    normaliser()(description)
    assert values(description, "rdf:type") == [DCAT.Dataset]
    assert values(description, "dcat:version") == ['"2"']


def test_the_version_is_a_digest_of_code_and_tables():
    assert module.version() == module.version()
    assert len(module.version()) == 64
