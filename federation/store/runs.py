"""Sources, their runs, settings."""

import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import delete, func, insert, select, update

from federation.errors import StoreError
from federation.store import presence
from federation.store import tables as t
from federation.store.leases import Leases
from federation.store.rows import RunRow, SourceRow
from federation.store.transactions import in_our_words
from federation.store.upsert import upsert


class Runs(Leases):
    """What is known of each source as a whole, and the history of its runs."""

    def put_source(self, row: SourceRow) -> None:
        """Writes a source, new or known, as a whole."""
        with self.write() as connection:
            connection.execute(upsert(self.url, t.source), row._asdict())

    def sources(self) -> list[SourceRow]:
        """Every source, in the order of ids."""
        with self.read() as connection:
            return [SourceRow._make(row) for row in connection.execute(select(t.source).order_by(t.source.c.id))]

    def source(self, source: str) -> SourceRow | None:
        """One source, None where it is not known."""
        with self.read() as connection:
            row = connection.execute(select(t.source).where(t.source.c.id == source)).first()
        return SourceRow._make(row) if row else None

    def set_source(self, source: str, **columns: Any) -> None:
        """Changes some columns of a known source."""
        with self.write() as connection:
            connection.execute(update(t.source).where(t.source.c.id == source).values(**columns))

    def begin_run(self, source: str) -> int:
        """A new run of a known source, `running` from now; its number is never used again."""
        counts = dict.fromkeys(("listed", "new", "changed", "unchanged", "missing", "gone", "held", "rejected"), 0)
        with self.write() as connection:
            done = connection.execute(insert(t.run).values(source=source, started=t.now(), outcome="running", **counts))
            key = done.inserted_primary_key
            assert key is not None
            return int(key[0])

    def finish_run(
        self, run: int, outcome: str, *, seconds: float | None = None, error: Mapping[str, Any] | None = None, listed: int = 0,
        new: int = 0, changed: int = 0, unchanged: int = 0, missing: int = 0, gone: int = 0, held: int = 0, rejected: int = 0,
    ) -> None:  # fmt: skip
        """How it ended: done, held, failed or interrupted. `error` is a mapping of JSON values (code, parameters); `seconds` as
        measured, else reckoned from the start."""
        finished = t.now()
        with self.write() as connection:
            if seconds is None:
                started = connection.execute(select(t.run.c.started).where(t.run.c.id == run)).scalar_one()
                seconds = (datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds()
            connection.execute(
                update(t.run).where(t.run.c.id == run).values(
                    finished=finished, seconds=seconds, outcome=outcome, listed=listed, new=new, changed=changed, unchanged=unchanged,
                    missing=missing, gone=gone, held=held, rejected=rejected,
                    error=None if error is None else orjson.dumps(dict(error), default=str).decode(),
                )
            )  # fmt: skip

    def runs(self, source: str | None = None, limit: int = 20) -> list[RunRow]:
        """The latest runs (of one source), newest first."""
        query = select(t.run).order_by(t.run.c.id.desc()).limit(limit)
        if source is not None:
            query = query.where(t.run.c.source == source)
        with self.read() as connection:
            return [_run(tuple(row)) for row in connection.execute(query)]

    def run(self, run: int) -> RunRow | None:
        """One run; None where the number is not known."""
        with self.read() as connection:
            row = connection.execute(select(t.run).where(t.run.c.id == run)).first()
        return _run(tuple(row)) if row else None

    def last_runs(self, *, ended: bool = False) -> dict[str, RunRow]:
        """The latest run of each source that had one; `ended`: the latest that is not under way."""
        newest = select(func.max(t.run.c.id)).group_by(t.run.c.source)
        if ended:
            newest = newest.where(t.run.c.outcome != "running")
        with self.read() as connection:
            return {row.source: _run(tuple(row)) for row in connection.execute(select(t.run).where(t.run.c.id.in_(newest)))}

    def complete_runs(self) -> dict[str, RunRow]:
        """The last run of each source that saw everything."""
        joined = select(t.run).join(t.source, t.source.c.complete_run == t.run.c.id)
        with self.read() as connection:
            return {row.source: _run(tuple(row)) for row in connection.execute(joined)}

    def forget_runs(self, before: str) -> int:
        """Deletes runs that started before a moment (ISO 8601, UTC) and are over; tells how many. Each source's last run, its last one
        that ended and its last complete one stay: its state is read from them.
        """
        r = t.run.c
        last = select(func.max(r.id)).group_by(r.source)
        ended = select(func.max(r.id)).where(r.outcome != "running").group_by(r.source)
        complete = select(t.source.c.complete_run).where(t.source.c.complete_run.is_not(None))
        old = (r.started < before) & (r.outcome != "running")
        with self.write() as connection:
            done = connection.execute(delete(t.run).where(old, r.id.not_in(last), r.id.not_in(ended), r.id.not_in(complete)))
            return int(done.rowcount)

    def mark_interrupted(self, lease: str = "sync", holder: str = "") -> int:
        """Runs that still say `running` though nobody is at work become `interrupted`; tells how many.

        At work is who has the lease `lease`, or `lease:source` for one source. To be called right after claiming, with one's own
        `holder` name: what runs before one's own work is dead then.
        """
        with self.write() as connection:
            running = connection.execute(select(t.run.c.id, t.run.c.source).where(t.run.c.outcome == "running")).all()
            dead = [run for run, source in running if not self._at_work(lease, source, holder)]
            if dead:
                done = update(t.run).where(t.run.c.id.in_(dead))
                connection.execute(done.values(outcome="interrupted", finished=t.now()))
            return len(dead)

    def _at_work(self, lease: str, source: str, holder: str) -> bool:
        others = (self.holder(lease), self.holder(f"{lease}:{source}"))
        return any(row is not None and row.holder != holder and not presence.gone(row.holder, self.path) for row in others)

    def unwritable(self) -> StoreError | None:
        """Why nothing can be written just now; None where it can, also where another one is writing this moment. Nothing is changed."""
        if not self.sqlite:
            try:
                with self.write() as connection:
                    connection.execute(delete(t.setting).where(t.setting.c.key == ""))
            except StoreError as error:
                return error
            return None
        try:
            with in_our_words(self.where), closing(sqlite3.connect(str(self.path), timeout=1.0, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("DELETE FROM setting WHERE key = ''")
                connection.execute("ROLLBACK")
        except StoreError as error:
            return None if error.code == "store-locked" else error
        return None

    def setting(self, key: str, default: str = "") -> str:
        """A remembered value (text)."""
        with self.read() as connection:
            found: str | None = connection.execute(select(t.setting.c.value).where(t.setting.c.key == key)).scalar()
        return default if found is None else found

    def set_setting(self, key: str, value: str) -> None:
        """Remembers a value (text)."""
        with self.write() as connection:
            connection.execute(upsert(self.url, t.setting), {"key": key, "value": value})

    def settings(self, prefix: str) -> dict[str, str]:
        """Every remembered value whose key begins so; the keys without the prefix."""
        k = t.setting.c.key
        with self.read() as connection:
            rows = connection.execute(select(k, t.setting.c.value).where(k.startswith(prefix, autoescape=True)))
            return {key.removeprefix(prefix): value for key, value in rows}

    def set_settings(self, values: Mapping[str, str], forget: Collection[str] = ()) -> None:
        """Remembers several values and forgets others, all at once; no write where there is nothing to do."""
        if not values and not forget:
            return
        with self.write() as connection:
            if forget:
                connection.execute(delete(t.setting).where(t.setting.c.key.in_(list(forget))))
            if values:
                rows = [{"key": key, "value": value} for key, value in values.items()]
                connection.execute(upsert(self.url, t.setting), rows)


def _run(row: tuple[Any, ...]) -> RunRow:
    run = RunRow._make(row)
    return run._replace(error=orjson.loads(row[-1])) if row[-1] else run
