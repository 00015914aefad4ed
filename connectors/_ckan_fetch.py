"""Reads a CKAN: all pages of package_search, or only what changed since the last time, or package after package where search is missing.

A listing counts as complete only when as many different packages came as the portal says it has, and nothing moved while it was read.
"""

import re
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import orjson

from connectors._ckan_api import ACTIONS, REFUSED, Answer, Missing, NotAuthorized, NotFound, Portal
from connectors._ckan_filter import Filter, quoted
from connectors._ckan_map import fields_of
from connectors._ckan_packages import CkanOptions, foreign, identifier, is_dataset, packages, withdrawn
from federation.errors import SourceError
from federation.finding import Finding
from federation.harvest.connector import Gone, Listed, Response, State

Json: TypeAlias = Any
Row: TypeAlias = Mapping[str, Json]
Step: TypeAlias = Response | Listed | Gone

LISTING = ("id", "metadata_modified")
LISTING_ROWS = 1000
CHUNK = 40
"""How many packages are asked for by id in one request: the address stays below 2,000 characters."""
_OWN = "-harvest_source_id:[* TO *]"
_HARVESTED = "+harvest_source_id:[* TO *]"
_MOST_CHECKS = 50
_MOST_PACKAGES = 1_000_000  # with foreign ones; no CKAN has as many, and a list without end must not fill the memory
_FAILURES = 5
_EMPTY = b'{"success":true,"result":{"count":0,"results":[]}}'
_PLAIN = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class _Page:
    answer: Answer
    count: int
    rows: Sequence[Row]


@dataclass(slots=True)
class _Listing:
    """What a listing says: stamp by id. `problem` is the code of the finding that it deserves, "" for a whole one; `answers` its pages."""

    stamps: dict[str, str] = field(default_factory=dict)
    count: int = 0
    problem: str = ""
    answers: list[Answer] = field(default_factory=list)


