"""The clock: what is due, when it comes next, what pauses, and the process that keeps a region going."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from federation import clock
from federation.config import FederationConfig, ScheduleSettings, Source
from federation.schedule import BUSY, Scheduler, Timetable, do_chore, round_due
from federation.schedule.heartbeat import Heartbeat
from federation.schedule.rounds import OWED
from federation.schedule.tasks import perform
from federation.schedule.timetable import lease_of
from federation.store.leases import myself
from tests.command import PROGRAM, do
from tests.loopback import serve
from tests.region import Region, feed, turtle

BERLIN = ZoneInfo("Europe/Berlin")
FILE = "feed.ttl"


def at(day: int, hour: int = 12, minute: int = 0, month: int = 6) -> datetime:
    """A moment of the year 2025 by the clock of Berlin, in UTC."""
    return datetime(2025, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


class Hands:
    """A clock whose hands a test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now


@pytest.fixture
def hands() -> Iterator[Hands]:
    shown = Hands(at(2))
    with clock.told_by(shown):
        yield shown


@pytest.fixture
def region(tmp_path: Path) -> Region:
    """A region with the source "town" in a file; no delay, no chores."""
    made = Region(tmp_path)
    settings(made, "jitter_minutes = 0", 'links = "never"', 'housekeeping = "never"')
    (tmp_path / FILE).write_bytes(feed("a", "b"))
    made.member("town", FILE)
    return made


def settings(region: Region, *lines: str) -> None:
    """Writes [schedule]."""
    file = region.folder / "federation.toml"
    head = file.read_text(encoding="utf-8").partition("[schedule]")[0]
    file.write_text(head + "\n".join(["[schedule]", *lines, ""]), encoding="utf-8")


def due(region: Region, now: datetime) -> dict[str, str]:
    with region.open() as store:
        return Timetable(region.config.schedule).due(region.config, store, now)


def sync_due(region: Region) -> list[str]:
    with region.open() as store:
        return [run.outcome for run in round_due(region.config, store).runs]


def runs(region: Region) -> int:
    with region.open() as store:
        return len(store.runs(limit=10_000))


# slots


def test_a_new_source_is_due_at_once_and_then_at_its_next_slot(region: Region, hands: Hands) -> None:
    assert due(region, hands.now) == {"town": "2025-06-02T01:15Z"}
    assert sync_due(region) == ["done"]
    assert sync_due(region) == []
    hands.now = at(3, 3, 14)
    assert sync_due(region) == []
    hands.now = at(3, 3, 15)
    assert sync_due(region) == ["done"]


def test_after_a_week_off_there_is_one_run_not_seven(region: Region, hands: Hands) -> None:
    assert sync_due(region) == ["done"]
    hands.now += timedelta(days=7)
    assert sync_due(region) == ["done"]
    assert sync_due(region) == []
    assert runs(region) == 2


@pytest.mark.parametrize("text", ["", "never"])
def test_a_source_without_a_schedule_is_read_by_hand_only(region: Region, hands: Hands, text: str) -> None:
    region.member("town", FILE, source=f'schedule = "{text}"')
    assert sync_due(region) == []
    with region.open() as store:
        assert Timetable(region.config.schedule).next_run(region.config.source("town"), store, hands.now) is None
    assert [run.outcome for run in region.sync("town").runs] == ["done"]


def test_an_earlier_time_of_day_does_not_make_a_done_night_due_again(region: Region, hands: Hands) -> None:
    sync_due(region)
    region.member("town", FILE, source='schedule = "0 2 * * *"')
    assert sync_due(region) == []


def test_a_sync_by_hand_takes_no_slot_and_while_it_has_the_lease_the_slot_waits(region: Region, hands: Hands) -> None:
    with region.open() as store:
        assert store.claim("sync", "elsewhere:1:x", 60)
        assert round_due(region.config, store).busy == "elsewhere:1:x"
        assert round_due(region.config, store).exit_code == BUSY
        assert store.release("sync", "elsewhere:1:x")
    region.sync()
    assert due(region, hands.now) == {"town": "2025-06-02T01:15Z"}


def test_a_slot_that_another_one_has_is_left_to_it_until_its_lease_runs_out(region: Region, hands: Hands) -> None:
    with region.open() as store:
        assert store.claim(lease_of("town"), "elsewhere:1:x", 120, "2025-06-02T01:15Z")
    assert sync_due(region) == []
    hands.now += timedelta(seconds=121)
    assert sync_due(region) == ["done"]


