"""Dates that say nothing: a source that stamps everything on the day it is asked is told so, and left out of figures about currency."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from federation.report import currency
from federation.store.store import Store
from tests.command import run
from tests.loopback import serve
from tests.region import HEAD, Region, dataset, turtle

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
CODE = "modified-is-harvest-day"


def feed(*days: date | str, changed: str = "") -> tuple[int, dict[str, str], bytes]:
    """One dataset for each day of modification ("" for none)."""
    def stamp(day: date | str) -> str:
        return f'; dct:modified "{day}"^^xsd:date' if day else ""

    return turtle(HEAD + "".join(dataset(f"d{number}", f"d{number} {changed}", stamp(day)) for number, day in enumerate(days)))


class Towns:
    """A region with one source, whose feed can be changed between rounds; `at` lets a round count as one of another day."""

    def __init__(self, folder: Path) -> None:
        self.region = Region(folder)
        self.routes = {"/f": feed()}

    def round(self, *days: date | str, at: date = TODAY) -> None:
        """Reads a feed with these days of modification."""
        with serve({"/f": feed(*days, changed=str(at))}) as server:
            self.region.member("stadt", f"{server.url}/f", more="")
            outcome = self.region.sync(full=True)
        assert outcome.exit_code in (0, 4), outcome
        if at != TODAY:
            with self.region.open() as store:
                store.set_setting("harvest-days:stadt", "[]")
                currency.observe(store, "stadt", f"{at}T03:15:00Z")

    def store(self) -> Store:
        return self.region.open()


@pytest.fixture
def towns(tmp_path: Path) -> Towns:
    return Towns(tmp_path)


def test_two_days_of_stamps_on_the_day_of_the_run_are_a_finding(towns: Towns) -> None:
    towns.round(YESTERDAY, YESTERDAY, "2020-01-01", at=YESTERDAY)
    assert CODE not in towns.region.codes("stadt")
    towns.round(TODAY, TODAY, "2020-01-01")
    with towns.store() as store:
        (row,) = store.findings(source="stadt", code=CODE)
        assert currency.says_nothing(store, "stadt")
    finding = row.finding()
    assert finding.params["share"] == "67"
    assert f"{YESTERDAY}, {TODAY}" in finding.cause("en")
    assert "67 Prozent" in finding.cause("de")


def test_two_runs_on_one_day_prove_nothing(towns: Towns) -> None:
    towns.round(TODAY, TODAY)
    towns.round(TODAY, TODAY)
    assert CODE not in towns.region.codes("stadt")


def test_half_of_the_datasets_is_not_more_than_half(towns: Towns) -> None:
    towns.round(YESTERDAY, "2020-01-01", at=YESTERDAY)
    towns.round(TODAY, "")
    assert CODE not in towns.region.codes("stadt")


def test_a_day_with_true_dates_clears_the_source(towns: Towns) -> None:
    towns.round(YESTERDAY, at=YESTERDAY)
    towns.round(TODAY)
    assert CODE in towns.region.codes("stadt")
    towns.round("2020-01-01")
    assert CODE not in towns.region.codes("stadt")


def test_the_finding_is_told_once_and_stands_beside_the_others_of_the_source(towns: Towns) -> None:
    towns.round(YESTERDAY, at=YESTERDAY)
    towns.round(TODAY)
    with towns.store() as store:
        before = {row.code for row in store.findings(source="stadt", identifier="")}
        currency.observe(store, "stadt", f"{TODAY}T09:00:00Z")
        rows = store.findings(source="stadt", identifier="")
    assert [row.code for row in rows].count(CODE) == 1
    assert {row.code for row in rows} == before


def test_a_source_whose_dates_say_nothing_counts_in_no_figure(towns: Towns) -> None:
    towns.round(YESTERDAY, at=YESTERDAY)
    towns.round(TODAY)
    with serve({"/g": feed("2020-01-01", TODAY - timedelta(days=10), "")}) as server:
        towns.region.member("amt", f"{server.url}/g")
        towns.region.sync("amt")
    with towns.store() as store:
        found = currency.figures(towns.region.config, store, TODAY)
        whole = currency.overall(found, "Region")
    assert {each.source: (each.meaningful, each.dated, each.year) for each in found} == {"amt": (True, 2, 1), "stadt": (False, 1, None)}
    assert (whole.datasets, whole.dated, whole.year, whole.newest) == (3, 2, 1, str(TODAY - timedelta(days=10)))
    done = run("-C", towns.region.folder, "mqa", lang="de")
    assert "1 von 2 datierten Datensätzen" in done.out
    assert "Nicht mitgezählt, weil ihr Änderungsdatum der Tag der Abholung ist: stadt." in done.out


def test_nothing_is_made_of_a_source_without_datasets(towns: Towns) -> None:
    with towns.store() as store:
        assert currency.figures(towns.region.config, store) == []
        assert currency.overall([], "Region").meaningful is False


def test_a_dry_run_takes_nothing_down(towns: Towns) -> None:
    with serve({"/f": feed(TODAY)}) as server:
        towns.region.member("stadt", f"{server.url}/f")
        towns.region.sync(dry=True)
    with towns.store() as store:
        assert store.setting("harvest-days:stadt") == ""
