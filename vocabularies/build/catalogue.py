"""The list of tables with their origin, in the order in which SOURCES.toml and the command line name them."""

from collections.abc import Callable, Iterable
from pathlib import Path

from vocabularies.build import authority as a
from vocabularies.build import formats, licences, places
from vocabularies.build.tables import HERE, Row, Table, read

OP = "Publications Office of the European Union"
OP_URL = "http://publications.europa.eu/resource/authority/"
OP_LICENCE = "European Union, Decision 2011/833/EU (CC BY 4.0)"
GOVDATA = "GovData, dcat-ap.de"
CC_BY_4 = "CC BY 4.0"
OURS = "this project (EUPL-1.2)"


def _eu(name: str, code: str, title: str, *files: str, **more: object) -> Table:
    base = f"{a.EU}{code}/"
    fields: dict[str, object] = {"rows": a.plain(base, *files), "version": a.stated(*files)} | more
    return Table(name=name, base=base, title=title, origin=OP, url=OP_URL + code, licence=OP_LICENCE, **fields)  # type: ignore[arg-type]


CONTRIBUTORS = "dcat-ap-de/contributors-*.rdf"
LEVELS = "dcat-ap-de/politicalGeocoding-level-generated.ttl"

AUTHORITY: list[Table] = [
    _eu(
        "language", "language", "Languages", "eu/language-2021-labels.rdf", "eu/language.rdf",
        note="the usual languages; the full table of the EU has thousands",
    ),
    _eu("availability", "planned-availability", "Planned availability", "eu/planned-availability.extract.ttl"),
    _eu("frequency", "frequency", "Frequencies", "eu/frequencies.extract.ttl", "eu/frequency-2019-labels.rdf"),
    _eu("theme", "data-theme", "Data themes", "eu/data-theme.rdf"),
    _eu(
        "access-right", "access-right", "Access rights", "eu/access-right.rdf", columns=("german_profile",),
        rows=a.with_fact(a.plain(f"{a.EU}access-right/", "eu/access-right.rdf"), "german_profile", a.flag(a.DE_ACCESS)),
        note="german_profile: what DCAT-AP.de 3.0 names",
    ),
    _eu("distribution-status", "distribution-status", "Distribution status", "eu/distribution-status.rdf"),
    _eu("distribution-type", "distribution-type", "Distribution types", "eu/distribution-types.extract.ttl"),
    _eu("dataset-type", "dataset-type", "Dataset types", "eu/dataset-types.extract.ttl"),
    _eu("continent", "continent", "Continents", "eu/continent.rdf"),
    _eu(
        "country", "country", "Countries and territories", "eu/country.rdf.gz",
        rows=a.names(f"{a.EU}country/", "eu/country.rdf.gz"),
    ),
    _eu("place", "place", "Places", "eu/place.rdf.gz", english=False, rows=a.names(f"{a.EU}place/", "eu/place.rdf.gz")),
    Table(
        "hvd-category", a.BNA, "High-value dataset categories", OP, "http://data.europa.eu/bna/asd487ae75", OP_LICENCE,
        a.hvd_categories, a.stated("eu/high-value-dataset-category.rdf.gz"), date="2024-10-02", columns=("broader", "order"),
    ),
    Table(
        "legislation", a.ELI, "EU legislation that data are kept under", "European Commission, DCAT-AP applicable legislation",
        "http://data.europa.eu/r5r/applicableLegislation", OP_LICENCE, a.legislation, a.fixed(""), columns=("title_en",),
        note="a list to pick from, not exhaustive",
    ),
    Table(
        "contributor", a.CONTRIBUTORS, "Bodies that deliver to GovData", GOVDATA, "http://dcat-ap.de/def/contributors", CC_BY_4,
        a.plain(a.CONTRIBUTORS, CONTRIBUTORS), a.stated(CONTRIBUTORS), english=False,
    ),
    Table(
        "geocoding-level", a.LEVELS, "Levels of political geocoding", GOVDATA, "http://dcat-ap.de/def/politicalGeocoding/Level",
        CC_BY_4, a.plain(a.LEVELS, LEVELS), a.fixed("1.0.2"), date="2019",
    ),
    Table(
        "publisher-type", a.PUBLISHERS, "Types of publishers", "European Commission, ADMS 1.0",
        "http://purl.org/adms/publishertype/1.0", "ISA Open Metadata Licence 1.1",
        a.with_fact(a.plain(a.PUBLISHERS, "adms/publisher-type.rdf"), "german_profile", a.flag(a.DE_PUBLISHERS)),
        a.fixed("1.0"), date="2012-04-13", columns=("german_profile",), note="german_profile: what DCAT-AP.de 3.0 names",
    ),
    Table(
        "hash", a.CHECKSUMS, "Checksum algorithms", "SPDX workgroup, SPDX 2.3 ontology", "http://spdx.org/rdf/terms", "CC BY 3.0",
        a.hashes, a.fixed("2.3"), date="2022",
    ),
]  # fmt: skip

