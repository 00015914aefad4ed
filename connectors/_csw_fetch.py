"""Reads a CSW: the services first, then every record page by page, each page with the services of its datasets.

Where a server cannot filter by type (or only pretends to), all pages are read, kept packed, and given afterwards. A listing is advanced
by the records that really came; what the server counts and does not deliver leaves the listing short of its total.
"""

import zlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

from connectors import _csw_pages as pages
from connectors import _csw_requests as requests
from connectors._csw_options import CswOptions
from connectors._csw_requests import Dialect, Query
from connectors._iso_coupling import Couplings, keys
from connectors._iso_facts import Facts
from connectors._iso_read import sketch
from federation.config import Source
from federation.dcat.names import content
from federation.errors import SourceError
from federation.finding import Finding
from federation.harvest import screen
from federation.harvest.connector import Gone, Listed, Reached, Response, State, Stored
from federation.harvest.http import Answer, Http

Step: TypeAlias = Response | Listed | Gone | Reached
_IDS = 20
_MISUNDERSTOOD = frozenset(("400", "404", "405", "406", "411", "415", "501"))

_NO_ANSWER = frozenset(("html-instead-of-data", "empty-answer", "csw-not-xml", "csw-not-iso"))


class Refused(Exception):
    """The server answered with an ExceptionReport; the text is its own."""


class Asked(NamedTuple):
    """One page of an answer, screened: its address, bytes without the time of the search, that time, records, and what they say."""

    url: str
    body: bytes
    time: str
    page: pages.Page
    said: Sequence[Facts]


@dataclass(slots=True)
class Count:
    """What one listing came to: entries that came, entries that the server says there are (each page's), datasets by identifier."""

    came: int = 0
    matched: list[int] = field(default_factory=list)
    datasets: dict[str, int] = field(default_factory=dict)

    def take(self, asked: Asked) -> None:
        """Counts one page."""
        self.came += len(asked.said) + asked.page.others
        matched = asked.page.number("numberOfRecordsMatched")
        if matched is not None:
            self.matched.append(matched)
        for each in asked.said:
            if pages.is_dataset(each):
                name = pages.identifier(each)
                self.datasets[name] = self.datasets.get(name, 0) + 1

    def total(self) -> int | None:
        """How many datasets there are, as far as the server tells: those that came and the entries that did not. An identifier that two
        entries share counts once; where the listing moved, everything that was ever counted has to come.
        """
        if not self.matched:
            return None
        known = len(self.datasets) if len(set(self.matched)) == 1 else sum(self.datasets.values())
        return known + max(0, max(self.matched) - self.came)


