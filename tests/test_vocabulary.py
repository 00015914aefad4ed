"""What the controlled vocabularies promise: codes resolve, spellings of real sources resolve, legal meaning never changes."""

import csv
import re
import subprocess
import sys
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import territory as t
from federation import vocabulary as v
from federation.vocabulary import vocabulary

EU = "http://publications.europa.eu/resource/authority/"
LICENCES = "http://dcat-ap.de/def/licenses/"
IANA = "https://www.iana.org/assignments/media-types/"
SYNC = (
    "language", "availability", "frequency", "theme", "access-right", "file-type", "media-type", "distribution-status", "dataset-type",
    "licence", "contributor", "geocoding-level", "publisher-type", "hash", "hvd-category", "legislation", "category", "inspire-theme",
    "topic-category", "eu-licence", "known-licence",
)  # fmt: skip
TABLES = [*SYNC, "distribution-type", "continent", "country", "place", "state", "government-district", "district"]


def aliases(name: str) -> list[tuple[str, str]]:
    file = files("vocabularies").joinpath(f"aliases/{name}.csv")
    if not file.is_file():
        return []
    return [(row["alias"], row["code"]) for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]


def test_sources_names_every_table_with_origin_version_licence_and_its_true_count() -> None:
    tables = {file.name.removesuffix(".csv") for file in files("vocabularies").iterdir() if file.name.endswith(".csv")}
    assert set(v.names()) == tables
    for name in v.names():
        source = vocabulary(name).source
        assert source["count"] == len(vocabulary(name)) > 0, name
        assert source["origin"], name
        assert source["licence"], name
        assert source["url"].startswith("http"), name


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("licence", 34), ("contributor", 69), ("hvd-category", 96), ("geocoding-level", 6), ("state", 16), ("government-district", 29),
        ("district", 400), ("association", 4597), ("municipality", 10981), ("file-type", 199), ("inspire-theme", 34),
        ("topic-category", 19), ("media-type", 2136), ("hash", 17), ("legislation", 49),
    ],
)  # fmt: skip
def test_the_tables_are_complete(name: str, count: int) -> None:
    assert len(vocabulary(name)) == count


@pytest.mark.parametrize("name", [*TABLES, "association", "municipality"])
def test_every_code_is_one_line_and_has_a_german_label(name: str) -> None:
    for code in vocabulary(name).codes.values():
        assert all((code.label_de, code.label_en, code.code))
        assert not re.search(r"[\x00-\x1f\x85\u2028\u2029]", code.label_de + code.label_en + "".join(code.extra.values()))


@pytest.mark.parametrize("name", TABLES)
def test_iri_and_code_resolve_to_themselves_and_a_label_to_no_other_code(name: str) -> None:
    table = vocabulary(name)
    for iri in table:
        code = table.code(iri)
        assert code is not None
        assert table.resolve(iri) == iri
        assert iri in table
        assert table.resolve(code.code) == iri
        assert table.resolve(code.label_de) in (iri, None)
        assert table.resolve(code.label_en) in (iri, None)


@pytest.mark.parametrize("name", ["access-right", "availability", "distribution-status", "frequency", "theme", "dataset-type", "hash"])
def test_the_labels_of_small_tables_are_never_ambiguous(name: str) -> None:
    for iri, code in ((code.iri, code) for code in vocabulary(name).codes.values()):
        assert vocabulary(name).resolve(code.label_de) == vocabulary(name).resolve(code.label_en) == iri


@given(name=st.sampled_from(SYNC), data=st.data())
def test_resolving_twice_is_resolving_once(name: str, data: st.DataObject) -> None:
    table = vocabulary(name)
    known = st.sampled_from([code.label_de for code in table.codes.values()] + [alias for alias, _ in aliases(name)])
    spelling = data.draw(st.one_of(st.text(max_size=40), known, known.map(str.upper), known.map(lambda text: f"  {text} ")))
    found = table.resolve(spelling)
    assert found is None or (found in table and table.resolve(found) == found)


