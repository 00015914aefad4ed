"""Typed views read a Description through the table."""

from decimal import Decimal
from typing import get_type_hints

import pytest

from federation.dcat import views
from federation.dcat.description import Description
from federation.dcat.schema import CLASSES, Kind
from federation.dcat.views import CatalogRecord, Contact, DataService, Dataset, DatasetSeries, Distribution, View, preferred, view
from federation.terms import DCAT, DCTERMS, FOAF, RDF, VCARD, XSD, literal

ROOT = "<http://a.example/dataset/1>"


@pytest.fixture
def description() -> Description:
    found = Description(ROOT, "dataset")
    for node, prop, term in [
        (ROOT, RDF.type, DCAT.Dataset),
        (ROOT, DCTERMS.title, '"Trees"@en'), (ROOT, DCTERMS.title, '"Bäume"@de'), (ROOT, DCTERMS.title, '"Arbres"@fr'),
        (ROOT, DCAT.keyword, '"Baum"@de'), (ROOT, DCAT.keyword, '"tree"@en'), (ROOT, DCAT.keyword, '"Grün"@de'),
        (ROOT, DCTERMS.issued, literal("2024-02-01", datatype=XSD.date)),
        (ROOT, DCAT.theme, "<http://publications.europa.eu/resource/authority/data-theme/ENVI>"),
        (ROOT, DCTERMS.publisher, "_:p"), ("_:p", RDF.type, FOAF.Organization), ("_:p", FOAF.name, '"Stadt Musterstadt"'),
        (ROOT, DCAT.contactPoint, "_:c"), ("_:c", VCARD.hasEmail, "<mailto:opendata@a.example>"), ("_:c", VCARD.fn, '"Open-Data-Stelle"'),
        ("_:c", VCARD.hasTelephone, "<tel:+49-381-0>"),
        (ROOT, DCAT.distribution, "<http://a.example/r/1>"), (ROOT, DCAT.distribution, "<http://a.example/r/2>"),
        ("<http://a.example/r/1>", DCAT.accessURL, "<http://a.example/x.csv>"),
        ("<http://a.example/r/1>", DCAT.byteSize, literal("12", datatype=XSD.nonNegativeInteger)),
        ("<http://a.example/r/1>", DCTERMS.license, '"frei"'),
        ("<http://a.example/r/1>", DCAT.accessService, "_:s"), ("_:s", DCAT.endpointURL, "<http://a.example/wfs>"),
        ("<http://a.example/r/2>", DCAT.byteSize, '"viel"'),
        (ROOT, DCTERMS.temporal, "_:t"), ("_:t", DCAT.startDate, literal("2024", datatype=XSD.gYear)),
        (ROOT, DCTERMS.spatial, "<http://sws.geonames.org/2844588/>"),
        (ROOT, DCAT.spatialResolutionInMeters, literal("2.50", datatype=XSD.decimal)),
    ]:  # fmt: skip
        found.say(node, prop, term)
    return found


def test_a_dataset_reads_like_an_object(description: Description) -> None:
    dataset = Dataset(description)
    assert (dataset.iri, dataset.title, dataset.issued, dataset.modified) == ("http://a.example/dataset/1", "Bäume", "2024-02-01", "")
    assert dataset.keywords == ["Baum", "Grün"]
    assert dataset.themes == ["http://publications.europa.eu/resource/authority/data-theme/ENVI"]
    assert dataset.publisher
    assert dataset.publisher.name == "Stadt Musterstadt"
    contact = dataset.contacts[0]
    assert (contact.fn, contact.email, contact.url, contact.telephone) == ("Open-Data-Stelle", "opendata@a.example", "", "+49-381-0")
    assert [period.start_date for period in dataset.periods] == ["2024"]
    assert [place.iri for place in dataset.places] == ["http://sws.geonames.org/2844588/"]
    assert dataset.spatial_resolution_in_meters == Decimal("2.50")