class Reader:
    """One reading of one CKAN; `read` gives the steps that Connector.fetch gives."""

    def __init__(self, portal: Portal, options: CkanOptions, state: State) -> None:
        self._portal = portal
        self._options = options
        self._state = state
        self._sorts = ["id asc", "name asc", ""]
        self._listed: dict[str, str] = {}
        self._moved = False
        self._held: Response | None = None
        self._complete = True
        self._findings: list[Finding] = []
        self._foreign: Counter[str] = Counter()
        self._chosen = Filter(portal, options)
        self._filter = ""

    def read(self) -> Iterator[Step]:
        """Every step; a refusal of the portal is a SourceError."""
        try:
            self._filter = self._chosen.query()
            if not self._state.stamps or self._state.full or not (yield from self._changed()):
                yield from self._all()
            yield from self._closing()
        except (Missing, NotAuthorized, NotFound, *REFUSED) as error:
            raise self._portal.failure(error) from error

    # everything

    def _all(self) -> Iterator[Step]:
        self._listed.clear()
        self._moved = False
        count = 0
        try:
            for page in self._pages(self._options.page_size):
                if not page.count and not self._listed:
                    self._chosen.check()
                count = page.count
                yield from self._deliver(page)
        except Missing:
            if self._listed:
                raise
            yield from self._one_by_one()
            return
        if self._moved or len(self._listed) != count:
            yield from self._mend()
        if self._complete:
            yield from self._gone(self._listed)

    def _mend(self) -> Iterator[Step]:
        """The listing moved while it was read, or is shorter than it says: it is read again (at most twice) for what was missed."""
        listing = self._listing(self._filter, 2, met=self._listed.keys())
        self._note(listing)
        yield from self._by_id([name for name in listing.stamps if name not in self._listed])

    def _note(self, listing: _Listing) -> None:
        if listing.problem:
            self._complete = False
            self._findings.append(Finding(listing.problem, value=str(listing.count), params={
                "count": str(listing.count), "listed": str(len(listing.stamps)),
            }))  # fmt: skip

    # only what changed

    def _changed(self) -> Generator[Step, None, bool]:
        """Reads by the stamps of a listing; False (and nothing given) where the portal cannot list so or too much has changed."""
        known = self._state.stamps
        query = self._filter if self._options.include_foreign else f"{self._filter} {_OWN}".strip()
        try:
            first = self._search(0, self._options.page_size, LISTING, query)
        except (Missing, *REFUSED):
            return False
        if any("resources" in row or "metadata_modified" not in row for row in first.rows):
            return False
        listing = self._listing(query, 3, first)
        unchanged = [name for name, stamp in listing.stamps.items() if name in known and same_stamp(stamp, known[name])]
        changed = sorted(listing.stamps.keys() - set(unchanged))
        vanished = len(known.keys() - listing.stamps.keys())
        if len(changed) * 3 > len(listing.stamps) or vanished * 3 > len(known):
            return False
        self._note(listing)
        # Kept only for their validators; split gives nothing of them.
        yield from (_response(answer) for answer in listing.answers if answer.etag or answer.modified)
        if unchanged:
            yield Listed(unchanged)
        yield from self._by_id(changed)
        if self._complete:
            yield from self._gone(listing.stamps)
        if not self._options.include_foreign:
            self._foreign[""] = self._search(0, 0, (), f"{self._filter} {_HARVESTED}".strip()).count
        return True

    # listing and paging

    def _listing(self, query: str, tries: int, first: _Page | None = None, met: Collection[str] = ()) -> _Listing:
        """Ids and stamps, read again where it moved: what any reading met was there (`met`: what came before). Two equal readings that
        miss some are a wrong count, not a movement.
        """
        every = _Listing()
        before: _Listing | None = None
        counts: set[int] = set()
        for _ in range(tries):
            found, self._moved = _Listing(), False
            for page in self._listing_pages(query, first):
                found.count = page.count
                found.stamps |= {identifier(row): str(row.get("metadata_modified") or "") for row in page.rows}
                found.answers.append(page.answer)
                counts.add(page.count)
            first = None
            if not self._moved and len(found.stamps) == found.count:
                return found
            if before and (found.count, found.stamps.keys()) == (before.count, before.stamps.keys()):
                found.problem = "ckan-count"
                return found
            again = bool(met) or before is not None
            fresh = found.stamps.keys() - every.stamps.keys() - set(met)
            every.stamps |= found.stamps
            every.count = found.count
            # A count that changes may hide that one came while another went: then a reading has to bring nothing new.
            if again and len(every.stamps.keys() | set(met)) >= found.count and (len(counts) == 1 or not fresh):
                return every
            before = found
        every.problem = "ckan-drift"
        return every

    def _listing_pages(self, query: str, first: _Page | None) -> Iterator[_Page]:
        try:
            yield from self._pages(LISTING_ROWS, LISTING, query, first)
        except REFUSED:
            yield from self._pages(self._options.page_size, (), query)

    def _pages(self, rows: int, fields: Sequence[str] = (), query: str | None = None, first: _Page | None = None) -> Iterator[_Page]:
        """The pages one after the other, each advanced by what really came: servers give fewer rows than they are asked for."""
        start, count = 0, -1
        seen: set[str] = set()
        while True:
            page = first or self._search(start, rows, fields, query)
            first = None
            names = [identifier(row) for row in page.rows]
            fresh = set(names) - seen
            self._moved |= len(fresh) < len(names) or count not in (-1, page.count)
            seen |= fresh
            if len(seen) > _MOST_PACKAGES:
                raise SourceError("too-many-datasets", source=self._portal.source, url=self._portal.root, limit=_MOST_PACKAGES)
            start, count = start + len(names), page.count
            last = not fresh or start >= count
            yield page
            if last:
                return

    def _search(self, start: int, rows: int, fields: Sequence[str] = (), query: str | None = None) -> _Page:
        """One page in a stable order; where the portal cannot sort by id by name, else as it likes."""
        wanted = self._filter if query is None else query
        while True:
            asked: list[tuple[str, str | int]] = [("rows", rows), ("start", start)]
            asked += [("sort", self._sorts[0])] if self._sorts[0] and rows else []
            asked += [("fq", wanted)] if wanted else []
            asked += [("fl", name) for name in fields]
            try:
                answer = self._portal.call("package_search", asked)
            except REFUSED:
                if fields or len(self._sorts) == 1 or not rows:
                    raise
                self._sorts.pop(0)
                continue
            return self._page(answer)

    def _page(self, answer: Answer) -> _Page:
        result = answer.result
        rows = result.get("results") if isinstance(result, dict) else None
        count = result.get("count") if isinstance(result, dict) else None
        if not isinstance(rows, list) or not str(count).isdigit():
            raise SourceError("ckan-shape", source=self._portal.source, url=answer.url)
        return _Page(answer, int(str(count)), [row for row in rows if isinstance(row, dict)])

    # giving

    def _deliver(self, page: _Page) -> Iterator[Step]:
        """A page as it came, without what came before (after the listing moved); what it says to be withdrawn beside it."""
        rows = {name: row for row in page.rows if (name := identifier(row)) not in self._listed}
        for name, row in rows.items():
            self._listed[name] = str(row.get("metadata_modified") or "")
            reason = withdrawn(row)
            if reason:
                yield Gone(name, reason)
            elif not self._options.include_foreign and is_dataset(row):
                origin = foreign(fields_of(row), self._portal.root)
                if origin:
                    self._foreign[origin] += 1
        if len(rows) == len(page.rows):
            yield from self._hold(_response(page.answer))
        elif rows:
            body = orjson.dumps({"success": True, "result": {"count": page.count, "results": list(rows.values())}})
            yield from self._hold(Response(page.answer.url, body, "application/json"))

    def _hold(self, response: Response) -> Iterator[Response]:
        """Gives the response before: the last one also carries what is known only at the end."""
        if self._held:
            yield self._held
        self._held = response

    def _closing(self) -> Iterator[Response]:
        number = sum(self._foreign.values())
        if number:
            names = ", ".join(f"{name} ({count})" for name, count in self._foreign.most_common(10) if name)
            self._findings.append(Finding("ckan-foreign-left-out", value=names, params={"number": str(number), "origins": names or "?"}))
        held = self._held
        if held is None and (self._findings or not self._complete):
            held = Response(f"{self._portal.root}/{ACTIONS}package_search?rows=0", _EMPTY, "application/json")
        if held:
            yield replace(held, findings=(*held.findings, *self._findings), complete=self._complete)

    # single packages

    def _by_id(self, names: Sequence[str]) -> Iterator[Step]:
        """Packages by id, some in one request; what search does not give is shown one by one."""
        left: list[str] = []
        for start in range(0, len(names), CHUNK):
            chunk = names[start : start + CHUNK]
            wanted = set(chunk)
            words = " OR ".join(name if _PLAIN.fullmatch(name) else quoted(name) for name in chunk)
            try:
                for page in self._pages(len(chunk), (), f"id:({words})"):
                    wanted -= {identifier(row) for row in page.rows}
                    if page.rows:
                        yield from self._deliver(page)
            except (Missing, *REFUSED):
                pass
            left += sorted(wanted)
        unread = left[_MOST_CHECKS:]
        for name in left[:_MOST_CHECKS]:
            step = self._show(name)
            if isinstance(step, Response):
                yield from self._hold(step)
            elif step:
                yield step
            else:
                unread.append(name)
        self._unread(unread)

    def _gone(self, listed: Iterable[str]) -> Iterator[Gone]:
        """What the portal says of packages that it no longer lists. Only for few: many at once are no withdrawal but a fault."""
        known = self._state.stamps
        vanished = sorted(known.keys() - set(listed))
        if not listed or len(vanished) > min(_MOST_CHECKS, max(3, len(known) // 10)):
            return
        for name in vanished:
            step = self._show(name)
            if isinstance(step, Gone):
                yield step

    def _show(self, name: str) -> Response | Gone | None:
        """package_show: the package, or that it is withdrawn; None where the portal says neither."""
        try:
            answer = self._portal.call("package_show", [("id", name)])
        except NotAuthorized:
            return Gone(name, "private")
        except NotFound:
            return Gone(name, "deleted")
        except Missing:
            return None
        except SourceError as error:
            if not error.params.get("status", "").startswith(("4", "5")) or error.params["status"] == "429":
                raise
            return None
        for package in packages(answer.result):
            reason = withdrawn(package)
            self._listed[identifier(package)] = str(package.get("metadata_modified") or "")
            return Gone(identifier(package), reason) if reason else _response(answer)
        return None

    def _unread(self, names: Sequence[str]) -> None:
        if names:
            self._complete = False
            self._findings.append(Finding("ckan-unread", value=", ".join(names[:5]), params={"number": str(len(names))}))

    def _one_by_one(self) -> Iterator[Step]:
        """Old CKANs and look-alikes without package_search: package_list, then package_show of each."""
        if self._options.fq:
            raise SourceError("ckan-no-search", source=self._portal.source, url=self._portal.root, field="fq", value=self._options.fq)
        unread: list[str] = []
        failed = 0
        for name in self._names():
            step = self._show(name)
            if isinstance(step, Response):
                yield from self._hold(step)
            elif step and (step.identifier != name or name in self._state.stamps):
                yield step
            failed = failed + 1 if step is None else 0
            if step is None:
                unread.append(name)
            if failed >= _FAILURES:
                raise SourceError("ckan-unreadable", source=self._portal.source, url=self._portal.root, value=name, number=failed)
        self._unread(unread)
        if self._held is None and not unread:
            self._held = Response(f"{self._portal.root}/{ACTIONS}package_list", _EMPTY, "application/json")

    def _names(self) -> list[str]:
        """package_list in pages; servers that know no paging give all at once."""
        names: dict[str, None] = {}
        while True:
            answer = self._portal.call("package_list", [("limit", LISTING_ROWS), ("offset", len(names))])
            if not isinstance(answer.result, list):
                raise SourceError("ckan-shape", source=self._portal.source, url=answer.url)
            before = len(names)
            names |= {str(name): None for name in answer.result}
            if len(answer.result) != LISTING_ROWS or len(names) == before:
                return list(names)


def _response(answer: Answer) -> Response:
    """A page as it came, or that it is as it was."""
    body = b"" if answer.unchanged else answer.body
    return Response(answer.url, body, "application/json", answer.etag, answer.modified, unchanged=answer.unchanged)


def same_stamp(one: str, other: str) -> bool:
    """Whether two stamps are the same moment: the search index keeps milliseconds and adds "Z", packages have microseconds."""
    return one == other or _moment(one) == _moment(other) != ""


def _moment(stamp: str) -> str:
    whole, _, fraction = stamp.removesuffix("Z").removesuffix("+00:00").partition(".")
    return f"{whole}.{fraction[:3]:0<3}" if whole else ""
