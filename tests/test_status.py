"""Green, yellow, red: the rules as a table, the sentences, what `status`, `runs`, `acknowledge` and `health` tell about a real region."""

import csv
import io
import json
import logging
import sqlite3
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import update

from federation import clock, log
from federation.config import Source
from federation.report import watch
from federation.report.health import health
from federation.report.letter import KINDS
from federation.report.plan import plans, successes
from federation.report.sentences import sentences
from federation.report.status import status
from federation.report.verdict import SYMBOLS, Facts, Plan, judge, news
from federation.report.verdict import region as judge_region
from federation.schedule.timetable import Timetable
from federation.store import tables as t
from federation.store.store import Store
from tests.command import do, on_terminal, run
from tests.loopback import Server, serve
from tests.region import HEAD, Region, dataset, feed, turtle

NOW = datetime(2025, 1, 31, 12, tzinfo=UTC)
NIGHT = datetime(2025, 1, 31, 2, 15, tzinfo=UTC)
GOOD = Facts("done", listed=10, succeeded=NIGHT, plan=Plan(late_at=NIGHT + timedelta(days=3)))
LATE = replace(GOOD, succeeded=NIGHT - timedelta(days=4), plan=Plan(late_at=NIGHT - timedelta(days=1)))


# the rules

@pytest.mark.parametrize(
    ("facts", "colour", "code"),
    [
        (GOOD, "green", "ok"),
        (replace(GOOD, rejected=0, violations=900), "green", "ok"),
        (replace(GOOD, violations=900, violations_before=900), "green", "ok"),
        (replace(GOOD, outcome="held", held=False), "green", "released"),
        (Facts(), "yellow", "never"),
        (replace(GOOD, outcome="held", held=True), "yellow", "held"),
        (replace(GOOD, outcome="failed", failures=1, held=True), "yellow", "held"),
        (replace(GOOD, held=True, pinned=True), "yellow", "pinned"),
        (replace(GOOD, outcome="failed", failures=1), "yellow", "failed"),
        (replace(GOOD, outcome="failed", failures=2, reason="http-tls"), "yellow", "failed"),
        (replace(GOOD, outcome="failed", failures=2, reason="http-unauthorised"), "yellow", "failed"),
        (replace(GOOD, outcome="interrupted"), "yellow", "interrupted"),
        (replace(GOOD, plan=Plan(paused_until=NOW + timedelta(hours=1), late_at=NOW)), "yellow", "paused"),
        (replace(GOOD, plan=Plan(paused_until=NOW - timedelta(hours=1), late_at=NOW)), "green", "ok"),
        (replace(GOOD, rejected=1), "yellow", "rejected-some"),
        (replace(GOOD, listed=100, rejected=9), "green", "ok"),
        (replace(GOOD, listed=0, reason="source-empty"), "yellow", "empty"),
        (replace(GOOD, violations=15, violations_before=10), "yellow", "violations"),
        (replace(GOOD, violations=14, violations_before=10), "green", "ok"),
        (replace(GOOD, rejected=10), "red", "rejected-all"),
        (replace(GOOD, outcome="held", held=True, rejected=10), "red", "rejected-all"),
        (replace(GOOD, succeeded=None, rejected=10), "red", "rejected-all"),
        (replace(GOOD, outcome="failed", failures=3), "red", "failing"),
        (replace(GOOD, outcome="failed", failures=3, succeeded=None), "red", "failing"),
        (replace(GOOD, outcome="failed", failures=9, held=True), "red", "failing"),
        (LATE, "red", "late"),
        (replace(LATE, outcome="interrupted"), "red", "late"),
        (replace(LATE, outcome="failed", failures=2), "red", "late-failed"),
        (replace(LATE, outcome="held", held=True), "red", "late-held"),
        (replace(LATE, outcome="held", held=True, pinned=True), "red", "late-pinned"),
        (replace(LATE, plan=Plan(late_at=NOW - timedelta(minutes=30))), "green", "ok"),
        (replace(LATE, plan=Plan()), "red", "late"),
        (replace(LATE, plan=Plan(by_hand=True)), "green", "ok"),
    ],
)  # fmt: skip
def test_the_rules_as_a_table(facts: Facts, colour: str, code: str) -> None:
    verdict = judge(facts, NOW)
    assert (verdict.colour, verdict.code) == (colour, code)
    assert verdict.symbol == SYMBOLS[colour]


