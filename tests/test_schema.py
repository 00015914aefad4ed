"""The one table says what the specification says."""

import re

import pytest

from federation.dcat.schema import CLASSES, TYPES, Class, Kind, Obligation, Property, class_named, class_of
from federation.terms import ADMS, DCAT, DCATDE, DCTERMS, FOAF, ORG, VCARD, expanded, prefixed
from federation.vocabulary import names, vocabulary
from tests.shared import shared

VOCABULARIES = {
    "LANG": "language", "LIC": "licence", "AVAIL": "availability", "THEME": "theme", "GEOLVL": "geocoding-level", "ACCR": "access-right",
    "FREQ": "frequency", "DTYPE": "dataset-type", "CONTRIB": "contributor", "FTYPE": "file-type", "IANA": "media-type",
    "DSTAT": "distribution-status", "PUBT": "publisher-type", "HASH": "hash", "SPATIAL": "", "GEOURI": "", "": "",
}  # fmt: skip
KINDS_OF = {
    "rdfs:Literal": Kind.LITERAL, "rdfs:Resource": Kind.IRI, "TEMPORAL": Kind.TEMPORAL, "xsd:decimal": Kind.DECIMAL,
    "xsd:duration": Kind.DURATION, "xsd:nonNegativeInteger": Kind.INTEGER, "xsd:hexBinary": Kind.HEX,
}  # fmt: skip


def rows_of_the_specification() -> list[tuple[str, list[str]]]:
    """(class, cells of one row) of every table of section 2."""
    text = shared("spec/dcat-ap-de-3.0.md").read_text(encoding="utf-8")
    section = text.partition("## 2. Classes and properties")[2].partition("\n## 3.")[0]
    found = []
    for block in section.split("\n### ")[1:]:
        name = block.split()[0]
        for line in block.splitlines():
            if re.match(r"\| [a-z]+:", line):
                found.append((name, [cell.strip() for cell in line.strip("|").split("|")]))
    return found


def test_every_class_and_property_of_the_specification_stands_in_the_table_as_it_says() -> None:
    rows = rows_of_the_specification()
    assert len(rows) == 147
    for name, (prop, said, obligation, card, vocab, german, *_) in rows:
        row = class_named(name).properties[expanded(prop)]
        assert row.obligation.value == obligation, (name, prop)
        assert row.german is (german == "DE"), (name, prop)
        assert row.vocabulary == VOCABULARIES[vocab], (name, prop)
        low, high = (card if ".." in card else {"*": "0..*", "1": "1..1"}[card]).split("..")
        if prop == "dcat:temporalResolution":
            high = "1"  # the changelog of the specification corrects its table
        assert (row.min, row.max) == (int(low), None if high == "*" else int(high)), (name, prop)
        if said in KINDS_OF:
            assert row.kind is KINDS_OF[said], (name, prop)
        elif "literal" in said:
            assert row.kind is Kind.TYPED, (name, prop)
        else:
            wanted = {"prov:Agent": "foaf:Agent"}.get(said, said) if " " not in said else "dcat:Resource"
            assert prefixed(row.range) == wanted, (name, prop)


def test_the_table_lists_nothing_as_of_the_specification_that_is_not_in_it() -> None:
    said = {(name, cells[0]) for name, cells in rows_of_the_specification()}
    for each in CLASSES.values():
        for row in each.properties.values():
            own = row.obligation is not Obligation.ALLOWED and (row.obligation is not Obligation.DEPRECATED or each.name == "dcat:Dataset")
            if own:
                assert (each.name, row.name) in said


@pytest.mark.parametrize("prop", [
    "dcterms:license", "dcterms:rights", "odrl:hasPolicy", "dcat:version", "dcat:previousVersion", "dcat:hasCurrentVersion",
    "dcterms:replaces", "dcat:first", "dcat:last", "dcat:prev", "dcat:isVersionOf", "dcatap:hvdCategory",
])  # fmt: skip
def test_a_dataset_may_carry_what_any_dcat_resource_may(prop: str) -> None:
    assert class_named("dcat:Dataset").properties[expanded(prop)].obligation in (Obligation.ALLOWED, Obligation.OPTIONAL)


@pytest.mark.parametrize("prop", ["dcatap:hvdCategory", "dcat:contactPoint", "foaf:page", "dcterms:rights"])
def test_a_service_may_carry_what_the_rules_for_high_value_datasets_ask_for(prop: str) -> None:
    assert expanded(prop) in class_named("dcat:DataService").properties


def test_catalogs_and_series_take_every_property_of_a_dataset_but_are_not_asked_for_it() -> None:
    dataset = class_named("dcat:Dataset")
    for name in ("dcat:Catalog", "dcat:DatasetSeries"):
        each = class_named(name)
        assert dataset.properties.keys() <= each.properties.keys()
        assert each.properties[DCAT.distribution].obligation is Obligation.ALLOWED
        assert each.properties[DCATDE.legalBasis].deprecated
    assert class_named("dcat:DatasetSeries").properties[DCTERMS.publisher].obligation is Obligation.MANDATORY


def all_rows() -> list[tuple[Class, Property]]:
    return [(each, row) for each in CLASSES.values() for row in each.properties.values()]


def test_every_row_has_labels_in_both_languages_and_ends_where_it_can() -> None:
    for each, row in all_rows():
        assert row.de, (each.name, row.name)
        assert row.en, (each.name, row.name)
        assert row.max is None or row.min <= row.max
        assert (row.kind is Kind.NODE) == (row.range in CLASSES)
        if row.instead:
            assert row.deprecated
            assert not each.properties[row.instead].deprecated


def test_every_vocabulary_that_a_row_names_exists() -> None:
    used = {row.vocabulary for _, row in all_rows()} - {""}
    assert used <= set(names())
    assert all(len(vocabulary(name)) for name in used)
    assert used == set(VOCABULARIES.values()) - {""} | {"hvd-category"}


def test_python_names_are_unique_within_a_class_and_the_plain_one_goes_to_what_is_not_deprecated() -> None:
    for each in CLASSES.values():
        attributes = [row.attribute for row in each.properties.values()]
        assert len(attributes) == len(set(attributes))
        assert all(name.isidentifier() for name in attributes)
    dataset = class_named("dcat:Dataset")
    assert dataset.attribute("has_version").term == DCAT.hasVersion
    assert dataset.attribute("identifier").term == DCTERMS.identifier
    assert dataset.attribute("adms_identifier").term == ADMS.identifier
    assert dataset.attribute("political_geocoding_level_uri").term == DCATDE.politicalGeocodingLevelURI


def test_a_node_of_several_classes_is_of_the_most_special_one() -> None:
    found = class_of([DCAT.Dataset, DCAT.DatasetSeries])
    assert found
    assert found.name == "dcat:DatasetSeries"
    assert class_of([DCAT.Resource, DCAT.Dataset]) is class_named("dcat:Dataset")
    assert class_of(["<http://a.example/Own>"]) is None


def test_organisations_are_agents_and_cards() -> None:
    assert TYPES[FOAF.Organization] is TYPES[ORG.Organization] is class_named("foaf:Agent")
    assert TYPES[VCARD.Individual] is class_named("vcard:Kind")


def test_an_attribute_that_a_class_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError):
        class_named("dcat:Distribution").attribute("publisher")
