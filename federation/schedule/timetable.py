"""Timetable: which slot of which source is due, when the next one is, and which sources pause after failures.

All of it follows from the configuration, the clock and the store: nothing is remembered by a process. A slot is a moment that a source's
expression names, in UTC; the newest one that has passed is due until somebody has finished it (or a later one), so that what was missed
for a week is caught up once.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit

from federation.config import FederationConfig, ScheduleSettings, Source
from federation.config.cron import Cron
from federation.report.plan import Remembered
from federation.store.rows import RunRow
from federation.store.store import Store

PATIENCE = 3  # failures in a row before a source pauses
PAUSES = (1, 2, 4, 8, 14)  # days
STEP_MINUTES = 5  # sources start in groups: each start is a round, and each round may publish
CHORES = ("links", "housekeeping")


def lease_of(source: str) -> str:
    """The name of the lease under which the slots of a source are claimed."""
    return f"sync:{source}"


def chore_lease(chore: str) -> str:
    """The name of the lease under which the slots of a chore are claimed."""
    return f"clock:{chore}"


def slot_name(moment: datetime) -> str:
    """A slot as the lease table names it: "2025-01-31T03:15Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


class Timetable:
    """What `[schedule]` and the sources' expressions come to. Moments are aware; what is returned is in UTC."""

    def __init__(self, settings: ScheduleSettings) -> None:
        self.settings = settings
        self.zone = settings.zone
        self._between: dict[str, tuple[datetime, datetime]] = {}  # by expression: two slots that follow each other

    def slot_after(self, source: Source, moment: datetime) -> datetime | None:
        """The first slot after a moment, whatever was done; None where the source is read by hand only."""
        cron = Cron.parse(source.schedule)
        return cron.after(moment, self.zone) if cron else None

    def delay(self, source: Source) -> timedelta:
        """How long after its slot `federation schedule` begins with the source: always the same for one server, from 0 to
        `jitter_minutes`. Sources of one server begin together, since they may share what is fetched.
        """
        steps = self.settings.jitter_minutes // STEP_MINUTES + 1
        server = urlsplit(source.url).netloc or source.id
        number = int.from_bytes(hashlib.blake2b(server.encode(), digest_size=4).digest())
        return timedelta(minutes=STEP_MINUTES * (number % steps))

    def next_run(self, source: Source, store: Remembered, now: datetime) -> datetime | None:
        """When the source is read next by itself: `now` where it is due already, None where it is read by hand only. A pause and the
        delay are reckoned with.
        """
        cron = Cron.parse(source.schedule)
        if cron is None:
            return None
        row, delay = store.source(source.id), self.delay(source)
        paused = self._pause(row.failures if row else 0, store.runs(source.id, limit=1))
        if self._due(source, cron, now - delay, store.finished().get(lease_of(source.id), ""), paused):
            return now
        after = max(now - delay, paused - timedelta(seconds=1)) if paused else now - delay
        slot = cron.after(after, self.zone)
        return slot + delay if slot else None

    def paused_until(self, source: Source, store: Remembered, now: datetime) -> datetime | None:
        """Until when the source is not read by itself because it failed so often; None where it does not pause.

        After three failures in a row it is left alone for 1 night, then for 2, 4, 8 and 14, counted from the day of its last run; a
        `sync SOURCE` by hand reads it all the same, and a success ends it.
        """
        row = store.source(source.id)
        paused = self._pause(row.failures if row else 0, store.runs(source.id, limit=1))
        return paused if paused and paused > now else None

    def due(self, config: FederationConfig, store: Store, now: datetime, *, spread: bool = False) -> dict[str, str]:
        """{source: its slot} of those that are to be read now, in the order of the configuration. `spread`: not before the delay of
        their server has passed, as `federation schedule` has it.
        """
        done, last = store.finished(), store.last_runs()
        failures = {row.id: row.failures for row in store.sources()}
        found = {}
        for source in config.sources():
            cron = Cron.parse(source.schedule)
            if cron is None:
                continue
            run = last.get(source.id)
            paused = self._pause(failures.get(source.id, 0), [run] if run else [])
            by = now - self.delay(source) if spread else now
            slot = self._due(source, cron, by, done.get(lease_of(source.id), ""), paused)
            if slot:
                found[source.id] = slot
        return found

    def due_chores(self, store: Store, now: datetime, chores: Iterable[str] = CHORES) -> dict[str, str]:
        """{chore: its slot} of those that are to be done now."""
        done, found = store.finished(), {}
        for chore in chores:
            cron = Cron.parse(getattr(self.settings, chore))
            slot = self._latest(cron, now) if cron else None
            if slot and slot_name(slot) > done.get(chore_lease(chore), ""):
                found[chore] = slot_name(slot)
        return found

    def _due(self, source: Source, cron: Cron, by: datetime, done: str, paused: datetime | None) -> str:
        slot = self._latest(cron, by)
        if slot is None or slot_name(slot) <= done or (paused and slot < paused):
            return ""
        return slot_name(slot)

    def _latest(self, cron: Cron, by: datetime) -> datetime | None:
        """`cron.latest`, remembered: the scheduler asks every few seconds."""
        known = self._between.get(cron.fields)
        if known and known[0] <= by < known[1]:
            return known[0]
        slot, following = cron.latest(by, self.zone), cron.after(by, self.zone)
        if slot and following:
            self._between[cron.fields] = (slot, following)
        return slot

    def _pause(self, failures: int, runs: list[RunRow]) -> datetime | None:
        if failures < PATIENCE or not runs:
            return None
        days = PAUSES[min(failures - PATIENCE, len(PAUSES) - 1)]
        last = datetime.fromisoformat(runs[0].started).astimezone(self.zone).date()
        # whole nights: else each pause would begin a little later than the one before, until a night is missed
        return datetime.combine(last + timedelta(days=days), time(), self.zone).astimezone(UTC)
