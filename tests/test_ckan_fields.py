"""The mapping of CKAN fields: what a portal says is what the Description says."""

import json
import time
from typing import Any

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._ckan_fields import (
    AGENTS,
    DATASET,
    DISTRIBUTION,
    FILE_KNOWN,
    FILE_PARTS,
    FILE_TECHNICAL,
    KNOWN,
    PARTS,
    SERVICE,
    TECHNICAL,
)  # fmt: skip
from connectors._ckan_map import description, fields_of, unmapped
from connectors._ckan_packages import CkanOptions
from connectors._ckan_values import decoded, items, parsed, texts
from connectors.ckan import Ckan
from federation.dcat.description import Description
from federation.dcat.schema import Kind, class_named
from federation.errors import RecordError, SourceError
from federation.harvest.connector import Record, Response
from federation.terms import DCAT, DCATDE, DCTERMS, FOAF, LOCN, RDFS, SKOS, SPDX, TYPE, Term, expanded, value
from tests.ckan_server import package
from tests.shared import shared

PORTAL = "https://ckan.example"
CORPUS = (
    "zurich_package_search_verkehr.json", "zurich_group_show_mobilitat.json", "zurich_package_search_strom.json",
    "opendataswiss_package_search_strom.json", "envidat_package_search.json", "envidat_package_show.json", "moers_ogpd_2013.json",
)  # fmt: skip
# Properties beyond DCAT-AP.de that keep what has no place in it.
BEYOND = {"dcterms:alternative", "rdfs:comment", "dcatde:licenseAttributionByText"}


def said(extras: dict[str, Any] | None = None, mapping: dict[str, str] | None = None, **fields: Any) -> Description:
    made = package(1, **fields)
    made["extras"] = [{"key": key, "value": item} for key, item in (extras or {}).items()]
    return description({"portal": PORTAL, "package": made}, mapping=mapping)


def of(found: Description, name: str, node: Term = "") -> list[str]:
    """What a property says, as plain text; language tags and datatypes are asked for where they matter."""
    return [value(term) for term in found.values(node or found.root, expanded(name))]


def node(found: Description, *path: str) -> Term:
    """The first node along a path of properties from the root."""
    here = found.root
    for name in path:
        here = found.value(here, expanded(name))
    return here


def files(found: Description) -> list[Term]:
    return found.values(found.root, DCAT.distribution)


def corpus(name: str) -> list[dict[str, Any]]:
    content = json.loads(shared(f"corpus/ckan-api/{name}").read_bytes())
    content = content.get("result", content)
    found: list[dict[str, Any]] = content.get("results") or content.get("packages") or [content]
    return found


# the tables


def test_every_property_of_the_tables_belongs_to_its_class_in_the_one_table() -> None:
    for table, name in ((DATASET, "dcat:Dataset"), (DISTRIBUTION, "dcat:Distribution"), (SERVICE, "dcat:DataService")):
        known = class_named(name).properties
        for key, (_, prop) in table.items():
            assert expanded(prop) in known or prop in BEYOND, f"{key} -> {prop} on {name}"
    for prop in AGENTS.values():
        assert expanded(prop) in class_named("dcat:Dataset").properties


def test_texts_are_written_as_texts_and_addresses_as_addresses() -> None:
    for table, name in ((DATASET, "dcat:Dataset"), (DISTRIBUTION, "dcat:Distribution"), (SERVICE, "dcat:DataService")):
        for key, (way, prop) in table.items():
            row = class_named(name).properties.get(expanded(prop))
            if row is not None and way.partition(" ")[0] in ("text", "texts", "keywords"):
                assert row.kind is Kind.LITERAL, key
            elif row is not None and way in ("listed", "datasets", "relations", "groups"):
                assert row.kind in (Kind.IRI, Kind.NODE), key


def test_no_field_is_in_two_tables() -> None:
    assert not (DATASET.keys() & PARTS.keys())
    assert not (DISTRIBUTION.keys() & FILE_PARTS.keys())
    assert not (TECHNICAL & (DATASET.keys() | PARTS.keys()))
    assert not (FILE_TECHNICAL & (DISTRIBUTION.keys() | FILE_PARTS.keys()))
    assert "title_de" in KNOWN
    assert "description_en" in FILE_KNOWN


# identity


def test_the_iri_is_the_uri_of_the_package_else_the_address_of_its_page() -> None:
    assert said(extras={"uri": "https://stadt.example/daten/1"}).root == "<https://stadt.example/daten/1>"
    assert said(uri="urn:uuid:1").root == f"<{PORTAL}/dataset/{package(1)['id']}>"
    assert said(id="", name="Städtische Daten").root == f"<{PORTAL}/dataset/St%C3%A4dtische%20Daten>"
    with pytest.raises(RecordError) as caught:
        said(id="", name="")
    assert caught.value.code == "ckan-no-id"


