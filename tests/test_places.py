"""Spatial coverage: keys, places, words and shapes, the level, and the member's area as a default."""

import pytest

from federation.config import Member
from federation.normalise.places import elsewhere, level_of
from federation.terms import DCTERMS, LOCN, SKOS, TYPE
from tests.normalising import DATASET, EU, codes, dataset, normaliser, rules, values

KEYS = "http://dcat-ap.de/def/politicalGeocoding/"
ROSTOCK = f"<{KEYS}regionalKey/130030000000>"
OLD = "https://www.dcat-ap.de/def/dcatde/1.1/"


@pytest.mark.parametrize(
    "said",
    [
        f"dcatde:politicalGeocodingURI {ROSTOCK}", f"<{OLD}politicalGeocodingURI> <https://www.dcat-ap.de/def/politicalGeocoding/regionalKey/130030000000>",
        f"dcatde:politicalGeocodingURI '{KEYS}regionalKey/130030000000'", "dcatde:politicalGeocodingURI '130030000000'",
        "dcterms:spatial <https://dcat-ap.de/def/politicalGeocoding/regionalKey/130030000000/>", "dcterms:spatial '130030000000'",
        f"dcterms:spatial {ROSTOCK}", "dcterms:spatial '13003000'",
    ],
)  # fmt: skip
def test_a_key_is_a_place_of_dcterms_spatial_with_class_and_level(said):
    description = dataset(said)
    before = sorted(description.triples())
    assert normaliser()(description) == []
    assert values(description, "dcterms:spatial") == [ROSTOCK]
    assert values(description, "dcatde:politicalGeocodingURI") == []
    assert values(description, "rdf:type", ROSTOCK) == [DCTERMS.Location]
    assert values(description, "dcatde:politicalGeocodingLevelURI") == [f"<{KEYS}Level/administrativeDistrict>"]
    assert sorted(description.undone().triples()) == before


def test_the_old_property_stays_beside_it_where_the_region_wants_it():
    description = dataset(f"<{OLD}politicalGeocodingURI> <https://www.dcat-ap.de/def/politicalGeocoding/stateKey/13>")
    normaliser(political_geocoding=True)(description)
    assert values(description, "dcatde:politicalGeocodingURI") == values(description, "dcterms:spatial") == [f"<{KEYS}stateKey/13>"]


def test_a_key_that_leads_nowhere_is_a_finding_and_moves_on_as_an_address():
    description = dataset(f"dcatde:politicalGeocodingURI <{KEYS}municipalityKey/99999999>, 'Bullerbü'")
    assert codes(normaliser()(description)) == ["unknown-place", "unknown-place"]
    assert values(description, "dcterms:spatial") == [f"<{KEYS}municipalityKey/99999999>"]
    assert values(description, "dcatde:politicalGeocodingURI") == ['"Bullerbü"']


def test_a_level_that_the_source_gave_is_not_derived_again():
    description = dataset(f"dcatde:politicalGeocodingURI {ROSTOCK} ; dcatde:politicalGeocodingLevelURI 'municipality'")
    normaliser()(description)
    assert values(description, "dcatde:politicalGeocodingLevelURI") == [f"<{KEYS}Level/municipality>"]


@pytest.mark.parametrize(
    ("key", "level"),
    [
        ("stateKey/13", "state"), ("governmentDistrictKey/055", "administrativeDistrict"), ("districtKey/13072", "administrativeDistrict"),
        ("regionalKey/130030000000", "administrativeDistrict"), ("regionalKey/130725250005", "municipality"),
        ("municipalityKey/13072005", "municipality"), ("municipalAssociationKey/130725250", "municipality"),
    ],
)  # fmt: skip
def test_the_level_follows_the_key(key, level):
    assert level_of(f"<{KEYS}{key}>") == f"<{KEYS}Level/{level}>"


def test_other_places_have_no_level():
    assert level_of("<http://sws.geonames.org/2844588/>") == level_of(f"<{KEYS}Level/state>") == ""


def test_places_of_known_lists_have_one_address_and_others_stay():
    description = dataset("dcterms:spatial <https://sws.geonames.org/2867714>, <http://www.geonames.org/2921044/germany.html>, <https://example.org/ort>")
    assert normaliser()(description) == []
    assert "<http://sws.geonames.org/2921044/>" in values(description, "dcterms:spatial")
    assert "<https://example.org/ort>" in values(description, "dcterms:spatial")
    assert f"<{EU}country/DEU>" not in values(description, "dcterms:spatial")


