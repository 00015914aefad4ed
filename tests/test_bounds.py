"""One source can neither starve the others nor keep the process: bounds on time, pages, datasets and bytes, and a clean end by a signal."""

import json
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors import _ckan_fetch
from federation.cli import app
from federation.config import Source
from federation.errors import SourceError
from federation.finding import Finding
from federation.schedule import Outcome
from federation.sync import bounds
from federation.sync.bounds import Allowance, room
from federation.sync.channel import Channel, Closed
from federation.sync.run import LEASE
from tests.loopback import Drip, Reply, Request, Server, complete, serve
from tests.region import HEAD, Region, dataset, feed, turtle

NEVER = threading.Event()


def page(number: int, *names: str, last: int = 0) -> Reply:
    """One page of a list that goes on (up to `last`)."""
    following = "" if number == last else f"; hydra:next </{number + 1}.ttl> "
    return turtle(HEAD + f"</{number}.ttl> a hydra:PartialCollectionView {following}.\n" + "".join(dataset(name) for name in names))


def endless(request: Request) -> Reply:
    """Always one more dataset, and always one more page."""
    number = int(request.path.strip("/").removesuffix(".ttl"))
    return page(number, f"n{number}")


def hanging(_: Request) -> Reply:
    """No answer as long as the test lasts."""
    NEVER.wait(20)
    return b""


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path / "region")


def outcomes(outcome: Outcome) -> dict[str, tuple[str, str]]:
    """{source: (outcome, code)}; each error has its texts."""
    for run in outcome.runs:
        if run.error:
            complete(run.error.finding())
    return {run.source: (run.outcome, run.reason) for run in outcome.runs}


# time


def test_a_source_that_drips_ends_alone_and_what_was_read_stays(region: Region) -> None:
    body = feed("c")
    routes = {"/a.ttl": turtle(feed("x")), "/1.ttl": page(1, "a", "b", last=2), "/2.ttl": page(2, "c", last=2)}
    with serve(routes) as server:
        region.member("klein", f"{server.url}/a.ttl")
        region.member("stadt", f"{server.url}/1.ttl", source="maximum_minutes = 0.02")
        assert set(outcomes(region.sync()).values()) == {("done", "")}
        server.routes["/1.ttl"] = page(1, "a", "b", "neu", last=2)
        server.routes["/2.ttl"] = (200, {"Content-Type": "text/turtle"}, Drip(body, 0.05))
        began = time.monotonic()
        assert outcomes(region.sync()) == {"klein": ("done", ""), "stadt": ("failed", "source-too-slow")}
        assert time.monotonic() - began < 4
        assert region.states("stadt") == {f"https://stadt.example/dataset/{name}": state for name, state in
                                          (("a", "live"), ("b", "live"), ("c", "live"), ("neu", "new_held"))}  # fmt: skip
        server.routes["/2.ttl"] = page(2, "c", last=2)
        assert outcomes(region.sync())["stadt"] == ("done", "")
    assert set(region.states("stadt").values()) == {"live"}


def test_a_list_without_end_is_read_for_its_time_only(region: Region) -> None:
    with serve(endless) as server:
        region.member("stadt", f"{server.url}/1.ttl", source="maximum_minutes = 0.01")
        assert outcomes(region.sync()) == {"stadt": ("failed", "source-too-slow")}
        asked = server.count()
        assert asked > 3
        time.sleep(0.3)
        assert server.count() == asked  # its thread has ended, too


def test_time_passes_while_a_source_is_waited_for_or_worked_on_and_not_while_others_are() -> None:
    now = [0.0]
    allowance = Allowance(Source(id="a", connector="dcat", url="http://x"), 1.0, lambda: now[0])
    now[0] = 500.0
    assert allowance.left() == 60
    with allowance.passing():
        now[0] += 20
        with allowance.passing():  # the worker is at one page while the next is fetched
            now[0] += 20
        assert allowance.left() == 20
    now[0] += 500
    assert allowance.left() == 20
    allowance.check()
    with allowance.passing():
        now[0] += 20
        with pytest.raises(SourceError) as caught:
            allowance.check()
    assert caught.value.params["minutes"] == "1"