def test_files_have_their_uri_else_an_address_below_the_dataset_else_none() -> None:
    resources = [
        {"id": "r1", "url": "https://x.example/1"}, {"id": "r2", "uri": "https://x.example/uri", "url": "https://x.example/2"},
        {"id": "r3", "uri": "https://x.example/uri", "url": "https://x.example/3"}, {"url": "https://x.example/4"},
        {"id": "r5", "state": "deleted", "url": "https://x.example/5"},
    ]  # fmt: skip
    found = files(said(extras={"uri": "https://stadt.example/1"}, resources=resources))
    assert found[:3] == [
        "<https://stadt.example/1/resource/r1>", "<https://x.example/uri>", "<https://stadt.example/1/resource/r3>",
    ]  # fmt: skip
    assert found[3].startswith("_:")
    assert len(found) == 4


def test_the_identifier_is_the_one_said_else_the_guid_else_the_id() -> None:
    assert of(said(extras={"identifier": "A-1", "guid": "g"}), "dcterms:identifier") == ["A-1"]
    assert of(said(extras={"guid": "g"}), "dcterms:identifier") == ["g"]
    assert of(said(), "dcterms:identifier") == [package(1)["id"]]
    assert of(said(extras={"metadata_original_id": "alt-7"}), "dcterms:identifier") == ["alt-7"]
    other = said(extras={"identifier": "A-1", "alternate_identifier": '["doi:10.1/2", "A-1"]'})
    assert of(other, "skos:notation", node(other, "adms:identifier")) == ["doi:10.1/2"]


# texts and languages


def test_a_single_text_stays_without_a_language() -> None:
    found = said(title="Bäume", notes="Alle Bäume der Stadt")
    assert found.values(found.root, DCTERMS.title) == ['"Bäume"']
    assert found.values(found.root, DCTERMS.description) == ['"Alle Bäume der Stadt"']


@pytest.mark.parametrize("title", [
    {"en": "Trees", "de": "Bäume", "fr": ""}, '{"en": "Trees", "de": "Bäume"}',
])  # fmt: skip
def test_texts_of_several_languages_carry_them_the_wanted_order_first(title: object) -> None:
    found = said(title=title)
    assert found.values(found.root, DCTERMS.title) == ['"Bäume"@de', '"Trees"@en']


def test_the_plain_title_beside_its_translations_is_not_said_twice() -> None:
    found = said(title="Bäume", title_translated={"de": "Bäume", "en": "Trees"}, title_fr="Arbres")
    assert sorted(found.values(found.root, DCTERMS.title)) == ['"Arbres"@fr', '"Bäume"@de', '"Trees"@en']


def test_keywords_come_from_tags_and_from_lists_by_language() -> None:
    assert of(said(tags=[{"name": "Baum"}, "Wald", {"name": ""}]), "dcat:keyword") == ["Baum", "Wald"]
    found = said(tags=[{"name": "baum"}], keywords={"de": ["baum"], "en": ["tree"]})
    assert found.values(found.root, DCAT.keyword) == ['"baum"@de', '"tree"@en']


def test_a_title_in_brackets_is_not_taken_for_a_list() -> None:
    assert of(said(title="[2020] Haushalt"), "dcterms:title") == ["[2020] Haushalt"]
    assert of(said(title="{Entwurf} Plan"), "dcterms:title") == ["{Entwurf} Plan"]


def test_empty_strings_and_nulls_say_nothing() -> None:
    files_of = [dict.fromkeys((*DISTRIBUTION, *FILE_PARTS), None)]
    empty = dict.fromkeys((*DATASET, *PARTS), "") | {"id": "x", "type": "dataset", "resources": files_of}
    found = description({"portal": PORTAL, "package": empty})
    assert found.nodes[found.root].keys() == {TYPE, DCTERMS.identifier, DCAT.distribution}
    assert found.nodes[files(found)[0]] == {TYPE: [DCAT.Distribution]}
    assert of(said(extras={"theme": "null", "language": "[]", "conforms_to": '[""]'}), "dcat:theme") == []


# lists


@pytest.mark.parametrize("listed", [
    ["http://publications.europa.eu/resource/authority/data-theme/ENVI", "Umwelt"],
    '["http://publications.europa.eu/resource/authority/data-theme/ENVI", "Umwelt"]',
    '{"http://publications.europa.eu/resource/authority/data-theme/ENVI",Umwelt}',
])  # fmt: skip
def test_lists_are_read_as_lists_as_json_and_in_the_old_form(listed: object) -> None:
    found = said(extras={"theme": listed})
    assert found.values(found.root, DCAT.theme) == ["<http://publications.europa.eu/resource/authority/data-theme/ENVI>", '"Umwelt"']


def test_languages_may_be_separated_by_commas_standards_may_not() -> None:
    assert of(said(extras={"language": "de, en"}), "dcterms:language") == ["de", "en"]
    assert of(said(extras={"conforms_to": "ISO 19115, Teil 1"}), "dcterms:conformsTo") == ["ISO 19115, Teil 1"]


def test_groups_become_themes_by_the_name_that_is_one_else_by_their_title() -> None:
    assert of(said(groups=[{"name": "envi", "title": "Natur im Kreis"}]), "dcat:theme") == ["envi"]
    assert of(said(groups=[{"name": "b7", "title": "Buntes"}, "verwaltung"]), "dcat:theme") == ["Buntes", "verwaltung"]
    assert of(said(groups=[{"name": "x9", "title": {"en": "Mixed", "de": "Gemischt"}}]), "dcat:theme") == ["Gemischt"]


# bodies and people