@given(name=st.sampled_from([name for name in SYNC if name not in ("media-type", "known-licence")]), data=st.data())
def test_case_blanks_and_hyphens_do_not_count(name: str, data: st.DataObject) -> None:
    table = vocabulary(name)
    iri = data.draw(st.sampled_from(list(table)))
    label = table.label(iri)
    assert table.resolve(label.upper().replace(" ", "-")) == table.resolve(label.lower().replace("-", " ")) == table.resolve(label)


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("known-licence", "category")])
def test_hosts_and_closing_slashes_do_not_count(name: str) -> None:
    for iri in vocabulary(name):
        rest = iri.partition("://")[2].removeprefix("www.")
        for variant in (f"https://{rest}", f"http://www.{rest}/", f"https://www.{rest}", f" <http://{rest}> "):
            assert vocabulary(name).resolve(variant) == iri


def test_an_iri_of_another_vocabulary_is_never_taken() -> None:
    shared = {("media-type", "file-type"), ("eu-licence", "licence"), ("eu-licence", "known-licence"), ("licence", "known-licence"),
              ("known-licence", "licence"), ("known-licence", "eu-licence")}  # fmt: skip
    for other in TABLES:
        for name in TABLES:
            if name == other or (other, name) in shared:
                continue
            for iri in list(vocabulary(other))[:400]:
                if "://" in iri:
                    assert vocabulary(name).resolve(iri) is None, (name, iri)


def test_a_text_in_which_an_address_stands_is_no_code() -> None:
    licences = vocabulary("licence")
    assert licences.resolve("not https://creativecommons.org/licenses/by/4.0/") is None
    assert licences.resolve("City of X\nhttp://creativecommons.org/publicdomain/zero/1.0/legalcode") is None
    assert licences.resolve("https://proxy.example/http://dcat-ap.de/def/licenses/cc-by") is None
    assert licences.resolve("https://example.org/licenses/cc-by") is None


@pytest.mark.parametrize("name", TABLES)
def test_every_alias_leads_to_its_code_and_one_without_code_to_none(name: str) -> None:
    table = vocabulary(name)
    for alias, code in aliases(name):
        assert table.resolve(alias) == (table.base + code if code else None), alias


LEGAL = [
    "CC BY 3.0", "cc-by-3.0", "CC-BY-3.0", "cc-by3", "https://creativecommons.org/licenses/by/3.0/",
    "https://creativecommons.org/licenses/by/3.0/legalcode", "http://creativecommons.org/licenses/by/3.0/deed.de",
    "https://creativecommons.org/licenses/by/3.0/at/", "http://creativecommons.org/licenses/by/2.0/",
    "https://creativecommons.org/licenses/by-sa/3.0/ee/legalcode", "https://creativecommons.org/licenses/by-sa/3.0/",
    "https://creativecommons.org/licenses/by-nc-nd/4.0/legalcode", "https://creativecommons.org/licenses/by-nc-sa/4.0/",
    "CC BY-NC-SA 4.0", "CC BY-NC 3.0", "cc-by-nc/3.0", "cc-nc", "cc-nc-3.0", "http://creativecommons.org/licenses/by-nc/2.0/",
    "http://dcat-ap.de/def/licenses/cc-by-nc-de/4_0", "https://www.dcat-ap.de/def/licenses/cc-by-nc-de/4_0", "cc-by-nc-de/4.0",
    "http://dcat-ap.de/def/licenses/cc-nc", f"{EU}licence/CC_BY", f"{EU}licence/CC_BY_3_0", f"{EU}licence/CC_BYSA_3_0",
    f"{EU}licence/CC_BY_2_5", f"{EU}licence/APACHE_2_0", f"{EU}licence/BSD_3_CLAUSE", f"{EU}licence/GPL_3_0_OR_LATER",
    f"{EU}licence/COM_REUSE", f"{EU}licence/OP_DATPRO", "Apache-2.0", "GPL-3.0-or-later", "GNU Free Documentation License 1.2",
    "Datenlizenz Deutschland", "Datenlizenz Deutschland Namensnennung", "Datenlizenz Deutschland – Zero", "dl-de-by", "dl-de/by",
    "dl-by-de", "dl-zero-de", "dl-de-zero", "Public Domain", "other-pd", "notspecified", "Andere (Namensnennung)", "other-at",
    "Creative Commons Non-Commercial (Any)", "Creative Commons Non-Commercial (Alle)", "https://www.openstreetmap.org/copyright",
    "https://opendata.swiss/terms-of-use#terms_by", "keine", "none", "", " ",
]  # fmt: skip