def test_slow_sources_do_not_keep_the_others_waiting(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "LONG_SECONDS", 0.3)
    with serve(hanging) as slow, serve({f"/{n}.ttl": turtle(feed(f"d{n}")) for n in range(6)}) as server:
        for number in range(5):
            region.member(f"a{number}", f"{slow.url}/{number}.ttl", source="maximum_minutes = 0.05")
        for number in range(6):
            region.member(f"b{number}", f"{server.url}/{number}.ttl")
        ended = [(run.source, run.outcome) for run in region.sync().runs]
    assert set(ended[:6]) == {(f"b{number}", "done") for number in range(6)}
    assert set(ended[6:]) == {(f"a{number}", "failed") for number in range(5)}


def test_a_lane_is_free_again_when_its_feed_takes_long_and_there_is_an_end_to_that() -> None:
    source = Source(id="a", connector="dcat", url="http://x")
    at_zero, at_sixty = (Allowance(source, 1, lambda at=at: at) for at in (0.0, bounds.LONG_SECONDS))  # type: ignore[misc]
    assert room([at_zero] * 3, 1.0)
    assert not room([at_zero] * 4, 1.0)
    assert room([at_zero] * 4, bounds.LONG_SECONDS)
    assert not room([at_zero] * 4 + [at_sixty] * 4, bounds.LONG_SECONDS)
    assert not room([at_zero] * bounds.MOST_AT_ONCE, 10 * bounds.LONG_SECONDS)


# datasets, pages, bytes


def test_a_source_with_more_datasets_than_allowed_ends_and_is_not_read_on(region: Region) -> None:
    with serve(endless) as server, serve({"/a.ttl": turtle(feed("x"))}) as other:
        region.member("stadt", f"{server.url}/1.ttl", source="maximum_datasets = 30")
        region.member("klein", f"{other.url}/a.ttl")
        assert outcomes(region.sync()) == {"stadt": ("failed", "too-many-datasets"), "klein": ("done", "")}
        asked = server.count()
        time.sleep(0.2)
        assert server.count() == asked < 200


def test_pages_beyond_their_number_are_not_read_and_nothing_is_deleted(region: Region) -> None:
    with serve({"/1.ttl": page(1, "a", "b", last=1)}) as server:
        region.member("stadt", f"{server.url}/1.ttl", options="max_pages = 5")
        region.sync()
        server.routes.update({f"/{n}.ttl": page(n) for n in range(1, 20)})
        assert outcomes(region.sync())["stadt"] == ("held", "listing-incomplete")
        assert server.counts["/5.ttl"] == 1
        assert server.counts["/6.ttl"] == 0
    assert "page-limit" in region.codes("stadt")
    assert set(region.states("stadt").values()) == {"live"}


def test_one_huge_answer_ends_its_own_source_only(region: Region) -> None:
    with serve({"/a.ttl": turtle(feed("x")), "/big.ttl": turtle(feed(*(f"n{n}" for n in range(400))))}) as server:
        (region.folder / "federation.toml").write_text((region.folder / "federation.toml").read_text() + "max_bytes = 20000\n")
        region.member("stadt", f"{server.url}/big.ttl")
        region.member("klein", f"{server.url}/a.ttl")
        assert outcomes(region.sync()) == {"stadt": ("failed", "http-too-large"), "klein": ("done", "")}


def test_of_two_sources_that_share_a_feed_the_one_with_too_many_datasets_ends_alone(region: Region) -> None:
    other = "https://kreis.example"
    more = "".join(dataset(f"k{n}", city=other) for n in range(5))
    with serve({"/feed.ttl": turtle(feed("a", "b", more=more))}) as server:
        region.member("stadt", f"{server.url}/feed.ttl", options='publisher = "https://stadt.example/amt"')
        for limit, outcome in ((3, ("failed", "too-many-datasets")), (5, ("done", ""))):
            region.member("kreis", f"{server.url}/feed.ttl", source=f"maximum_datasets = {limit}", options=f'publisher = "{other}/amt"')
            assert outcomes(region.sync()) == {"kreis": outcome, "stadt": ("done", "")}
            assert server.count("/feed.ttl") == (1 if limit == 3 else 2)
    assert len(region.states("kreis")) == 5