def test_the_organization_is_the_publisher_unless_one_is_said() -> None:
    found = said()
    publisher = node(found, "dcterms:publisher")
    assert publisher == f"<{PORTAL}/organization/11111111-0000-4000-8000-000000000001>"
    assert of(found, "foaf:name", publisher) == ["Stadt"]
    assert found.value(publisher, TYPE) == FOAF.Organization
    found = said(extras={"publisher_name": "Amt", "publisher_email": "amt@stadt.example", "publisher_url": "https://amt.example",
                         "publisher_type": "http://purl.org/adms/publishertype/LocalAuthority"})  # fmt: skip
    publisher = node(found, "dcterms:publisher")
    assert of(found, "foaf:name", publisher) == ["Amt"]
    assert of(found, "foaf:mbox", publisher) == ["mailto:amt@stadt.example"]
    assert of(found, "foaf:homepage", publisher) == ["https://amt.example"]
    assert of(found, "dcterms:type", publisher) == ["http://purl.org/adms/publishertype/LocalAuthority"]
    assert len(of(found, "dcterms:publisher")) == 1
    assert node(said(extras={"publisher_uri": "https://amt.example/id"}), "dcterms:publisher") == "<https://amt.example/id>"


def test_author_and_maintainer_are_creator_and_custodian_and_the_maintainer_is_the_one_to_ask() -> None:
    found = said(author="Vermessung", author_email="v@stadt.example", maintainer="Open-Data-Stelle", maintainer_email="od@stadt.example",
                 extras={"maintainer_tel": "0381 1", "maintainer_url": "https://od.example", "maintainer_city": "Rostock"})  # fmt: skip
    assert of(found, "foaf:name", node(found, "dcterms:creator")) == ["Vermessung"]
    assert of(found, "foaf:name", node(found, "geodcatap:custodian")) == ["Open-Data-Stelle"]
    contact = node(found, "dcat:contactPoint")
    assert of(found, "vcard:fn", contact) == ["Open-Data-Stelle"]
    assert of(found, "vcard:hasEmail", contact) == ["mailto:od@stadt.example"]
    assert of(found, "vcard:hasTelephone", contact) == ["0381 1"]
    assert of(found, "vcard:hasURL", contact) == ["https://od.example"]
    assert of(found, "vcard:hasLocality", contact) == ["Rostock"]


def test_contact_fields_come_before_the_maintainer_and_the_author_is_no_contact() -> None:
    found = said(maintainer="Amt", extras={"contact_name": "Auskunft", "contact_email": "a@x.example; b@x.example", "contact_uri": "https://x.example/c"})
    assert of(found, "dcat:contactPoint") == ["https://x.example/c"]
    contact = node(found, "dcat:contactPoint")
    assert of(found, "vcard:fn", contact) == ["Auskunft"]
    assert of(found, "vcard:hasEmail", contact) == ["mailto:a@x.example", "mailto:b@x.example"]
    assert of(said(author="Amt", author_email="a@x.example"), "dcat:contactPoint") == []


def test_schemas_with_dicts_for_bodies_are_read_like_the_single_fields() -> None:
    found = said(
        publisher=[{"name": {"de": "Amt", "en": "Office"}, "uri": "", "type": ""}], contact=[{"name": "Auskunft", "email": "a@x.example"}],
        creator='[{"given_name": "Erika", "name": "Muster", "email": "", "identifier": "0000-0001", "affiliation": "Amt"}]',
    )  # fmt: skip
    assert sorted(found.values(node(found, "dcterms:publisher"), FOAF.name)) == ['"Amt"@de', '"Office"@en']
    assert of(found, "vcard:fn", node(found, "dcat:contactPoint")) == ["Auskunft"]
    creator = node(found, "dcterms:creator")
    assert of(found, "foaf:name", creator) == ["Erika Muster"]
    assert of(found, "dcterms:identifier", creator) == ["0000-0001"]
    assert found.value(creator, TYPE) == FOAF.Person


def test_a_person_is_said_to_be_one_only_by_the_portal() -> None:
    found = said(author="Erika Muster", extras={"author_contacttype": "Person", "originator_name": "Amt"})
    assert found.value(node(found, "dcterms:creator"), TYPE) == FOAF.Person
    assert found.value(node(found, "geodcatap:originator"), TYPE) == FOAF.Agent


# dates


def test_the_dates_that_the_portal_states_are_the_dates() -> None:
    found = said(extras={"issued": "2020-05-01", "modified": "Sommer 2021"})
    assert found.values(found.root, DCTERMS.issued) == ['"2020-05-01"^^<http://www.w3.org/2001/XMLSchema#date>']
    assert found.values(found.root, DCTERMS.modified) == ['"Sommer 2021"']
    assert not [change for change in found.changes if change.field == "metadata_modified"]
    assert of(said(), "dcterms:issued") == []


def test_without_a_date_of_its_own_the_newest_file_counts_and_then_the_metadata_both_marked() -> None:
    resources = [
        {"id": "a", "last_modified": "2026-03-01T00:00:00"}, {"id": "b", "modified": "2026-04-01"},
        {"id": "c", "last_modified": "01.05.2026"},
    ]  # fmt: skip
    found = said(resources=resources)
    assert of(found, "dcterms:modified") == ["2026-04-01"]
    assert [change.rule for change in found.changes if change.added[0][0] == found.root] == ["modified-from-resource"]
    found = said(resources=[])
    assert of(found, "dcterms:modified") == [package(1)["metadata_modified"]]
    assert [change.rule for change in found.changes] == ["modified-from-metadata"]
    assert DCTERMS.modified not in found.undone().nodes[found.root]