def test_the_nodes_that_it_leads_to_are_views_too(description: Description) -> None:
    first, second = Dataset(description).distributions
    assert isinstance(first, Distribution)
    assert (first.access_url, first.byte_size, first.license) == (["http://a.example/x.csv"], 12, "frei")
    assert (second.access_url, second.byte_size, second.license, second.title) == ([], None, "", "")
    assert first.services[0].endpoint_url == ["http://a.example/wfs"]
    assert first.checksum is None


def test_what_is_not_there_is_empty_and_not_an_error() -> None:
    dataset = Dataset(Description(ROOT, "dataset"))
    assert (dataset.title, dataset.publisher, dataset.distributions, dataset.keywords) == ("", None, [], [])
    assert (dataset.accrual_periodicity, dataset.spatial_resolution_in_meters) == ("", None)


def test_a_publisher_that_is_only_a_name_is_given_as_the_text(description: Description) -> None:
    del description.nodes[ROOT][DCTERMS.publisher]
    description.say(ROOT, DCTERMS.publisher, '"Stadt"')
    assert str(Dataset(description).publisher) == "Stadt"


@pytest.mark.parametrize(("terms", "language", "text"), [
    (['"a"@fr', '"b"@en', '"c"', '"d"@de-at', '"e"@de'], "de", "e"),
    (['"a"@fr', '"b"@en', '"c"', '"d"@de-at'], "de", "d"),
    (['"a"@fr', '"b"@en', '"c"'], "de", "c"),
    (['"a"@fr', '"b"@en'], "de", "b"),
    (['"x"@de-t-en-t0-mtec', '"a"@fr'], "de", "a"),
    (['"a"@fr', '"b"@en', '"e"@de'], "en", "b"),
    (['<http://a.example/>', '"a"@fr'], "de", "a"),
    ([], "de", ""),
])  # fmt: skip
def test_the_language_is_chosen_german_untagged_english_first(terms: list[str], language: str, text: str) -> None:
    assert preferred(terms, language) == text


def test_a_property_that_the_class_does_not_have_is_an_attribute_error(description: Description) -> None:
    with pytest.raises(AttributeError, match="dcat:Distribution has no property publisher"):
        _ = Distribution(description).publisher
    assert not hasattr(Dataset(description), "titel")


def test_view_chooses_the_class_by_what_the_node_says() -> None:
    for kind, cls, wanted in [
        ("series", DCAT.DatasetSeries, DatasetSeries), ("service", DCAT.DataService, DataService),
        ("record", DCAT.CatalogRecord, CatalogRecord),
    ]:  # fmt: skip
        assert type(view(Description(ROOT, kind, {ROOT: {RDF.type: [cls]}}))) is wanted
    unknown = Description("_:x", "rest", {"_:x": {RDF.type: ["<http://a.example/Own>"]}})
    assert type(view(unknown, expected=VCARD.Kind)) is Contact
    assert view(unknown).iri == ""


def test_views_of_one_node_are_equal(description: Description) -> None:
    assert len({Dataset(description), view(description)}) == 1
    assert Dataset(description) != Dataset(description.copy())


def view_classes() -> list[type[View]]:
    return [each for each in vars(views).values() if isinstance(each, type) and issubclass(each, View)]


def test_every_typed_attribute_is_one_of_the_table_with_the_type_that_the_table_gives() -> None:
    for each in view_classes():
        for name, hint in get_type_hints(each).items():
            if name in ("schema", "_source", "node"):
                continue
            row = each.schema.attribute(name)
            if row.max is None and name not in views._PER_LANGUAGE:
                assert hint == list[str], (each, name)
            elif row.kind is Kind.NODE:
                assert type(None) in hint.__args__, (each, name)
            else:
                assert hint == (int | None if row.kind is Kind.INTEGER else str), (each, name)


def test_every_class_of_the_table_has_a_view_that_answers_for_each_of_its_properties() -> None:
    for term, cls in CLASSES.items():
        seen = view(Description("_:x", "rest", {"_:x": {RDF.type: [term]}}))
        assert seen.schema is cls
        for row in cls.properties.values():
            assert getattr(seen, row.attribute) in ([], "", None) or row.attribute in ("rdf_type", "type")
