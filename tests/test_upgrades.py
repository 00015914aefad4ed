"""Namespaces in every form, and DCAT-AP.de 1.x and 2.0 as 3.0."""

import pytest

from federation.normalise import namespaces
from federation.terms import DCAT, DCATAP, DCATDE, DCTERMS, FOAF, SPDX, VCARD, iri
from tests.normalising import DATASET, EU, FILE, codes, dataset, described, normaliser, rules, values

LICENCE = "dcterms:license <http://dcat-ap.de/def/licenses/cc-zero> ; dcat:accessURL <https://daten.musterstadt.example/seite>"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["dcat-ap.de", "www.dcat-ap.de"])
@pytest.mark.parametrize("version", ["", "1_0/", "1.0/", "1.0.1/", "1.0.2/", "1.1/", "2.0/", "3.0/"])
def test_properties_of_dcatde_have_no_version(scheme, host, version):
    assert namespaces.property_term(iri(f"{scheme}://{host}/def/dcatde/{version}contributorID")) == DCATDE.contributorID


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("http://data.europa.eu/r5r#availability", DCATAP.availability),
        ("https://data.europa.eu/r5r/availability", DCATAP.availability),
        ("https://www.w3.org/ns/dcat#accessURL", DCAT.accessURL),
        ("http://www.w3.org/ns/dcat/accessURL", DCAT.accessURL),
        ("http://www.w3.org/ns/dcat#accessUrl", DCAT.accessURL),
        ("http://www.w3.org/ns/dcat#Keyword", DCAT.keyword),
        ("https://purl.org/dc/terms/title", DCTERMS.title),
        ("http://spdx.org/rdf/terms/#checksumValue", SPDX.checksumValue),
        ("https://spdx.org/rdf/terms/#checksumValue", SPDX.checksumValue),
        ("vcard:hasEmail", VCARD.hasEmail),
        ("dct:title", DCTERMS.title),
    ],
)
def test_other_namespaces_have_one_form(said, meant):
    assert namespaces.property_term(iri(said)) == meant


@pytest.mark.parametrize(
    "said",
    [
        "http://dati.gov.it/onto/dcatapit#subTheme", "http://purl.org/dc/elements/1.1/title", "http://purl.org/dc/terms/updated",
        "http://www.w3.org/ns/dcat#dataQuality", "urn:x", "mailto:a@b.example",
    ],
)  # fmt: skip
def test_what_belongs_to_others_stays(said):
    assert namespaces.property_term(iri(said)) == iri(said)


def test_classes_get_their_right_name_and_their_superclass():
    city = "<stadt> a <http://xmlns.com/foaf/0.1/foaf/Organization>, <vcard:Organization> ; foaf:name 'Stadt' ."
    description = dataset("dcterms:publisher <stadt>", more=city)
    normaliser()(description)
    types = set(values(description, "rdf:type", iri("https://daten.musterstadt.example/dataset/stadt")))
    assert types == {FOAF.Organization, FOAF.Agent, VCARD.Organization, VCARD.Kind}


def test_addresses_of_dcat_ap_de_have_one_host_but_its_pages_stay():
    page = "<https://www.dcat-ap.de/def/dcatde/3.0/spec/>"
    description = dataset(f"dcterms:conformsTo <https://www.dcat-ap.de/def/dcatde/1.1/>, {page}")
    normaliser()(description)
    assert values(description, "dcterms:conformsTo") == ["<http://dcat-ap.de/def/dcatde/1.1/>", page]


OLD = "https://www.dcat-ap.de/def/dcatde/1.1/"
STABLE = f"<{EU}planned-availability/STABLE>"


