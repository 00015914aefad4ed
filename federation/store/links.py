"""Addresses in what is public: who uses them, what checking them came to, and the findings that follow from it.

Findings about links are not stored with those of a record: they are reckoned on reading, from `link` and `link_use`. So a sync, which
replaces a record's findings, does not lose them, and they are gone as soon as the address answers again. What goes is noted with the
other findings that went away.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, select, update
from sqlalchemy import exists as sql_exists

from federation.finding import Finding
from federation.log import masked
from federation.store import blobs
from federation.store import tables as t
from federation.store.findings import Since, move_away
from federation.store.records import Records
from federation.store.rows import FindingRow
from federation.store.upsert import Statements, upsert
from federation.store.upsert import insert as insert_or

NEVER = "9999-12-31"  # due: an address that no check can say anything about
KINDS = ("dataset", "series", "service")
_STATEMENTS = Statements()


class LinkRow(NamedTuple):
    """An address (without "#" and what follows) and what is known of it; see the table `link`."""

    url: str
    host: str
    due: str
    verdict: str = "unchecked"
    status: int = 0
    reason: str = ""
    target: str = ""
    checked: str = ""
    failures: int = 0
    first_failed: str = ""
    last_failed: str = ""
    method: str = "HEAD"
    etag: str = ""
    modified: str = ""
    finding: str = ""
    reported: str = ""


class Use(NamedTuple):
    """An address in a property of an entity ("dcat:accessURL"); `fragment` is what stood behind "#"."""

    url: str
    field: str
    fragment: str = ""


class Links(Records):
    """Links and their findings; `findings` and `counts_by_severity` are those of Records with these added."""

    # collecting

    def uncollected(self, page: int = 200) -> Iterator[list[tuple[str, str, bytes, bytes]]]:
        """(IRI, source, digest of the body, N-Triples) of public entities whose addresses were not taken down from just this body."""
        i, u = t.item.c, t.link_use.c
        known = sql_exists().where(u.iri == i.iri, u.body == i.body)
        query = select(i.iri, i.source, i.body, t.body.c.nt).join(t.body, t.body.c.digest == i.body).where(i.kind.in_(KINDS), ~known)
        after = ""
        while True:
            with self.read() as connection:
                rows = connection.execute(query.where(i.iri > after).order_by(i.iri).limit(page)).all()
            if rows:
                yield [(iri, source, digest, blobs.unpack(nt)) for iri, source, digest, nt in rows]
                after = rows[-1].iri
            if len(rows) < page:
                return

    def put_uses(self, found: Mapping[tuple[str, bytes], Sequence[Use]], links: Sequence[LinkRow]) -> None:
        """The addresses of entities (IRI, digest of the body), in place of their former ones; `links` that are known already stay."""
        rows = [{"iri": iri, "body": body, **use._asdict()} for (iri, body), uses in found.items() for use in uses]
        new = insert_or(self.url, t.link).on_conflict_do_nothing()
        mine = t.link_use.c.iri.in_([iri for iri, _ in found])
        with self.write() as connection, _noting_gone(connection, mine):
            connection.execute(delete(t.link_use).where(mine))
            if rows:
                connection.execute(insert(t.link_use), rows)
            _STATEMENTS.execute(connection, "new", new, [row._asdict() for row in links])

    def forget_links(self) -> int:
        """Drops the uses of what is not public any more and the addresses that nobody uses; tells how many addresses."""
        with self.write() as connection:
            connection.execute(delete(t.link_use).where(t.link_use.c.iri.not_in(select(t.item.c.iri))))
            return connection.execute(delete(t.link).where(t.link.c.url.not_in(select(t.link_use.c.url)))).rowcount

    def forget_uses(self) -> None:
        """Drops all uses, so that every entity is uncollected again; what is known of the addresses stays until `forget_links`."""
        with self.write() as connection:
            connection.execute(delete(t.link_use))

    # checking

    def links(self, *, due: str = NEVER, sources: Sequence[str] | None = None) -> list[LinkRow]:
        """Addresses (those that these sources use) that are to be checked by the day `due`, the most overdue first."""
        query = select(t.link).where(t.link.c.due <= due, *_used_by(sources)).order_by(t.link.c.due, t.link.c.checked, t.link.c.url)
        with self.read() as connection:
            return [LinkRow._make(row) for row in connection.execute(query)]

    def link_due(self, day: str) -> bool:
        """Whether any address is to be checked by that day."""
        with self.read() as connection:
            return connection.execute(select(t.link.c.url).where(t.link.c.due <= day).limit(1)).first() is not None

    def set_due(self, day: str, sources: Sequence[str] | None = None) -> None:
        """Every address (of these sources) that can be checked is due on that day, unless it is sooner."""
        later = and_(t.link.c.due > day, t.link.c.due < NEVER, *_used_by(sources))
        with self.write() as connection:
            connection.execute(update(t.link).where(later).values(due=day))

    def write_links(self, rows: Sequence[LinkRow]) -> None:
        """What checking came to, in place of what was known."""
        with self.write() as connection, _noting_gone(connection, t.link.c.url.in_([row.url for row in rows])):
            _STATEMENTS.execute(connection, "link", upsert(self.url, t.link), [row._asdict() for row in rows])

    def links_by_host(self, sources: Sequence[str] | None = None) -> dict[str, dict[str, int]]:
        """{host: {verdict: number of addresses}} (that these sources use)."""
        c = t.link.c
        query = select(c.host, c.verdict, func.count()).where(*_used_by(sources)).group_by(c.host, c.verdict).order_by(c.host)
        counts: dict[str, dict[str, int]] = {}
        with self.read() as connection:
            for host, verdict, number in connection.execute(query):
                counts.setdefault(host, {})[verdict] = number
        return counts

    # findings

    def findings(
        self, source: str | None = None, *, identifier: str | None = None, severity: str | None = None, code: str | None = None,
        since: Since | None = None, limit: int | None = None,
    ) -> list[FindingRow]:  # fmt: skip
        """Findings, stored ones and those about links, by source and record."""
        found = super().findings(source, identifier=identifier, severity=severity, code=code, since=since, limit=limit)
        if identifier == "":  # a source as a whole uses no address
            return found
        links = [row for row in self._link_findings(source, identifier, severity, code) if since is None or row.since >= since.moment]
        return sorted([*found, *links], key=lambda row: (row.source, row.identifier))[:limit] if links else found

    def examples(self) -> dict[str, FindingRow]:
        """{code: a finding of this kind}, those about links included."""
        return {row.code: row for row in reversed(self._link_findings(None, None, None, None))} | super().examples()

    def counts_by_severity(self) -> dict[str, dict[str, int]]:
        """{source: {severity: number of findings}}, those about links included."""
        counts = super().counts_by_severity()
        query = _reported(select(t.item.c.source, t.link.c.finding, func.count())).group_by(t.item.c.source, t.link.c.finding)
        with self.read() as connection:
            for source, code, number in connection.execute(query):
                severity = str(Finding(code).severity)
                mine = counts.setdefault(source, {})
                mine[severity] = mine.get(severity, 0) + number
        return counts

    def _link_findings(self, source: str | None, identifier: str | None, severity: str | None, code: str | None) -> list[FindingRow]:
        i, u = t.item.c, t.link_use.c
        query = _told()
        for column, wanted in ((i.source, source), (i.identifier, identifier), (t.link.c.finding, code)):
            if wanted is not None:
                query = query.where(column == wanted)
        with self.read() as connection:
            found = [_finding(*row) for row in connection.execute(query.order_by(i.source, i.identifier, u.field, u.url))]
        return found if severity is None else [row for row in found if row.severity == severity]


def _used_by(sources: Sequence[str] | None) -> list[ColumnElement[bool]]:
    if sources is None:
        return []
    used = select(t.link_use.c.url).join(t.item, t.item.c.iri == t.link_use.c.iri).where(t.item.c.source.in_(sources))
    return [t.link.c.url.in_(used)]


def _reported(columns: Select[Any]) -> Select[Any]:
    joined = t.link.join(t.link_use, t.link_use.c.url == t.link.c.url).join(t.item, t.item.c.iri == t.link_use.c.iri)
    return columns.select_from(joined).where(t.link.c.finding > "")  # not "!=", which uses no index


def _told() -> Select[Any]:
    i, u = t.item.c, t.link_use.c
    return _reported(select(i.source, i.identifier, i.iri, u.field, u.fragment, *t.link.c))


class _Gone(NamedTuple):
    """A finding about a link as `move_away` takes it."""

    source: str
    identifier: str
    code: str
    field: str
    value: str
    severity: str
    params: str
    since: str
    run: int
    id: int = 0


@contextmanager
def _noting_gone(connection: Connection, concerned: ColumnElement[bool]) -> Iterator[None]:
    """Notes which findings about the links or uses concerned hold no more after what is written meanwhile."""
    before = [_finding(*row) for row in connection.execute(_told().where(concerned))]
    yield
    if before:
        left = {_same(_finding(*row)) for row in connection.execute(_told().where(concerned))}
        gone = [row for row in before if _same(row) not in left]
        move_away(
            connection,
            [_Gone(*_same(row), row.severity, orjson.dumps(row.params).decode(), row.since, row.run) for row in gone],
        )  # fmt: skip


def _same(row: FindingRow) -> tuple[str, str, str, str, str]:
    return row.source, row.identifier, row.code, row.field, row.value


def _finding(source: str, identifier: str, iri: str, field: str, fragment: str, *columns: Any) -> FindingRow:
    link = LinkRow._make(columns)
    anchor = f"#{fragment}" if fragment else ""
    target = link.target + ("" if "#" in link.target else anchor)
    params = {"host": link.host, "reason": link.reason, "target": masked(target), "since": link.first_failed,
              "checked": link.checked[:10], "days": str(link.failures)}  # fmt: skip
    severity = str(Finding(link.finding).severity)
    return FindingRow(source, identifier, iri, link.finding, severity, field, masked(link.url + anchor), params, 0, link.reported)