def test_work_that_was_done_by_one_who_died_before_saying_so_is_not_done_again(region: Region, hands: Hands) -> None:
    with region.open() as store:
        assert store.claim(lease_of("town"), "elsewhere:1:x", 120, "2025-06-02T01:15Z")
    region.sync()
    hands.now += timedelta(seconds=121)
    assert sync_due(region) == []
    assert due(region, hands.now) == {}
    assert runs(region) == 1


def test_a_round_that_was_ended_leaves_its_slots_and_its_publication_to_the_next(region: Region, hands: Hands) -> None:
    stop = threading.Event()
    stop.set()
    with region.open() as store:
        assert round_due(region.config, store, stop=stop).generation is None
        assert store.setting(OWED)
    assert due(region, hands.now)
    outcome_of_next = sync_due(region)
    assert outcome_of_next == ["done"]
    with region.open() as store:
        assert not store.setting(OWED)


def test_what_was_read_and_not_published_is_published_though_nothing_is_due(region: Region, hands: Hands) -> None:
    region.sync(publish=False)
    with region.open() as store:
        slot = due(region, hands.now)["town"]
        assert store.take(lease_of("town"), 60, slot)
        assert store.finish(lease_of("town"), slot, myself())
        store.set_setting(OWED, clock.stamp())
        outcome = round_due(region.config, store)
    assert outcome.runs == []
    assert outcome.generation is not None
    assert outcome.generation.made
    assert len(region.public()) == 2


def test_a_year_of_nights_is_a_run_a_night_also_when_the_clocks_change(region: Region, hands: Hands) -> None:
    region.member("town", FILE, source='schedule = "30 2 * * *"')
    timetable, done = Timetable(region.config.schedule), []
    with region.open() as store:
        hands.now = at(1, 0, 30, month=1)
        while hands.now < at(31, 23, month=12):
            for source, slot in timetable.due(region.config, store, hands.now).items():
                assert store.take(lease_of(source), 60, slot)
                assert store.finish(lease_of(source), slot, myself())
                done.append(slot)
            hands.now += timedelta(hours=12)
        store.forget_slots()
        with store.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM lease").scalar() < 40
    assert len(done) == len(set(done)) == 366  # and the night before, which a new source catches up


# the next run


def test_the_next_run_is_the_next_slot_in_utc(region: Region, hands: Hands) -> None:
    timetable, source = Timetable(region.config.schedule), region.config.source("town")
    with region.open() as store:
        assert timetable.next_run(source, store, hands.now) == hands.now
        sync_due(region)
        assert timetable.next_run(source, store, hands.now) == at(3, 3, 15)
        assert timetable.slot_after(source, at(3, 3, 15)) == at(4, 3, 15)
    assert do(region, "status", "--json").json()["sources"][0]["next_run"].startswith("2025-06-03T01:15")


def test_servers_are_spread_always_the_same_way_and_sources_of_one_server_begin_together() -> None:
    timetable = Timetable(ScheduleSettings(jitter_minutes=20))
    hosts = [Source(id=f"s{n}", connector="dcat", url=f"https://s{n}.example/feed") for n in range(50)]
    delays = [timetable.delay(source) for source in hosts]
    assert delays == [Timetable(ScheduleSettings(jitter_minutes=20)).delay(source) for source in hosts]
    assert set(delays) == {timedelta(minutes=minutes) for minutes in (0, 5, 10, 15, 20)}
    shared = [Source(id=f"s{n}", connector="ckan", url="https://portal.example/") for n in range(9)]
    assert len({timetable.delay(source) for source in shared}) == 1


def test_the_clock_waits_for_the_delay_and_a_timer_does_not(region: Region, hands: Hands) -> None:
    settings(region, "jitter_minutes = 240")
    sync_due(region)
    timetable, source = Timetable(region.config.schedule), region.config.source("town")
    delay = timetable.delay(source)
    assert delay > timedelta()
    hands.now = at(3, 3, 15)
    with region.open() as store:
        assert timetable.due(region.config, store, hands.now)
        assert timetable.next_run(source, store, hands.now) == hands.now + delay
        assert not timetable.due(region.config, store, hands.now, spread=True)
        assert timetable.due(region.config, store, hands.now + delay, spread=True)


# pauses


