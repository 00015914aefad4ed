"""Findings and their memory: since when each is there, and what went away.

A finding is the same as long as source, record, code, field and value are; severity and parameters may change. Writing the findings of a
record again leaves those that are the same as they are, so that a run on unchanged data writes nothing. What is not found any more moves
to `finding_gone`, where it stays KEPT_DAYS. Findings of a record that is gone or withdrawn went with it: they stay where they are, in case
the record returns, and are read as gone.

The clock is the newest run that had begun (`finding.run`, `finding_gone.run`): times of one second would not tell two runs apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Select, bindparam, delete, func, insert, literal, or_, select, update

from federation import clock
from federation.finding import Finding
from federation.store import tables as t
from federation.store.rows import FindingRow
from federation.store.transactions import Transactions
from federation.store.upsert import Statements

KEPT_DAYS = 100  # so that the letters of a quarter can tell what was mended
_LEFT = ("gone", "withdrawn")
_SAME = ("source", "identifier", "code", "field", "value")
_KEPT = (*_SAME, "severity", "params", "since")
_said, _stored = itemgetter(*_SAME), attrgetter(*_SAME)  # of a row to write, of one that is stored
_AT_ONCE = 500  # values in one statement
_BATCH = Statements()
_Key = tuple[str, str]
_Same = tuple[str, ...]


class Since(NamedTuple):
    """From when on: a moment (ISO 8601, UTC) or, sharper, a run; then `moment` is when that run began."""

    moment: str
    run: int | None = None


class Findings(Transactions):
    """Reading is one statement each; writing is part of `write_batch`, or `replace_source_findings`."""

    # writing

    def replace_source_findings(self, source: str, findings: Sequence[Finding], run: int) -> None:
        """The findings about a source as a whole, in place of the former ones; forgets what went away long ago. (`run` is that of the
        source; the newest one is what is written.)
        """
        before = (clock.now() - timedelta(days=KEPT_DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self.write() as connection:
            self._put_findings(connection, {(source, ""): findings})
            connection.execute(delete(t.finding_gone).where(t.finding_gone.c.source == source, t.finding_gone.c.gone < before))

    def _put_findings(self, connection: Connection, findings: Mapping[_Key, Sequence[Finding]]) -> None:
        """The findings of just these records, in place of the former ones."""
        if findings:
            known = _known(connection, findings)
            rows = _rows(findings)
            appear(connection, _compared(connection, known, rows) if known else rows)

    # reading

    def findings(
        self, source: str | None = None, *, identifier: str | None = None, severity: str | None = None, code: str | None = None,
        since: Since | None = None, limit: int | None = None,
    ) -> list[FindingRow]:  # fmt: skip
        """Stored findings, by source and record; those that came later last. `since`: only those that came from then on."""
        f, r = t.finding.c, t.record.c
        query = _selected(f, f.run, f.since).select_from(t.finding.outerjoin(t.record, _of_record(f)))
        query = query.where(or_(r.state.is_(None), r.state.not_in(_LEFT)), *_wanted(f, source, identifier, severity, code))
        if since is not None:
            query = query.where(f.since >= since.moment if since.run is None else f.run >= since.run)
        with self.read() as connection:
            rows = connection.execute(query.order_by(f.source, f.identifier, f.id).limit(limit))
            return [FindingRow._make(row)._replace(params=orjson.loads(row.params)) for row in rows]

    def findings_gone(
        self, since: Since, source: str | None = None, *, severity: str | None = None, code: str | None = None
    ) -> list[FindingRow]:
        """Findings that went away from then on (at most KEPT_DAYS ago), by mending or with their record, by source and record."""
        g, f, r = t.finding_gone.c, t.finding.c, t.record.c
        mended = _selected(g, g.first_run, g.since, g.gone).select_from(t.finding_gone.outerjoin(t.record, _of_record(g)))
        mended = mended.where(g.gone >= since.moment if since.run is None else g.run >= since.run)
        at = func.coalesce(t.run.c.started, "")
        joined = t.finding.join(t.record, _of_record(f)).outerjoin(t.run, t.run.c.id == r.run)
        left = _selected(f, f.run, f.since, at).select_from(joined).where(r.state.in_(_LEFT))
        left = left.where(at >= since.moment if since.run is None else r.run >= since.run)
        found = []
        with self.read() as connection:
            for query, columns in ((mended, g), (left, f)):
                rows = connection.execute(query.where(*_wanted(columns, source, None, severity, code)).order_by(columns.id))
                found += [FindingRow._make(row)._replace(params=orjson.loads(row.params)) for row in rows]
        return sorted(found, key=lambda row: (row.source, row.identifier))

    def examples(self) -> dict[str, FindingRow]:
        """{code: a finding of this kind}, the one that has stood longest."""
        f, r = t.finding.c, t.record.c
        joined = t.finding.outerjoin(t.record, _of_record(f))
        first = select(func.min(f.id)).select_from(joined).where(or_(r.state.is_(None), r.state.not_in(_LEFT))).group_by(f.code)
        query = _selected(f, f.run, f.since).select_from(joined).where(f.id.in_(first))
        with self.read() as connection:
            return {row.code: FindingRow._make(row)._replace(params=orjson.loads(row.params)) for row in connection.execute(query)}

    def counts_by_severity(self) -> dict[str, dict[str, int]]:
        """{source: {severity: number of findings}}."""
        f, r = t.finding.c, t.record.c
        every = select(f.source, f.severity, func.count()).group_by(f.source, f.severity)
        left = every.select_from(t.record.join(t.finding, _of_record(f))).where(r.state.in_(_LEFT))
        counts: dict[str, dict[str, int]] = {}
        with self.read() as connection:
            for source, severity, number in connection.execute(every):
                counts.setdefault(source, {})[severity] = number
            for source, severity, number in connection.execute(left):
                counts[source][severity] -= number
        return {source: {name: number for name, number in mine.items() if number} for source, mine in counts.items() if any(mine.values())}

    def not_federated(self) -> dict[str, dict[str, int]]:
        """{source: {reason: number of datasets and series}} of what the openness gate keeps out."""
        f, r = t.finding.c, t.record.c
        joined = t.record.join(t.finding, _of_record(f))
        query = select(f.source, f.code, func.count()).select_from(joined).where(r.state == "closed", r.kind.in_(("dataset", "series")))
        counts: dict[str, dict[str, int]] = {}
        with self.read() as connection:
            for source, code, number in connection.execute(query.group_by(f.source, f.code).order_by(f.source, f.code)):
                counts.setdefault(source, {})[code] = number
        return counts


def newest_run(connection: Connection) -> int:
    """The newest run that has begun; 0 before the first."""
    newest: int | None = connection.execute(_NEWEST).scalar()
    return newest or 0


def appear(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """New findings: rows of the table but for `id`, `since` and `run`. What went and came back while one run was the newest never went: it
    keeps its date, and leaves no trace.
    """
    if not rows:
        return
    at, run = t.now(), newest_run(connection)
    went = _went(connection, rows, run)
    back = []
    for row in rows:
        alike = went.get(_said(row)) if went else None
        old = alike.pop() if alike else None
        row["since"], row["run"] = (old.since, old.first_run) if old else (at, run)
        if old:
            back.append({"b_id": old.id, "b_source": old.source})
    _BATCH.execute(connection, "back", _BACK, back)
    _BATCH.execute(connection, "finding", insert(t.finding), rows)


def move_away(connection: Connection, rows: Sequence[Any]) -> None:
    """Findings (rows of the table, or of that form without an `id`) that hold no more."""
    if not rows:
        return
    moved = {"gone": t.now(), "run": newest_run(connection)}
    gone = [{**{name: getattr(row, name) for name in _KEPT}, "first_run": row.run, **moved} for row in rows]
    _BATCH.execute(connection, "gone", insert(t.finding_gone), gone)
    _BATCH.execute(connection, "clear", _CLEAR, [{"b_id": row.id, "b_source": row.source} for row in rows if row.id])


def _compared(connection: Connection, known: dict[_Same, list[Any]], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Moves away what is not found any more, brings up to date what is, and gives back what is new."""
    fresh, changed = [], []
    for row in rows:
        alike = known.get(_said(row))
        if not alike:
            fresh.append(row)
            continue
        stored = alike.pop(0)
        if (stored.severity, stored.params) != (row["severity"], row["params"]):
            changed.append({"b_id": stored.id, "b_severity": row["severity"], "b_params": row["params"]})
    _BATCH.execute(connection, "changed", _CHANGED, changed)
    move_away(connection, [row for alike in known.values() for row in alike])
    return fresh


