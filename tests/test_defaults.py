"""The operator's defaults: only where the source is silent, each marked as derived."""

import pytest

from federation.dcat.description import Description
from federation.terms import DCAT, DCTERMS, FOAF, TYPE, VCARD, iri
from tests.normalising import DATASET, EU, codes, dataset, described, feed, normaliser, rules, values

PUBLISHER = {"publisher": "Hansestadt Musterstadt", "publisher_url": "https://musterstadt.example/", "publisher_type": "LocalAuthority"}


def test_a_silent_source_gets_the_configured_publisher():
    description = dataset()
    assert normaliser(PUBLISHER)(description) == []
    (publisher,) = values(description, "dcterms:publisher")
    assert publisher == "<https://musterstadt.example/>"
    assert description.nodes[publisher] == {
        TYPE: [FOAF.Agent], FOAF.name: ['"Hansestadt Musterstadt"'], DCTERMS.type: ["<http://purl.org/adms/publishertype/LocalAuthority>"],
    }  # fmt: skip
    (change,) = [change for change in description.changes if change.rule == "default:publisher"]
    assert change.removed == ()
    assert len(change.added) == 4


def test_a_stated_publisher_stays():
    description = dataset("dcterms:publisher [foaf:name 'Tiefbauamt']")
    normaliser(PUBLISHER)(description)
    assert "default:publisher" not in rules(description)


def test_a_publisher_that_is_only_an_address_gets_the_configured_name_where_it_is_the_same_one():
    description = dataset("dcterms:publisher <https://musterstadt.example/>")
    assert normaliser(PUBLISHER)(description) == []
    assert values(description, "foaf:name", "<https://musterstadt.example/>") == ['"Hansestadt Musterstadt"']
    other = dataset("dcterms:publisher <https://kreis.example/>")
    assert codes(normaliser(PUBLISHER)(other)) == ["missing-publisher-name"]
    assert values(other, "foaf:name", "<https://kreis.example/>") == []


def test_a_contact_needs_a_way_to_reach_it():
    description = dataset()
    normaliser({"contact_name": "Geodatenstelle"})(description)
    assert values(description, "dcat:contactPoint") == []
    normaliser({"contact_name": "Geodatenstelle", "contact_email": "geodaten@musterstadt.example"})(description)
    (contact,) = values(description, "dcat:contactPoint")
    assert description.nodes[contact] == {
        TYPE: [VCARD.Kind], VCARD.fn: ['"Geodatenstelle"'], VCARD.hasEmail: ["<mailto:geodaten@musterstadt.example>"],
    }  # fmt: skip
    assert "default:contact" in rules(description)


def test_the_language_is_the_configured_one_only_where_none_is_said():
    description = dataset()
    normaliser({"language": "de"})(description)
    assert values(description, "dcterms:language") == [f"<{EU}language/DEU>"]
    english = dataset("dcterms:language 'en'")
    normaliser({"language": "de"})(english)
    assert values(english, "dcterms:language") == [f"<{EU}language/ENG>"]


def test_services_and_series_get_them_too_but_no_catalog():
    service = described("<dienst> a dcat:DataService ; dcterms:title 'D' .", "service")
    normaliser(PUBLISHER)(service)
    assert values(service, "dcterms:publisher", iri("https://daten.musterstadt.example/dataset/dienst"))
    catalog = described("<katalog> a dcat:Catalog ; dcterms:title 'K' .", "catalog")
    normaliser(PUBLISHER | {"coverage": "member"})(catalog)
    assert catalog.changes == []


ALL = PUBLISHER | {
    "license": "dl-zero-de/2.0", "attribution": "Stadt", "language": "de",
    "contact_email": "opendata@musterstadt.example", "coverage": "member",
}  # fmt: skip
_NEVER = (DCTERMS.accessRights, DCTERMS.temporal, "<http://data.europa.eu/r5r/hvdCategory>", "<http://data.europa.eu/r5r/applicableLegislation>")


@pytest.mark.parametrize("name", ["bremen_catalog.rdf.gz", "es_ua_alicante.rdf.gz", "it_alessandria.rdf"])
def test_access_rights_temporal_coverage_and_hvd_labels_are_never_made_up(name):
    def said(description: Description) -> list[bool]:
        return [prop in description.nodes[description.root] for prop in _NEVER]

    normalise = normaliser(ALL)
    for description in feed(name):
        if description.kind == "dataset":
            before = said(description)
            normalise(description)
            assert said(description) == before


def test_no_default_leaves_a_silent_dataset_silent():
    description = dataset()
    assert normaliser()(description) == []
    assert description.changes == []
    assert set(description.nodes[DATASET]) == {TYPE, DCTERMS.title}
    assert DCAT.contactPoint not in description.nodes[DATASET]