@pytest.mark.parametrize("spelling", LEGAL)
def test_a_spelling_that_could_be_another_legal_text_is_left_to_a_person(spelling: str) -> None:
    assert vocabulary("licence").resolve(spelling) is None


SAME_TEXT = {
    "cc-by": ["cc-by", "CC BY", "Creative Commons Attribution", "http://www.opendefinition.org/licenses/cc-by",
              "https://opendefinition.org/licenses/cc-by/", "Creative Commons Namensnennung (CC-BY)", "https://creativecommons.org/licenses/by/"],
    "cc-by/4.0": ["CC-BY-4.0", "cc-by 4.0", "cc-by-4.0", "http://dcat-ap.de/def/licenses/cc-by/4_0", f"{EU}licence/CC_BY_4_0",
                  "https://creativecommons.org/licenses/by/4.0/", "http://www.creativecommons.org/licenses/by/4.0/deed.de",
                  "https://creativecommons.org/licenses/by/4.0/legalcode", "https://creativecommons.org/licenses/by/4.0/legalcode.de",
                  "Creative Commons Namensnennung – 4.0 International (CC BY 4.0)", "Creative Commons Attribution (CC-BY 4.0)"],
    "cc-by-de/3.0": ["Creative Commons Namensnennung 3.0 DE", "https://creativecommons.org/licenses/by/3.0/de/deed.de",
                     "http://dcat-ap.de/def/licenses/cc-by-de/3_0", "CC-BY-3.0-DE"],
    "cc-zero": ["cc-zero", "CC0", "cc-0", "CC0-1.0", "Creative Commons CCZero", "https://creativecommons.org/publicdomain/zero/1.0/deed.de",
                "https://www.dcat-ap.de/def/licenses/cc-zero", "Creative Commons CC Zero License (cc-zero)"],
    "ccpdm/1.0": ["http://dcat-ap.de/def/licenses/cc-pdm/1_0", "https://creativecommons.org/publicdomain/mark/1.0/"],
    "dl-by-de/2.0": ["dl-de-by-2.0", "DL-DE-BY-2.0", "dl-de/by-2-0", "https://www.govdata.de/dl-de/by-2-0", "govdata.de/dl-de/by-2-0",
                     "www.govdata.de/dl-de/by-2-0", "Datenlizenz Deutschland – Namensnennung – Version 2.0", "dl-by-de/2.0",
                     "Datenlizenz Deutschland Namensnennung 2.0", "http://dcat-ap.de/def/licenses/dl-by-de/2_0",
                     f"{EU}licence/DLDE_BY_2_0"],
    "dl-zero-de/2.0": ["dl-de-zero-2.0", "https://www.govdata.de/dl-de/zero-2-0", "Datenlizenz Deutschland \x96 Zero \x96 Version 2.0",
                       "http://dcat-ap.de/def/licenses/dl-zero-de/2_0", f"{EU}licence/DLDE_ZERO_2_0"],
    "dl-by-de/1.0": ["dl-de-by-1.0", "https://www.govdata.de/dl-de/by-1-0"],
    "cc-by-nc": ["cc-by-nc", "CC-BY-NC"],
    "cc-by-sa/4.0": ["CC BY-SA 4.0", "http://dcat-ap.de/def/licenses/cc-by-sa/4_0"],
    "cc-by-nd/3.0": ["http://creativecommons.org/licenses/by-nd/3.0/", "http://dcat-ap.de/def/licenses/cc-by-nd/3_0"],
    "odbl": ["Open Data Commons Open Database License (ODbL)", "http://opendatacommons.org/licenses/odbl/", "odc-odbl", "ODbL-1.0",
             "http://opendatacommons.org/licenses/odbl/1-0/", "http://dcat-ap.de/def/licenses/od-bl"],
    "odcpddl": ["Open Data Commons Public Domain Dedication and Licence (ODC PDDL)", "odc-pddl", "http://dcat-ap.de/def/licenses/odc-pddl"],
    "geonutz/20130319": ["GeoNutzV", "geonutzv-de-2013-03-19", "http://www.gesetze-im-internet.de/geonutzv/index.html"],
    "officialWork": ["official-work", "http://dcat-ap.de/def/licenses/official-work"],
    "gfdl": ["gfdl", "GNU Free Documentation License (GFDL)"],
    "other-open": ["other-open"], "other-closed": ["other-closed"], "other-commercial": ["app_commercial"],
}  # fmt: skip