def test_after_three_failures_a_source_pauses_for_growing_times_and_comes_back_by_itself(region: Region, hands: Hands) -> None:
    (region.folder / FILE).unlink()
    nights = []
    hands.now = at(1, 3, 20)
    for day in range(33):
        hands.now = at(1, 3, 20) + timedelta(days=day)
        if sync_due(region):
            nights.append(day)
    assert nights == [0, 1, 2, 3, 5, 9, 17, 31]
    (region.folder / FILE).write_bytes(feed("a"))
    hands.now = at(1, 3, 20) + timedelta(days=45)
    assert sync_due(region) == ["done"]
    hands.now += timedelta(days=1)
    assert sync_due(region) == ["done"]


def test_a_pause_is_told_and_a_sync_by_hand_ends_it(region: Region, hands: Hands) -> None:
    (region.folder / FILE).unlink()
    for day in range(1, 6):
        hands.now = at(day, 3, 20)
        sync_due(region)
    timetable, source = Timetable(region.config.schedule), region.config.source("town")
    with region.open() as store:
        assert timetable.paused_until(source, store, hands.now) == at(6, 0)
        assert timetable.next_run(source, store, hands.now) == at(6, 3, 15)
        assert timetable.paused_until(source, store, at(6, 1)) is None
    (region.folder / FILE).write_bytes(feed("a"))
    region.sync("town")
    with region.open() as store:
        assert timetable.paused_until(source, store, hands.now) is None
        assert timetable.next_run(source, store, hands.now) == hands.now


# leases


def test_a_heartbeat_keeps_every_lease_and_ends_the_work_where_it_is_lost(region: Region) -> None:
    stop = threading.Event()
    with region.open() as store:
        assert store.take("sync", 0.4)
        assert store.take("sync:town", 0.4, "2025-06-02T01:15Z")
        with Heartbeat(store, "sync", ["sync:town"], 0.4, stop):
            time.sleep(0.8)
            assert not store.claim("sync", "other:1:x", 60)
            assert not store.claim("sync:town", "other:1:x", 60, "2025-06-02T01:15Z")
            assert not stop.is_set()
            assert store.release("sync", myself())
            assert store.claim("sync", "other:1:x", 60)
            assert stop.wait(5)


# sync --due


def test_sync_due_says_nothing_when_all_is_well(region: Region) -> None:
    for _ in range(2):
        result = do(region, "sync", "--due")
        assert (result.out, result.err) == ("", "")
    assert len(region.public()) == 2
    assert runs(region) == 1


def test_sync_due_tells_what_failed_and_for_whom(region: Region) -> None:
    region.member("village", "no-such-file.ttl")
    result = do(region, "sync", "--due", code=3)
    assert result.out == ""
    assert "village" in result.err
    assert "town" not in result.err
    assert do(region, "sync", "--due").said == ""


def test_sync_due_ends_with_75_while_another_run_has_the_lease(region: Region) -> None:
    with region.open() as store:
        store.claim("sync", "elsewhere:1:x", 60)
    assert do(region, "sync", "--due", code=BUSY).said == ""


def test_sync_due_reads_only_what_is_named_and_a_dry_run_claims_nothing(region: Region) -> None:
    region.member("village", FILE)
    assert "town" in do(region, "sync", "--due", "--dry-run").out
    assert runs(region) == 0
    assert [run["source"] for run in do(region, "sync", "--due", "village", "--json").json()["runs"]] == ["village"]
    assert [run["source"] for run in do(region, "sync", "--due", "--json").json()["runs"]] == ["town"]


# chores


def test_housekeeping_is_done_once_for_its_slot_and_drops_what_is_old(region: Region, hands: Hands) -> None:
    settings(region, "jitter_minutes = 0", 'links = "never"')
    for _ in range(3):
        sync_due(region)
        hands.now += timedelta(days=1)
    (region.folder / FILE).write_bytes(feed("a", "c"))
    hands.now += timedelta(days=500)
    sync_due(region)
    with region.open() as store:
        before = len(store.runs())
        assert do_chore("housekeeping", region.config, store, threading.Event()) == 0
        assert before == 4
        assert len(store.runs()) == 1
        assert "housekeeping" not in Timetable(region.config.schedule).due_chores(store, hands.now)
        with store.read() as connection:
            slots = connection.exec_driver_sql("SELECT name FROM lease WHERE slot != '' ORDER BY name").scalars().all()
        assert slots == ["clock:housekeeping", "sync:town"]
        store.claim("sync", "elsewhere:1:x", 60)
        hands.now += timedelta(days=1)
        store.claim("sync", "elsewhere:1:x", 60)
        assert do_chore("housekeeping", region.config, store, threading.Event()) == BUSY
        assert "housekeeping" in Timetable(region.config.schedule).due_chores(store, hands.now)


