"""round(): lease, sync, generation, feeds, in this order; what the command line and the clock both call. round_due(): the same for the
sources whose slot is due.
"""

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from federation import clock
from federation.config import FederationConfig, Source
from federation.errors import ConfigError, StoreError
from federation.harvest.credentials import Access
from federation.harvest.http import Http
from federation.links.collecting import collect
from federation.publish import erased_pages
from federation.publish.catalog import Catalog
from federation.publish.feeds import write_feeds
from federation.publish.generation import Generation, generation
from federation.report import currency, notice
from federation.schedule.heartbeat import Heartbeat
from federation.schedule.timetable import Timetable, lease_of
from federation.store.erasure import LIST as ERASED
from federation.store.erasure import agree, keep_erased
from federation.store.leases import myself
from federation.store.rows import LeaseRow, RunRow
from federation.store.store import Store
from federation.sync.run import LEASE, LEASE_SECONDS, Progress, Quiet, Round, RunResult

log = logging.getLogger("federation.schedule")
BUSY = 75
OWED = "publish-owed"  # setting: a round that publishes has begun at this time, and no generation was decided on since
_AT_WORK_ENDS = frozenset({"done", "held", "failed"})


@dataclass(slots=True)
class Outcome:
    """What a round came to: the runs, and the generation (None where nothing was to be published)."""

    runs: list[RunResult] = field(default_factory=list)
    generation: Generation | None = None
    busy: str = ""

    @property
    def exit_code(self) -> int:
        """75 another run has the lease, 3 some source failed, 4 something is held, 0 done."""
        if self.busy:
            return BUSY
        outcomes = {run.outcome for run in self.runs}
        if outcomes & {"failed", "interrupted"}:
            return 3
        return 4 if "held" in outcomes else 0


def round(
    config: FederationConfig, store: Store, sources: Sequence[Source], *, dry: bool = False, full: bool = False, publish: bool = True,
    progress: Progress | None = None, stop: threading.Event | None = None, slots: Mapping[str, str] | None = None,
) -> Outcome:  # fmt: skip
    """Reads `sources` and publishes. A dry round takes no lease and writes nothing. ConfigError where `[catalog] license` is missing and
    something would be published.

    `slots` names the slot that each source is read for: a source whose slot somebody else has, or has finished, is left out. A slot is
    finished as soon as its source's run has come to its verdict; what a killed round did not publish, the next one owes.
    """
    stop = stop or threading.Event()
    if publish and not dry:
        Catalog(config.catalog, "").require_license()
    if dry:
        return Outcome(_read(config, store, sources, dry=True, full=full, progress=progress, stop=stop))
    if not store.take(LEASE, LEASE_SECONDS):
        other = store.holder(LEASE)
        return Outcome(busy=other.holder if other else "?")
    names = {lease_of(source.id) for source in sources} if slots else set()
    try:
        with Heartbeat(store, LEASE, names, LEASE_SECONDS, stop):
            agree(store, config.path / ERASED)
            if slots:
                sources = claimed(store, sources, slots)
                progress = _Finishing(store, slots, progress or Quiet())
            store.mark_interrupted(holder=myself())
            if publish and not store.setting(OWED):
                store.set_setting(OWED, clock.stamp())
            outcome = Outcome(_read(config, store, sources, full=full, progress=progress, stop=stop))
            for run in outcome.runs:
                if run.outcome in ("done", "held"):
                    currency.observe(store, run.source, run.started)
            if publish and not stop.is_set():
                outcome.generation = publish_now(config, store)
                _finish_erasures(config, store)
            if not stop.is_set():
                notice.after_round(config, store, Timetable(config.schedule), clock.now())
            return outcome
    finally:
        _give_back(store, {LEASE, *names})