@pytest.mark.parametrize(
    ("said", "prop", "meant"),
    [
        (f"<{OLD}plannedAvailability> <https://www.dcat-ap.de/def/plannedAvailability/stable>", "dcatap:availability", STABLE),
        ("adms:status <http://purl.org/adms/status/UnderDevelopment>", "adms:status", f"<{EU}distribution-status/DEVELOP>"),
        ("dcat:byteSize '6776.0'^^xsd:decimal", "dcat:byteSize", '"6776"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>'),
        ("dcat:bytes 6776", "dcat:byteSize", '"6776"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>'),
        ("dcat:granularity 'P1D'", "dcat:temporalResolution", '"P1D"^^<http://www.w3.org/2001/XMLSchema#duration>'),
    ],
)  # fmt: skip
def test_statements_about_distributions(said, prop, meant):
    description = dataset(file=f"{LICENCE} ; {said}")
    assert normaliser()(description) == []
    assert values(description, prop, FILE) == [meant]


def test_hash_algorithms_are_those_of_spdx():
    for old in ("https://www.dcat-ap.de/def/hashAlgorithms/sha/256", "https://spdx.org/rdf/terms/#checksumAlgorithm_sha256"):
        description = dataset(file=f"{LICENCE} ; spdx:checksum [spdx:algorithm <{old}> ; spdx:checksumValue 'ABCD'^^xsd:hexBinary]")
        assert normaliser()(description) == []
        (checksum,) = description.values(FILE, SPDX.checksum)
        assert description.nodes[checksum][SPDX.algorithm] == [SPDX.checksumAlgorithm_sha256]
        assert values(description, "spdx:checksumValue", checksum) == ['"abcd"^^<http://www.w3.org/2001/XMLSchema#hexBinary>']
        assert values(description, "rdf:type", checksum) == [SPDX.Checksum]


@pytest.mark.parametrize(
    ("said", "prop", "meant"),
    [
        (f"<{OLD}originator> <stadt>", "geodcatap:originator", "<https://daten.musterstadt.example/dataset/stadt>"),
        ("dcatde:maintainer <stadt>", "geodcatap:custodian", "<https://daten.musterstadt.example/dataset/stadt>"),
        ("owl:versionInfo '1.2'", "dcat:version", '"1.2"'),
        ("adms:version '1.2'", "dcat:version", '"1.2"'),
        ("dcterms:hasVersion <baeume2>", "dcat:hasVersion", "<https://daten.musterstadt.example/dataset/baeume2>"),
        ("dcterms:isVersionOf 'https://example.org/a'", "dcat:isVersionOf", "<https://example.org/a>"),
        ("dcatde:legalBasis 'https://www.gesetze-im-internet.de/egovg/'", "dcatap:applicableLegislation", "<https://www.gesetze-im-internet.de/egovg/>"),
        ("dcterms:abstract '<p>Kurz</p><script>x</script>'", "dcterms:description", '"<p>Kurz</p>"'),
        ("dcterms:identifier <http://example.org/id/7>", "dcterms:identifier", '"http://example.org/id/7"'),
        ("dcat:landingPage 'https://example.org/a b'", "dcat:landingPage", "<https://example.org/a%20b>"),
    ],
)  # fmt: skip
def test_statements_about_datasets(said, prop, meant):
    description = dataset(said)
    before = sorted(description.triples())
    normaliser()(description)
    assert values(description, prop) == [meant]
    assert sorted(description.undone().triples()) == before


def test_a_legal_basis_in_words_and_a_quality_process_stay_as_they_were_said():
    description = dataset("dcatde:legalBasis 'Beschluss der Bürgerschaft' ; dcatde:qualityProcessURI <https://example.org/q>")
    assert normaliser()(description) == []
    assert values(description, "dcatde:legalBasis") == ['"Beschluss der Bürgerschaft"']
    assert values(description, "dcatde:qualityProcessURI") == ["<https://example.org/q>"]


def test_the_old_name_of_a_legal_basis_in_words_gets_its_namespace_and_no_more():
    description = dataset(f"<{OLD}legalBasis> 'Beschluss <b>7</b>'")
    assert normaliser()(description) == []
    assert values(description, "dcatde:legalBasis") == ['"Beschluss <b>7</b>"']


