"""Ten schedulers on one store, two of them killed on the way: each slot completes exactly once."""

import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from federation import clock
from federation.config import FederationConfig
from federation.schedule import Scheduler, Timetable
from federation.schedule.tasks import perform
from federation.schedule.timetable import lease_of
from federation.store.leases import myself
from federation.store.store import Store
from tests.loopback import Request, serve
from tests.region import HEAD, Region, dataset, turtle

SCHEDULERS, SLOTS, KILLED = 10, 50, 2
SLOT = "2025-06-02T01:15Z"
_forked = multiprocessing.get_context("fork")  # ten new interpreters would take longer than what they show


@contextmanager
def processes(work: Callable[..., None], *arguments: Any) -> Iterator[list[BaseProcess]]:
    """Ten processes that do this; none is left behind."""
    started: list[BaseProcess] = [_forked.Process(target=work, args=(number, *arguments), daemon=True) for number in range(SCHEDULERS)]
    for process in started:
        process.start()
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.join()


def until(condition: Callable[[], object], seconds: float = 45) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)


def done(folder: Path) -> int:
    with Store.open("sqlite:///federation.db", folder=folder) as store:
        return sum(1 for name in store.finished() if name.startswith("sync:"))


# with real rounds of real sources


class _Here:
    """A task that the scheduler's own process does: killing it kills the round."""

    def __init__(self, code: int) -> None:
        self._code = code

    def code(self) -> int:
        return self._code

    def end(self) -> None:
        """It has ended."""

    def wait(self) -> None:
        """It has ended."""


def _here(task: str, config: FederationConfig, careful: bool) -> _Here:
    return _Here(perform(task, config, threading.Event(), careful))


def _schedule(number: int, folder: Path) -> None:
    until((folder / "go").exists)
    scheduler = Scheduler(folder, start=_here)
    while not (folder / "end").exists():
        scheduler.look()
        scheduler._not_before.clear()  # who found the lease taken would wait for a minute
        time.sleep(0.1)


def test_ten_schedulers_read_fifty_sources_once_each_though_two_are_killed(tmp_path: Path) -> None:
    region = Region(tmp_path)
    file = tmp_path / "federation.toml"
    file.write_text(file.read_text(encoding="utf-8") + '[schedule]\njitter_minutes = 0\nlinks = "never"\nhousekeeping = "never"\n')
    (tmp_path / "feed.ttl").write_text(HEAD + dataset("first"), encoding="utf-8")
    region.member("first", "feed.ttl")
    region.sync(dry=True)  # what each scheduler would have to load
    (tmp_path / "members" / "first.toml").unlink()
    region.open().close()

    def answer(request: Request) -> Any:
        time.sleep(0.03)
        name = request.path.strip("/")
        return turtle(HEAD + dataset(name, city=f"https://{name}.example"))

    with processes(_schedule, tmp_path) as schedulers, serve({f"/s{n}": answer for n in range(SLOTS)}) as server:
        for number in range(SLOTS):
            region.member(f"s{number}", f"{server.url}/s{number}", source='schedule = "@monthly"')
        (tmp_path / "go").touch()
        with region.open() as store:
            for share in (10, 25):
                _kill_at_work(store, {process.pid or 0 for process in schedulers if process.is_alive()}, share)
        until(lambda: done(tmp_path) == SLOTS)
        until(lambda: len(region.public()) == SLOTS)
        (tmp_path / "end").touch()
        for process in schedulers:
            process.join(20)
        assert Counter(process.exitcode for process in schedulers) == {0: SCHEDULERS - KILLED, -signal.SIGKILL: KILLED}
    with region.open() as store:
        outcomes = Counter((row.source, row.outcome) for row in store.runs(limit=1000))
        assert {pair for pair in outcomes if pair[1] == "done"} == {(f"s{number}", "done") for number in range(SLOTS)}
        assert max(count for pair, count in outcomes.items() if pair[1] == "done") == 1
        assert {pair[1] for pair in outcomes} <= {"done", "interrupted"}
        assert store.holder("sync") is None
        assert Timetable(region.config.schedule).due(region.config, store, clock.now()) == {}


def _kill_at_work(store: Store, alive: set[int], share: int) -> None:
    """Kills the scheduler that is at work as soon as so many slots are done."""

    def at_work() -> int:
        row = store.holder("sync")
        process = int(row.holder.split(":")[1]) if row else 0
        return process if process in alive and len(store.finished()) >= share else 0

    until(at_work)
    os.kill(at_work() or min(alive), signal.SIGKILL)


# with work that only writes a line, for many claims at once


def _work(number: int, folder: Path) -> None:
    shuffled = random.Random(number)
    with Store.open("sqlite:///federation.db", folder=folder) as store:
        begun = 0
        while len(store.finished()) < SLOTS:
            for slot in shuffled.sample(range(SLOTS), SLOTS):
                name = lease_of(f"s{slot}")
                if not store.take(name, 30, SLOT):
                    continue
                begun += 1
                time.sleep(0.005)
                if number < KILLED and begun == 3:
                    os.kill(os.getpid(), signal.SIGKILL)
                line = os.open(folder / "completed", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
                os.write(line, f"s{slot}\n".encode())
                os.close(line)
                assert store.finish(name, SLOT, myself())


def test_ten_processes_complete_each_of_fifty_slots_once_though_two_die_at_work(tmp_path: Path) -> None:
    Store.open("sqlite:///federation.db", folder=tmp_path).close()
    with processes(_work, tmp_path) as workers:
        for process in workers:
            process.join(60)
        assert Counter(process.exitcode for process in workers) == {0: SCHEDULERS - KILLED, -signal.SIGKILL: KILLED}
    completed = Counter((tmp_path / "completed").read_text().split())
    assert completed == Counter(f"s{slot}" for slot in range(SLOTS))
    with Store.open("sqlite:///federation.db", folder=tmp_path) as store:
        assert store.finished() == {lease_of(f"s{slot}"): SLOT for slot in range(SLOTS)}