class Reader:
    """One reading of one CSW; `read` gives the steps that Connector.fetch gives."""

    def __init__(self, source: Source, options: CswOptions, http: Http, state: State) -> None:
        self._source, self._options, self._http, self._state = source, options, http, state
        self._url = requests.base(source.url)
        self._dialect: Dialect | None = None
        self._query = Query(keyword=tuple(options.keyword), organisation=tuple(options.organisation))
        self._filters = True
        self._time = ""

    def read(self) -> Iterator[Step]:
        """Every step. SourceError with the server's own words where it refuses."""
        if screen.suffix(self._source.url) == ".xml":
            yield from self._document()
            return
        try:
            if not self._state.watermark or self._state.full or not (yield from self._changed()):
                yield from self._all()
        except Refused as error:
            raise SourceError("csw-refused", source=self._source.id, url=self._url, detail=str(error)) from error

    # everything

    def _all(self) -> Iterator[Step]:
        first = self._first(self._query)
        services = self._services() if self._options.services_first else None
        met = [each.identifier for each in first.said if each.kind == "service"]
        if services is None or (met and not services):
            yield from self._buffered(first)
        else:
            yield from self._streamed(first, Couplings(services, self._source.openness.widen))
        if self._options.incremental and self._filters and self._time:
            yield Reached(self._time)

    def _streamed(self, first: Asked, couplings: Couplings) -> Iterator[Response]:
        """Page after page. Those with a series that may have parts wait for the end: by then its parts are known."""
        count, parents = Count(), set[str]()
        waiting: list[tuple[str, bytes]] = []
        held: Response | None = None
        for asked in self._pages(self._query, first):
            count.take(asked)
            parents |= {each.parent for each in asked.said if each.parent and pages.is_dataset(each)}
            if any(each.kind == "series" and not pages.has_access(each) for each in asked.said):
                waiting.append((asked.url, zlib.compress(asked.body, 1)))
                continue
            if held is not None:
                yield held
            held = self._response(asked.url, asked.body, asked.said, couplings, parents)
        for url, packed in waiting:
            if held is not None:
                yield held
            body = zlib.decompress(packed)
            held = self._response(url, body, [sketch(each) for each in pages.page(body, url).records], couplings, parents)
        assert held is not None
        yield replace(held, total=count.total(), findings=[*held.findings, *self._loose_ends(couplings)])

    def _buffered(self, first: Asked) -> Iterator[Response]:
        """All pages, packed, before the first is given: the server cannot give the services alone."""
        count, parents, services = Count(), set[str](), list[Facts]()
        kept: list[tuple[str, bytes]] = []
        for asked in self._pages(self._query, first):
            count.take(asked)
            services += [each for each in asked.said if each.kind == "service"]
            parents |= {each.parent for each in asked.said if each.parent and pages.is_dataset(each)}
            kept.append((asked.url, zlib.compress(asked.body, 1)))
        couplings = Couplings(services, self._source.openness.widen)
        for position, (url, packed) in enumerate(kept):
            body = zlib.decompress(packed)
            made = self._response(url, body, [sketch(each) for each in pages.page(body, url).records], couplings, parents)
            if position == len(kept) - 1:
                made = replace(made, total=count.total(), findings=[*made.findings, *self._loose_ends(couplings)])
            yield made

    def _response(self, url: str, body: bytes, said: Sequence[Facts], couplings: Couplings, parents: set[str]) -> Response:
        whole = pages.joined(body, said, couplings, parents)
        stored = Stored() if self._state.full else self._state.responses.get(url, Stored())
        if stored.same(whole):
            return Response(url, unchanged=True, digest=stored.digest)
        return Response(url, whole, "application/xml", digest=content(whole))

    def _loose_ends(self, couplings: Couplings) -> list[Finding]:
        """Told only where the whole catalog was read: a selection says nothing of the datasets beside it."""
        if self._options.keyword or self._options.organisation or self._options.type:
            return []
        return [
            Finding(code, dataset=service, field="srv:operatesOn", value=said, params={"service": service, "reference": said})
            for code, service, said in couplings.loose_ends()
        ]

    def _document(self) -> Iterator[Response]:
        """One XML document at an address: a record, or a saved answer."""
        asked = self._asked(self._source.url, self._http.get(self._source.url, source=self._source.id))
        couplings = Couplings([each for each in asked.said if each.kind == "service"], self._source.openness.widen)
        made = self._response(asked.url, asked.body, asked.said, couplings, {each.parent for each in asked.said})
        yield replace(made, findings=self._loose_ends(couplings))

    # only what changed

    def _changed(self) -> Generator[Step, None, bool]:
        """Reads what changed since the watermark; gives False (and no step) where that cannot be told."""
        since = self._state.watermark[:10]
        try:
            first = self._first(replace(self._query, since=since))
        except Refused:
            return False
        services = self._services()
        if services is None or not self._filters:
            return False
        again = self._touched([each for each in services if each.stamp[:10] >= since])
        if again is None:
            return False
        couplings = Couplings(services, self._source.openness.widen)
        changed = list(self._pages(replace(self._query, since=since), first))
        if any(each.kind == "series" and not pages.has_access(each) for asked in changed for each in asked.said):
            return False  # whether it has parts shows only in all the others
        yield Reached(self._time or self._state.watermark, partial=True)
        for asked in changed:
            yield self._response(asked.url, asked.body, asked.said, couplings, set())
        for start in range(0, len(again), _IDS):
            url = requests.by_id(self._url, self._known_dialect, again[start : start + _IDS])
            asked = self._asked(url, self._http.get(url, source=self._source.id))
            yield self._response(url, asked.body, asked.said, couplings, set())
        return True

    def _touched(self, services: Sequence[Facts]) -> list[str] | None:
        """The known records that these services operate on; None where one cannot be told from what is known."""
        known = {key: name for name in self._state.stamps for key in keys(name)}
        found: dict[str, None] = {}
        for service in services:
            for reference in service.operates_on:
                names = {known[key] for each in reference if each for key in keys(each) if key in known}
                if len(names) != 1:
                    return None
                found |= dict.fromkeys(names)
        return list(found)

    # asking

    @property
    def _known_dialect(self) -> Dialect:
        assert self._dialect is not None
        return self._dialect

    def _services(self) -> list[Facts] | None:
        """All service records; None where the server cannot give them alone."""
        found: list[Facts] = []
        try:
            for asked in self._pages(Query(type="service")):
                if any(each.kind != "service" for each in asked.said) or asked.page.others:
                    return None
                found += asked.said
        except Refused:
            self._filters = False
            return None
        return found

    def _pages(self, query: Query, first: Asked | None = None) -> Iterator[Asked]:
        """The pages one after the other, each advanced by what came."""
        start = 1
        seen: set[bytes] = set()
        while True:
            asked = first or self._ask(query, start)
            first = None
            yield asked
            following = _following(asked, start, self._options.page_size)
            digest = content(asked.body)
            if following <= start or digest in seen:
                return
            seen.add(digest)
            start = following

    def _first(self, query: Query) -> Asked:
        """The first page, in the first dialect that the server understands."""
        if self._dialect is not None:
            return self._ask(query, 1)
        problem: Exception | None = None
        methods: Sequence[requests.Method] = (self._options.method,) if self._options.method else ("post", "get")
        versions: Sequence[requests.Version] = (self._options.version,) if self._options.version else ("2.0.2", "3.0.0")
        for plain in (query, Query(since=query.since)) if query.keyword or query.organisation else (query,):
            for method in methods:
                for dialect in requests.dialects([method], versions, self._options.output_schema):
                    self._dialect = dialect
                    try:
                        asked = self._ask(plain, 1)
                    except Refused as error:
                        problem = problem if isinstance(problem, Refused) else error
                    except SourceError as error:
                        if not _misunderstood(error):
                            raise
                        problem = problem or error
                        break
                    else:
                        self._query = replace(plain, since="")
                        return asked
        self._dialect = None
        assert problem is not None
        raise problem

    def _ask(self, query: Query, start: int) -> Asked:
        dialect, rows = self._known_dialect, self._options.page_size
        url = requests.records(self._url, dialect, query, start, rows)
        if dialect.method == "get":
            answer = self._http.request("GET", url, source=self._source.id, any_status=True)
        else:
            answer = self._http.request(
                "POST", self._url, source=self._source.id, any_status=True, content={"content": requests.body(dialect, query, start, rows)},
                headers={"Content-Type": "application/xml; charset=UTF-8", "Accept": "application/xml, text/xml;q=0.9, */*;q=0.1"},
            )  # fmt: skip
        return self._asked(url, answer)

    def _asked(self, url: str, answer: Answer) -> Asked:
        """A screened answer. Refused for an ExceptionReport, SourceError for what is no answer of a CSW."""
        try:
            body, time = pages.screened(answer.body, answer.charset, url, self._source.id)
            found = pages.page(body, url, self._source.id)
        except SourceError:
            if answer.status >= 400:
                raise self._http.failure(answer, self._source.id) from None
            raise
        said = pages.exception(found.root)
        if said:
            raise Refused(said)
        if answer.status >= 400:
            raise self._http.failure(answer, self._source.id)
        if not found.records and (found.others or not pages.is_answer(found.root)):
            raise SourceError("csw-not-iso", source=self._source.id, url=url, value=pages.first_entry(found.root))
        self._time = self._time or time
        return Asked(url, body, time, found, [sketch(each) for each in found.records])


def _misunderstood(error: SourceError) -> bool:
    """Whether a failure may be one of how the server was asked."""
    return error.params.get("status") in _MISUNDERSTOOD or error.code in _NO_ANSWER


def _following(asked: Asked, start: int, rows: int) -> int:
    """Where the next page begins, 0 where there is none: behind what came, or where the server says, when it left something out."""
    came = len(asked.said) + asked.page.others
    matched = asked.page.number("numberOfRecordsMatched")
    said = asked.page.number("nextRecord")
    after = start + came
    if said is not None and after < said <= max(start + rows, after) and (matched is None or said <= matched):
        return said  # a gap: the server counted what it could not write
    if not came:
        return 0
    if matched:
        return after if after <= matched else 0
    return after if said is not None and said >= after else 0