def test_files_have_their_own_dates() -> None:
    found = said(resources=[
        {"id": "a", "created": "2020-01-01", "last_modified": "2021-01-01", "metadata_modified": "2022-01-01"},
        {"id": "b", "issued": "2019-01-01", "created": "2020-01-01", "modified": "2023-01-01", "last_modified": "2021-01-01"},
        {"id": "c", "metadata_modified": "2022-01-01"},
    ])  # fmt: skip
    assert [(of(found, "dcterms:issued", each), of(found, "dcterms:modified", each)) for each in files(found)] == [
        (["2020-01-01"], ["2021-01-01"]), (["2019-01-01"], ["2023-01-01"]), ([], ["2022-01-01"]),
    ]  # fmt: skip
    assert [change.field for change in found.changes if change.added[0][0] == files(found)[2]] == ["resources.metadata_modified"]


@pytest.mark.parametrize(("fields", "expected"), [
    ({"temporal_start": "2010-01-01", "temporal_end": "2019-12-31"}, [("2010-01-01", "2019-12-31")]),
    ({"temporal_coverage_from": "2010"}, [("2010", "")]),
    ({"temporal_coverage": '[{"start": "2010", "end": ""}, {"start": "2012", "end": "2013"}]'}, [("2010", ""), ("2012", "2013")]),
    ({"temporals": [{"start_date": "2003-05-18T00:00:00", "end_date": "2003-05-18T23:59:59"}]},
     [("2003-05-18T00:00:00", "2003-05-18T23:59:59")]),
    ({"timeRange": "1990 - 2016"}, [("1990", "2016")]),
    ({"timeRange": "14.12.2025"}, [("14.12.2025", "14.12.2025")]),
    ({"timeRange": "01.01.2020 bis 31.12.2021"}, [("01.01.2020", "31.12.2021")]),
    ({"timeRange": "2020 -"}, [("2020", "")]),
    ({"temporal": "2010-01-01/2011-01-01"}, [("2010-01-01", "2011-01-01")]),
])  # fmt: skip
def test_periods_in_every_form(fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    found = said(extras=fields)
    periods = found.values(found.root, DCTERMS.temporal)
    starts = ["".join(of(found, "dcat:startDate", each)) for each in periods]
    assert list(zip(starts, ["".join(of(found, "dcat:endDate", each)) for each in periods], strict=True)) == expected


def test_a_period_in_words_keeps_its_words() -> None:
    found = said(timeRange="Laufende Nachführung")
    assert of(found, "rdfs:label", node(found, "dcterms:temporal")) == ["Laufende Nachführung"]


# places


def test_a_geometry_is_kept_with_its_kind() -> None:
    geojson = '{"type": "Point", "coordinates": [12.1, 54.1]}'
    found = said(extras={"spatial": geojson, "spatial_text": "Rostock", "spatial_uri": "http://sws.geonames.org/2844588/"})
    assert "http://sws.geonames.org/2844588/" in of(found, "dcterms:spatial")
    place = found.values(found.root, DCTERMS.spatial)[1]
    assert found.value(place, LOCN.geometry).endswith("geoJSONLiteral>")
    assert of(found, "locn:geometry", place) == [geojson]
    assert of(found, "skos:prefLabel", place) == ["Rostock"]
    wkt = said(extras={"spatial": "POLYGON((1 2,3 4,5 6,1 2))"})
    assert wkt.value(node(wkt, "dcterms:spatial"), LOCN.geometry).endswith("wktLiteral>")
    listed = said(extras={"spatial": "11.9,54.0,12.3,54.2"})
    assert of(listed, "dcat:bbox", node(listed, "dcterms:spatial")) == ["11.9,54.0,12.3,54.2"]
    words = said(extras={"spatial": "Kanton Zürich"})
    assert of(words, "skos:prefLabel", node(words, "dcterms:spatial")) == ["Kanton Zürich"]
    assert words.nodes[node(words, "dcterms:spatial")].keys() == {TYPE, SKOS.prefLabel}


def test_the_four_sides_of_a_box_make_a_box_in_lon_lat() -> None:
    found = said(extras={"bbox-west-long": "11.9", "bbox-south-lat": "54.0", "bbox-east-long": "12.3", "bbox-north-lat": "54.2"})
    assert of(found, "dcat:bbox", node(found, "dcterms:spatial")) == ["POLYGON((11.9 54.0,12.3 54.0,12.3 54.2,11.9 54.2,11.9 54.0))"]


# the fields of ckanext-dcat and ckanext-dcatde


@pytest.mark.parametrize(("key", "given", "prop", "expected"), [
    ("contributorID", '["http://dcat-ap.de/def/contributors/landMV"]', "dcatde:contributorID", ["http://dcat-ap.de/def/contributors/landMV"]),
    ("politicalGeocodingURI", '["http://dcat-ap.de/def/politicalGeocoding/municipalityKey/13003000"]', "dcatde:politicalGeocodingURI",
     ["http://dcat-ap.de/def/politicalGeocoding/municipalityKey/13003000"]),
    ("politicalGeocodingLevelURI", "http://dcat-ap.de/def/politicalGeocoding/Level/municipality", "dcatde:politicalGeocodingLevelURI",
     ["http://dcat-ap.de/def/politicalGeocoding/Level/municipality"]),
    ("geocodingText", '["Altstadt"]', "dcatde:geocodingDescription", ["Altstadt"]),
    ("legalbasisText", '["§ 4 OpenDataG"]', "dcatde:legalBasis", ["§ 4 OpenDataG"]),
    ("qualityProcessURI", "https://x.example/q", "dcatde:qualityProcessURI", ["https://x.example/q"]),
    ("availability", "http://publications.europa.eu/resource/authority/planned-availability/STABLE", "dcatap:availability",
     ["http://publications.europa.eu/resource/authority/planned-availability/STABLE"]),
    ("hvd_category", '["http://data.europa.eu/bna/c_ac64a52d"]', "dcatap:hvdCategory", ["http://data.europa.eu/bna/c_ac64a52d"]),
    ("applicable_legislation", '["http://data.europa.eu/eli/reg_impl/2023/138/oj"]', "dcatap:applicableLegislation",
     ["http://data.europa.eu/eli/reg_impl/2023/138/oj"]),
    ("frequency", "monatlich", "dcterms:accrualPeriodicity", ["monatlich"]),
    ("access_rights", "public", "dcterms:accessRights", ["public"]),
    ("dcat_type", "Statistik", "dcterms:type", ["Statistik"]),
    ("documentation", '["https://x.example/doc"]', "foaf:page", ["https://x.example/doc"]),
    ("metadata_original_html", "https://x.example/original", "dcat:landingPage", ["https://x.example/original"]),
    ("in_series", ["reihe-1"], "dcat:inSeries", [f"{PORTAL}/dataset/reihe-1"]),
    ("is_version_of", '["https://x.example/1"]', "dcat:isVersionOf", ["https://x.example/1"]),
    ("references", '["https://musterdatenkatalog.de/def/musterdatensatz/x"]', "dcterms:references",
     ["https://musterdatenkatalog.de/def/musterdatensatz/x"]),
    ("version_notes", "neu", "adms:versionNotes", ["neu"]),
    ("temporal_resolution", "P1D", "dcat:temporalResolution", ["P1D"]),
    ("spatial_resolution_in_meters", "[10.5]", "dcat:spatialResolutionInMeters", ["10.5"]),
])  # fmt: skip
def test_extras_of_the_dcat_extensions(key: str, given: object, prop: str, expected: list[str]) -> None:
    assert of(said(extras={key: given}), prop) == expected
    fields: dict[str, Any] = {key: given}
    assert of(said(**fields), prop) == expected


def test_statements_in_words_become_nodes_with_a_label_and_addresses_stay_addresses() -> None:
    found = said(extras={"provenance": "Luftbilder von 2020"})
    assert of(found, "rdfs:label", node(found, "dcterms:provenance")) == ["Luftbilder von 2020"]
    found = said(resources=[{"id": "r", "rights": {"de": "Nur privat", "en": "Private only"}}])
    assert sorted(found.values(found.value(files(found)[0], DCTERMS.rights), RDFS.label)) == ['"Nur privat"@de', '"Private only"@en']
    assert of(said(extras={"provenance": "https://x.example/p"}), "dcterms:provenance") == ["https://x.example/p"]


def test_the_url_is_the_landing_page_and_words_there_are_the_provenance() -> None:
    assert of(said(url="https://x.example/seite"), "dcat:landingPage") == ["https://x.example/seite"]
    assert of(said(url="www.x.example/seite"), "dcat:landingPage") == ["www.x.example/seite"]
    found = said(url="Amt für Geoinformation, Stadt")
    assert of(found, "dcat:landingPage") == []
    assert of(found, "rdfs:label", node(found, "dcterms:provenance")) == ["Amt für Geoinformation, Stadt"]


def test_a_series_is_a_series() -> None:
    found = said(type="dataset_series", extras={"applicable_legislation": "http://x.example/eli"})
    assert found.kind == "series"
    assert found.value(found.root, TYPE) == DCAT.DatasetSeries


def test_the_ogd_structure_before_dcat_is_understood() -> None:
    found = description({"portal": PORTAL, "package": {
        "name": "alt", "title": "Alt", "type": "datensatz", "groups": ["verwaltung"], "tags": ["x"], "extras": {
            "contacts": json.dumps([
                {"role": "veroeffentlichende_stelle", "name": "Stadt"}, {"role": "autor", "name": "Vermessung"},
                {"role": "ansprechpartner", "name": "Stelle", "email": "s@x.example"},
            ]),
            "dates": [
                {"role": "veroeffentlicht", "date": "2012-01-01"}, {"role": "aktualisiert", "date": "2013-02-15"},
                {"role": "erstellt", "date": "2011"},
            ],
            "terms_of_use": {"license_id": "dl-de-by-1.0", "attribution_text": "Stadt Alt"},
            "temporal_coverage_from": "2010", "geographical_granularity": "stadt",
            "spatial_reference": {"ags": "05170024", "text": "Moers"}, "sector": "oeffentlich",
        }, "resources": [{"url": "https://x.example/1.csv", "format": "CSV"}],
    }})  # fmt: skip
    assert of(found, "foaf:name", node(found, "dcterms:publisher")) == ["Stadt"]
    assert of(found, "foaf:name", node(found, "dcterms:creator")) == ["Vermessung"]
    assert of(found, "vcard:hasEmail", node(found, "dcat:contactPoint")) == ["mailto:s@x.example"]
    assert (of(found, "dcterms:issued"), of(found, "dcterms:modified")) == (["2012-01-01"], ["2013-02-15"])
    assert of(found, "dcterms:license", files(found)[0]) == ["dl-de-by-1.0"]
    assert of(found, "dcatde:licenseAttributionByText", files(found)[0]) == ["Stadt Alt"]
    assert of(found, "dcatde:politicalGeocodingURI") == ["http://dcat-ap.de/def/politicalGeocoding/municipalityKey/05170024"]
    assert of(found, "dcatde:geocodingDescription") == ["Moers"]
    assert of(found, "dcatde:politicalGeocodingLevelURI") == ["stadt"]


# files


def test_the_licence_of_a_file_comes_before_that_of_the_dataset() -> None:
    resources = [{"id": "a", "license": "http://dcat-ap.de/def/licenses/cc-zero"}, {"id": "b"}, {"id": "c", "license_id": "cc-by"}]
    found = said(license_id="dl-de-by-2.0", extras={"licenseAttributionByText": "Stadt"}, resources=resources)
    assert [of(found, "dcterms:license", each) for each in files(found)] == [
        ["http://dcat-ap.de/def/licenses/cc-zero"], ["dl-de-by-2.0"], ["cc-by"],
    ]  # fmt: skip
    assert [found.value(each, DCATDE.licenseAttributionByText) for each in files(found)] == ['"Stadt"'] * 3
    assert of(found, "dcterms:license") == []
    assert of(said(license_id="cc-by", resources=[]), "dcterms:license") == ["cc-by"]


@pytest.mark.parametrize(("fields", "expected"), [
    ({"license_id": "cc-by", "license_url": "https://creativecommons.org/licenses/by/4.0/", "license_title": "CC BY 4.0"},
     "https://creativecommons.org/licenses/by/4.0/"),
    ({"license_id": "cc-zero", "license_url": "http://www.opendefinition.org/licenses/cc-zero"}, "cc-zero"),
    ({"license_id": "http://dcat-ap.de/def/licenses/dl-zero-de/2.0", "license_url": "https://x.example"},
     "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"),
    ({"license_id": "", "license_title": "Kostenlose Nutzung"}, "Kostenlose Nutzung"),
    ({"license_id": "notspecified", "license_title": "License Not Specified"}, ""),
    ({"license_id": None}, ""),
])  # fmt: skip
def test_the_licence_is_the_most_exact_thing_that_is_said(fields: dict[str, Any], expected: str) -> None:
    found = said(**{"license_id": None, **fields})
    assert of(found, "dcterms:license", files(found)[0]) == ([expected] if expected else [])


def test_addresses_of_files() -> None:
    found = said(resources=[
        {"id": "a", "url": "https://x.example/a.csv", "url_type": "upload"}, {"id": "b", "url": "https://x.example/b", "url_type": None},
        {"id": "c", "url": "https://x.example/c.csv", "download_url": "https://x.example/c.csv", "access_url": "https://x.example/c"},
        {"id": "d", "url": "https://x.example/d.csv", "download_url": "https://x.example/d.csv"}, {"id": "e", "url": "kein link"},
    ])  # fmt: skip
    assert [(of(found, "dcat:accessURL", each), of(found, "dcat:downloadURL", each)) for each in files(found)] == [
        (["https://x.example/a.csv"], ["https://x.example/a.csv"]), (["https://x.example/b"], []),
        (["https://x.example/c"], ["https://x.example/c.csv"]), (["https://x.example/d.csv"], ["https://x.example/d.csv"]),
        (["kein link"], []),
    ]  # fmt: skip


def test_size_format_and_media_type() -> None:
    found = said(resources=[
        {"id": "a", "size": 4096, "format": "CSV", "mimetype": "application/zip", "mimetype_inner": "text/csv"},
        {"id": "b", "byte_size": 0, "mimetype": "text/csv", "mimetype_inner": "null"}, {"id": "c", "size": "4 kB"},
    ])  # fmt: skip
    first, second, third = files(found)
    assert found.values(first, DCAT.byteSize) == ['"4096"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>']
    assert (of(found, "dcterms:format", first), of(found, "dcat:mediaType", first), of(found, "dcat:packageFormat", first)) == (
        ["CSV"], ["text/csv"], ["application/zip"],
    )  # fmt: skip
    assert (of(found, "dcat:byteSize", second), of(found, "dcat:mediaType", second)) == ([], ["text/csv"])
    assert found.values(third, DCAT.byteSize) == ['"4 kB"']


def test_a_checksum_names_its_algorithm_and_a_guessed_one_is_marked() -> None:
    digest = "9b66a6712b0054324ab83c3ba9630bba"
    found = said(resources=[{"id": "a", "hash": digest, "hash_algorithm": "http://spdx.org/rdf/terms#checksumAlgorithm_md5"},
                            {"id": "b", "hash": f"md5:{digest}"}, {"id": "c", "hash": digest}, {"id": "d", "hash": "stand-7"}])  # fmt: skip
    sums = [found.value(each, SPDX.checksum) for each in files(found)]
    assert [of(found, "spdx:checksumValue", each) for each in sums] == [[digest], [digest], [digest], ["stand-7"]]
    assert [of(found, "spdx:algorithm", each) for each in sums] == [
        ["http://spdx.org/rdf/terms#checksumAlgorithm_md5"], ["md5"], ["http://spdx.org/rdf/terms#checksumAlgorithm_md5"], [],
    ]  # fmt: skip
    assert [change.rule for change in found.changes if change.field == "resources.hash"] == ["hash-algorithm-from-length"]


def test_services_behind_a_file() -> None:
    services = json.dumps([
        {"uri": "https://x.example/dienst", "title": "WFS", "endpoint_url": ["https://x.example/wfs"], "serves_dataset": ["d0001"],
         "access_service_ref": "N1"},
        {"title": "Ohne Adresse"},
    ])  # fmt: skip
    found = said(resources=[{"id": "a", "access_services": services}])
    first, second = found.values(files(found)[0], DCAT.accessService)
    assert first == "<https://x.example/dienst>"
    assert of(found, "dcat:endpointURL", first) == ["https://x.example/wfs"]
    assert of(found, "dcat:servesDataset", first) == [f"{PORTAL}/dataset/d0001"]
    assert of(found, "dcterms:title", second) == ["Ohne Adresse"]


# the operator's own fields, unmapped fields


def test_the_operator_maps_fields_of_the_portal() -> None:
    mapping = {"kuerzel": "dcterms:identifier", "resources.stand": "dcterms:modified", "amt": "rdfs:comment", "url": "foaf:page"}
    found = said(mapping=mapping, kuerzel="K-1", amt="Tiefbau", url="https://x.example/u",
                 resources=[{"id": "r", "stand": "2020-01-01", "url": "https://x.example/r"}])  # fmt: skip
    assert "K-1" in of(found, "dcterms:identifier")
    assert of(found, "rdfs:comment") == ["Tiefbau"]
    assert (of(found, "foaf:page"), of(found, "dcat:landingPage")) == (["https://x.example/u"], [])
    assert of(found, "dcterms:modified", files(found)[0]) == ["2020-01-01"]
    with pytest.raises(ValueError, match="nope"):
        CkanOptions(mapping={"x": "nope:title"})


def test_fields_that_no_table_knows_are_reported_with_their_names_unless_empty() -> None:
    made = package(1, kuerzel="K", leer="", sachgebiet=None, resources=[{"id": "r", "stand": "1", "url_type": "", "position": 3}])
    made["extras"] = [{"key": "eigenes", "value": "x"}, {"key": "harvest_object_id", "value": "1"}]
    assert unmapped(fields_of(made), {}) == ["eigenes", "kuerzel", "resources.stand"]
    assert unmapped(fields_of(made), {"kuerzel": "dcterms:identifier", "resources.stand": "dcterms:modified"}) == ["eigenes"]


def test_extras_never_stand_in_for_the_structure_of_a_package() -> None:
    extras = [{"key": "state", "value": "deleted"}, {"key": "title", "value": "X"}, {"key": "b", "value": "y"}]
    fields = fields_of({"id": "1", "title": "T", "extras": extras})
    assert ("state" in fields, fields["title"], fields["b"]) == (False, "T", "y")


# laws


@pytest.mark.parametrize("name", CORPUS)
def test_every_value_of_the_corpus_is_in_the_description_or_reported(name: str) -> None:
    for each in corpus(name):
        found = description({"portal": PORTAL, "package": each})
        text = "\n".join(value(term) for _, _, term in found.triples())
        missing = set(unmapped(fields_of(each), {}))
        lost = {key for key, leaf in leaves(each) if key not in missing and leaf not in text}
        assert not lost  # names of fields only: the values may be about persons


# Said in another way, or of the portal's structure rather than of the data.
ELSEWHERE = {
    "license_id", "license_title", "license_url", "organization", "groups", "metadata_modified", "resources.metadata_modified",
    "resources.last_modified", "resources.created", "resources.url_type", "resources.mimetype_inner", "id", "guid", "resources.id",
}  # fmt: skip


CODES = {"role", "date_type", "is_free_to_use", "data_credit", "identifier_scheme", "type", "coordinates", "given_name"}


def leaves(each: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def walk(key: str, item: Any) -> None:
        if isinstance(item, str) and item[:1] in "[{":
            item = parsed(item)
        if isinstance(item, dict):
            for part, inner in item.items():
                if part not in CODES and (key != "tags" or part == "name"):
                    walk(key, inner)
        elif isinstance(item, list):
            for inner in item:
                walk(key, inner)
        elif isinstance(item, str) and item.strip() and item != "null" and key not in ELSEWHERE:
            found.append((key, item.strip()))

    for key, item in fields_of(each).items():
        if key == "resources":
            for resource in item:
                for inner, leaf in resource.items():
                    if inner not in FILE_TECHNICAL:
                        walk(f"resources.{inner}", leaf)
        elif key not in TECHNICAL:
            walk(key, item)
    return found


@pytest.mark.parametrize("name", CORPUS)
def test_a_record_read_from_the_store_gives_the_same_description(name: str) -> None:
    connector, options = Ckan(), CkanOptions(include_foreign=True)
    body = json.dumps({"success": True, "result": {"count": 1, "results": corpus(name)}}).encode()
    for record in connector.split(Response(f"{PORTAL}/api/3/action/package_search?rows=1", body), options):
        again = connector.map(Record(record.identifier, record.kind, record.raw), options)
        fresh = connector.map(record, options)
        assert (list(fresh.triples()), fresh.changes) == (list(again.triples()), again.changes)


LIKELY = ["https://x.example/ä b", "http://", "[1]", '{"de":"x"}', '["a"]', "{a,b}", "a@b", "2020-01-01", "POINT(1 2)", "upload"]
INNER = ["de", "en", "name", "uri", "email", "date", "role", "start", "type", "url", "id"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**9) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
    | st.sampled_from(LIKELY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELDS = st.dictionaries(st.sampled_from(sorted((DATASET.keys() | PARTS.keys()) - {"id", "resources"})), JSON, max_size=6)
FILES = st.lists(st.dictionaries(st.sampled_from(sorted(DISTRIBUTION.keys() | FILE_PARTS.keys())), JSON, max_size=5), max_size=2)


@settings(max_examples=250, deadline=None)
@given(FIELDS, FILES)
def test_whatever_a_portal_writes_into_its_fields_gives_valid_triples(fields: dict[str, Any], resources: list[dict[str, Any]]) -> None:
    made = {**fields, "id": "x", "resources": resources}
    found = description({"portal": PORTAL, "package": made})
    lines = "".join(f"{subject} {prop} {term} .\n" for subject, prop, term in found.triples())
    assert len(set(pyoxigraph.parse(lines.encode(), pyoxigraph.RdfFormat.N_TRIPLES))) == len(set(found.triples()))
    for _, terms in ((prop, terms) for properties in found.nodes.values() for prop, terms in properties.items()):
        assert len(terms) == len(set(terms)) > 0
    unmapped(fields_of(made), {})


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters='",[]{}'), min_size=1, max_size=8), max_size=4))
def test_a_list_is_the_same_as_json_of_it(values: list[str]) -> None:
    assert items(json.dumps(values)) == items(values)


