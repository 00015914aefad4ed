"""Erasing: what is to be forgotten is cleared from every table, from the free pages of the file and from its -wal, and stays forgotten.

The list of what was erased stands in the table `erasure` and in `erased.csv` in the workspace: `restore` applies it to the backup that it
puts in place, and a record on it is never stored again. The change log keeps IRI, kind and time of each change, without its body.
"""

import csv
import io
import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Delete, Table, Update, bindparam, delete, func, insert, select, update
from sqlalchemy import text as sql

from federation.errors import ConfigError, StoreError
from federation.store import blobs
from federation.store import tables as t
from federation.store.farewells import Erased, ErasureRow, kept_identifier
from federation.store.store import Store
from federation.store.transactions import BUSY_SECONDS, in_our_words, maintenance_engine

LIST = "erased.csv"
# Each table either is cleared by `clear` or holds nothing that a source said; tests/test_erasure.py holds this against the tables.
CLEARED = frozenset((
    "record", "body", "finding", "finding_gone", "item", "change", "delivery", "link", "link_use", "response", "departure",
    "withdrawal", "source", "run",
))  # fmt: skip
SILENT = frozenset(("lease", "setting", "generation", "erasure"))
_AT_ONCE = 500
_MEMBERS_OWN = ("catalog", "rest")


@dataclass(slots=True)
class Plan:
    """What is to be cleared: records by (source, identifier), their IRIs, and those of them that nobody else describes; sources whose
    every trace goes; pages by (feed, url); findings and gone findings by id; bodies by digest that the change log must forget.
    """

    records: set[tuple[str, str]] = field(default_factory=set)
    iris: set[str] = field(default_factory=set)
    alone: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    pages: set[tuple[str, str]] = field(default_factory=set)
    findings: list[int] = field(default_factory=list)
    findings_gone: list[int] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)
    bodies: set[bytes] = field(default_factory=set)
    links: int = 0
    deliveries: int = 0

    def counts(self) -> dict[str, int]:
        """How many of each are to go; the keys of `--json` and of the protocol."""
        return {
            "records": len(self.records), "bodies": len(self.bodies), "findings": len(self.findings) + len(self.findings_gone),
            "pages": len(self.pages), "changes": len(self.changes), "links": self.links, "deliveries": self.deliveries,
        }  # fmt: skip


