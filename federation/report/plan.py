"""What the schedule says, as the reports need it. The schedule stands above them, so its knowledge comes as functions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from federation.config import FederationConfig, Source
from federation.report.verdict import LATE_SLOTS, Plan
from federation.store.rows import RunRow, SourceRow
from federation.store.store import Store


class Remembered(Protocol):
    """What the schedule asks the store."""

    def source(self, source: str) -> SourceRow | None:
        """One source."""

    def runs(self, source: str | None = None, limit: int = 20) -> list[RunRow]:
        """The latest runs of one source."""

    def finished(self, name: str | None = None) -> dict[str, str]:
        """{lease: its newest finished slot}, of every lease or of one."""


class _AtOnce:
    """The same of all sources, read at once: one question for each of fifty sources would cost more than a night without changes."""

    def __init__(self, store: Store) -> None:
        self._sources = {row.id: row for row in store.sources()}
        self._last = store.last_runs()
        self._finished = store.finished()

    def source(self, source: str) -> SourceRow | None:
        return self._sources.get(source)

    def runs(self, source: str | None = None, limit: int = 1) -> list[RunRow]:
        assert limit == 1
        return [self._last[source]] if source in self._last else []

    def finished(self, name: str | None = None) -> dict[str, str]:
        return self._finished


class Schedule(Protocol):
    """What `federation.schedule.timetable.Timetable` knows. All times are in UTC."""

    def next_run(self, source: Source, store: Remembered, now: datetime) -> datetime | None:
        """When a source is read next by itself; None: never."""

    def paused_until(self, source: Source, store: Remembered, now: datetime) -> datetime | None:
        """Until when it pauses after failures; None: it does not."""

    def slot_after(self, source: Source, moment: datetime) -> datetime | None:
        """The first slot of its schedule after a moment, whatever its state; None: it has none."""


def plans(
    config: FederationConfig, store: Store, now: datetime, schedule: Schedule, since: Mapping[str, datetime] | None = None,
) -> dict[str, Plan]:  # fmt: skip
    """The plan of every source; it is late when three slots have passed since the moment in `since` (else since its last success; nothing
    there: never late).
    """
    since = successes(store) if since is None else since
    known = _AtOnce(store)
    return {
        source.id: Plan(
            schedule.next_run(source, known, now), schedule.paused_until(source, known, now),
            _late_at(source, schedule, since.get(source.id)), schedule.slot_after(source, now) is None,
        )
        for source in config.sources()
    }  # fmt: skip


def _late_at(source: Source, schedule: Schedule, since: datetime | None) -> datetime | None:
    at = since
    for _ in range(LATE_SLOTS):
        at = schedule.slot_after(source, at) if at else None
    return at


def successes(store: Store) -> dict[str, datetime]:
    """When the last run of each source that did its work began: a complete one, or a held one that somebody released."""
    found = {source: datetime.fromisoformat(run.started) for source, run in store.complete_runs().items()}
    held = {row.id for row in store.sources() if row.held}
    for source, run in store.last_runs(ended=True).items():
        if run.outcome == "held" and source not in held:
            found[source] = datetime.fromisoformat(run.started)
    return found