def test_spellings_of_the_same_licence_and_version_resolve_to_it() -> None:
    for code, spellings in SAME_TEXT.items():
        for spelling in spellings:
            assert vocabulary("licence").resolve(spelling) == LICENCES + code, spelling


def test_no_licence_alias_changes_the_version_or_adds_one() -> None:
    only_edition = {"cc-zero": "1.0", "odbl": "1.0", "odby": "1.0", "odcpddl": "1.0", "mozilla": "2.0"}
    for alias, code in aliases("licence"):
        if code in ("", "geonutz/20130319", "geoNutz/20131001"):
            continue
        stated = {f"{major}.{minor}" for major, minor in re.findall(r"(?<![\dC])(\d)[._-](\d)(?!\d)", alias.replace("CC0", ""))}
        version = re.search(r"\d\.\d", code)
        assert stated <= {version.group() if version else only_edition.get(code, "")}, alias
        assert not version or stated or re.search(r"v3|CCBY40", alias), f"{alias} states no version and leads to {code}"


def test_the_marks_of_a_licence_stay_the_same_in_every_alias() -> None:
    for alias, code in aliases("licence"):
        text = alias.casefold().replace("commercial", "-nc-").replace("nicht kommerziell", "-nc-")
        for mark in ("nc", "nd", "sa"):
            found = re.search(rf"(by|[-_/ ]){mark}\b|by{mark}", text)
            assert not (found and code and f"-{mark}" not in code), alias


def test_open_and_attribution_are_told_from_the_table() -> None:
    assert sum(v.is_open(iri) for iri in vocabulary("licence")) == 24
    assert v.is_open(LICENCES + "dl-by-de/2.0")
    assert v.needs_attribution(LICENCES + "dl-by-de/2.0")
    assert v.is_open(LICENCES + "dl-zero-de/2.0")
    assert not v.needs_attribution(LICENCES + "dl-zero-de/2.0")
    assert not v.is_open(LICENCES + "cc-by-nc/4.0")
    assert not v.is_open("https://example.org/licence")
    counterpart = vocabulary("licence").codes["cc-by/4.0"].extra["eu"]
    assert f"{EU}licence/{counterpart}" in vocabulary("eu-licence")
    assert v.is_known_licence(LICENCES + "dl-by-de/2.0")
    assert v.is_known_licence(LICENCES + "cc-by/4.0")
    assert v.is_known_licence(f"{EU}licence/CC_BY_4_0")
    assert not v.is_known_licence(LICENCES + "officialWork")


def test_every_eu_counterpart_of_a_licence_is_in_the_eu_table_and_leads_back() -> None:
    for code in vocabulary("licence").codes.values():
        if code.extra["eu"]:
            iri = f"{EU}licence/{code.extra['eu']}"
            assert iri in vocabulary("eu-licence")
            assert vocabulary("licence").resolve(iri) == code.iri


