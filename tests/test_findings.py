"""The memory of findings: what is the same keeps its date, what came and what went is told, and unchanged input writes nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.clock import told_by
from federation.finding import Finding, Severity
from federation.store.findings import KEPT_DAYS, Since
from federation.store.rows import FindingRow, SourceRow
from federation.store.store import Store
from tests.test_store import contents, fill, finding, store, url

__all__ = ["store"]


def told(rows: list[FindingRow]) -> list[tuple[str, str, int]]:
    return [(row.identifier, row.code, row.run) for row in rows]


def write(store: Store, found: dict[str, list[Finding]]) -> int:
    """A run that finds just this about the records named."""
    run = store.begin_run("town")
    store.write_batch([], [], {("town", name): findings for name, findings in found.items()}, [], run)
    return run


def test_a_finding_that_is_found_again_keeps_its_date_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Store.open(url(path)) as store:
        fill(store, 3)
        before = contents(path)
        write(store, {"1": finding(1)["town", "1"], "2": finding(2)["town", "2"]})
        after = contents(path)
    assert after["finding"] == before["finding"]
    assert after["finding_gone"] == []


def test_what_came_and_what_went_is_told_since_a_run(store: Store) -> None:
    first = fill(store, 3)
    second = write(store, {"1": [], "2": [*finding(2)["town", "2"], Finding("store-newer")]})
    assert told(store.findings("town", since=Since("", second))) == [("2", "store-newer", second)]
    assert told(store.findings_gone(Since("", second))) == [("1", "store-full", first)]
    (gone,) = store.findings_gone(Since("", second))
    assert gone.finding() == Finding("store-full", None, "http://x/1", "dcterms:title", "v", {"a": "b"})
    third = write(store, {})
    assert store.findings("town", since=Since("", third)) == store.findings_gone(Since("", third)) == []
    assert len(store.findings("town", since=Since("", first))) == 3
    assert store.findings_gone(Since("", first), severity="info", code="store-full") == []


def test_what_came_and_what_went_is_told_since_a_moment(store: Store) -> None:
    with told_by(lambda: datetime(2026, 1, 1, tzinfo=UTC)):
        fill(store, 2)
    with told_by(lambda: datetime(2026, 2, 1, tzinfo=UTC)):
        write(store, {"1": [Finding("store-newer")]})
    assert [row.code for row in store.findings(since=Since("2026-01-15"))] == ["store-newer"]
    (gone,) = store.findings_gone(Since("2026-01-15"))
    assert (gone.code, gone.since, gone.gone) == ("store-full", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    assert store.findings_gone(Since("2026-02-02")) == []


def test_a_finding_with_another_severity_or_parameter_is_the_same_one(store: Store) -> None:
    first = fill(store, 2)
    write(store, {"1": [Finding("store-full", Severity.WARNING, field="dcterms:title", value="v", params={"a": "c"})]})
    (row,) = store.findings("town", identifier="1")
    assert (row.run, row.severity, row.params) == (first, "warning", {"a": "c"})
    assert store.findings_gone(Since("")) == []


def test_equal_findings_are_counted(store: Store) -> None:
    first = fill(store, 1)
    same = Finding("store-newer")
    second = write(store, {"0": [same, same, same]})
    write(store, {"0": [same, same]})
    assert told(store.findings("town")) == [("0", "store-newer", second)] * 2
    assert told(store.findings_gone(Since(""))) == [("0", "store-full", first), ("0", "store-newer", second)]


def test_what_went_and_came_back_within_one_run_never_went(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with Store.open(url(path)) as store:
        first = fill(store, 2)
        store.replace_source_findings("town", [Finding("store-newer")], first)
        run = store.begin_run("town")
        before = contents(path)
        store.replace_source_findings("town", [], run)  # the run itself does not know it
        assert len(store.findings_gone(Since("", run))) == 1
        store.replace_source_findings("town", [Finding("store-newer")], run)  # somebody who looks at the whole source does
        after = contents(path)
        before["finding"], after["finding"] = ([row[1:] for row in each["finding"]] for each in (before, after))
        assert after == before
        later = store.begin_run("town")
        store.replace_source_findings("town", [], later)
        back = store.begin_run("town")
        store.replace_source_findings("town", [Finding("store-newer")], back)
        assert told(store.findings("town", identifier="")) == [("", "store-newer", back)]
        assert told(store.findings_gone(Since("", later))) == [("", "store-newer", first)]


def test_findings_of_a_record_that_left_went_with_it_and_return_with_it(store: Store) -> None:
    first = fill(store, 3)
    run = store.begin_run("town")
    store.set_states("town", ["1"], run, state="gone")
    store.set_states("town", ["2"], run, state="missing")
    assert told(store.findings("town")) == [("0", "store-full", first), ("2", "store-full", first)]
    assert store.counts_by_severity() == {"town": {"violation": 2}}
    assert told(store.findings_gone(Since("", run))) == [("1", "store-full", first)]
    assert told(store.findings_gone(Since("2000-01-01"))) == [("1", "store-full", first)]
    assert store.findings_gone(Since("", run + 1)) == []
    again = store.begin_run("town")
    store.set_states("town", ["0", "2"], again, state="withdrawn")
    store.set_states("town", ["1"], again, state="live")
    assert told(store.findings("town")) == [("1", "store-full", first)]
    assert [row.identifier for row in store.findings_gone(Since("", again))] == ["0", "2"]


def test_what_went_away_is_forgotten_in_time(store: Store) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with told_by(lambda: start):
        fill(store, 1)
        write(store, {"0": []})
    with told_by(lambda: start + timedelta(days=KEPT_DAYS)):
        store.replace_source_findings("town", [], store.begin_run("town"))
        assert len(store.findings_gone(Since(""))) == 1
    with told_by(lambda: start + timedelta(days=KEPT_DAYS + 1)):
        store.replace_source_findings("town", [], store.begin_run("town"))
        assert store.findings_gone(Since("")) == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(st.sampled_from(["store-full", "store-newer", "store-locked"]), max_size=4), min_size=1, max_size=6))
def test_what_stands_is_what_stood_plus_what_came_minus_what_went(tmp_path_factory: pytest.TempPathFactory, runs: list[list[str]]) -> None:
    with Store.open(url(tmp_path_factory.mktemp("law") / "state.db")) as store:
        store.put_source(SourceRow("town", "town", "feed"))
        stood: list[str] = []
        for codes in runs:
            run = write(store, {"1": [Finding(code) for code in codes]})
            came = [row.code for row in store.findings(since=Since("", run))]
            went = [row.code for row in store.findings_gone(Since("", run))]
            assert sorted(row.code for row in store.findings()) == sorted(codes)
            assert sorted(stood + came) == sorted(codes + went)
            stood = codes