def read_list(path: Path) -> list[ErasureRow]:
    """The list as the file tells it; nothing where there is no file. ConfigError where it cannot be read: it must not be passed over."""
    if not path.exists():
        return []
    try:
        rows = [row for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True) if row] or [[]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError("erased-list-broken", value=str(path), detail=str(error)) from error
    for number, row in enumerate(rows, 1):
        if len(row) != len(ErasureRow._fields) or (number == 1) != (tuple(row) == ErasureRow._fields):
            raise ConfigError("erased-list-broken", value=str(path), detail=f"{number}: {','.join(row)[:80]}")
    return [ErasureRow._make(row) for row in rows[1:]]


def write_list(path: Path, rows: Collection[ErasureRow]) -> None:
    """Writes the list as a whole, by rename. ConfigError where the folder cannot be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(ErasureRow._fields)
            out.writerows(sorted(rows))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ConfigError("not-writable", value=str(path), detail=error.strerror or str(error)) from error


def agree(store: Store, path: Path, more: Sequence[ErasureRow] = ()) -> Erased:
    """Brings table and file to the same list, with `more` added to both. What one of the two has lost the other still knows."""
    in_file, in_table = read_list(path), list(store.erased().rows)
    merged = {(row.iri, row.member, row.source, row.identifier): row for row in (*more, *in_file, *in_table)}
    rows = sorted(merged.values())
    if rows != sorted(in_file):
        write_list(path, rows)
    known = set(in_table)
    store.put_erasures([row for row in rows if row not in known])
    return Erased(rows)


def plan(store: Store, erased: Erased) -> Plan:
    """Everything stored that this list speaks of."""
    made = Plan()
    with store.read() as connection:
        _plan_records(connection, erased, made)
        _plan_shared(connection, made)
        _plan_pages(connection, made)
        _plan_findings(connection, made)
        made.links = _count(connection, t.link_use, made.alone)
        made.deliveries = _count(connection, t.delivery, made.alone)
    return made


def _count(connection: Connection, table: Table, iris: Collection[str]) -> int:
    number = select(func.count()).select_from(table)
    return sum(connection.execute(number.where(table.c.iri.in_(part))).scalar_one() for part in _parts(sorted(iris)))


def _plan_records(connection: Connection, erased: Erased, made: Plan) -> None:
    r, s = t.record.c, t.source.c
    members = dict(connection.execute(select(s.id, s.member)).all())
    made.sources = {source for source, member in members.items() if member in erased.members}
    made.iris = {row.iri for row in erased.rows if row.iri}
    for source, identifier, iri in connection.execute(select(r.source, r.identifier, r.iri)):
        if erased.bans(members.get(source, ""), source, identifier, iri):
            made.records.add((source, identifier))
            made.iris |= {iri} - {""}


def _plan_shared(connection: Connection, made: Plan) -> None:
    """IRIs that another source describes as well stay its own: with its present body, but without the earlier ones."""
    r, c, i = t.record.c, t.change.c, t.item.c
    others: set[str] = set()
    kept: set[bytes] = set()
    for part in _parts(sorted(made.iris)):
        for source, identifier, iri, body in connection.execute(select(r.source, r.identifier, r.iri, r.body).where(r.iri.in_(part))):
            if (source, identifier) in made.records:
                made.bodies |= {body} - {None}
            else:
                others.add(iri)
                kept |= {body} - {None}
        for source, identifier, iri, body in connection.execute(select(i.source, i.identifier, i.iri, i.body).where(i.iri.in_(part))):
            (kept if iri in others and (source, identifier) not in made.records else made.bodies).add(body)
    made.alone = made.iris - others
    for part in _parts(sorted(made.iris)):
        for seq, body in connection.execute(select(c.seq, c.body).where(c.iri.in_(part), c.body.is_not(None))):
            if body not in kept:
                made.changes.append(seq)
                made.bodies.add(body)
    made.bodies -= kept


def _plan_pages(connection: Connection, made: Plan) -> None:
    """Pages that gave one of the records, and whatever else has its IRI or identifier in it: also what a connector passed over."""
    p, s = t.response.c, t.source.c
    names = {identifier for _, identifier in made.records}
    feeds = dict(connection.execute(select(s.id, s.feed)).all())
    concerned = {feeds[source] for source, _ in made.records}
    whole = {feeds[source] for source in made.sources}
    words = Erased([ErasureRow(name, "", "", "", "", "") for name in made.iris | names])
    for feed, url, keys, body in connection.execute(select(p.feed, p.url, p["keys"], p.body)):
        met = feed in whole or (feed in concerned and not names.isdisjoint(key.removeprefix("\0") for key in blobs.unpack_keys(keys)))
        if met or words.stands_in(blobs.unpack(body)):
            made.pages.add((feed, url))


def _plan_findings(connection: Connection, made: Plan) -> None:
    """Findings of the records, and those of others that name them."""
    names = {identifier for _, identifier in made.records} | made.iris
    urls = {url for _, url in made.pages}
    sources = {source for source, _ in made.records} | made.sources
    for table, found in ((t.finding, made.findings), (t.finding_gone, made.findings_gone)):
        f = table.c
        query = select(f.id, f.source, f.identifier, f.value, f.params).where(f.source.in_(sorted(sources)))
        for key, source, identifier, value, params in connection.execute(query):
            told = orjson.loads(params)
            if (
                source in made.sources or (source, identifier) in made.records or value in names or not names.isdisjoint(told.values())
                or (not identifier and told.get("page") in urls)
            ):  # fmt: skip
                found.append(key)


def clear(store: Store, made: Plan) -> None:
    """Clears what was planned, in one transaction. The space that it took is cleared by `compact`."""
    with store.write(durable=True) as connection:
        if store.sqlite:
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        _take_back(connection, made)
        for table, ids in ((t.finding, made.findings), (t.finding_gone, made.findings_gone)):
            _each(connection, delete(table).where(table.c.id == bindparam("b_id")), [{"b_id": key} for key in ids])
        for table in (t.record, t.departure):
            mine = (table.c.source == bindparam("b_source")) & (table.c.identifier == bindparam("b_name"))
            _each(connection, delete(table).where(mine), [{"b_source": source, "b_name": name} for source, name in made.records])
        seen = update(t.change).where(t.change.c.seq == bindparam("b_seq")).values(body=None)
        _each(connection, seen, [{"b_seq": seq} for seq in made.changes])
        iris = [{"b_iri": iri} for iri in sorted(made.alone)]
        _each(connection, update(t.delivery).where(t.delivery.c.iri == bindparam("b_iri")).values(body=None, error=None), iris)
        for table in (t.link_use, t.withdrawal):
            _each(connection, delete(table).where(table.c.iri == bindparam("b_iri")), iris)
        connection.execute(delete(t.link).where(t.link.c.url.not_in(select(t.link_use.c.url))))
        page = (t.response.c.feed == bindparam("b_feed")) & (t.response.c.url == bindparam("b_url"))
        _each(connection, delete(t.response).where(page), [{"b_feed": feed, "b_url": url} for feed, url in made.pages])
        _clear_sources(connection, made)
    store.drop_unused_bodies()


def _take_back(connection: Connection, made: Plan) -> None:
    """What is still public (in a database that was put in place) leaves here, with its line in the change log."""
    i = t.item.c
    here = [
        row.iri for part in _parts(sorted(made.iris)) for row in connection.execute(select(t.item).where(i.iri.in_(part)))
        if row.iri in made.alone or (row.source, row.identifier) in made.records
    ]  # fmt: skip
    number = connection.execute(select(func.max(t.generation.c.id))).scalar()
    _each(connection, delete(t.item).where(i.iri == bindparam("b_iri")), [{"b_iri": iri} for iri in here])
    gone = [{"generation": number, "iri": iri, "kind": "delete", "body": None, "at": t.now()} for iri in here]
    if gone:
        connection.execute(insert(t.change), gone)


def _clear_sources(connection: Connection, made: Plan) -> None:
    """What a source still says of them as a whole: lists of what is held, errors of runs, validators of an erased member's feed."""
    names = {identifier for _, identifier in made.records} | made.iris
    concerned = {source for source, _ in made.records} | made.sources
    for row in connection.execute(select(t.source).where(t.source.c.id.in_(sorted(concerned)))).all():
        values: dict[str, Any] = {}
        if row.id in made.sources:
            values = {"held": None, "watermark": "", "complete_run": None}
        elif row.held:
            values = {"held": orjson.dumps(_without(orjson.loads(row.held), names)).decode()}
        if values:
            connection.execute(update(t.source).where(t.source.c.id == row.id).values(**values))
    if made.sources:
        connection.execute(update(t.run).where(t.run.c.source.in_(sorted(made.sources))).values(error=None))


def _without(said: Any, names: Collection[str]) -> Any:
    """The same JSON without these names in its lists and values."""
    if isinstance(said, dict):
        return {key: _without(value, names) for key, value in said.items() if key not in names}
    if isinstance(said, list):
        return [_without(one, names) for one in said if not (isinstance(one, str) and one in names)]
    return "" if isinstance(said, str) and said in names else said


def compact(store: Store) -> None:
    """Writes the database anew without its free pages and empties the -wal: nothing that was deleted can be read in them any more.
    StoreError where another process keeps an older state open.
    """
    if not store.sqlite:
        engine = maintenance_engine(store.url).execution_options(isolation_level="AUTOCOMMIT")
        with in_our_words(store.where), engine.connect() as connection:  # the server's own logs are its keeper's matter
            connection.execute(sql("VACUUM FULL"))
        engine.dispose()
        return
    end = time.monotonic() + BUSY_SECONDS
    with in_our_words(store.where), closing(sqlite3.connect(store.path or "", timeout=BUSY_SECONDS, isolation_level=None)) as driver:
        for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'").fetchall():
            driver.execute(f"DELETE FROM {name}")  # what the query planner knows are samples of the indexed values; it learns them anew
        driver.execute("VACUUM")
        while driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > end:
                raise StoreError("erase-unfinished", value=store.where)
            time.sleep(0.1)


def keep_erased(store: Store, path: Path) -> Plan | None:
    """Nothing is stored that is on the list: after an older database was put in place, or an erasure that ended half way. What had to be
    cleared; None where all was well.
    """
    erased = agree(store, path)
    if not erased or not store.unerased():
        return None
    made = plan(store, erased)
    clear(store, made)
    compact(store)
    return made


def _each(connection: Connection, statement: Delete | Update, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def rows_for(store: Store, iris: Iterable[str], at: str, person: str) -> list[ErasureRow]:
    """The list's lines for IRIs that are erased wherever they come from: the IRI itself, and each record that describes it."""
    return [
        ErasureRow(iri, "", source, kept_identifier(iri, name) if name else "", at, person)
        for iri in iris for source, name in [("", ""), *store.iri_owner(iri)]
    ]  # fmt: skip


def rows_of_member(store: Store, member: str, at: str, person: str) -> list[ErasureRow]:
    """The lines for all that a member ever said: the member itself, and each record of its sources."""
    r, s = t.record.c, t.source.c
    query = select(r.iri, r.source, r.identifier).join(t.source, s.id == r.source).where(s.member == member, r.kind.not_in(_MEMBERS_OWN))
    with store.read() as connection:
        records = connection.execute(query.where(r.iri != "")).all()
    rows = [ErasureRow(iri, member, source, kept_identifier(iri, name), at, person) for iri, source, name in records]
    return [ErasureRow("", member, "", "", at, person), *rows]