def _known(connection: Connection, keys: Iterable[_Key]) -> dict[_Same, list[Any]]:
    f = t.finding.c
    known: dict[_Same, list[Any]] = {}
    for source, names in _by_source(keys):
        query = select(t.finding).where(f.source == source, f.identifier.in_(names)).order_by(f.id)
        for row in connection.execute(query):
            known.setdefault(_stored(row), []).append(row)
    return known


def _went(connection: Connection, rows: Iterable[Mapping[str, Any]], run: int) -> dict[_Same, list[Any]]:
    """What of these went while this run was the newest."""
    g = t.finding_gone.c
    went: dict[_Same, list[Any]] = {}
    for source, names in _by_source((row["source"], row["identifier"]) for row in rows):
        if connection.execute(select(g.id).where(g.source == source, g.run == run).limit(1)).first():
            query = select(t.finding_gone).where(g.source == source, g.run == run, g.identifier.in_(names))
            for row in connection.execute(query):
                went.setdefault(_stored(row), []).append(row)
    return went


def _by_source(keys: Iterable[_Key]) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, dict[str, None]] = {}
    for source, identifier in keys:
        found.setdefault(source, {})[identifier] = None
    for source, names in found.items():
        some = list(names)
        for start in range(0, len(some), _AT_ONCE):
            yield source, some[start : start + _AT_ONCE]


