"""Coded values: spellings of real sources, the operator's lookups, and what nobody knows."""

import pytest

from federation.finding import texts
from federation.normalise.codes import PLACES, TABLES
from tests.normalising import CITY, EU, FEED, FILE, codes, dataset, normaliser, rules, values

LANGUAGE = f"<{EU}language/DEU>"


@pytest.mark.parametrize(
    "said",
    [
        f"<{EU}language/GER>", f"'{EU}language/DEU'", "'de'", "'deu'", "'German'", "'Deutsch'", "<http://id.loc.gov/vocabulary/iso639-1/de>",
        "[a dcterms:LinguisticSystem ; rdfs:label 'de']", "<http://lexvo.org/id/iso639-3/deu>",
    ],
)  # fmt: skip
def test_a_language_is_the_code_of_the_eu_table_however_it_is_written(said):
    description = dataset(f"dcterms:language {said}")
    assert normaliser()(description) == []
    assert values(description, "dcterms:language") == [LANGUAGE]


def test_several_languages_in_one_text_are_several_codes():
    description = dataset("dcterms:language 'de, en'")
    normaliser()(description)
    assert values(description, "dcterms:language") == [LANGUAGE, f"<{EU}language/ENG>"]


def test_an_unknown_spelling_stays_and_is_a_finding_with_the_nearest_codes():
    description = dataset("dcterms:accrualPeriodicity 'jeden zweiten Vollmond monatlich'")
    (finding,) = normaliser()(description)
    assert finding.code == "unknown-frequency"
    assert finding.field == "dcterms:accrualPeriodicity"
    assert finding.value == "jeden zweiten Vollmond monatlich"
    assert "MONTHLY" in finding.params["nearest"]
    assert len(finding.params["nearest"].split(", ")) == 3
    assert values(description, "dcterms:accrualPeriodicity") == ['"jeden zweiten Vollmond monatlich"']


def test_a_lookup_of_the_source_comes_before_one_of_the_region_and_both_before_the_vocabulary():
    regional = {"frequency": {"monatlich": "WEEKLY", "nie wieder": "NEVER"}}
    description = dataset("dcterms:accrualPeriodicity 'monatlich', 'nie wieder', 'bei Bedarf'")
    own = {"frequency": {"Monatlich": f"{EU}frequency/ANNUAL", "bei Bedarf": ""}}
    assert normaliser(lookups=own, regional=regional)(description) == []
    found = values(description, "dcterms:accrualPeriodicity")
    assert found == ['"bei Bedarf"', f"<{EU}frequency/ANNUAL>", f"<{EU}frequency/NEVER>"]
    assert "lookup:frequency" in rules(description)


@pytest.mark.parametrize(
    ("said", "themes"),
    [
        (f"<{EU}data-theme/ENVI>", ["ENVI"]),
        (f"'{EU}data-theme/ENVI'", ["ENVI"]),
        ("<http://publications.europa.eu/mdr/authority/data-theme/ENVI>", ["ENVI"]),
        ("'ENVI'", ["ENVI"]),
        ("'Umwelt und Klima'", ["ENVI"]),
        ("<http://inspire.ec.europa.eu/theme/tn>", ["TRAN"]),
        ("'Gesundheit, Verkehr'", ["HEAL", "TRAN"]),
    ],
)
def test_themes_come_also_from_categories_of_other_lists(said, themes):
    description = dataset(f"dcat:theme {said}")
    findings = normaliser()(description)
    assert values(description, "dcat:theme") == [f"<{EU}data-theme/{theme}>" for theme in themes], findings


def test_a_theme_that_is_not_known_stays_with_a_finding():
    description = dataset("dcat:theme 'Sphärenmusik'")
    assert codes(normaliser()(description)) == ["unknown-theme"]
    assert values(description, "dcat:theme") == ['"Sphärenmusik"']


def test_an_eu_theme_among_subjects_or_keywords_is_a_theme():
    description = dataset(f"dcterms:subject <{EU}data-theme/TRAN> ; dcat:keyword '{EU}data-theme/ENVI', 'Baum'")
    normaliser()(description)
    assert values(description, "dcat:theme") == [f"<{EU}data-theme/ENVI>", f"<{EU}data-theme/TRAN>"]
    assert values(description, "dcat:keyword") == ['"Baum"']


def test_contributor_ids_of_other_patterns_are_free():
    description = dataset("dcatde:contributorID <https://example.org/ids/7>, 'openDataHRO', <http://dcat-ap.de/def/contributors/nirgendwo>")
    findings = normaliser()(description)
    assert [(finding.code, finding.value) for finding in findings] == [
        ("unknown-contributor", "http://dcat-ap.de/def/contributors/nirgendwo")
    ]
    assert "<http://dcat-ap.de/def/contributors/openDataHRO>" in values(description, "dcatde:contributorID")


def test_a_relative_reference_that_became_an_address_beside_the_feed_is_read_as_it_was_written():
    beside = FEED.rpartition("/")[0]
    description = dataset(file=f"dcterms:license <{FEED}> ; dcterms:format <{beside}/CSV>")
    assert codes(normaliser()(description)) == ["empty-value", "missing-licence"]
    assert values(description, "dcterms:format", FILE) == [f"<{EU}file-type/CSV>"]


def test_an_empty_value_is_a_finding_and_stays():
    description = dataset("dcterms:accessRights ''")
    assert codes(normaliser()(description)) == ["empty-value"]
    assert values(description, "dcterms:accessRights") == ['""']


def test_the_status_of_another_vocabulary_is_not_judged():
    description = dataset("adms:status <http://publications.europa.eu/resource/authority/dataset-status/COMPLETED>")
    assert normaliser()(description) == []


def test_a_type_is_read_by_what_the_node_is():
    description = dataset(
        "dcterms:type 'statistical' ; dcterms:publisher <stadt>",
        more="<stadt> a foaf:Organization ; foaf:name 'Stadt' ; dcterms:type <http://purl.org/adms/publishertype/localauthority> .",
    )
    assert normaliser()(description) == []
    assert values(description, "dcterms:type") == [f"<{EU}dataset-type/STATISTICAL>"]
    assert values(description, "dcterms:type", CITY) == ["<http://purl.org/adms/publishertype/LocalAuthority>"]


def test_every_table_has_the_texts_of_its_finding_and_may_be_looked_up_by_that_name():
    for table in (*TABLES.values(), PLACES):
        assert f"unknown-{table.name}" in texts()
        assert f"lookups/{table.name}.csv" in texts()[f"unknown-{table.name}"].remedy["en"]