def test_links_are_checked_once_for_their_slot(region: Region, hands: Hands) -> None:
    settings(region, "jitter_minutes = 0", 'links = "0 12 * * *"', 'housekeeping = "never"')
    sync_due(region)
    assert perform("links", region.config, threading.Event()) == 0
    with region.open() as store:
        assert store.links()
        assert "links" not in Timetable(region.config.schedule).due_chores(store, hands.now)


# the scheduler


class Inline:
    """A task that is done in this process, at once."""

    def __init__(self, code: int) -> None:
        self._code = code

    def code(self) -> int:
        """How it ended."""
        return self._code

    def end(self) -> None:
        """Nothing: it has ended."""

    def wait(self) -> None:
        """Nothing: it has ended."""


def inline(done: list[str]) -> Callable[[str, FederationConfig, bool], Inline]:
    def start(task: str, config: FederationConfig, careful: bool) -> Inline:
        done.append(task)
        return Inline(perform(task, config, threading.Event(), careful))

    return start


def test_the_scheduler_does_each_night_once(region: Region, hands: Hands) -> None:
    settings(region, "jitter_minutes = 30", 'links = "never"', 'housekeeping = "20 5 * * 0"')
    done: list[str] = []
    scheduler = Scheduler(region.folder, start=inline(done))
    for _ in range(8 * 8):
        scheduler.look()
        hands.now += timedelta(hours=3)
    scheduler.close()
    assert done.count("sync") == runs(region) == 9
    assert done.count("housekeeping") == 2
    assert region.public()


def test_a_changed_file_holds_at_once_and_a_broken_one_is_told_once(
    region: Region, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []
    scheduler = Scheduler(region.folder, start=inline(done))
    scheduler.look()
    region.member("village", FILE, source='schedule = "bad"')
    for _ in range(3):
        scheduler.look()
    assert sum("members/village.toml" in record.message for record in caplog.records) == 1
    assert [source.id for source in scheduler.config.sources()] == ["town"]
    region.member("village", FILE)
    scheduler.look()
    (region.folder / "members" / "village.toml").unlink()
    scheduler.look()
    scheduler.close()
    assert done == ["sync", "sync"]
    assert runs(region) == 2
    assert [source.id for source in scheduler.config.sources()] == ["town"]


class Crash(Inline):
    """A task that the system killed."""

    def __init__(self) -> None:
        super().__init__(-9)


def test_a_killed_round_is_tried_again_later_and_with_care(region: Region, hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    started: list[tuple[datetime, bool]] = []

    def start(task: str, config: FederationConfig, careful: bool) -> Inline:
        started.append((hands.now, careful))
        return Crash() if len(started) < 4 else Inline(perform(task, config, threading.Event(), careful))

    scheduler, began = Scheduler(region.folder, start=start), hands.now
    for _ in range(60):
        scheduler.look()
        hands.now += timedelta(seconds=30)
    scheduler.close()
    assert [(moment - began, careful) for moment, careful in started] == [
        (timedelta(), False), (timedelta(minutes=1), True), (timedelta(minutes=3), True), (timedelta(minutes=7), True)
    ]  # fmt: skip
    assert sum("task-killed" in record.message for record in caplog.records) == 3
    assert runs(region) == 1


def test_after_a_crash_those_that_were_at_work_then_come_last(region: Region, hands: Hands) -> None:
    for name in ("village", "harbour"):
        region.member(name, FILE)
    sync_due(region)
    with region.open() as store:
        store.finish_run(store.begin_run("harbour"), "interrupted")
    hands.now += timedelta(days=1)
    assert perform("sync", region.config, threading.Event(), careful=True) == 0
    with region.open() as store:
        assert [row.source for row in store.runs(limit=3)] == ["harbour", "village", "town"]


def _started(region: Region) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "FEDERATION_LANG": "en"}
    command = [sys.executable, *PROGRAM[1:], "-C", str(region.folder), "schedule"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, cwd=region.folder)


def _until(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.4)


def test_the_command_keeps_a_region_going_and_ends_cleanly_within_seconds(region: Region) -> None:
    with serve({"/feed": turtle(feed("x"))}) as server:
        region.member("village", f"{server.url}/feed")
        process = _started(region)
        try:
            _until(lambda: len(region.public()) == 3)
        finally:
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            _, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert process.returncode == 0, said
    assert "schedule begins" in said
    assert "schedule ends" in said
    assert runs(region) == 2
    with region.open() as store:
        assert store.holder("sync") is None