def test_answers_with_half_characters_and_nan_are_read() -> None:
    assert decoded(b'\xef\xbb\xbf{"a": "x\\ud800y", "b": NaN, "c": "\\ud83d\\ude00"}') == {"a": "x\ufffdy", "b": None, "c": "😀"}
    with pytest.raises(SourceError):
        decoded(b"<html>")


def test_texts_read_every_form() -> None:
    assert texts({"de": ["a", "b"], "en": "c"}, ["en"]) == [("c", "en"), ("a", "de"), ("b", "de")]
    assert texts({"de_CH": "a"}) == [("a", "de-CH")]
    assert texts({"title": "a"}) == []


def test_splitting_and_mapping_is_fast_enough() -> None:
    """At most a quarter of a millisecond for a typical package (3 files, 60 triples); four times that here, as machines differ."""
    connector, options = Ckan(), CkanOptions()
    packages = [typical(number) for number in range(200)]
    response = Response(f"{PORTAL}/api/3/action/package_search", json.dumps({"success": True, "result": {"results": packages}}).encode())
    best = 1.0
    for _ in range(3):
        start = time.process_time()
        made = [connector.map(record, options) for record in connector.split(response, options)]
        best = min(best, (time.process_time() - start) / len(packages))
    assert 58 <= sum(1 for _ in made[0].triples()) <= 68
    assert best < 0.001