def test_new_violations_are_news_only_where_they_are_many_enough_to_matter() -> None:
    assert [news(5, 0), news(110, 100)] == [True, True]
    assert [news(10, None), news(4, 0), news(105, 100), news(90, 100)] == [False] * 4


@pytest.mark.parametrize(
    ("verdicts", "trouble", "concern", "colour", "code"),
    [
        ([], "", False, "yellow", "region-none"),
        ([("a", "red", "preview")], "", False, "yellow", "region-preview"),
        ([("a", "green", "region"), ("b", "red", "preview")], "", False, "green", "region-all"),
        ([("a", "green", "region"), ("b", "yellow", "forward")], "", False, "yellow", "region-some"),
        ([("a", "yellow", "region"), ("b", "red", "forward")], "", False, "red", "region-some"),
        ([("a", "green", "region")], "region-database", False, "red", "region-database"),
        ([("a", "green", "region")], "", True, "yellow", "region-all"),
        ([("a", "red", "region")], "", True, "red", "region-some"),
    ],
)  # fmt: skip
def test_the_region_is_as_bad_as_its_worst_source_that_counts(verdicts, trouble, concern, colour, code) -> None:
    made = judge_region(verdicts, ["gone"], trouble=trouble, concern=concern)
    assert (made.colour, made.code, made.removed) == (colour, code, ["gone"])


def test_every_verdict_has_its_sentence_in_both_languages_with_the_same_places() -> None:
    rows = list(csv.DictReader(files("vocabularies").joinpath("texts", "verdicts.csv").read_text(encoding="utf-8").splitlines()))
    assert len({row["code"] for row in rows}) == len(rows)
    for row in rows:
        for german, english in ((row["de"], row["en"]), (row["remedy_de"], row["remedy_en"])):
            assert _places(german) == _places(english), row["code"]
            assert bool(german) == bool(english), row["code"]
    codes = {judge(facts, NOW).code for facts, _, _ in test_the_rules_as_a_table.pytestmark[0].args[1]}
    assert codes <= set(sentences())
    assert codes - {"never"} == set(KINDS)
    assert all(sentences()[code].command for code in codes - {"ok", "released"})


def test_every_phrase_of_the_mail_is_there_in_both_languages() -> None:
    rows = list(csv.DictReader(files("vocabularies").joinpath("texts", "notice.csv").read_text(encoding="utf-8").splitlines()))
    assert len({row["key"] for row in rows}) == len(rows)
    assert [row["key"] for row in rows if not row["de"] or not row["en"] or _places(row["de"]) != _places(row["en"])] == []
    assert {f"kind.{kind}" for kind in KINDS.values()} <= {row["key"] for row in rows}


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


# a real region

@pytest.fixture
def server() -> Iterator[Server]:
    with serve({"/feed.ttl": turtle(feed("a", "b", "c")), "/dorf.ttl": turtle(feed("d", "e"))}) as running:
        yield running


@pytest.fixture
def region(tmp_path: Path, server: Server) -> Region:
    made = Region(tmp_path)
    made.member("stadt", f"{server.url}/feed.ttl")
    return made


def report(region: Region, now: datetime | None = None, language: str = "de") -> dict:
    settings, now = region.config, now or clock.now()
    with region.open() as store:
        return status(settings, store, now, language=language, plans=plans(settings, store, now, Timetable(settings.schedule)))


def test_a_source_goes_from_never_read_to_green_to_failed_to_red_and_back(region: Region, server: Server) -> None:
    assert (report(region)["sources"][0]["verdict"], report(region)["sources"][0]["why"]) == ("yellow", "never")
    region.sync()
    (source,) = report(region)["sources"]
    assert (source["verdict"], source["why"], source["remedy"]) == ("green", "ok", "")
    assert "3 Datensätze, 3 neu" in source["sentence"]
    server.routes["/feed.ttl"] = (404, {}, b"gone")
    for failures, verdict, why in ((1, "yellow", "failed"), (2, "yellow", "failed"), (3, "red", "failing")):
        region.sync()
        (source,) = report(region)["sources"]
        assert (source["failures"], source["verdict"], source["why"]) == (failures, verdict, why)
    assert "3 Läufe nacheinander" in source["sentence"]
    assert source["cause"] in source["sentence"]
    assert f"{server.url}/feed.ttl" in source["sentence"] + source["where"]
    assert source["paused_until"]
    assert "Pause bis" in source["sentence"]
    assert report(region)["verdict"] == "red"
    assert report(region)["sentence"].endswith("Rot: stadt.")
    server.routes["/feed.ttl"] = turtle(feed("a", "b", "c"))
    region.sync()
    assert report(region)["verdict"] == "green"