def _selected(c: Any, run: Any, since: Any, gone: Any = None) -> Select[Any]:
    """The columns of a FindingRow."""
    iri = func.coalesce(t.record.c.iri, "")
    away = literal("") if gone is None else gone
    return select(c.source, c.identifier, iri, c.code, c.severity, c.field, c.value, c.params, run, since, away)


def _of_record(c: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = (t.record.c.source == c.source) & (t.record.c.identifier == c.identifier)
    return same


def _wanted(c: Any, source: str | None, identifier: str | None, severity: str | None, code: str | None) -> list[ColumnElement[bool]]:
    asked = ((c.source, source), (c.identifier, identifier), (c.severity, severity), (c.code, code))
    return [column == wanted for column, wanted in asked if wanted is not None]


def _rows(findings: Mapping[_Key, Sequence[Finding]]) -> list[dict[str, Any]]:
    return [
        {
            "source": source, "identifier": identifier, "code": one.code, "severity": str(one.severity), "field": sound(one.field),
            "value": sound(one.value),
            "params": orjson.dumps({key: sound(value) for key, value in one.params.items()}).decode() if one.params else "{}",
        }
        for (source, identifier), found in findings.items()
        for one in found
    ]  # fmt: skip


def sound(text: str) -> str:
    """A finding quotes what may be broken: half characters and U+0000, which no database stores, must not stop the batch."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


_NEWEST = select(func.max(t.run.c.id))
_CLEAR = delete(t.finding).where(t.finding.c.id == bindparam("b_id"), t.finding.c.source == bindparam("b_source"))
_BACK = delete(t.finding_gone).where(t.finding_gone.c.id == bindparam("b_id"), t.finding_gone.c.source == bindparam("b_source"))
_CHANGED = (
    update(t.finding).where(t.finding.c.id == bindparam("b_id"))
    .values(severity=bindparam("b_severity"), params=bindparam("b_params"))
)  # fmt: skip
