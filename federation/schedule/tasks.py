"""Tasks: what a child process of the scheduler does, and the process itself.

A round runs in a process of its own, so that neither memory that it fills nor a crash reaches the clock, and so that changed hooks and
connectors hold from the next round on.
"""

import logging
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable
from typing import Protocol

from federation import clock, links
from federation import log as logs
from federation.config import FederationConfig
from federation.errors import FederationError
from federation.harvest.http import Http
from federation.schedule.heartbeat import Heartbeat
from federation.schedule.housekeeping import tidy
from federation.schedule.rounds import BUSY, round_due
from federation.schedule.timetable import Timetable, chore_lease
from federation.store.leases import myself
from federation.store.store import Store

log = logging.getLogger("federation.schedule")
CHORE_SECONDS = 120
GRACE_SECONDS = 60.0  # for a generation that is being written
_children = multiprocessing.get_context("spawn")  # a fork would inherit the scheduler's threads and open database

Work = Callable[[FederationConfig, Store, threading.Event, bool], int]


class Running(Protocol):
    """A task under way."""

    def code(self) -> int | None:
        """How it ended: an exit code of the command line, negative: the signal that killed it; None while it runs."""

    def end(self) -> None:
        """Asks it to end cleanly."""

    def wait(self) -> None:
        """Waits until it has ended; after a minute's grace it is made to."""


Start = Callable[[str, FederationConfig, bool], Running]


class Child:
    """A task in a process of its own."""

    def __init__(self, task: str, config: FederationConfig, careful: bool, *, json: bool, verbose: int) -> None:
        self._process = _children.Process(target=_run, args=(task, config, careful, json, verbose), name=f"federation {task}")
        self._process.start()

    def code(self) -> int | None:
        """See `Running`."""
        return self._process.exitcode

    def end(self) -> None:
        """See `Running`."""
        self._process.terminate()

    def wait(self) -> None:
        """See `Running`."""
        self._process.join(GRACE_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _run(task: str, config: FederationConfig, careful: bool, json: bool, verbose: int) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the scheduler tells its children
    logs.setup(json=json, verbose=verbose)
    sys.exit(perform(task, config, stop, careful))


def perform(task: str, config: FederationConfig, stop: threading.Event, careful: bool = False) -> int:
    """Does a task ("sync", "links", "housekeeping") as far as it is due; its exit code. `careful`: the last time it crashed."""
    try:
        with Store.open(config.store.url, folder=config.path) as store:
            return _TASKS[task](config, store, stop, careful)
    except FederationError as error:
        log.error(str(error), extra={"task": task, "code": error.code})
        return error.exit_code
    except Exception:  # a fault of ours: logged here, where credentials are masked, and not by the interpreter
        log.exception("unexpected", extra={"task": task})
        return 1


def _sync(config: FederationConfig, store: Store, stop: threading.Event, careful: bool) -> int:
    if not careful:
        return round_due(config, store, spread=True, stop=stop).exit_code
    # One of the sources brought the process down. Each by itself, those last that were at it then and least long ago: the others get
    # through, and of these one after the other, each time that it happens.
    last = store.last_runs()
    due = Timetable(config.schedule).due(config, store, clock.now(), spread=True)
    order = sorted(due, key=lambda source: (source in last and last[source].outcome in ("running", "interrupted"),
                                            last[source].id if source in last else 0))  # fmt: skip
    code = 0
    for source in order:
        if stop.is_set():
            break
        outcome = round_due(config, store, only={source}, spread=True, stop=stop)
        if outcome.busy:
            return BUSY
        code = code or outcome.exit_code
    return code


def _links(config: FederationConfig, store: Store, stop: threading.Event, careful: bool) -> int:
    return do_chore("links", config, store, stop)


def _check(config: FederationConfig, store: Store, stop: threading.Event) -> int:
    with Http(config.network) as http:
        return links.check(config, store, http, seconds=config.schedule.links_minutes * 60, stop=stop).exit_code


def _housekeeping(config: FederationConfig, store: Store, stop: threading.Event, careful: bool) -> int:
    return do_chore("housekeeping", config, store, stop)


def do_chore(chore: str, config: FederationConfig, store: Store, stop: threading.Event) -> int:
    """Does a chore where its slot is due; the slot stays due where another one has the lease (75) or the work was ended."""
    name, slot = chore_lease(chore), Timetable(config.schedule).due_chores(store, clock.now(), (chore,)).get(chore)
    if slot is None:
        return 0
    if not store.take(name, CHORE_SECONDS, slot):
        return BUSY
    try:
        with Heartbeat(store, name, (), CHORE_SECONDS, stop):
            code = _check(config, store, stop) if chore == "links" else BUSY if tidy(config, store).busy else 0
        if code != BUSY and not stop.is_set():
            store.finish(name, slot, myself())
        return code
    finally:
        store.release(name, myself(), slot)


_TASKS: dict[str, Work] = {"sync": _sync, "links": _links, "housekeeping": _housekeeping}
