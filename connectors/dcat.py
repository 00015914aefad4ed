"""DCAT: any catalog that offers itself as RDF (DCAT, DCAT-AP and their national profiles of every version)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from pydantic import Field

from connectors import _hydra
from connectors._dcat_records import Facts, facts_match, modified, records
from federation.config import Source
from federation.dcat import rdf_xml
from federation.dcat.description import Description
from federation.dcat.fragments import REST, describe, united
from federation.dcat.names import content
from federation.dcat.parse import MAX_TRIPLES, Parsed, parse
from federation.errors import RecordError, SourceError
from federation.finding import Finding
from federation.harvest import screen
from federation.harvest.connector import Candidate, Connector, Options, Record, Response, State, Stored
from federation.harvest.http import Http, Validators

Syntax = Literal["", "rdf-xml", "turtle", "n-triples", "n-quads", "trig", "json-ld"]

_ACCEPT = {
    "rdf-xml": "application/rdf+xml", "turtle": "text/turtle", "json-ld": "application/ld+json", "n-triples": "application/n-triples",
    "n-quads": "application/n-quads", "trig": "application/trig",
}  # fmt: skip
_ACCEPT_ANY = ", ".join(f"{name};q={1 - place / 10:.1f}" for place, name in enumerate(_ACCEPT.values())) + ", */*;q=0.1"
_SUFFIXES = {".nq": "n-quads", ".nt": "n-triples", ".ttl": "turtle", ".rdf": "rdf-xml", ".trig": "trig", ".jsonld": "json-ld"}
_FILES = (*_SUFFIXES, ".xml", ".owl", ".n3", ".json")
_GUESSES = ("/catalog.rdf", "/catalog.ttl", "/catalog.xml")


class DcatOptions(Options):
    """`[source.options]` of `connector = "dcat"`."""

    publisher: str = Field(default="", description="only what this publisher has released: its IRI, or its name as the feed writes it")
    catalog: str = Field(default="", description="only what this catalog (or a catalog inside it) lists: its IRI")
    format: Syntax = Field(default="", description="how the document is to be read, where its own appearance misleads")
    accept: str = Field(default="", description="the Accept header, for servers that give one address in several formats")
    hosts: list[str] = Field(default=[], description="other hosts that the address of a next page may have")
    paging: bool = Field(default=True, description="whether next pages are read")
    max_pages: int = Field(default=10_000, ge=1, description="pages beyond this number are not read")


class Dcat(Connector[DcatOptions]):
    """DCAT catalogs as RDF/XML, Turtle, JSON-LD, N-Triples, N-Quads or TriG, by address or as local files, packed or not.

    Specifications: DCAT 1 to 3, DCAT-AP 1 to 3 and its profiles, Hydra paging in both forms. Servers known: CKAN with ckanext-dcat,
    DKAN, piveau, GeoNetwork, ArcGIS Hub, files kept by hand. Limits: 1,500,000 triples in one document, 50,000 in one dataset; remote
    JSON-LD contexts are refused; a document that only repairs made readable is read with a finding.
    """

    id = "dcat"
    title = "DCAT (RDF)"
    protocol = "DCAT-AP"
    options = DcatOptions

    def fetch(self, source: Source, options: DcatOptions, http: Http, state: State) -> Iterator[Response]:
        """One Response per page (or local file), each with the address of the page that follows."""
        path = _local(source.url)
        if path is not None:
            yield from (_read(file, source, options) for file in _files(path, source))
            return
        url, pages = source.url, _Pages(source.url, options)
        while url:
            stored = Stored() if state.full else state.responses.get(url, Stored())
            answer = http.get(
                url, source=source.id, validators=Validators(stored.etag, stored.modified),
                accept=options.accept or _accept(options.format),
            )  # fmt: skip
            if answer.not_modified or stored.same(answer.body):
                following, findings, complete = pages.following(url, stored.following, stored.digest)
                yield Response(
                    url, etag=answer.etag or stored.etag, modified=answer.modified or stored.modified, unchanged=True,
                    following=following, total=stored.total, complete=complete, findings=findings, digest=stored.digest,
                )  # fmt: skip
            else:
                digest = content(answer.body)
                paging = _paging(answer.body, answer.media_type, answer.charset, answer.url, url, options)
                address = urljoin(answer.url, paging.following) if paging.following else ""
                following, findings, complete = pages.following(url, address, digest, paging.unclear)
                yield Response(
                    url, answer.body, _declared(answer.media_type, answer.charset), answer.etag, answer.modified, following=following,
                    total=paging.total, complete=complete, findings=findings, digest=digest,
                )  # fmt: skip
            url = following

    def split(self, response: Response, options: DcatOptions) -> Iterator[Record]:
        """Every entity of a page, then one `rest` record with what belongs to none. SourceError where the page cannot be read."""
        media_type, _, charset = response.media_type.partition(";charset=")
        page = _page(response.body, media_type, charset, response.url, options)
        if page.findings:
            yield Record("", REST, b"", findings=page.findings)
        yield from records(_parsed(page, response.url), response.url)

    def map(self, record: Record, options: DcatOptions) -> Description:
        """Exactly what the record says. RecordError for one that was too large to be kept."""
        description = describe(record.raw)
        if not description.nodes and record.kind != REST:
            raise RecordError("fragment-too-large", value=record.identifier, limit=50_000)
        return description

    def merge(self, first: Record, second: Record) -> Record:
        """A dataset on several pages is what all of them say; of two versions (it was edited while the pages were read) the later one."""
        before, after = modified(first.raw), modified(second.raw)
        if before and after and before != after:
            return replace(second, raw=max((before, first.raw), (after, second.raw))[1], fingerprint=b"")
        return replace(second, raw=united(first.raw, second.raw), fingerprint=b"")

    def shared(self, source: Source, options: DcatOptions) -> str:
        """Sources with one address, format and Accept header are read once, whatever they select of it."""
        return "\n".join((source.url, options.format, options.accept, str(options.paging)))

    def shared_options(self, options: Sequence[DcatOptions]) -> DcatOptions:
        """The first one's, with the hosts and the most pages of all."""
        hosts = [host for each in options for host in each.hosts]
        return options[0].model_copy(update={"hosts": hosts, "max_pages": max(each.max_pages for each in options)})

    def selects(self, record: Record, options: DcatOptions) -> bool:
        """Whether a record is of the wanted publisher and catalog. Catalogs themselves, and the rest, belong to every selection."""
        if not options.publisher and not options.catalog:
            return True
        return facts_match(record, options.publisher, options.catalog)

    def address(self, identifier: str, url: str, options: DcatOptions) -> str:
        """The dataset's own IRI, where it lies on the host of the feed: of other hosts' answers the source knows nothing."""
        if not identifier.startswith(("http://", "https://")):
            return ""
        return identifier if (_host(identifier) or "-") == _host(url) else ""

    def detect(self, url: str, http: Http) -> Candidate | None:
        """A DCAT document at the address itself, or at one of the usual places of the same host: at most three requests."""
        parts = urlsplit(url)
        root = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
        guesses = [] if parts.query or screen.suffix(url) in _FILES else [root + guess for guess in _GUESSES]
        for place in [url, *guesses][:3]:
            try:
                found = self._candidate(place, http)
            except SourceError:
                continue
            if found is not None:
                return found
        return None

    def _candidate(self, url: str, http: Http) -> Candidate | None:
        answer = http.get(url, accept=_ACCEPT_ANY)
        response = Response(answer.url, answer.body, _declared(answer.media_type, answer.charset))
        found = [record for record in self.split(response, DcatOptions()) if record.identifier]
        if not any(record.kind in ("catalog", "dataset", "series", "service") for record in found):
            return None
        total = _paging(answer.body, answer.media_type, answer.charset, answer.url, url, DcatOptions()).total
        seen = sum(record.kind in ("dataset", "series") for record in found)
        titles = [record.content.title for record in found if record.kind == "catalog" and isinstance(record.content, Facts)]
        return Candidate(self.id, url, seen if total is None else max(total, seen), next(filter(None, titles), ""))