@pytest.mark.parametrize(
    ("name", "code", "spellings"),
    [
        ("language", "DEU", ["GER", "de", "deu", "ger", "Deutsch", "deutsch", "german", "de-DE", "de_DE", f"{EU}language/GER",
                             "http://id.loc.gov/vocabulary/iso639-1/de", "http://id.loc.gov/vocabulary/iso639-2/ger",
                             "http://lexvo.org/id/iso639-3/deu", "https://publications.europa.eu/resource/authority/language/deu/"]),
        ("language", "ENG", ["en", "eng", "English", "Englisch", "en-GB"]),
        ("language", "FRA", ["fr", "fre", "fra", "Französisch"]),
        ("language", "HSB", ["Obersorbisch", "hsb"]),
        ("frequency", "DAILY", ["täglich", "taeglich", "daily", "R/P1D", "http://purl.org/cld/freq/daily"]),
        ("frequency", "MONTHLY", ["monatlich", "Monthly", "R/P1M", "mensuel"]),
        ("frequency", "ANNUAL", ["jährlich", "jaehrlich", "annual", "Annually", "R/P1Y", "http://purl.org/cld/freq/annual"]),
        ("frequency", "ANNUAL_2", ["halbjährlich", "biannually", "semiannual", "halbjaehrlich"]),
        ("frequency", "BIENNIAL", ["alle zwei Jahre", "biennially"]),
        ("frequency", "QUARTERLY", ["quartalsweise", "vierteljährlich", "quarterly"]),
        ("frequency", "IRREG", ["sporadisch oder unregelmaessig", f"{EU}frequency/IRREGULAR", "unregelmäßig"]),
        ("frequency", "AS_NEEDED", ["asNeeded", "bei Bedarf",
                                    "http://standards.iso.org/iso/19115/resources/Codelists/cat/codelists.xml#asNeeded"]),
        ("frequency", "NOT_PLANNED", ["notPlanned"]),
        ("frequency", "CONT", ["continual", "Continous", "kontinuierlich"]),
        ("theme", "TRAN", ["tran", "Verkehr", "verkehr", "Transport", "mobilitat", "Mobilität"]),
        ("theme", "GOVE", ["gove", "Regierung und öffentlicher Sektor", "regierung-und-offentlicher-sektor"]),
        ("access-right", "PUBLIC", ["public", "öffentlich", "Öffentlich"]),
        ("access-right", "NON_PUBLIC", ["non-public", "nicht öffentlich"]),
        ("distribution-status", "COMPLETED", ["http://purl.org/adms/status/Completed", "Vollständig", "completed"]),
        ("distribution-status", "DEVELOP", ["http://purl.org/adms/status/UnderDevelopment", "in Entwicklung"]),
        ("distribution-status", "WITHDRAWN", ["http://purl.org/adms/status/Withdrawn"]),
        ("availability", "STABLE", ["https://www.dcat-ap.de/def/plannedAvailability/stable", "http://data.europa.eu/r5r/availability/stable"]),
        ("hash", "sha256", ["https://www.dcat-ap.de/def/hashAlgorithms/sha/256", "SHA-256", "sha256"]),
        ("hash", "md5", ["http://dcat-ap.de/def/hashAlgorithms/md/5", "MD5"]),
        ("contributor", "openDataHRO", ["https://www.dcat-ap.de/def/contributors/openDataHRO"]),
        ("geocoding-level", "administrativeDistrict", ["https://www.dcat-ap.de/def/politicalGeocoding/Level/administrativeDistrict"]),
        ("publisher-type", "LocalAuthority", ["Local Authority", "Kommunale Behörde"]),
        ("hvd-category", "c_b79e35eb", ["Mobilität", "https://data.europa.eu/bna/c_b79e35eb"]),
    ],
)  # fmt: skip
def test_spellings_of_real_sources_resolve(name: str, code: str, spellings: list[str]) -> None:
    table = vocabulary(name)
    for spelling in spellings:
        assert table.resolve(spelling) == table.base + code, spelling


