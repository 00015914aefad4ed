"""A CSW on loopback for tests: answers GetCapabilities, GetRecords (POST and GET, type and modified filters, sorting) and GetRecordById
from records given as XML, as real servers do, and misbehaves as they do.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.loopback import Reply, Request, Server, serve

XML = {"Content-Type": "application/xml"}
CSW2 = "http://www.opengis.net/cat/csw/2.0.2"
CSW3 = "http://www.opengis.net/cat/csw/3.0"
NAMESPACES = (
    'xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco" xmlns:srv="http://www.isotc211.org/2005/srv"'
    ' xmlns:gmx="http://www.isotc211.org/2005/gmx" xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink"'
)
OPEN = (
    '{"id": "dl-de/by-2-0", "name": "Datenlizenz Deutschland Namensnennung 2.0", "url": "https://www.govdata.de/dl-de/by-2-0",'
    ' "quelle": "Stadt Beispiel"}'
)


def string(tag: str, text: str) -> str:
    """A property with a character string."""
    said = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"<gmd:{tag}><gco:CharacterString>{said}</gco:CharacterString></gmd:{tag}>" if text else ""


def coded(tag: str, kind: str, value: str) -> str:
    """A property with a code."""
    return f'<gmd:{tag}><gmd:{kind} codeList="#{kind}" codeListValue="{value}"/></gmd:{tag}>' if value else ""


def party(tag: str, role: str, organisation: str = "Stadt Beispiel", email: str = "geodaten@stadt.example", person: str = "") -> str:
    """A responsible party."""
    return (
        f"<gmd:{tag}><gmd:CI_ResponsibleParty>{string('individualName', person)}{string('organisationName', organisation)}"
        f"<gmd:contactInfo><gmd:CI_Contact><gmd:address><gmd:CI_Address>{string('electronicMailAddress', email)}</gmd:CI_Address>"
        f"</gmd:address></gmd:CI_Contact></gmd:contactInfo>{coded('role', 'CI_RoleCode', role)}</gmd:CI_ResponsibleParty></gmd:{tag}>"
    )


def link(url: str, protocol: str = "", function: str = "", name: str = "") -> str:
    """An online resource."""
    return (
        f"<gmd:onLine><gmd:CI_OnlineResource><gmd:linkage><gmd:URL>{url.replace('&', '&amp;')}</gmd:URL></gmd:linkage>"
        f"{string('protocol', protocol)}{string('name', name)}{coded('function', 'CI_OnLineFunctionCode', function)}"
        "</gmd:CI_OnlineResource></gmd:onLine>"
    )


def legal(*other: str, access: str = "", use: str = "otherRestrictions") -> str:
    """Legal constraints."""
    return (
        f"<gmd:resourceConstraints><gmd:MD_LegalConstraints>{coded('accessConstraints', 'MD_RestrictionCode', access)}"
        f"{coded('useConstraints', 'MD_RestrictionCode', use)}{''.join(string('otherConstraints', each) for each in other)}"
        "</gmd:MD_LegalConstraints></gmd:resourceConstraints>"
    )


def keywords(*words: str, thesaurus: str = "") -> str:
    """Keywords of one thesaurus."""
    name = f"<gmd:thesaurusName><gmd:CI_Citation>{string('title', thesaurus)}</gmd:CI_Citation></gmd:thesaurusName>" if thesaurus else ""
    said = "".join(string("keyword", word) for word in words)
    return f"<gmd:descriptiveKeywords><gmd:MD_Keywords>{said}{name}</gmd:MD_Keywords></gmd:descriptiveKeywords>"


def record(
    name: str, title: str = "", *, kind: str = "dataset", stamp: str = "2026-01-05", code: str = "", words: Iterable[str] = ("opendata",
    "Bäume"),
    constraints: str | None = None, parties: str | None = None, links: str | None = None, more: str = "",
    operates_on: str = "", parent: str = "",
    endpoint: str = "",
) -> str:  # fmt: skip
    """One record of ISO 19139; an open dataset with one download where nothing else is said."""
    service = kind == "service"
    title = title or f"Datensatz {name}"
    code = code or f"https://registry.gdi-de.org/id/de.test/{name}"
    links = (
        link(f"https://stadt.example/{name}.csv", "WWW:DOWNLOAD-1.0-http--download", name="CSV") if links is None and not service else links
    )
    tag = "srv:SV_ServiceIdentification" if service else "gmd:MD_DataIdentification"
    coupling = ""
    if service:
        url = endpoint or f"https://stadt.example/wms/{name}?SERVICE=WMS&amp;REQUEST=GetCapabilities"
        coupling = (
            "<srv:serviceType><gco:LocalName>view</gco:LocalName></srv:serviceType>"
            "<srv:serviceTypeVersion><gco:CharacterString>OGC:WMS 1.3.0"
            "</gco:CharacterString></srv:serviceTypeVersion><srv:containsOperations><srv:SV_OperationMetadata><srv:operationName>"
            "<gco:CharacterString>GetCapabilities</gco:CharacterString></srv:operationName><srv:connectPoint><gmd:CI_OnlineResource>"
            f"<gmd:linkage><gmd:URL>{url}</gmd:URL></gmd:linkage></gmd:CI_OnlineResource></srv:connectPoint></srv:SV_OperationMetadata>"
            f"</srv:containsOperations>{operates_on}"
        )
    return (
        f"<gmd:MD_Metadata {NAMESPACES}>{string('fileIdentifier', name)}{string('parentIdentifier', parent)}"
        f"{coded('hierarchyLevel', 'MD_ScopeCode', kind)}{party('contact', 'pointOfContact', 'Metadatenstelle')}"
        f"<gmd:dateStamp><gco:Date>{stamp}</gco:Date></gmd:dateStamp><gmd:identificationInfo><{tag}><gmd:citation><gmd:CI_Citation>"
        f"{string('title', title)}<gmd:identifier><gmd:MD_Identifier>{string('code', code)}</gmd:MD_Identifier></gmd:identifier>"
        f"</gmd:CI_Citation></gmd:citation>{string('abstract', f'Über {title}.')}"
        f"{party('pointOfContact', 'publisher') + party('pointOfContact', 'pointOfContact') if parties is None else parties}"
        f"{keywords(*words)}{legal(OPEN) if constraints is None else constraints}{more}{coupling}</{tag}></gmd:identificationInfo>"
        f"<gmd:distributionInfo><gmd:MD_Distribution><gmd:transferOptions><gmd:MD_DigitalTransferOptions>{links or ''}"
        "</gmd:MD_DigitalTransferOptions></gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo></gmd:MD_Metadata>"
    )


def operates_on(href: str = "", uuidref: str = "") -> str:
    """A coupling of a service."""
    return f'<srv:operatesOn uuidref="{uuidref}" xlink:href="{href.replace("&", "&amp;")}"/>'


def exception(text: str, code: str = "InvalidParameterValue", locator: str = "") -> bytes:
    """An ExceptionReport of OWS."""
    return (
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows" version="1.2.0">'
        f'<ows:Exception exceptionCode="{code}" locator="{locator}">'
        f"<ows:ExceptionText>{text}</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
    ).encode()


@dataclass
class Catalog:
    """A running CSW. `records` may be changed while it runs; `asked` are the queries it got: (operation, parameters)."""

    records: list[str]
    cap: int = 1000
    filters: bool = True
    ignores_filters: bool = False
    sorts: bool = True
    post: bool = True
    version: str = "2.0.2"
    next_record: Callable[[int, int], int] | None = None
    trick: "Callable[[dict[str, str]], Reply | None] | None" = None
    omit: set[int] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def answer(self, request: Request) -> Reply:
        query = (
            self._posted(request.body.decode())
            if request.method == "POST"
            else {key.lower(): value for key, value in request.query.items()}
        )
        self.asked.append(query)
        if self.trick is not None:
            made = self.trick(query)
            if made is not None:
                return made
        if request.method == "POST" and not self.post:
            return 405, XML, b""
        match query.get("request"):
            case "GetCapabilities":
                return 200, XML, self._capabilities()
            case "GetRecordById":
                found = [each for each in self.records if _value(each, "fileIdentifier") in query["id"].split(",")]
                return 200, XML, f'<csw:GetRecordByIdResponse xmlns:csw="{CSW2}">{"".join(found)}</csw:GetRecordByIdResponse>'.encode()
            case "GetRecords":
                return self._records(query)
        return 200, XML, exception("unknown request", "OperationNotSupported", "request")

    def count(self, operation: str = "GetRecords") -> int:
        """How many requests of an operation came."""
        return sum(1 for query in self.asked if query.get("request") == operation)

    def _posted(self, body: str) -> dict[str, str]:
        found = {"request": "GetRecords"}
        body = body.partition("?>")[2]
        for name in ("startPosition", "maxRecords", "version", "outputSchema"):
            match = re.search(rf'{name}="([^"]*)"', body)
            if match:
                found[name.lower()] = match[1]
        for tag, key in (("PropertyIsEqualTo", "equal"), ("PropertyIsGreaterThanOrEqualTo", "since"), ("PropertyIsLike", "like")):
            match = re.search(rf"<\w+:{tag}[^>]*><[^>]*>([^<]*)</[^>]*><[^>]*>([^<]*)<", body)
            if match:
                found[key] = match[2]
        if "SortBy" in body:
            found["sortby"] = "yes"
        return found

    def _records(self, query: dict[str, str]) -> Reply:
        if query.get("version") != self.version:
            return 200, XML, exception("version not supported", "VersionNegotiationFailed", "version")
        text = query.get("constraint", "")
        equal = query.get("equal") or next(iter(re.findall(r"Type = '([^']*)'", text)), "")
        since = query.get("since") or next(iter(re.findall(r"[Mm]odified >= '([^']*)'", text)), "")
        like = (query.get("like") or next(iter(re.findall(r"LIKE '([^']*)'", text)), "")).strip("%")
        if (equal or since or like) and not self.filters:
            return 200, XML, exception("Invalid filter", "NoApplicableCode", "constraint")
        if query.get("sortby") and not self.sorts:
            return 200, XML, exception("Invalid SortBy", "InvalidParameterValue", "SortBy")
        found = list(self.records)
        if not self.ignores_filters:
            found = [each for each in found if (not equal or _kind(each) == equal) and (not since or _value(each, "dateStamp") >= since)
                     and like in each]  # fmt: skip
        if query.get("sortby"):
            found.sort(key=lambda each: _value(each, "fileIdentifier"))
        start, rows = int(query.get("startposition", 1)), min(int(query.get("maxrecords", 10)), self.cap)
        page = [each for place, each in enumerate(found[start - 1 : start - 1 + rows], start) if place not in self.omit]
        after = start + rows if start + rows <= len(found) else 0
        if self.next_record is not None:
            after = self.next_record(start, len(page))
        space = CSW3 if self.version == "3.0.0" else CSW2
        return 200, XML, (
            f'<?xml version="1.0" encoding="UTF-8"?><csw:GetRecordsResponse xmlns:csw="{space}">'
            f'<csw:SearchStatus timestamp="2026-02-0{1 + len(self.asked) % 8}T10:00:00Z"/><csw:SearchResults elementSet="full"'
            f' numberOfRecordsMatched="{len(found)}" numberOfRecordsReturned="{rows}" nextRecord="{after}">'
            f"{''.join(page)}</csw:SearchResults></csw:GetRecordsResponse>"
        ).encode()  # fmt: skip

    def _capabilities(self) -> bytes:
        return (
            f'<csw:Capabilities xmlns:csw="{CSW2}" xmlns:ows="http://www.opengis.net/ows" version="2.0.2"><ows:ServiceIdentification>'
            "<ows:Title>Geokatalog Beispiel</ows:Title></ows:ServiceIdentification></csw:Capabilities>"
        ).encode()


def _value(text: str, tag: str) -> str:
    found = re.search(rf"<gmd:{tag}><[^>]*>([^<]*)<", text)
    return found[1] if found else ""


def _kind(text: str) -> str:
    found = re.search(r'MD_ScopeCode" codeListValue="([^"]*)"', text)
    return found[1] if found else ""


@contextmanager
def csw(records: Iterable[str] = (), **behaviour: Any) -> Iterator[Catalog]:
    """A CSW with these records at `catalog.url`."""
    catalog = Catalog(list(records), **behaviour)
    with serve({"/csw": catalog.answer}) as server:
        assert isinstance(server, Server)
        catalog.url = f"{server.url}/csw"
        yield catalog