def test_a_period_of_the_time_before_dcat_2_has_dcat_dates():
    description = dataset("dcterms:temporal [schema:startDate '2020-01-01'^^xsd:date ; schema:endDate '2020-12-31'^^xsd:date]")
    assert normaliser()(description) == []
    (period,) = description.values(DATASET, DCTERMS.temporal)
    assert description.nodes[period].keys() == {"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", DCAT.startDate, DCAT.endDate}


def test_an_event_that_is_no_period_keeps_its_dates():
    description = dataset("dcterms:relation [a schema:Event ; schema:startDate '2020-01-01'^^xsd:date]")
    normaliser()(description)
    assert "schema-date" not in rules(description)


def test_a_version_info_of_something_else_stays():
    description = dataset("dcterms:conformsTo <norm>", more="<norm> a owl:Ontology ; owl:versionInfo '3' .")
    normaliser()(description)
    assert values(description, "owl:versionInfo", iri("https://daten.musterstadt.example/dataset/norm")) == ['"3"']


def test_a_collection_is_a_hint_and_its_parts_are_no_versions():
    description = dataset("dcterms:type <https://www.dcat-ap.de/def/datasetTypes/collection> ; dcterms:hasVersion <baeume2>")
    assert codes(normaliser()(description)) == ["collection"]
    assert values(description, "dcterms:hasVersion") == ["<https://daten.musterstadt.example/dataset/baeume2>"]


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("2019/2021", "2019", "2021"), ("2019-01-01/2019-12-31", "2019-01-01", "2019-12-31"),
        ("01.02.2020 - 03.02.2020", "2020-02-01", "2020-02-03"),
        ("start=2020-01-01; end=2020-12-31; scheme=W3C-DTF", "2020-01-01", "2020-12-31"),
        ("2015 bis 2017", "2015", "2017"), ("2018", "2018", "2018"),
    ],
)  # fmt: skip
def test_a_period_in_words_is_described(said, start, end):
    description = dataset(f"dcterms:temporal '{said}'")
    assert normaliser()(description) == []
    (period,) = description.values(DATASET, DCTERMS.temporal)
    assert values(description, "dcat:startDate", period)[0].startswith(f'"{start}"^^')
    assert values(description, "dcat:endDate", period)[0].startswith(f'"{end}"^^')


def test_an_open_period_has_one_end_and_an_unreadable_one_stays():
    description = dataset("dcterms:temporal '2019/..'")
    assert normaliser()(description) == []
    (period,) = description.values(DATASET, DCTERMS.temporal)
    assert DCAT.endDate not in description.nodes[period]
    description = dataset("dcterms:temporal 'seit jeher'")
    assert codes(normaliser()(description)) == ["period-unreadable"]
    assert values(description, "dcterms:temporal") == ['"seit jeher"']


@pytest.mark.parametrize("prop", ["dcterms:rights", "dcterms:provenance", "dcterms:conformsTo", "adms:identifier"])
def test_words_where_a_node_belongs_become_its_text(prop):
    description = dataset(f"{prop} 'In eigenen Worten'@de")
    before = sorted(description.triples())
    assert normaliser()(description) == []
    (node,) = values(description, prop)
    assert '"In eigenen Worten"@de' in [term for terms in description.nodes[node].values() for term in terms]
    assert sorted(description.undone().triples()) == before


def test_old_vcard_names_are_the_present_ones():
    old = "vcard:email 'info@stadt.example' ; vcard:tel '+49 381 1'"
    description = dataset(f"dcat:contactPoint [a vcard:Organization ; vcard:fn 'Amt' ; {old}]")
    normaliser()(description)
    (contact,) = description.values(DATASET, DCAT.contactPoint)
    assert values(description, "vcard:hasEmail", contact) == ["<mailto:info@stadt.example>"]
    assert VCARD.hasTelephone in description.nodes[contact]


def test_a_catalog_record_keeps_its_status():
    record = described(
        "<eintrag> a dcat:CatalogRecord ; adms:status 'created' ; foaf:primaryTopic <baeume> . "
        "<baeume> a dcat:Dataset ; dcterms:title 'B' .",
        "record",
    )
    assert normaliser()(record) == []
