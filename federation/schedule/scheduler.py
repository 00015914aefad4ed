"""Scheduler: `federation schedule`. It wakes when a source's time has come, looks into the timetable, and has done what is due.

APScheduler is the alarm clock only: its jobs wake the one loop here and are made anew from the configuration whenever that changes.
Nothing is lost with an alarm that did not ring (the machine slept, the process was not there): the next look sees what is due.
"""

import logging
import threading
from datetime import datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]

from federation import clock, config
from federation.config.cron import Cron
from federation.errors import ConfigError, FederationError, StoreError
from federation.schedule.rounds import BUSY, OWED
from federation.schedule.tasks import Child, Running, Start
from federation.schedule.timetable import CHORES, Timetable, chore_lease
from federation.schedule.trigger import CronTrigger
from federation.store.store import Store
from federation.sync.run import LEASE

log = logging.getLogger("federation.schedule")
LOOK_SECONDS = 10.0  # how soon a changed file, a lease that got free and the end of a task are noticed
AGAIN_MINUTES = 1
LONGEST_MINUTES = 60
_WELL = frozenset({0, 3, 4})
_EXCLUSIVE = frozenset({"sync", "housekeeping"})  # both want the lease of the rounds


class Scheduler:
    """Keeps one workspace going. `start` begins a task in a child process; a test gives one that does it here. The time is that of
    `federation.clock`.
    """

    def __init__(
        self, folder: Path, *, stop: threading.Event | None = None, start: Start | None = None, json: bool = True, verbose: int = 1,
    ) -> None:  # fmt: skip
        """ConfigError where the workspace is wrong, StoreError where its database cannot be used: later, either is waited for."""
        self.folder = folder
        self.config = config.load(folder)
        self.stop = stop or threading.Event()
        self._start: Start = start or (lambda task, settings, careful: Child(task, settings, careful, json=json, verbose=verbose))
        self._store = Store.open(self.config.store.url, folder=folder)
        self._timetable = Timetable(self.config.schedule)
        self._files = _stamps(folder)
        self._running: dict[str, Running] = {}
        self._failures: dict[str, int] = {}
        self._crashed: set[str] = set()
        self._not_before: dict[str, datetime] = {}
        self._said = ""
        self._alarms: BackgroundScheduler | None = None
        self._woken = threading.Event()

    def run(self) -> None:
        """Until `stop` is set (see `wake`); then what is under way is asked to end, and waited for."""
        self._alarms = BackgroundScheduler(timezone=self._timetable.zone)
        self._alarms.start()
        self._set_alarms()
        log.info("schedule begins", extra={"sources": len(self.config.sources()), "timezone": self.config.schedule.timezone})
        try:
            while not self.stop.is_set():
                self._woken.clear()
                self.look()
                self._woken.wait(LOOK_SECONDS)
        finally:
            self._alarms.shutdown(wait=False)
            self.close()
            log.info("schedule ends")

    def wake(self) -> None:
        """Has the loop look at once, also at `stop`. May be called by a signal handler."""
        self._woken.set()

    def close(self) -> None:
        """Ends what is under way and closes the store."""
        for task in self._running.values():
            task.end()
        for task in self._running.values():
            task.wait()
        self._running.clear()
        self._store.close()

    def look(self) -> None:
        """Takes up what changed, and begins what is due: at most one round at a time, and beside it the link check."""
        self._reload()
        for task in list(self._running):
            self._collect(task)
        now = clock.now()
        try:
            for task in self._due(now):
                if task not in self._running and now >= self._not_before.get(task, now):
                    self._running[task] = self._start(task, self.config, task in self._crashed)
                    self._collect(task)
            self._say("")
        except StoreError as error:
            self._say(str(error))

    def _due(self, now: datetime) -> list[str]:
        """What can begin now, beside what is under way."""
        store, chores = self._store, self._timetable.due_chores(self._store, now)
        due = [chore for chore in CHORES if chore in chores and store.holder(chore_lease(chore)) is None]
        if store.free(LEASE) and not _EXCLUSIVE & set(self._running):
            if store.setting(OWED) or self._timetable.due(self.config, store, now, spread=True):
                due.insert(0, "sync")
        else:
            due = [task for task in due if task not in _EXCLUSIVE]
        return [task for task in due if task != "housekeeping" or "sync" not in due]

    def _collect(self, task: str) -> None:
        code = self._running[task].code()
        if code is None:
            return
        self._running.pop(task).wait()
        if code in _WELL:
            self._failures.pop(task, None)
            self._not_before.pop(task, None)
            self._crashed.discard(task)
            return
        minutes = AGAIN_MINUTES
        if code != BUSY:
            self._failures[task] = self._failures.get(task, 0) + 1
            minutes = min(AGAIN_MINUTES * 2 ** (self._failures[task] - 1), LONGEST_MINUTES)
        if code < 0:
            self._crashed.add(task)
            error = StoreError("task-killed", task=task, signal=-code, minutes=minutes)
            log.error(str(error), extra={"task": task, "code": error.code})
        self._not_before[task] = clock.now() + timedelta(minutes=minutes)

    def _reload(self) -> None:
        """The configuration as it stands now; where it is wrong, the last good one holds on."""
        files = _stamps(self.folder)
        if files == self._files:
            return
        try:
            changed = config.load(self.folder)
        except ConfigError as error:
            self._files = files  # said once for each state of the files
            log.error(f"{error} The configuration from before stays in force.", extra={"code": error.code})
            return
        self._files = files
        if changed.digest() == self.config.digest():
            return
        if changed.store.url != self.config.store.url:
            try:
                store = Store.open(changed.store.url, folder=self.folder)
            except FederationError as error:
                log.error(str(error), extra={"code": error.code})
                return
            self._store.close()
            self._store = store
        self.config, self._timetable = changed, Timetable(changed.schedule)
        self._not_before.clear()
        self._set_alarms()
        log.info("configuration changed", extra={"sources": len(changed.sources())})

    def _set_alarms(self) -> None:
        if self._alarms is None:
            return
        self._alarms.remove_all_jobs()
        zone = self._timetable.zone
        times = {f"sync:{source.id}": (source.schedule, self._timetable.delay(source)) for source in self.config.sources()}
        times |= {chore_lease(chore): (getattr(self.config.schedule, chore), timedelta()) for chore in CHORES}
        for name, (text, delay) in times.items():
            cron = Cron.parse(text)
            if cron is not None:
                self._alarms.add_job(self.wake, CronTrigger(cron, zone, delay), id=name, coalesce=True, misfire_grace_time=None)

    def _say(self, words: str) -> None:
        """Logs what keeps the scheduler from its work, once while it lasts."""
        if words and words != self._said:
            log.error(words)
        self._said = words


def _stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    """What tells that a file of the configuration was changed, replaced, added or removed."""
    found = {}
    for pattern in ("federation.toml", "members/*", "lookups/*"):
        for file in folder.glob(pattern):
            try:
                state = file.stat()
            except OSError:
                continue
            found[str(file)] = (state.st_mtime_ns, state.st_size, state.st_ino)
    return found