LICENCES: list[Table] = [
    Table(
        "licence", licences.LICENCES, "Licences of dcat-ap.de", GOVDATA, "http://dcat-ap.de/def/licenses", CC_BY_4,
        licences.licences, a.stated(licences.LIST), columns=("open", "attribution", "eu", "text", "ogd", "former"),
        spellings=("text", "ogd", "former"),
    ),
    _eu(
        "eu-licence", "licence", "EU licence table", "eu/licences.extract.ttl", columns=("deprecated",),
        rows=licences.eu_licences, version=a.stated("eu/licences.extract.ttl"),
    ),
    Table(
        "known-licence", "", "Licences that the MQA knows", "data.europa.eu, metadata quality assessment, licences",
        "http://europeandataportal.eu/ontologies/od-licenses", OP_LICENCE, licences.known_licences, a.fixed(""), english=False,
    ),
]  # fmt: skip

FORMATS: list[Table] = [
    _eu(
        "file-type", "file-type", "File types", *formats.FILES, rows=formats.file_types,
        columns=("media_type", "suffixes", "machine_readable", "non_proprietary", "named"),
        spellings=("suffixes", "media_type", "named"),
        note="the editions of June and September 2022 together; machine_readable and non_proprietary: lists of the MQA",
    ),
    Table(
        "media-type", formats.MEDIA_TYPES, "Media types", "IANA, as collected in mime-db 1.54.0",
        "https://www.iana.org/assignments/media-types/", "IANA: CC0 1.0; mime-db: MIT", formats.media_types, a.fixed("1.54.0"),
        date="2025", columns=("suffixes",), english=False,
    ),
]  # fmt: skip


def _by_hand(name: str, base: str, title: str, origin: str, url: str, note: str) -> Table:
    def rows(originals: Path) -> Iterable[Row]:
        return read(HERE / f"{name}.csv")  # the table itself is what people keep: it is checked and sorted

    return Table(name, base, title, origin, url, OURS, rows, a.fixed(""), columns=("themes",), by_hand=True, note=note)


CATEGORIES: list[Table] = [
    _by_hand(
        "inspire-theme", "http://inspire.ec.europa.eu/theme/", "INSPIRE themes",
        "Directive 2007/2/EC, annexes; SEMIC, alignment of INSPIRE themes and EU data themes", "http://inspire.ec.europa.eu/theme",
        "the data themes are those of the alignment that SEMIC publishes with GeoDCAT-AP",
    ),
    _by_hand(
        "topic-category", "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/", "Topic categories",
        "ISO 19115, MD_TopicCategoryCode", "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory",
        "no mapping to data themes is official: this one is the project's",
    ),
    _by_hand(
        "category", "", "Categories of the former German OGD schema", "GovData, OGD metadata schema 1.1, groups in CKAN",
        "https://www.govdata.de", "verbraucherschutz has no data theme of its own and is left to a person",
    ),
]  # fmt: skip

DESTATIS = "© Statistisches Bundesamt (Destatis), Gemeindeverzeichnis GV100AD; geometries: © GeoBasis-DE / BKG, VG250"
DESTATIS_URL = "https://www.destatis.de/DE/Themen/Laender-Regionen/Regionales/Gemeindeverzeichnis/_inhalt.html"
DESTATIS_LICENCE = "dl-de/by-2-0; geometries: GeoNutzV"
Rows = Callable[[Path], Iterable[Row]]


def _bodies(name: str, key: str, title: str, rows: Rows, *columns: str, english: bool = False, note: str = "") -> Table:
    return Table(
        name, f"{places.GEOCODING}{key}/", title, DESTATIS, DESTATIS_URL, DESTATIS_LICENCE, rows, places.edition,
        columns=columns, english=english, note=note,
    )  # fmt: skip


_BOXES = "boxes and centres in WGS84, geometries of about 2017"

PLACES: list[Table] = [
    _bodies("state", "stateKey", "States", places.states, "abbreviation", "geonames", "nuts", *places.BOX, english=True, note=_BOXES),
    _bodies(
        "government-district", "governmentDistrictKey", "Government districts and statistical regions", places.government_districts,
        "former", *places.BOX[:4], note="former: carried on for statistics only; boxes around those of the municipalities",
    ),
    _bodies("district", "districtKey", "Districts and district-free cities", places.districts, "type", "nuts", *places.BOX, note=_BOXES),
    _bodies(
        "association", "municipalAssociationKey", "Associations of municipalities", places.associations, "type", *places.BOX[:4],
        note="boxes around those of the municipalities",
    ),
    _bodies("municipality", "regionalKey", "Municipalities", places.municipalities, "ags", "short", "type", *places.BOX, note=_BOXES),
    Table(
        "former-key", places.GEOCODING, "Keys that are no longer in force", "GovData, DCAT-AP.de 1.0.2, lists of URIs",
        "https://www.dcat-ap.de/def/politicalGeocoding/", CC_BY_4, places.former_keys, a.fixed("20190731"), english=False,
    ),
]  # fmt: skip

TABLES: list[Table] = [*AUTHORITY, *LICENCES, *FORMATS, *CATEGORIES, *PLACES]
