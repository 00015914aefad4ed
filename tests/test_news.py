"""What is new and what is gone among the findings, as the command line tells it; findings name the place in the source's software."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from federation import clock
from federation.errors import ConfigError
from federation.report.news import moment, news
from federation.store.findings import KEPT_DAYS
from tests.command import do, on_terminal, run
from tests.loopback import Server, serve
from tests.region import HEAD, Region, dataset, turtle

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
WRONG, RIGHT = '; dct:language "Sprache"', ""


def feed(*extras: str) -> tuple[int, dict[str, str], bytes]:
    return turtle(HEAD + "".join(dataset(name, extra=extra) for name, extra in zip("abc", extras, strict=True)))


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({"/feed.ttl": feed(WRONG, RIGHT, RIGHT)}) as opened:
        yield opened


@pytest.fixture
def region(tmp_path: Path, server: Server) -> Region:
    made = Region(tmp_path)
    made.member("stadt", f"{server.url}/feed.ttl")
    return made


def on(day: int, region: Region) -> None:
    with clock.told_by(lambda: START + timedelta(days=day)):
        do(region, "sync")


def test_the_last_run_of_each_source_is_what_last_means(region: Region, server: Server) -> None:
    on(0, region)
    before = do(region, "findings", "--json").json()
    server.routes["/feed.ttl"] = feed(RIGHT, WRONG, RIGHT)
    on(1, region)
    found = do(region, "findings", "--since", "last", "--json").json()
    assert [(one["change"], one["code"], one["dataset"][-1]) for one in found if one["code"] == "unknown-language"] == [
        ("new", "unknown-language", "b"), ("gone", "unknown-language", "a"),
    ]  # fmt: skip
    assert {tuple(one) for one in found} == {("change", *before[0], "gone")}
    new, gone = (next(one for one in found if one["change"] == change) for change in ("new", "gone"))
    assert (new["since"], new["gone"]) == ("2026-03-02T12:00:00Z", "")
    assert (gone["since"], gone["gone"]) == ("2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z")
    on(2, region)
    assert do(region, "findings", "--since", "last", "--json").json() == []
    assert "Nichts Neues, nichts ist weg." in do(region, "findings", "--since", "letzter", lang="de").out


def test_a_date_and_the_number_of_a_run_are_understood(region: Region, server: Server) -> None:
    on(0, region)
    server.routes["/feed.ttl"] = feed(RIGHT, WRONG, RIGHT)
    on(10, region)
    server.routes["/feed.ttl"] = feed(RIGHT, WRONG, WRONG)
    on(20, region)

    def told(since: str) -> list[tuple[str, str]]:
        found = do(region, "findings", "--code", "unknown-language", "--since", since, "--json").json()
        return [(one["change"], one["dataset"][-1]) for one in found]

    assert told("2026-03-05") == told("05.03.2026") == told("2") == [("new", "b"), ("new", "c"), ("gone", "a")]
    assert told("2026-03-15") == told("3") == told("2026-03-21T00:00") == [("new", "c")]
    assert told("2026-04-01") == []
    assert told("1") == [("new", "b"), ("new", "c"), ("gone", "a")], "what came and went meanwhile is only gone"


@pytest.mark.parametrize(("since", "code"), [
    ("gestern", "since-unreadable"), ("2026-02-30", "since-unreadable"), ("", "since-unreadable"), ("9", "since-unknown-run"),
    ("0", "since-unknown-run"), ("9999999999999999999999", "since-unknown-run"),
])  # fmt: skip
def test_what_is_no_date_and_no_run_is_said_with_what_may_be_written(region: Region, since: str, code: str) -> None:
    on(0, region)
    with pytest.raises(ConfigError, match=code), region.open() as store:
        news(store, ["stadt"], since)
    assert do(region, "findings", "--since", since, code=2, lang="de").err.count("last") == 1


def test_dates_are_those_of_the_wall_clock() -> None:
    local = datetime(2026, 1, 31).astimezone()
    assert moment("31.01.2026") == moment("2026-01-31") == local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert moment("2026-01-31T12:00:00Z") == "2026-01-31T12:00:00Z"


def test_a_source_that_was_never_read_says_so_and_short_memory_is_admitted(region: Region) -> None:
    assert "noch nicht gelesen" in do(region, "findings", "--since", "last", lang="de").out
    on(0, region)
    assert f"{KEPT_DAYS} Tage" in do(region, "findings", "--since", "01.01.2020", lang="de").err


def test_people_see_what_to_do_about_the_new_and_what_is_done_with(region: Region, server: Server) -> None:
    on(0, region)
    server.routes["/feed.ttl"] = feed(RIGHT, '; dct:issued "gestern"', RIGHT)
    on(1, region)
    out = do(region, "findings", "--since", "last", lang="de").out
    assert out.index("Neu: 1") < out.index("date-invalid") < out.index("Abhilfe") < out.index("Weg: 1") < out.index("unknown-language")
    assert "seit dem Lauf vom" in out
    each = do(region, "findings", "--since", "last", "--all", lang="de").out
    assert "neu  Verstoß  date-invalid" in each
    assert "weg  Verstoß  unknown-language" in each
    assert "Durch den letzten Lauf: 1 neu, 1 weg." in do(region, "findings", lang="de").err
    code, shown = on_terminal(60, "-C", str(region.folder), "findings", "--since", "last")
    assert code == 0
    assert "Weg: 1" in shown


def test_findings_of_a_dataset_that_left_are_gone_with_it(region: Region, server: Server) -> None:
    on(0, region)
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("b") + dataset("c"))
    with (region.folder / "members" / "stadt.toml").open("a") as file:
        file.write("missing_runs = 1\nmaximum_loss = 1.0\n")
    on(1, region)
    assert "unknown-language" not in do(region, "findings", "--json").out
    found = do(region, "findings", "--since", "last", "--json").json()
    assert ("gone", "unknown-language") in {(one["change"], one["code"]) for one in found}


def test_codes_have_an_example_from_the_store_where_there_is_one(region: Region) -> None:
    on(0, region)
    (one,) = do(region, "findings", "--codes", "--code", "unknown-language", "--json").json()
    assert (one["example"]["dataset"][-1], one["example"]["value"]) == ("a", "Sprache")
    assert "Sprache" in one["example"]["cause"]
    assert do(region, "findings", "--codes", "--code", "http-dns", "--json").json()[0]["example"] is None
    assert run("findings", "--codes", "--code", "http-dns", "--json").json()[0]["example"] is None
    assert "Zum Beispiel" in do(region, "findings", "--codes", "--code", "unknown-language", lang="de").out


# check: points and places


def test_check_shows_points_beside_findings(region: Region, server: Server) -> None:
    found = do(region, "check", f"{server.url}/feed.ttl", "--json").json()
    points = found["points"]
    assert points["datasets"] == len(points["scores"]) == 3
    assert set(points["after"]["dimensions"]) == {"findability", "accessibility", "interoperability", "reusability", "contextuality"}
    for one in points["scores"]:
        assert sum(one["dimensions"].values()) == one["after"] <= one["possible"] == 325
    mean = sum(one["after"] for one in points["scores"]) / 3
    assert abs(mean - points["after"]["points"]) < 0.01
    assert {"before", "after", "place"} <= set(points["findings"][0])
    out = do(region, "check", "stadt", lang="de").out
    for said in ("Auffindbarkeit", "Was Punkte kostet", "die mit den wenigsten Punkten zuerst", "Befunde"):
        assert said in out


def test_check_with_a_profile_tells_both_as_said_and_as_published(region: Region, server: Server) -> None:
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", extra='; dct:accrualPeriodicity "monatlich"') + dataset("b"))
    profile = do(region, "check", "stadt", "--profile", "region", "--json").json()["profile"]
    rule = next(one for one in profile["rules"] if one["field"] == "dcterms:accrualPeriodicity")
    assert (rule["before"], rule["datasets"]) == (1, []), "our repairs mended it"
    assert profile["refused_before"] > len(profile["refused"])
    out = do(region, "check", "stadt", "--profile", "region", lang="de").out
    assert "geliefert" in out
    assert "Ohne unsere Korrekturen" in out


def test_mqa_tells_findings_before_and_after_our_repairs(region: Region, server: Server) -> None:
    server.routes["/feed.ttl"] = turtle(HEAD + dataset("a", extra='; dct:accrualPeriodicity "monatlich"') + dataset("b"))
    on(0, region)
    found = do(region, "mqa", "--json").json()
    for each in (found["sources"][0], found["region"]):
        rows = {one["field"]: (one["before"], one["after"]) for one in each["findings"]}
        assert rows["dcterms:accrualPeriodicity"] == (1, 0)
    assert "as their source delivers them" in do(region, "mqa").out