@pytest.mark.parametrize("spelling", ["laufend", "365 Tage", "Echtzeit", "werktäglich", "punctual", "TODO:", "R/P400D", "R/PT6H"])
def test_a_frequency_without_exact_meaning_is_left_to_a_person(spelling: str) -> None:
    assert vocabulary("frequency").resolve(spelling) is None


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("WMS_SRVC", ["WMS", "OGC:WMS", "OGC WMS", f"{EU}file-type/WMS", "OGC:WMS-1.1.1-http-get-map", "wms_srvc"]),
        ("WFS_SRVC", ["WFS", "OGC:WFS", f"{EU}file-type/WFS"]),
        ("CSV", ["csv", ".csv", "text/csv", "csv;charset=utf-8", "text/csv; header=present", f"{IANA}text/csv", "CSV (ZIP)"]),
        ("GEOJSON", ["GeoJSON", "geojson", "application/vnd.geo+json", "application/geo+json"]),
        ("SHP", ["shape", "shapefile", "ESRI Shapefile", "SHP", "shp.zip", "ESRI Shapefile (SHP)", "application/x-shapefile"]),
        ("XLSX", ["xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLXS"]),
        ("XLS", ["Excel", "application/vnd.ms-excel; charset=binary", "Microsoft Excel"]),
        ("ZIP", ["application/zip; charset=binary", "application/octet-stream+zip", f"{IANA}application/octet-stream+zip"]),
        ("PDF", ["application/pdf", "pdf", "application/x-pdf"]),
        ("XML", ["text/xml", "application/xml"]),
        ("HTML", ["text/html", "htm", "HTML"]),
        ("JPEG", ["jpg", "JPEG", "image/jpeg"]),
        ("GML", ["Geographic Markup Language (GML)", "gml", "application/gml+xml"]),
        ("GPKG", ["Geopackage (ogc)", "GeoPackage", "gpkg"]),
        ("TAB", ["MapInfo TAB", "tab"]),
        ("RDF_TURTLE", ["ttl", "text/turtle", "Turtle"]),
        ("JSON_LD", ["JSON-LD", "jsonld", "application/ld+json"]),
    ],
)  # fmt: skip
def test_formats_resolve_by_label_ending_and_media_type(code: str, spellings: list[str]) -> None:
    for spelling in spellings:
        assert vocabulary("file-type").resolve(spelling) == f"{EU}file-type/{code}", spelling


@pytest.mark.parametrize(
    "spelling",
    ["API", "Webseite", "Karte", "ESRI", "WWW:LINK-1.0-http--link", "application/octet-stream", "CSV; XLS", "CSV,XLS", "WMTS", "data"],
)
def test_a_format_that_could_be_several_has_no_code(spelling: str) -> None:
    assert vocabulary("file-type").resolve(spelling) is None


def test_only_registered_media_types_resolve() -> None:
    table = vocabulary("media-type")
    for spelling in ("text/csv", "TEXT/CSV", "text/csv;charset=utf-8", "http://www.iana.org/assignments/media-types/text/csv",
                     "https://iana.org/assignments/media-types/text/csv/"):  # fmt: skip
        assert table.resolve(spelling) == IANA + "text/csv"
    assert table.resolve("application/vnd.geo+json") == IANA + "application/geo+json"
    for spelling in ("CSV", "application/octet-stream+zip", f"{IANA}application/octet-stream+zip", "application/x-shapefile", "INTERLIS"):
        assert table.resolve(spelling) is None


def test_file_types_and_media_types_know_each_other() -> None:
    assert v.media_type_of(f"{EU}file-type/CSV") == IANA + "text/csv"
    assert v.media_type_of(f"{EU}file-type/WMS_SRVC") is None
    assert v.media_type_of(f"{EU}file-type/SHP") is None
    assert v.file_type_of(IANA + "text/csv") == f"{EU}file-type/CSV"
    assert v.file_type_of("application/zip; charset=binary") == f"{EU}file-type/ZIP"
    assert v.file_type_of("CSV") is None
    assert v.file_type_of_suffix("shp.zip") == f"{EU}file-type/SHP"
    assert v.file_type_of_suffix(".TTL") == f"{EU}file-type/RDF_TURTLE"
    assert v.file_type_of_suffix("php") is None
    for code in vocabulary("file-type").codes.values():
        usual = v.media_type_of(code.iri)
        assert usual is None or usual in vocabulary("media-type")


def test_every_ending_belongs_to_one_file_type() -> None:
    endings = [suffix for code in vocabulary("file-type").codes.values() for suffix in code.extra["suffixes"].split()]
    assert len(endings) == len(set(endings))


def test_the_lists_of_the_mqa_are_whole() -> None:
    assert sum(v.is_machine_readable(iri) for iri in vocabulary("file-type")) == 20
    assert sum(v.is_non_proprietary(iri) for iri in vocabulary("file-type")) == 29
    assert v.is_machine_readable(f"{EU}file-type/SHP")
    assert not v.is_non_proprietary(f"{EU}file-type/PDF")