def test_a_source_that_is_not_read_any_more_turns_red_after_three_slots(region: Region) -> None:
    region.sync()
    now = clock.now()
    colours = [report(region, now + timedelta(days=days))["verdict"] for days in (0, 1, 2, 4, 30)]
    assert colours == ["green", "green", "green", "red", "red"]
    late = report(region, now + timedelta(days=4))
    assert late["sources"][0]["why"] == "late"
    assert "Zeitplan" in late["sources"][0]["remedy"]


def test_a_run_whose_records_were_all_rejected_is_red(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr("federation.sync.pipeline.Pipeline.prepare", broken)
    region.sync()
    (source,) = report(region)["sources"]
    assert source["last_run"]["outcome"] == "done"
    assert (source["verdict"], source["why"]) == ("red", "rejected-all")


def test_a_held_source_is_yellow_until_it_is_released(region: Region, server: Server) -> None:
    region.sync()
    server.routes["/feed.ttl"] = turtle(feed())
    region.sync()
    (source,) = report(region)["sources"]
    assert (source["verdict"], source["why"]) == ("yellow", "held")
    assert "federation release stadt" in source["remedy"]
    assert source["sentence"].startswith("Zurückgehalten seit ")
    do(region, "release", "stadt")
    assert report(region)["sources"][0]["verdict"] == "green"


def test_a_run_that_died_is_interrupted_and_one_at_work_is_judged_by_the_run_before(region: Region) -> None:
    region.sync()
    with region.open() as store:
        store.begin_run("stadt")
        (source,) = report(region)["sources"]
        assert (source["verdict"], source["why"], source["last_run"]["outcome"]) == ("yellow", "interrupted", "running")
        assert store.take("sync", 60)
        (source,) = report(region)["sources"]
    assert (source["verdict"], source["why"]) == ("green", "ok")
    assert "im Gange" in source["sentence"]


def test_preview_sources_and_removed_members_are_named_apart(region: Region, server: Server) -> None:
    region.member("dorf", f"{server.url}/nothing", stage="preview")
    region.member("alt", f"{server.url}/dorf.ttl")
    region.sync()
    (region.folder / "members" / "alt.toml").unlink()
    whole = report(region)
    assert whole["verdict"] == "green"
    assert whole["removed"] == ["alt"]
    assert "Nicht mitgezählt, weil auf der Stufe preview: dorf." in whole["sentence"]
    assert "Nicht mehr in der Konfiguration: alt." in whole["sentence"]
    assert {one["id"]: one["verdict"] for one in whole["sources"]} == {"stadt": "green", "dorf": "yellow"}


def test_many_more_violations_than_in_the_week_before_are_yellow_for_a_week(region: Region, server: Server) -> None:
    begin = datetime(2025, 3, 1, 3, 20, tzinfo=UTC)
    bad = turtle(HEAD + "".join(dataset(name, extra='; dct:issued "gestern" ; dct:modified "vorgestern"') for name in "abc"))
    colours = []
    for night in range(10):
        server.routes["/feed.ttl"] = turtle(feed("a", "b", "c")) if night < 2 else bad
        with clock.told_by(lambda night=night: begin + timedelta(days=night)):
            region.sync()
            colours.append(report(region)["sources"][0]["why"])
    assert colours == ["ok"] * 2 + ["violations"] * 7 + ["ok"]


def test_a_database_that_cannot_be_written_is_red_for_the_region(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    region.sync()
    connect = sqlite3.connect
    # root may write every file, so the disk says no by SQLite's own way to open one for reading only
    monkeypatch.setattr(sqlite3, "connect", lambda path, **how: connect(f"file:{path}?mode=ro", uri=True, **how))
    with region.open() as store:
        whole = status(region.config, store, language="de")
        assert not health(region.config, store, clock.now())["database"]["ok"]
    assert (whole["verdict"], whole["why"]) == ("red", "region-database")
    assert "nicht beschreiben" in whole["sentence"]
    assert whole["remedy"]


def test_a_full_disk_is_told(region: Region) -> None:
    region.sync()
    settings = region.config
    settings = settings.model_copy(update={"monitoring": settings.monitoring.model_copy(update={"minimum_free": 10**18})})
    with region.open() as store:
        whole = status(settings, store, language="de")
        assert not health(settings, store, clock.now())["ok"]
    assert whole["verdict"] == "yellow"
    assert "Datenträger" in whole["sentence"]
    assert whole["sources"][0]["verdict"] == "green"


def test_status_says_word_sign_and_colour_and_the_next_run(region: Region) -> None:
    region.member("stadt", f"{region.config.sources()[0].url}", source='schedule = "0 3 1 1 *"')
    region.sync()
    told = do(region, "status", lang="de").out
    assert "✓ grün" in told
    assert "Gesamtlage: ✓ grün. Alle Quellen sind in Ordnung (1)." in told
    assert "✓ stadt: Am " in told
    code, screen = on_terminal(100, "-C", region.folder, "status")
    assert code == 0
    assert "\x1b[32m✓ grün" in screen
    assert "✓ green" in do(region, "status", lang="en").out
    whole = do(region, "status", "--json").json()
    assert {"verdict", "sentence", "next_run"} <= set(whole)
    assert {"verdict", "sentence", "next_run"} <= set(whole["sources"][0])


# history

def test_runs_tell_the_history_of_all_sources_or_of_one(region: Region, server: Server) -> None:
    assert "Noch kein Lauf." in do(region, "runs", lang="de").out
    region.member("dorf", f"{server.url}/nothing")
    do(region, "sync", code=3)
    do(region, "sync", code=3)
    rows = do(region, "runs", "--json").json()
    assert [row["source"] for row in rows].count("dorf") == 2
    assert {"id", "source", "started", "finished", "seconds", "outcome", "listed", "rejected", "reason", "cause"} <= set(rows[0])
    assert [row["outcome"] for row in do(region, "runs", "dorf", "--json").json()] == ["failed", "failed"]
    assert len(do(region, "runs", "dorf", "--limit", "1", "--json").json()) == 1
    told = do(region, "runs", "dorf", lang="de").out
    assert "gescheitert" in told
    assert "http-not-found: Unter der Adresse gibt es nichts" in told
    assert "source-unknown" in do(region, "runs", "nirgends", code=2).err


def test_old_runs_are_forgotten_but_not_those_that_a_state_is_read_from(region: Region, server: Server) -> None:
    for _ in range(4):
        region.sync()
    server.routes["/feed.ttl"] = (404, {}, b"")
    region.sync()
    with region.open() as store:
        with store.write() as connection:
            connection.execute(update(t.run).values(started="2020-01-01T00:00:00Z"))
        running = store.begin_run("stadt")
        with store.write() as connection:
            connection.execute(update(t.run).where(t.run.c.id == running).values(started="2020-01-01T00:00:00Z"))
        complete = store.source("stadt").complete_run
        assert store.forget_runs("2019-01-01T00:00:00Z") == 0
        assert store.forget_runs("2024-01-01T00:00:00Z") == 3
        left = {row.id: row.outcome for row in store.runs("stadt")}
    assert left == {complete: "done", complete + 1: "failed", running: "running"}


def test_settings_are_read_by_prefix_and_written_at_once(tmp_path: Path) -> None:
    with Store.open("sqlite:///x.db", folder=tmp_path) as store:
        store.set_settings({"a:1": "x", "a:2": "y", "a_1": "z", "b": "0"})
        assert store.settings("a:") == {"1": "x", "2": "y"}
        store.set_settings({"a:3": "n"}, ["a:1", "b"])
        assert store.settings("a:") == {"2": "y", "3": "n"}
        assert store.setting("b", "none") == "none"


# who takes it

def test_acknowledging_is_shown_until_the_source_is_in_order_again(region: Region, server: Server) -> None:
    do(region, "sync")
    assert "nothing-to-acknowledge" in do(region, "acknowledge", "stadt", "--by", "Stelle", code=2).err
    server.routes["/feed.ttl"] = (404, {}, b"")
    do(region, "sync", code=3)
    do(region, "acknowledge", "stadt", "--by", "Stelle Open Data", "--dry-run")
    assert report(region)["sources"][0]["acknowledged"] is None
    do(region, "acknowledge", "stadt", "--by", " Stelle\nOpen Data ", "--note", "Portal zieht um")
    (source,) = report(region)["sources"]
    assert source["acknowledged"]["by"] == "Stelle Open Data"
    told = do(region, "status", lang="de").out
    assert "Darum kümmert sich Stelle Open Data" in told
    assert "Vermerk: Portal zieht um" in told
    assert do(region, "acknowledge", "nirgends", "--by", "x", code=2).err
    assert "name-missing" in do(region, "acknowledge", "stadt", "--by", "  ", code=2).err
    server.routes["/feed.ttl"] = turtle(feed("a", "b", "c"))
    do(region, "sync")
    with region.open() as store:
        assert watch.taken(store) == {}


# health

def test_health_is_good_before_and_after_the_first_round_and_bad_when_nothing_is_read_any_more(region: Region) -> None:
    region.open().close()
    first = do(region, "health", "--json").json()
    assert (first["ok"], first["round"]["last"]) == (True, None)
    do(region, "sync")
    whole = do(region, "health", "--json").json()
    assert whole["ok"]
    assert whole["database"]["bytes"] > 0
    assert whole["round"]["age_seconds"] < 60
    with clock.told_by(lambda: datetime.now(UTC) + timedelta(days=6)):
        assert do(region, "health", "--json", code=1).json()["round"]["ok"] is False
        assert "ausgefallen" in do(region, "health", lang="de", code=1).out
    with clock.told_by(lambda: datetime.now(UTC) - timedelta(days=6)):
        assert do(region, "health", "--json", code=1).json()["clock"]["ok"] is False


def test_health_names_no_round_overdue_where_everything_is_read_by_hand(region: Region) -> None:
    region.member("stadt", region.config.sources()[0].url, source='schedule = "never"')
    region.sync()
    settings, now = region.config, clock.now() + timedelta(days=400)
    with region.open() as store:
        planned = plans(settings, store, now, Timetable(settings.schedule), successes(store))
        assert planned["stadt"].by_hand
        assert health(settings, store, now, planned)["round"]["ok"]
        assert status(settings, store, now, plans=planned)["verdict"] == "green"


def test_a_database_at_which_another_one_writes_is_healthy(region: Region) -> None:
    with region.open() as store, region.open() as other, other.write():
        assert store.unwritable() is None


def test_a_workspace_without_configuration_is_a_fault_of_the_call(tmp_path: Path) -> None:
    assert run("-C", tmp_path, "health").code == 2


# the line in the log

def test_each_run_leaves_one_line_that_is_json_off_a_terminal(region: Region, server: Server) -> None:
    region.member("dorf", f"{server.url}/nothing")
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.level, list(root.handlers), log.log.level)
    try:
        log.setup(json=True, verbose=1, stream=stream)
        region.sync()
        region.sync(dry=True)
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
        log.log.setLevel(before[2])
    lines = {line["source"]: line for line in map(json.loads, stream.getvalue().splitlines()) if line["message"] == "run ended"}
    assert stream.getvalue().count("run ended") == 2
    assert (lines["stadt"]["level"], lines["stadt"]["outcome"], lines["stadt"]["listed"], lines["stadt"]["new"]) == ("info", "done", 3, 3)
    assert (lines["dorf"]["level"], lines["dorf"]["outcome"], lines["dorf"]["reason"]) == ("warning", "failed", "http-not-found")
    assert lines["dorf"]["seconds"] >= 0


def test_a_quiet_round_says_nothing_and_a_failed_one_its_line(region: Region, server: Server) -> None:
    assert do(region, "sync").err == ""
    server.routes["/feed.ttl"] = (404, {}, b"")
    assert json.loads(do(region, "sync", code=3).err)["reason"] == "http-not-found"


def test_plans_know_the_slots_of_each_source(region: Region) -> None:
    source: Source = region.config.sources()[0]
    with region.open() as store:
        timetable = Timetable(region.config.schedule)
        planned = plans(region.config, store, NOW, timetable, {source.id: NIGHT})
    assert planned[source.id].late_at == NIGHT + timedelta(days=3)
