"""CSW: catalogs of geodata (OGC Catalogue Service for the Web), and files of ISO metadata."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from connectors import _csw_pages as pages
from connectors import _csw_requests as requests
from connectors._csw_fetch import Reader
from connectors._csw_files import Files, local_path
from connectors._csw_options import CswOptions, chosen
from connectors._iso_map import description, unmapped
from connectors._iso_terms import claim
from federation.config import Source
from federation.dcat.description import Description
from federation.dcat.openness import Claim
from federation.errors import RecordError, SourceError
from federation.finding import Finding
from federation.harvest import screen
from federation.harvest.connector import Candidate, Connector, Gone, Listed, Reached, Record, Response, State
from federation.harvest.http import Http

_PLACES = ("", "/csw", "/geonetwork/srv/ger/csw", "/soapServices/CSWStartup")


class Csw(Connector[CswOptions]):
    """CSW 2.0.2 (OGC 07-006r1 with the ISO profile 07-045) and CSW 3.0 (12-176r7) with records in ISO 19139 or ISO 19115-3; the same
    records as local files or behind one address.

    Mapped as GDI-DE and GovData agreed, by GeoDCAT-AP only where that is silent. Servers known: GeoNetwork, pycsw, deegree, InGrid,
    Berlin's FIS-Broker, ESRI Geoportal. Only datasets and series become datasets. A service becomes a distribution, with its DataService,
    of each dataset that it operates on, wherever the two records stand: fetch reads the services first and ends each page with those of its
    datasets (a processing instruction, see `connectors/_csw_pages.py`), so that split and map need nothing but the page, and a page is new
    when a service of one of its datasets is. Each record passes the openness gate, a service, too. IRIs are minted from fileIdentifier:
    templates repeat MD_Identifier.

    Incremental: records by dateStamp since the last reading, with a week of overlap, and the datasets of services that changed. That a
    coupling was taken back shows at the next whole reading. Limits: bounding polygons, vertical extents, scales and associations are not
    mapped (a finding names them); a DatasetSeries is named, its members do not point to it; text filters are those of the server's index,
    then exact.
    """

    id = "csw"
    title = "CSW (ISO 19139)"
    protocol = "CSW 2.0.2, CSW 3.0"
    options = CswOptions
    overlap = timedelta(days=7)
    gate = True

    def fetch(self, source: Source, options: CswOptions, http: Http, state: State) -> Iterator[Response | Listed | Gone | Reached]:
        """One Response per page (or file)."""
        path = local_path(source.url)
        if path is not None:
            return Files(source, options, state).read(path)
        return Reader(source, options, http, state).read()

    def split(self, response: Response, options: CswOptions) -> Iterator[Record]:
        """One record for each dataset and series; services and what is no data at all are kept as records that are not published."""
        for entry in pages.entries(response.body, response.url):
            facts = entry.facts
            if not chosen(facts, options) and not (facts.kind == "service" and not options.type):
                continue
            name = pages.identifier(facts)
            if not pages.is_dataset(facts):
                yield Record(name, "rest", entry.raw, facts.stamp, content=entry)
                continue
            paths = unmapped(facts)
            found = []
            if paths:
                found.append(Finding("csw-unmapped-fields", dataset=name, value=", ".join(paths), params={"fields": ", ".join(paths)}))
            licence = entry.terms.licence
            if licence and licence.contradicts:
                found.append(Finding("csw-licence-contradiction", dataset=name, field="gmd:otherConstraints", value=licence.said))
            kind = "series" if entry.parted else "dataset"
            yield Record(name, kind, entry.raw, facts.stamp, findings=found, content=entry)

    def map(self, record: Record, options: CswOptions) -> Description:
        """What the record says. RecordError for one without a title."""
        entry = record.content if record.content is not None else pages.entry(record.raw)
        if record.kind == "rest":
            return Description("_:root", "rest")
        if not entry.facts.titles:
            raise RecordError("csw-no-title", value=record.identifier)
        return description(entry.facts, entry.terms, entry.services, kind=record.kind)

    def claim(self, record: Record, options: CswOptions) -> Claim:
        """Keyword, licence and restrictions of the record's own."""
        entry = record.content if record.content is not None else pages.entry(record.raw)
        return claim(entry.facts, entry.terms)

    def shared(self, source: Source, options: CswOptions) -> str:
        """Sources in one catalog share its reading, whatever they choose of it."""
        if local_path(source.url) is not None:
            return f"{source.url} {options.files}"
        return f"{requests.base(source.url)} {options.version} {options.method} {options.output_schema} {source.openness.widen}"

    def shared_options(self, options: Sequence[CswOptions]) -> CswOptions:
        """The keywords, organisations and types of all together; no filter by what one of them does not filter by."""
        wide = {
            name: [value for each in options for value in getattr(each, name)] if all(getattr(each, name) for each in options) else []
            for name in ("keyword", "organisation", "type")
        }  # fmt: skip
        return options[0].model_copy(update={
            **wide, "page_size": min(each.page_size for each in options), "incremental": all(each.incremental for each in options),
            "services_first": all(each.services_first for each in options),
        })  # fmt: skip

    def selects(self, record: Record, options: CswOptions) -> bool:
        """By keywords, organisations and type of the record."""
        entry = record.content if record.content is not None else pages.entry(record.raw)
        return chosen(entry.facts, options)

    def detect(self, url: str, http: Http) -> Candidate | None:
        """GetCapabilities at the address, else at usual places of its host; how many records there are."""
        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        places = [url, *(root + place for place in _PLACES if place)] if parts.path in ("", "/") else [url]
        for place in places[:3]:
            try:
                answer = http.get(requests.capabilities(place))
                found = screen.screened(answer.body, media_type=answer.media_type, charset=answer.charset, url=answer.url)
                title = pages.catalog_title(screen.xml(found.body)) if found.kind == "xml" else None
            except SourceError:
                continue
            if title is not None:
                return Candidate(self.id, requests.base(place), None, title)
        return None