class _Pages:
    """The pages of one fetch: recognises a way that leads in circles, to another host or without end."""

    def __init__(self, url: str, options: DcatOptions) -> None:
        self._options = options
        self._host = urlsplit(url)
        self._seen: set[str] = set()
        self._bodies: dict[bytes, str] = {}

    def following(self, url: str, following: str, digest: bytes, unclear: bool = False) -> tuple[str, list[Finding], bool]:
        """(address of the page to read next, findings, whether the listing is whole as far as this page tells)."""
        self._seen.add(_plain(url))
        if digest in self._bodies:
            return "", [Finding("page-repeated", value=url, params={"first": self._bodies[digest]})], False
        self._bodies[digest] = url
        if unclear:
            return "", [Finding("paging-unclear", value=url)], False
        if not following or not self._options.paging:
            return "", [], True
        following = self._same_scheme(following)
        problem = ""
        if urlsplit(following).scheme not in ("http", "https") or not self._trusted(following):
            problem = "page-elsewhere"
        elif _plain(following) in self._seen:
            problem = "page-loop"
        elif len(self._seen) >= self._options.max_pages:
            problem = "page-limit"
        if problem:
            return "", [Finding(problem, value=following, params={"page": url, "limit": str(self._options.max_pages)})], False
        return following, [], True

    def _same_scheme(self, following: str) -> str:
        """https stays https on one host: portals behind a proxy often write http into their links."""
        parts = urlsplit(following)
        if self._host.scheme == "https" and parts.scheme == "http" and parts.netloc == self._host.netloc:
            return urlunsplit(parts._replace(scheme="https"))
        return following

    def _trusted(self, following: str) -> bool:
        netloc = urlsplit(following).netloc.rpartition("@")[2].lower()
        return netloc == self._host.netloc.rpartition("@")[2].lower() or netloc in (host.lower() for host in self._options.hosts)