def typical(number: int) -> dict[str, Any]:
    made = package(
        number, author="Vermessungsamt", maintainer="Open-Data-Stelle", maintainer_email="opendata@stadt.example",
        url=f"https://stadt.example/daten/{number}", notes="Alle Bäume der Stadt.\nMit Standort und Art. " * 5,
        groups=[{"name": "envi", "title": "Umwelt"}],
        tags=[{"name": f"schlagwort-{tag}"} for tag in range(3)],
    )  # fmt: skip
    made["extras"] = [{"key": key, "value": item} for key, item in {
        "issued": "2020-01-01", "modified": f"2026-01-{number % 28 + 1:02d}",
        "theme": '["http://publications.europa.eu/resource/authority/data-theme/ENVI"]',
        "frequency": "http://publications.europa.eu/resource/authority/frequency/MONTHLY", "spatial_text": "Rostock",
        "temporal_start": "2010-01-01", "temporal_end": "2019-12-31",
    }.items()]  # fmt: skip
    made["resources"] = [made["resources"][0] | {
        "id": f"{number}-{place}", "url": f"https://daten.example/{number}/{place}.csv", "size": 1000 + place, "mimetype": "text/csv",
        "last_modified": "2026-01-01T00:00:00", "description": "Tabelle",
    } for place in range(3)]  # fmt: skip
    return made
