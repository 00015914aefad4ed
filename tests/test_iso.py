"""ISO 19139 and 19115-3 records as DCAT-AP.de, as the agreement of GDI-DE and GovData maps them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import _csw_pages as pages
from connectors._csw_options import CswOptions
from connectors._iso_coupling import endpoint, keys
from connectors._iso_map import unmapped
from connectors._iso_read import facts, sketch
from connectors._iso_terms import licence_of, no_limit
from connectors.csw import Csw
from federation.dcat.description import Description
from federation.errors import RecordError
from federation.harvest import screen
from federation.harvest.connector import Record, Response
from federation.terms import DCAT, DCATAP, DCATDE, DCTERMS, FOAF, GEODCATAP, RDFS, SKOS, VCARD, Term, value
from federation.vocabulary import vocabulary
from tests.csw_server import NAMESPACES, OPEN, coded, csw, keywords, legal, link, party, record, string
from tests.region import Region

NO_LIMITS = "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations"


def mapped(text: str) -> Description:
    """One record as a Description, as the source says it."""
    (made,) = Csw().split(Response("https://csw.example/1", text.encode()), CswOptions())
    return Csw().map(made, CswOptions())


def said(text: str, prop: Term, node: Term = "") -> list[str]:
    made = mapped(text)
    return [value(term) for term in made.values(node or made.root, prop)]


def finished(text: str, folder: Path) -> str:
    """The public dataset as N-Triples."""
    with csw([text]) as catalog:
        region = Region(folder)
        region.member("stadt", catalog.url, connector="csw")
        region.sync()
        return region.export("nt").decode()


def anchored(tag: str, text: str, href: str) -> str:
    return f'<gmd:{tag}><gmx:Anchor xlink:href="{href}">{text}</gmx:Anchor></gmd:{tag}>'


# names, dates


def test_identifier_is_the_file_identifier_and_the_resource_identifier_stands_beside_it() -> None:
    made = mapped(record("abc", code="https://registry.gdi-de.org/id/de.test/xyz"))
    assert value(made.value(made.root, DCTERMS.identifier)) == "abc"
    (node,) = made.values(made.root, "<http://www.w3.org/ns/adms#identifier>")
    assert value(made.value(node, SKOS.notation)) == "https://registry.gdi-de.org/id/de.test/xyz"


def test_modified_is_the_date_of_the_metadata() -> None:
    text = record("a", stamp="2021-03-04").replace("</gmd:CI_Citation></gmd:citation>", (
        "<gmd:date><gmd:CI_Date><gmd:date><gco:Date>2019-01-01</gco:Date></gmd:date>" + coded("dateType", "CI_DateTypeCode", "revision")
        + "</gmd:CI_Date></gmd:date><gmd:date><gmd:CI_Date><gmd:date><gco:Date>2018-01-01</gco:Date></gmd:date>"
        + coded("dateType", "CI_DateTypeCode",
        "publication") + "</gmd:CI_Date></gmd:date></gmd:CI_Citation></gmd:citation>"), 1)  # fmt: skip
    assert said(text, DCTERMS.modified) == ["2021-03-04"]
    assert said(text, DCTERMS.issued) == ["2018-01-01"]
    assert "identificationInfo.citation.date (revision)" in unmapped(facts(screen.xml(text.encode())))


def test_a_text_in_several_languages_carries_them_and_a_single_one_none() -> None:
    text = record("a", "Bäume").replace(
        string("title", "Bäume"),
        "<gmd:title><gco:CharacterString>Bäume</gco:CharacterString><gmd:PT_FreeText><gmd:textGroup>"
        '<gmd:LocalisedCharacterString locale="#EN">Trees</gmd:LocalisedCharacterString></gmd:textGroup></gmd:PT_FreeText></gmd:title>',
    )
    languages = (
        '<gmd:language><gmd:LanguageCode codeList="#" codeListValue="ger"/></gmd:language><gmd:locale><gmd:PT_Locale id="EN">'
        '<gmd:languageCode><gmd:LanguageCode codeList="#" codeListValue="eng"/></gmd:languageCode></gmd:PT_Locale></gmd:locale>'
    )
    text = text.replace("<gmd:dateStamp>", f"{languages}<gmd:dateStamp>", 1)
    made = mapped(text)
    assert made.values(made.root, DCTERMS.title) == ['"Bäume"@de', '"Trees"@en']
    assert mapped(record("a", "Bäume")).values("_:root", DCTERMS.title) == ['"Bäume"']


# bodies


@pytest.mark.parametrize(("parties", "name", "rules"), [
    ((("owner", "Eigentümer"), ("publisher", "Herausgeber"), ("pointOfContact", "Kontakt")), "Herausgeber", []),
    ((("pointOfContact", "Kontakt"), ("owner", "Eigentümer")), "Eigentümer", ["publisher-from-owner"]),
    ((("pointOfContact", "Kontakt"),), "Kontakt", ["publisher-from-contact"]),
])  # fmt: skip
def test_publisher_is_the_publisher_else_the_owner_else_the_contacts_organisation(
    parties: tuple[tuple[str, str], ...], name: str, rules: list[str],
) -> None:  # fmt: skip
    made = mapped(record("a", parties="".join(party("pointOfContact", role, organisation) for role, organisation in parties)))
    (node,) = made.values(made.root, DCTERMS.publisher)
    assert made.values(node, FOAF.name) == [f'"{name}"']
    assert [change.rule for change in made.changes] == rules


def test_a_person_is_never_a_publisher_and_the_metadatas_contact_is_not_the_datas() -> None:
    made = mapped(record("a", parties=party("pointOfContact", "publisher", "", "x@stadt.example", person="Erika Beispiel")))
    assert made.values(made.root, DCTERMS.publisher) == []
    assert "Erika Beispiel" not in str(made.nodes)
    assert "Metadatenstelle" not in str(made.nodes)


def test_roles_become_their_properties_and_contacts_keep_to_the_office() -> None:
    parties = "".join(
        party("pointOfContact", role, f"Amt {role}", person="Erika Beispiel")
        for role in ("author", "custodian", "originator", "pointOfContact")
    )
    made = mapped(record("a", parties=parties))
    for prop, role in ((DCTERMS.creator, "author"), (GEODCATAP.custodian, "custodian"), (GEODCATAP.originator, "originator")):
        (node,) = made.values(made.root, prop)
        assert made.values(node, FOAF.name) == [f'"Amt {role}"']
    (contact,) = made.values(made.root, DCAT.contactPoint)
    assert made.values(contact, VCARD.fn) == ['"Amt pointOfContact"']
    assert "Erika Beispiel" not in str(made.nodes)


# subjects


def test_register_terms_are_no_keywords_inspire_themes_and_topics_are_themes(tmp_path: Path) -> None:
    more = keywords("Verkehrsnetze", thesaurus="GEMET - INSPIRE themes, version 1.0") + (
        "<gmd:topicCategory><gmd:MD_TopicCategoryCode>environment</gmd:MD_TopicCategoryCode></gmd:topicCategory>"
    )
    text = record("a", words=("opendata", "inspireidentifiziert", "HVD", "Radwege"), more=more)
    assert said(text, DCAT.keyword) == ["Radwege", "Verkehrsnetze"]
    public = finished(text, tmp_path)
    for theme in ("TRAN", "ENVI"):
        assert f"<http://publications.europa.eu/resource/authority/data-theme/{theme}>" in public


def test_the_holders_statement_of_high_value_is_read() -> None:
    category = next(iter(vocabulary("hvd-category")))
    more = (
        "<gmd:descriptiveKeywords><gmd:MD_Keywords>"
        + anchored("keyword", "Gewässernetz", category)
        + (anchored("keyword", "HVD", "http://data.europa.eu/eli/reg_impl/2023/138/oj") + "</gmd:MD_Keywords></gmd:descriptiveKeywords>")
    )
    text = record("a", more=more)
    assert said(text, DCATAP.hvdCategory) == [category]
    assert said(text, DCATAP.applicableLegislation) == ["http://data.europa.eu/eli/reg_impl/2023/138/oj"]
    assert said(record("a"), DCATAP.hvdCategory) == []


# coverage


def test_boxes_periods_places_and_reference_systems() -> None:
    extent = (
        "<gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox>"
        + "".join(f"<gmd:{name}><gco:Decimal>{number}</gco:Decimal></gmd:{name}>" for name, number in (
            ("westBoundLongitude", 7.0), ("eastBoundLongitude", 7.2), ("southBoundLatitude", 50.6), ("northBoundLatitude", 50.8)))
        + "</gmd:EX_GeographicBoundingBox></gmd:geographicElement>"
        + "<gmd:geographicElement><gmd:EX_GeographicDescription><gmd:geographicIdentifier>"
        + f"<gmd:MD_Identifier>{string('code', '05314000')}</gmd:MD_Identifier></gmd:geographicIdentifier></gmd:EX_GeographicDescription>"
        "</gmd:geographicElement><gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent><gml:TimePeriod><gml:beginPosition>2020-01-01"
        "</gml:beginPosition><gml:endPosition>2020-12-31</gml:endPosition></gml:TimePeriod></gmd:extent></gmd:EX_TemporalExtent>"
        "</gmd:temporalElement></gmd:EX_Extent></gmd:extent>"
    )  # fmt: skip
    system = (
        "<gmd:referenceSystemInfo><gmd:MD_ReferenceSystem><gmd:referenceSystemIdentifier><gmd:RS_Identifier>"
        + string("code", "EPSG 25832: ETRS89 / UTM 32N") + "</gmd:RS_Identifier></gmd:referenceSystemIdentifier></gmd:MD_ReferenceSystem>"
        "</gmd:referenceSystemInfo><gmd:identificationInfo>"
    )  # fmt: skip
    made = mapped(record("a", more=extent).replace("<gmd:identificationInfo>", system, 1))
    places = made.values(made.root, DCTERMS.spatial)
    assert value(made.value(places[0], DCAT.bbox)) == "POLYGON((7.0 50.6,7.2 50.6,7.2 50.8,7.0 50.8,7.0 50.6))"
    assert places[1] == "<http://dcat-ap.de/def/politicalGeocoding/municipalityKey/05314000>"
    (period,) = made.values(made.root, DCTERMS.temporal)
    assert [value(made.value(period, prop)) for prop in (DCAT.startDate, DCAT.endDate)] == ["2020-01-01", "2020-12-31"]
    assert made.values(made.root, DCTERMS.conformsTo) == ["<http://www.opengis.net/def/crs/EPSG/0/25832>"]


# access


@pytest.mark.parametrize(("made", "prop"), [
    (link("https://a.example/x", "WWW:DOWNLOAD-1.0-http--download"), DCAT.distribution), (link("https://a.example/x", "",
    "download"), DCAT.distribution),
    (link("https://a.example/x", "OGC:WFS"), DCAT.distribution),
    (link("https://a.example/x?service=WMS&request=GetCapabilities"), DCAT.distribution),
    (link("https://a.example/x", "WWW:LINK-1.0-http--link", "information"), FOAF.page), (link("https://a.example/x", "",
    "search"), FOAF.page),
    (link("https://a.example/x"), DCAT.landingPage), (link("https://a.example/x", "WWW:LINK", "order"), DCAT.landingPage),
])  # fmt: skip
def test_only_what_gives_the_data_is_a_distribution(made: str, prop: Term) -> None:
    description = mapped(record("a", links=made))
    found = [name for name in (DCAT.distribution, FOAF.page, DCAT.landingPage) if description.values(description.root, name)]
    assert found == [prop]


def test_a_download_has_both_addresses_a_service_only_its_own() -> None:
    made = mapped(
        record(
            "a",
            links=link("https://a.example/x.csv", "WWW:DOWNLOAD")
            + link("https://a.example/w?SERVICE=WFS&REQUEST=GetCapabilities", "OGC:WFS"),
        )
    )
    file, service = made.values(made.root, DCAT.distribution)
    assert made.values(file, DCAT.accessURL) == made.values(file, DCAT.downloadURL) == ["<https://a.example/x.csv>"]
    assert made.values(service, DCAT.downloadURL) == []


@pytest.mark.parametrize(("url", "address"), [
    ("https://a.example/wms?SERVICE=WMS&REQUEST=GetCapabilities&VERSION=1.3.0", "https://a.example/wms"),
    ("https://a.example/cgi?map=/x.map&service=WMS&request=GetCapabilities", "https://a.example/cgi?map=/x.map"),
    ("https://a.example/wms", "https://a.example/wms"),
])  # fmt: skip
def test_the_endpoint_is_the_address_without_the_question(url: str, address: str) -> None:
    assert endpoint(url) == address


# licences


@pytest.mark.parametrize(("text", "licence"), [
    (OPEN, "dl-by-de/2.0"), ('{ "id": "dl-de-by-2.0" , "quelle": "x" }', "dl-by-de/2.0"), ('{"id":"dl-zero-de/2.0"}', "dl-zero-de/2.0"),
    ('Lizenz: {"id":"cc-by/4.0","url":"https://creativecommons.org/licenses/by/4.0/deed.de"}', "cc-by/4.0"), ('{"id":"DL-DE->Zero-2.0"}',
    "dl-zero-de/2.0"),
    ('{"ID":"dl-de/by-2-0","Quelle":"a\nb"}', "dl-by-de/2.0"),
])  # fmt: skip
def test_the_licence_is_read_however_its_id_is_spelt(text: str, licence: str) -> None:
    found = licence_of(text)
    assert found is not None
    assert vocabulary("licence").resolve(found.said) == f"http://dcat-ap.de/def/licenses/{licence}"


@pytest.mark.parametrize(
    "text", ["Datenlizenz Deutschland Zero 2.0", '{"name": "dl-zero-de/2.0"}', '{"id": "dl-zero', "{}", "[1]", '{"id": 3}', "{" * 5000]
)
def test_words_and_broken_json_are_no_licence(text: str) -> None:
    assert licence_of(text) is None


def test_the_first_valid_json_counts_and_its_quelle_is_the_attribution() -> None:
    text = record("a", constraints=legal("Freie Worte", '{"id": kaputt}', OPEN, '{"id": "cc-zero"}'))
    made = mapped(text)
    (file,) = made.values(made.root, DCAT.distribution)
    assert made.values(file, DCTERMS.license) == ["<https://www.govdata.de/dl-de/by-2-0>"]
    assert made.values(file, DCATDE.licenseAttributionByText) == ['"Stadt Beispiel"']
    (rights,) = made.values(file, DCTERMS.rights)
    assert "Freie Worte" in made.value(rights, RDFS.label)


def test_constraints_of_access_are_never_a_licence() -> None:
    text = record("a", constraints=legal(OPEN, access="otherRestrictions", use=""))
    made = mapped(text)
    (file,) = made.values(made.root, DCAT.distribution)
    assert made.values(file, DCTERMS.license) == []


def test_two_licences_in_one_json_are_a_contradiction_and_none() -> None:
    text = record("a", constraints=legal('{"id": "dl-zero-de/2.0", "url": "https://www.govdata.de/dl-de/by-2-0"}'))
    (made,) = Csw().split(Response("x", text.encode()), CswOptions())
    assert [one.code for one in made.findings] == ["csw-licence-contradiction"]
    assert Csw().claim(made, CswOptions()).licence == ""


@pytest.mark.parametrize("words", [
    "Es gelten keine Bedingungen", "Es gelten keine Zugriffsbeschränkungen", "keine", "Nutzungseinschränkungen: keine",
    "no limitations on public access",
    "no conditions apply to access and use", "none", "Es bestehen keine Einschränkungen.", "no constraints",
])  # fmt: skip
def test_words_that_restrict_nothing(words: str) -> None:
    assert no_limit(words)


@pytest.mark.parametrize(
    "words", ["keine Weitergabe", "aufgrund des Schutzes einer Person", "Zugriff beschränkt", "keine kommerzielle Nutzung", ""]
)
def test_words_that_restrict(words: str) -> None:
    assert not no_limit(words)


@pytest.mark.parametrize(("constraints", "restricted"), [
    (legal(OPEN), False), (legal(OPEN) + legal("Es gelten keine Zugriffsbeschränkungen", access="otherRestrictions", use=""), False),
    (legal(OPEN) + legal("gemäß § 12 Absatz 1 GeoZG", access="otherRestrictions", use=""), True),
    (legal(OPEN) + legal(access="otherRestrictions", use=""), True),
    (legal(OPEN, access="copyright"), False), (legal(OPEN, access="restricted"), True), (legal(OPEN, use="private"), True),
    (legal(OPEN, "Weitergabe an Dritte nicht gestattet"), True), (legal(OPEN, access="otherRestrictions"), False),
    (legal(OPEN) + "<gmd:resourceConstraints><gmd:MD_LegalConstraints><gmd:accessConstraints>"
     '<gmd:MD_RestrictionCode codeListValue="otherRestrictions"/>'
     f"</gmd:accessConstraints>{anchored('otherConstraints', 'x', NO_LIMITS)}</gmd:MD_LegalConstraints></gmd:resourceConstraints>", False),
])  # fmt: skip
def test_what_restricts_access(constraints: str, restricted: bool) -> None:
    (made,) = Csw().split(Response("x", record("a", constraints=constraints).encode()), CswOptions())
    assert bool(Csw().claim(made, CswOptions()).restrictions) is restricted


# everything


def test_every_field_is_mapped_or_named_as_unmapped() -> None:
    text = record("a", more=string("purpose", "Planung") + string("credit", "Dank") + string("supplementalInformation", "Mehr"))
    (made,) = Csw().split(Response("x", text.encode()), CswOptions())
    (finding,) = made.findings
    assert finding.value == "identificationInfo.credit, identificationInfo.purpose, identificationInfo.supplementalInformation"


def test_a_record_without_title_cannot_be_used() -> None:
    text = record("a", "T").replace(string("title", "T"), "")
    (made,) = Csw().split(Response("x", text.encode()), CswOptions())
    with pytest.raises(RecordError):
        Csw().map(made, CswOptions())


def test_a_record_stands_alone_with_the_namespaces_around_it() -> None:
    bare = record("a").replace(f" {NAMESPACES}", "")
    other = bare.replace(">a<", ">b<")
    start = f"<x:GetRecordsResponse xmlns:x='http://www.opengis.net/cat/csw/2.0.2' {NAMESPACES}><x:SearchResults>"
    page = f"{start}{bare}{other}</x:SearchResults></x:GetRecordsResponse>"
    records = list(Csw().split(Response("x", page.encode()), CswOptions()))
    assert [one.identifier for one in records] == ["a", "b"]
    for one in records:
        again = Csw().map(Record(one.identifier, one.kind, one.raw), CswOptions())
        assert sorted(again.triples()) == sorted(Csw().map(one, CswOptions()).triples())


def test_what_looks_like_a_record_in_a_comment_is_none() -> None:
    page = f"<x><!-- <gmd:MD_Metadata> -->{record('a')}</x>".replace(
        "<x>", '<c:GetRecordByIdResponse xmlns:c="http://www.opengis.net/cat/csw/2.0.2">'
    )
    page = page.replace("</x>", "</c:GetRecordByIdResponse>")
    assert [one.identifier for one in Csw().split(Response("x", page.encode()), CswOptions())] == ["a"]


def test_a_sketch_says_what_the_whole_record_says() -> None:
    for text in (record("a", parent="p"), record("b", kind="series"), record("c", kind="service"), record("d", kind="application")):
        root = screen.xml(text.encode())
        part, whole = sketch(root), facts(root)
        for name in ("identifier", "parent", "stamp", "codes", "kind", "title", "operates_on"):
            assert getattr(part, name) == getattr(whole, name)


@given(st.text(max_size=80))
def test_comparing_references_never_fails_and_forgets_case_and_scheme(text: str) -> None:
    assert keys(text) is not None
    assert keys("https://registry.example/id/ABC/") == keys("http://www.registry.example/id/abc")


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3))
def test_what_is_added_to_a_page_comes_back(services: dict[str, str]) -> None:
    body = b"<x/>" + pages._written({"services": services})
    assert pages._parted(body) == (b"<x/>", {"services": services})