def test_words_about_the_area_become_the_label_of_a_location_so_that_none_is_lost():
    for prop in ("dcatde:geocodingDescription", f"<{OLD}geocodingDescription>", "dcterms:spatial"):
        description = dataset(f"{prop} 'Rostock und <i>Umgebung</i>'@de")
        before = sorted(description.triples())
        assert normaliser()(description) == []
        (node,) = values(description, "dcterms:spatial")
        assert description.nodes[node] == {TYPE: [DCTERMS.Location], SKOS.prefLabel: ['"Rostock und Umgebung"@de']}
        assert sorted(description.undone().triples()) == before


def test_a_name_is_never_turned_into_a_key():
    description = dataset("dcterms:spatial 'Rostock'")
    normaliser()(description)
    assert not any(KEYS in term for term in description.nodes)


def test_a_person_may_decide_what_a_name_means():
    description = dataset("dcterms:spatial 'HRO' ; dcatde:politicalGeocodingURI 'MV'")
    assert normaliser(lookups={"place": {"HRO": "130030000000"}}, regional={"place": {"mv": "13"}})(description) == []
    assert values(description, "dcterms:spatial") == [ROSTOCK, f"<{KEYS}stateKey/13>"]


@pytest.mark.parametrize("shape", ["POLYGON((12 54,13 54,13 55,12 55,12 54))", '{"type":"Point","coordinates":[12.1,54.1]}'])
def test_a_shape_as_text_becomes_a_location_with_that_geometry(shape):
    description = dataset(f"dcterms:spatial '{shape}'")
    before = sorted(description.triples())
    normaliser()(description)
    (node,) = values(description, "dcterms:spatial")
    assert DCTERMS.Location in description.nodes[node][TYPE]
    assert len(description.nodes[node]) > 1
    assert sorted(description.undone().triples()) == before


def test_a_location_with_a_key_inside_says_it_in_dcterms_spatial_too():
    description = dataset(f"dcterms:spatial [{'<' + LOCN.base + 'adminUnitL2>'} <https://www.dcat-ap.de/def/politicalGeocoding/regionalKey/130030000000>]")
    assert normaliser()(description) == []
    assert ROSTOCK in values(description, "dcterms:spatial")
    assert len(values(description, "dcterms:spatial")) == 2


def test_the_members_area_is_a_default_only_where_it_is_allowed():
    silent = dataset()
    normaliser()(silent)
    assert values(silent, "dcterms:spatial") == []
    asked = dataset()
    assert normaliser({"coverage": "member"})(asked) == []
    assert values(asked, "dcterms:spatial") == [ROSTOCK]
    assert values(asked, "dcatde:politicalGeocodingLevelURI") == []
    assert "default:coverage" in rules(asked)


@pytest.mark.parametrize(
    "said",
    [
        "dcterms:spatial 'Umland'", "dcterms:title 'Straßen im Landkreis Rostock'", "dcterms:title 'Wälder in Mecklenburg-Vorpommern'",
        "dcterms:publisher [foaf:name 'Land Mecklenburg-Vorpommern']", "dcatde:geocodingDescription 'Warnow'",
    ],
)  # fmt: skip
def test_not_where_the_source_speaks_of_another_area(said):
    description = dataset(said)
    normaliser({"coverage": "member"})(description)
    assert ROSTOCK not in values(description, "dcterms:spatial")


def test_a_member_that_is_a_district_may_say_its_own_name():
    assert elsewhere("Straßen im Landkreis Rostock", "Hansestadt Rostock")
    assert not elsewhere("Straßen im Landkreis Rostock", "Landkreis Rostock")
    district = Member(title="Landkreis Rostock", key="13072")
    description = dataset("dcterms:title 'Straßen im Landkreis Rostock'")
    normaliser({"coverage": "member"}, member=district)(description)
    assert values(description, "dcterms:spatial") == [f"<{KEYS}districtKey/13072>"]


def test_an_empty_place_is_a_finding():
    description = dataset("dcterms:spatial ''")
    assert codes(normaliser()(description)) == ["empty-value"]
    assert description.values(DATASET, DCTERMS.spatial) == ['""']