@pytest.mark.parametrize(
    ("category", "themes"),
    [
        ("umwelt_klima", "ENVI"), ("bevoelkerung", "SOCI"), ("wirtschaft_arbeit", "ECON"), ("soci", "SOCI"), ("tran", "TRAN"),
        ("gove", "GOVE"), ("verkehr", "TRAN"), ("transport_verkehr", "TRAN"), ("bildung_wissenschaft", "EDUC TECH"), ("geo", "REGI"),
        ("Geographie, Geologie und Geobasisdaten", "REGI"), ("infrastruktur-bauen-und-wohnen", "REGI"), ("mobilitat", "TRAN"),
        ("Öffentliche Verwaltung, Haushalt und Steuern", "GOVE"), ("Ver\xadwalt\xadung", "GOVE"), ("planningCadastre", "REGI"),
        ("utilitiesCommunication", "ENER TECH"), ("https://inspire.ec.europa.eu/metadata-codelist/TopicCategory/farming", "AGRI"),
        ("http://inspire.ec.europa.eu/theme/tn", "TRAN"), ("Verkehrsnetze", "TRAN"), ("Protected sites", "ENVI"), ("Schutzgebiete", "ENVI"),
        (f"{EU}data-theme/HEAL", "HEAL"), ("verbraucherschutz", ""), ("kanton-zuerich", ""), ("", ""),
    ],
)  # fmt: skip
def test_categories_lead_to_data_themes(category: str, themes: str) -> None:
    assert v.themes_of(category) == tuple(f"{EU}data-theme/{theme}" for theme in themes.split())


def test_every_category_names_listed_themes() -> None:
    for name in ("category", "inspire-theme", "topic-category"):
        for code in vocabulary(name).codes.values():
            assert code.extra["themes"]
            assert all(f"{EU}data-theme/{theme}" in vocabulary("theme") for theme in code.extra["themes"].split())


def test_a_body_is_found_by_every_length_of_key() -> None:
    rostock = t.body_by_key("130030000000")
    assert rostock is not None
    assert rostock == t.body_by_key("13003000")
    assert (rostock.kind, rostock.state, rostock.district) == ("municipality", "13", "13003")
    assert rostock.iri == "http://dcat-ap.de/def/politicalGeocoding/regionalKey/130030000000"
    assert rostock.level == "http://dcat-ap.de/def/politicalGeocoding/Level/municipality"
    assert rostock.bbox is not None
    assert rostock.centroid is not None
    west, south, east, north = rostock.bbox
    assert west < rostock.centroid[0] < east
    assert south < rostock.centroid[1] < north
    kinds = {"13": "state", "051": "government-district", "13072": "district", "010515175": "association"}
    for key, kind in kinds.items():
        body = t.body_by_key(key)
        assert body is not None
        assert (body.kind, body.key) == (kind, key)
    for key in ("", "1", "99", "1300300000", "130030000001", "13003abc", "１３"):
        assert t.body_by_key(key) is None


def test_boxes_lie_in_germany_and_around_their_centre() -> None:
    for name in ("state", "government-district", "district", "association", "municipality"):
        for key in vocabulary(name).codes:
            body = t.body_by_key(key)
            assert body is not None
            if body.bbox:
                west, south, east, north = body.bbox
                assert 5.8 < west < east < 15.1
                assert 47.2 < south < north < 55.1


def test_the_box_of_an_association_holds_its_municipalities() -> None:
    association, municipality = t.body_by_key("010515175"), t.body_by_key("010515175001")
    assert association is not None
    assert municipality is not None
    assert association.bbox is not None
    assert municipality.bbox is not None
    assert all(outer <= inner for outer, inner in zip(association.bbox[:2], municipality.bbox[:2], strict=True))
    assert all(outer >= inner for outer, inner in zip(association.bbox[2:], municipality.bbox[2:], strict=True))


def test_a_name_gives_every_body_that_bears_it() -> None:
    def keys(name: str) -> set[str]:
        return {body.key for body in t.bodies_by_name(name)}

    assert keys("Rostock") == {"130030000000", "13072"}
    assert keys("Landkreis Rostock") == {"13072"}
    assert keys("hanse- und universitätsstadt rostock") == {"130030000000"}
    assert keys("Stadt Bochum") == keys("Bochum") == {"059110000000"}
    assert keys("Kreis Plön") == {"01057"}
    assert "01057" in keys("Plön")
    assert keys("Berlin") == {"11", "110000000000"}
    assert keys("Regierungsbezirk Köln") == {"053"}
    assert keys("Oldenburg") >= {"034030000000", "03458"}
    assert keys("Nirgendwo") == set()
    assert keys("") == set()