def _host(url: str) -> str:
    """The server of an address with its port, "" where it has none."""
    try:
        parts = urlsplit(url)
        standard = {"http": 80, "https": 443}.get(parts.scheme, 0)
        return f"{parts.hostname}:{parts.port or ''}" if parts.port not in (None, standard) else parts.hostname or ""
    except ValueError:
        return ""


def _plain(url: str) -> str:
    """An address for comparing: without fragment, host in lower case."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def _accept(syntax: str) -> str:
    return f"{_ACCEPT[syntax]}, */*;q=0.1" if syntax else _ACCEPT_ANY


class _Page(NamedTuple):
    body: bytes
    syntax: str
    findings: list[Finding]


def _page(body: bytes, media_type: str, charset: str, url: str, options: DcatOptions) -> _Page:
    """A body in UTF-8, screened but for what XML can hide. SourceError for an empty answer, an HTML page, a bomb, what is no RDF."""
    body, findings = screen.text(screen.unpack(body, url=url), charset)
    kind = screen.sniff(body)
    screen.refuse(kind, body, url=url)
    if not options.format and kind != "unknown":
        findings += screen.agree(media_type, screen.suffix(url), kind)
    syntax = _syntax(body, media_type, url, options)
    if syntax == "json-ld":
        body = screen.json_ld(body, url=url)
    elif not syntax:
        raise SourceError("not-rdf", url=url, value=kind)
    return _Page(body, syntax, findings)


def _parsed(page: _Page, url: str) -> Parsed:
    """The lines of a page. Plain RDF/XML is read at once, without a parser that something could be hidden from; other passes the screen."""
    if page.syntax != "rdf-xml":
        return parse(page.body, page.syntax, url)
    lines = rdf_xml.read(page.body, url, MAX_TRIPLES)
    return Parsed(lines) if lines else parse(screen.xml_safe(page.body, url=url), page.syntax, url)


def _paging(body: bytes, media_type: str, charset: str, answered: str, url: str, options: DcatOptions) -> _hydra.Controls:
    """The hydra controls of a page. Where it cannot be read, none: split says why."""
    if not options.paging:
        return _hydra.Controls()
    body = screen.unpack(body, url=url)
    found = _hydra.scan(body, _syntax(body, media_type, answered, options))
    if found is not None:
        return found
    try:
        page = _page(body, media_type, charset, answered, options)
        return _hydra.controls(_parsed(page, url).lines, url)
    except SourceError:
        return _hydra.Controls()


def _declared(media_type: str, charset: str) -> str:
    return f"{media_type};charset={charset}" if charset else media_type


def _syntax(body: bytes, media_type: str, url: str, options: DcatOptions) -> str:
    """How a body is to be read; empty where it is no RDF. N-Quads cannot be told from N-Triples or Turtle by their first bytes."""
    if options.format:
        return options.format
    if media_type == "application/n-quads" or screen.suffix(url) == ".nq":
        return "n-quads"
    kind = screen.sniff(body)
    if kind in _ACCEPT:
        return kind
    if kind == "unknown":
        declared = {name: syntax for syntax, name in _ACCEPT.items()}.get(media_type)
        return declared or _SUFFIXES.get(screen.suffix(url), "")
    return ""


def _local(url: str) -> Path | None:
    """The local file or folder that a source names, None for an address."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(url) if "://" not in url else None


def _files(path: Path, source: Source) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if screen.suffix(file.as_uri() if file.is_absolute() else file.name) in _FILES)
    else:
        files = [path] if path.is_file() else []
    if not files:
        raise SourceError("file-missing", source=source.id, url=str(path))
    return files


def _read(file: Path, source: Source, options: DcatOptions) -> Response:
    url = file.resolve().as_uri()
    try:
        body = file.read_bytes()
    except OSError as error:
        raise SourceError("file-unreadable", source=source.id, url=str(file), reason=error.strerror or str(error)) from error
    paging = _paging(body, "", "", url, url, options)
    findings = [Finding("page-elsewhere", value=paging.following, params={"page": url})] if paging.following else []
    return Response(url, body, total=paging.total, complete=not paging.following, findings=findings)