def test_a_list_of_packages_without_end_is_not_taken_into_memory(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = False

    def portal(request: Request) -> Reply:
        if not request.path.endswith("package_search"):
            return 404, {"Content-Type": "application/json"}, b'{"success": false, "error": {"__type": "Not Found Error"}}'
        start, stamp = int(request.query.get("start", 0)), "2026-01-01T00:00:00.000000"
        ids = [f"p{start + n}" for n in range(20 if endless else 3)]
        rows = [{"id": name, "name": name, "metadata_modified": stamp, "title": name, "type": "dataset"} for name in ids]
        found = [{key: row[key] for key in request.query["fl"].split(",") if key in row} if "fl" in request.query else row for row in rows]
        result = {"count": 10**9 if endless else 3, "results": found}
        return 200, {"Content-Type": "application/json"}, json.dumps({"success": True, "result": result})

    with serve(portal) as server:
        region.member("stadt", server.url, connector="ckan")
        assert outcomes(region.sync()) == {"stadt": ("done", "")}
        endless = True
        monkeypatch.setattr(_ckan_fetch, "_MOST_PACKAGES", 500)
        assert outcomes(region.sync()) == {"stadt": ("failed", "too-many-datasets")}
        assert server.count() < 60
    states = region.states("stadt")
    assert [state for name, state in states.items() if state == "live"] == ["live"] * 3
    assert set(states.values()) <= {"live", "new_held"}  # what is new in a run that failed waits


# the channel


def test_the_worker_takes_from_each_source_in_turn() -> None:
    channel: Channel[str, int] = Channel()
    for number in range(3):
        channel.put("large", number)
    channel.put("small", 7)
    assert [channel.get(0) for _ in range(5)] == [("large", 0), ("small", 7), ("large", 1), ("large", 2), None]


def test_whoever_waits_for_room_gets_it_in_the_order_of_coming() -> None:
    channel: Channel[str, str] = Channel(10)
    channel.put("a", "first", 10)
    waiting = []
    for name, size in (("b", 20), ("c", 1), ("d", 1)):  # what is larger than the bound is not overtaken for ever
        waiting.append(threading.Thread(target=channel.put, args=(name, name, size), daemon=True))
        waiting[-1].start()
        time.sleep(0.05)
    assert [channel.get(1) for _ in range(4)] == [("a", "first"), ("b", "b"), ("c", "c"), ("d", "d")]


def test_what_a_source_put_that_nobody_wants_any_more_takes_no_room() -> None:
    channel: Channel[str, str] = Channel(10)
    channel.put("a", "first", 10)
    ended = threading.Event()

    def more() -> None:
        with pytest.raises(Closed):
            channel.put("a", "second", 10)
        ended.set()

    threading.Thread(target=more, daemon=True).start()
    time.sleep(0.05)
    channel.shut("a")
    assert ended.wait(1)
    channel.put("b", "other", 10)
    assert channel.get(0) == ("b", "other")
    with pytest.raises(Closed):
        channel.put("a", "third")


# signals


class Command:
    """A command line in a forked process, to be ended by a signal."""

    def __init__(self, region: Region, *arguments: str, patience: float = 1.0) -> None:
        self.region = region
        self.child = os.fork()
        if self.child == 0:  # pragma: no cover
            code = -1
            try:
                app.PATIENCE = patience
                for number in (signal.SIGTERM, signal.SIGINT):
                    signal.signal(number, signal.SIG_DFL if number == signal.SIGTERM else signal.default_int_handler)
                sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
                code = app.main(["-C", str(region.folder), *arguments])
            finally:
                os._exit(code)

    def until(self, met: Callable[[], object], seconds: float = 15) -> "Command":
        """Waits for something to have happened."""
        end = time.monotonic() + seconds
        while not met():
            assert os.waitpid(self.child, os.WNOHANG) == (0, 0), "ended by itself"
            assert time.monotonic() < end, "never happened"
            time.sleep(0.005)
        return self

    def ended_by(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """(exit code, seconds) after a signal."""
        began = time.monotonic()
        os.kill(self.child, number)
        _, status = os.waitpid(self.child, 0)
        return os.waitstatus_to_exitcode(status), time.monotonic() - began


def well(region: Region) -> None:
    """The lease is free, no run is said to be under way, no file is half, and the next sync goes on as if nothing had been."""
    with region.open() as store:
        assert store.free(LEASE)
        integrity = sqlite3.connect(region.folder / "federation.db").execute("PRAGMA integrity_check").fetchone()
        assert integrity == ("ok",)
    assert not list((region.folder / "public").rglob(".*"))
    assert set(outcomes(region.sync()).values()) == {("done", "")}
    with region.open() as store:
        assert {run.outcome for run in store.runs()} <= {"done", "interrupted"}
        number, _, items = store.generation() or (0, "", 0)
    assert items > 0
    assert (region.folder / f"public/catalog/g{number}/generation.json").is_file()


@pytest.fixture
def large() -> Iterator[Server]:
    with serve({"/big.ttl": turtle(feed(*(f"n{n}" for n in range(1500))))}) as server:
        yield server


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_sync_that_waits_for_a_slow_server(region: Region, number: int) -> None:
    with serve({"/feed.ttl": hanging}) as server:
        region.member("stadt", f"{server.url}/feed.ttl")
        code, seconds = Command(region, "sync").until(lambda: server.seen).ended_by(number)
        assert (code, seconds < 1.5) == (3, True), seconds
        with region.open() as store:
            assert [run.outcome for run in store.runs()] == ["interrupted"]
        server.routes["/feed.ttl"] = turtle(feed("a"))
        well(region)


def test_a_signal_ends_a_sync_amid_one_large_document(region: Region, large: Server) -> None:
    region.member("stadt", f"{large.url}/big.ttl")
    code, seconds = Command(region, "sync").until(lambda: written(region) > 500).ended_by()
    assert (code, seconds < 1.5) == (3, True), seconds
    assert 500 < written(region) < 1500
    well(region)


def test_a_signal_ends_a_sync_that_writes_its_pages(region: Region, large: Server) -> None:
    region.member("stadt", f"{large.url}/big.ttl")
    assert region.sync(publish=False).exit_code == 0
    begun = Command(region, "sync", patience=0.05).until(lambda: list((region.folder / "public").glob("catalog/.g*")))
    code, seconds = begun.ended_by()
    assert (code, seconds < 1.5) == (app.INTERRUPTED, True), seconds
    assert not (region.folder / "public" / "catalog.ttl").exists()
    well(region)


def test_a_signal_ends_a_sync_that_waits_for_a_locked_database(region: Region) -> None:
    with serve({"/feed.ttl": turtle(feed("a"))}) as server:
        region.member("stadt", f"{server.url}/feed.ttl")
        region.open().close()
        other = sqlite3.connect(region.folder / "federation.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        begun = Command(region, "sync", patience=0.3)
        time.sleep(0.7)
        code, seconds = begun.ended_by()
        other.close()
        assert (code, seconds < 3) == (app.INTERRUPTED, True), seconds
        well(region)


def test_a_signal_ends_a_check_of_links(region: Region) -> None:
    with serve(hanging) as slow:
        catalog = feed("a").replace(b"https://stadt.example/a.csv", f"{slow.url}/a.csv".encode())
        with serve({"/feed.ttl": turtle(catalog)}) as server:
            region.member("stadt", f"{server.url}/feed.ttl")
            region.sync()
            code, seconds = Command(region, "links").until(lambda: slow.seen).ended_by()
            assert (code, seconds < 1.5) == (3, True), seconds
            with region.open() as store:
                assert store.free("links")
            well(region)


def written(region: Region) -> int:
    """How many records are stored."""
    path = region.folder / "federation.db"
    if not path.exists():
        return 0
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return int(connection.execute("SELECT count(*) FROM record").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return 0


def test_the_code_of_a_source_that_takes_too_long_names_its_minutes() -> None:
    told = Finding("source-too-slow", params={"source": "stadt", "minutes": "120"})
    assert "120" in told.cause("de")
    assert "maximum_minutes" in told.remedy("en")