def test_926_municipalities_share_their_short_name_with_another() -> None:
    names: dict[str, int] = {}
    for code in vocabulary("municipality").codes.values():
        names[code.extra["short"]] = names.get(code.extra["short"], 0) + 1
    assert sum(count for count in names.values() if count > 1) == 926


@pytest.mark.parametrize(
    ("spelling", "iri"),
    [
        ("https://www.dcat-ap.de/def/politicalGeocoding/regionalKey/130030000000",
         "http://dcat-ap.de/def/politicalGeocoding/regionalKey/130030000000"),
        ("http://dcat-ap.de/def/politicalGeocoding/stateKey/13/", "http://dcat-ap.de/def/politicalGeocoding/stateKey/13"),
        ("http://dcat-ap.de/def/politicalGeocoding/municipalityKey/13003000", "http://dcat-ap.de/def/politicalGeocoding/municipalityKey/13003000"),
        ("http://dcat-ap.de/def/politicalGeocoding/districtKey/02101", "http://dcat-ap.de/def/politicalGeocoding/districtKey/02101"),
        ("https://www.geonames.org/2921044/germany.html", t.GERMANY),
        ("http://sws.geonames.org/2872567", "http://sws.geonames.org/2872567/"),
        (f"{EU}country/DEU", f"{EU}country/DEU"),
        (f"{EU}place/DEU_RSK", f"{EU}place/DEU_RSK"),
        (f"{EU}continent/EUROPE", f"{EU}continent/EUROPE"),
        ("http://dcat-ap.de/def/politicalGeocoding/stateKey/17", None),
        ("http://dcat-ap.de/def/politicalGeocoding/stateKey/13003", None),
        ("http://dcat-ap.de/def/politicalGeocoding/regionalKey/15002000000", None),
        ("http://sws.geonames.org/1/", None),
        ("http://example.org/place", None),
        ("Deutschland", None),
    ],
)  # fmt: skip
def test_places_are_known_in_every_variant_of_their_iri(spelling: str, iri: str | None) -> None:
    assert t.place_iri(spelling) == iri
    assert t.place_iri_known(spelling) == (spelling == iri)


def test_a_key_that_was_once_official_is_told_apart() -> None:
    assert t.is_former_key("http://dcat-ap.de/def/politicalGeocoding/districtKey/02101")
    assert not t.is_former_key("http://dcat-ap.de/def/politicalGeocoding/districtKey/13072")


def test_nearest_gives_three_codes_for_a_person() -> None:
    assert vocabulary("licence").nearest("dl-de/by 2.0 (alt)")[0] == "dl-by-de/2.0"
    assert "XLSX" in vocabulary("file-type").nearest("Exel XLSX-Datei")
    assert len(vocabulary("media-type").nearest("text/cvs")) == 3
    assert vocabulary("theme").nearest("x" * 1_000_000) == vocabulary("theme").nearest("x" * 80)
    assert set(vocabulary("frequency").nearest("laufend aktualisiert täglich", 5)) <= set(vocabulary("frequency").codes)


def test_labels_are_given_in_both_languages() -> None:
    table = vocabulary("theme")
    assert table.label(f"{EU}data-theme/TRAN", "de") == "Verkehr"
    assert table.label(f"{EU}data-theme/TRAN", "en") == "Transport"
    assert table.label("http://example.org/x", "de") == "http://example.org/x"


def test_an_unknown_vocabulary_names_those_there_are() -> None:
    with pytest.raises(KeyError, match="language"):
        vocabulary("colour")


def test_the_digest_covers_tables_and_aliases() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", v.digest())


def test_what_a_sync_needs_loads_in_a_quarter_of_a_second() -> None:
    code = (
        "import time; started = time.process_time(); from federation.vocabulary import vocabulary, digest, Vocabulary\n"
        f"for name in {SYNC!r}: vocabulary(name).resolve('x y z')\n"
        "digest(); print(time.process_time() - started)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.25