def round_due(
    config: FederationConfig, store: Store, *, only: Collection[str] | None = None, spread: bool = False, now: datetime | None = None,
    dry: bool = False, publish: bool = True, progress: Progress | None = None, stop: threading.Event | None = None,
) -> Outcome:  # fmt: skip
    """`round` for the sources whose slot is due and not done (`only` of these), or for what a round that was ended owes; nothing happens
    where there is neither. `spread`: see `Timetable.due`.
    """
    due = Timetable(config.schedule).due(config, store, now or clock.now(), spread=spread)
    slots = {source: slot for source, slot in due.items() if only is None or source in only}
    if not slots and (dry or not publish or not store.setting(OWED)):
        return Outcome()
    sources = [config.source(source) for source in slots]
    return round(config, store, sources, dry=dry, publish=publish, progress=progress, stop=stop, slots=slots)


def publish_now(config: FederationConfig, store: Store) -> Generation:
    """The next generation and its feeds. ConfigError where `[catalog] license` is not set, or where `base_url` is another one than that
    of the first publication: published addresses stay.
    """
    Catalog(config.catalog, "").require_license()
    base_url = store.setting("base_url")
    if base_url and base_url != config.catalog.base_url:
        raise ConfigError("base-url-frozen", field="[catalog] base_url", value=config.catalog.base_url, first=base_url)
    agree(store, config.path / ERASED)
    made = generation(config, store)
    if made.id and not base_url:
        store.set_setting("base_url", config.catalog.base_url)
    write_feeds(config, store, config.path / "public")
    collect(store)
    if store.setting(OWED):
        store.set_setting(OWED, "")
    return made


def _finish_erasures(config: FederationConfig, store: Store) -> None:
    """What was erased and is stored all the same (a database put in place by hand, an erasure that ended half way) is cleared now."""
    left_over = keep_erased(store, config.path / ERASED)
    if left_over is not None:
        number = (store.generation() or (0,))[0]
        erased_pages.forget(erased_pages.holding(config.path / "public", left_over.iris, number)[0])


def claimed(store: Store, sources: Sequence[Source], slots: Mapping[str, str]) -> list[Source]:
    """Those of the sources whose slot this process now has. One that died may have done its work and not have lived to say so: such a
    slot is finished here.
    """
    mine, last = [], store.last_runs()
    for source in sources:
        name, slot = lease_of(source.id), slots[source.id]
        before = store.lease(name, slot)
        if not store.take(name, LEASE_SECONDS, slot):
            continue
        if _was_done(before, last.get(source.id), slot):
            store.finish(name, slot, myself())
        else:
            mine.append(source)
    return mine


def _was_done(before: LeaseRow | None, run: RunRow | None, slot: str) -> bool:
    if before is None or run is None or run.outcome not in _AT_WORK_ENDS:
        return False
    return datetime.fromisoformat(run.started) >= datetime.fromisoformat(slot)


def _read(
    config: FederationConfig, store: Store, sources: Sequence[Source], *, stop: threading.Event, dry: bool = False, full: bool = False,
    progress: Progress | None = None,
) -> list[RunResult]:  # fmt: skip
    if not sources:
        return []
    with Http(config.network, access=Access.of(config)) as http:
        return Round(config, store, http, dry=dry, full=full, progress=progress, stop=stop).run(sources)


def _give_back(store: Store, names: Collection[str]) -> None:
    try:
        store.release_all(names)
    except StoreError as error:  # it must not hide why the round ended; the leases run out by themselves
        log.warning("lease not given back", extra={"error": error.code})


class _Finishing:
    """Passes on what a round shows, and finishes the slot of each source that came to its verdict."""

    def __init__(self, store: Store, slots: Mapping[str, str], shown: Progress) -> None:
        self._store, self._slots = store, slots
        self._shown = shown
        self.started, self.advanced = shown.started, shown.advanced

    def finished(self, result: RunResult) -> None:
        """The slot is done, whatever the verdict: the next one is another chance."""
        if not self._store.finish(lease_of(result.source), self._slots[result.source], myself()):
            log.warning("slot was lost while its source was read", extra={"source": result.source})
        self._shown.finished(result)
