"""Incremental reading: a connector asks for what changed since its watermark; the watermark moves only when a run has seen all of that."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from federation import clock
from federation.config import Source
from federation.dcat.build import Builder
from federation.dcat.description import Description
from federation.errors import SourceError
from federation.harvest import connector as connectors
from federation.harvest.connector import Connector, Gone, Options, Reached, Record, Response, State
from federation.harvest.http import Http
from federation.sync.watermarks import earlier
from tests.loopback import Reply, Request, serve
from tests.region import Region

BASE = "https://stadt.example/dataset/"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class ChangeOptions(Options):
    """`[source.options]` of `connector = "changes"`."""

    part: str = ""


class Changes(Connector[ChangeOptions]):
    """A catalog that can be asked for what changed since a moment of its own clock."""

    id = "changes"
    title = "Changes"
    overlap: ClassVar[timedelta | None] = timedelta(hours=1)
    options = ChangeOptions

    def fetch(self, source: Source, options: ChangeOptions, http: Http, state: State) -> Iterator[Response | Gone | Reached]:
        url, now = f"{source.url}?since={state.watermark}", ""
        while url:
            answer = http.get(url, source=source.id)
            page = json.loads(answer.body)
            now = now or page["now"]  # of the first page: what changes while the others are read comes next time
            yield from (Gone(name, "deleted") for name in page["deleted"])
            yield Response(url, answer.body, "application/json")
            url = page["next"]
        yield Reached(now, partial=bool(state.watermark))

    def split(self, response: Response, options: ChangeOptions) -> Iterator[Record]:
        for entry in json.loads(response.body)["changed"]:
            yield Record(entry["id"], "dataset", json.dumps(entry).encode())

    def map(self, record: Record, options: ChangeOptions) -> Description:
        entry = json.loads(record.raw)
        made = Builder(BASE + entry["id"], "dataset")
        made.add(made.root, "dcterms:title", entry["title"])
        return made.description


@dataclass
class Catalog:
    """The server: titles by id, when each changed, and what was deleted with or without leaving a trace; pages of two."""

    now: datetime = NOON
    entries: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    deleted: dict[str, datetime] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken_page: int = 0

    def put(self, name: str, title: str = "") -> None:
        self.entries[name] = title or name, self.now

    def delete(self, name: str, *, trace: bool = True) -> None:
        del self.entries[name]
        if trace:
            self.deleted[name] = self.now

    def __call__(self, request: Request) -> Reply:
        since = request.query.get("since", "")
        start = int(request.query.get("start", "0"))
        if start == 0:
            self.asked.append(since)
        if self.broken_page and start // 2 + 1 == self.broken_page:
            return 500, {}, b""
        after = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
        changed = [{"id": name, "title": title} for name, (title, at) in sorted(self.entries.items()) if at >= after]
        address = f"http://{request.headers['host']}/changes?since={since}&start={start + 2}"
        page: Mapping[str, Any] = {
            "now": self.now.isoformat().replace("+00:00", "Z"), "changed": changed[start : start + 2],
            "deleted": [name for name, at in self.deleted.items() if since and at >= after] if start == 0 else [],
            "next": address if start + 2 < len(changed) else "",
        }  # fmt: skip
        return 200, {"Content-Type": "application/json"}, json.dumps(page).encode()


@pytest.fixture
def catalog(monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalog]:
    known = {**connectors.registry(), "changes": Changes()}
    monkeypatch.setattr(connectors, "registry", lambda: known)
    made = Catalog()
    for name in "abcde":
        made.put(name)
    with clock.told_by(lambda: made.now):
        yield made


@pytest.fixture
def region(tmp_path: Path, catalog: Catalog) -> Iterator[Region]:
    made = Region(tmp_path / "region")
    with serve(catalog) as server:
        made.member("stadt", f"{server.url}/changes", connector="changes", source="missing_runs = 1\nmaximum_loss = 0.5")
        yield made


def mark(region: Region) -> str:
    with region.open() as store:
        row = store.source("stadt")
        return row.watermark if row else ""


def later(catalog: Catalog, **how: float) -> None:
    catalog.now += timedelta(**how)


def test_the_first_run_reads_everything_and_the_next_only_what_changed(region: Region, catalog: Catalog) -> None:
    assert region.sync().runs[0].counts.new == 5
    assert mark(region) == "2026-03-01T12:00:00Z"
    later(catalog, days=1)
    catalog.put("b", "Neuer Titel")
    catalog.put("f")
    run = region.sync().runs[0]
    assert catalog.asked == ["", "2026-03-01T11:00:00Z"]
    assert (run.outcome, run.counts.listed, run.counts.new, run.counts.missing, run.counts.gone) == ("done", 6, 1, 0, 0)
    assert "Neuer Titel" in region.export().decode()
    assert region.public() == {BASE + name for name in "abcdef"}
    assert mark(region) == "2026-03-02T12:00:00Z"


def test_absence_says_nothing_when_only_changes_are_read(region: Region, catalog: Catalog) -> None:
    region.member("stadt", _url(region), connector="changes", source="missing_runs = 1\nminimum_datasets = 5\nmaximum_loss = 0")
    region.sync()
    for _ in range(4):
        later(catalog, days=1)
        run = region.sync().runs[0]
        assert (run.outcome, run.reason, run.counts.missing) == ("done", "", 0)
    assert set(region.states("stadt").values()) == {"live"}


def test_what_the_source_says_to_be_deleted_leaves_at_once(region: Region, catalog: Catalog) -> None:
    region.sync()
    later(catalog, days=1)
    catalog.delete("c")
    assert region.sync().runs[0].counts.gone == 1
    assert region.public() == {BASE + name for name in "abde"}


def test_the_periodic_full_listing_finds_a_deletion_that_left_no_trace(region: Region, catalog: Catalog) -> None:
    region.sync()
    catalog.delete("c", trace=False)
    for _ in range(6):
        later(catalog, days=1)
        region.sync()
        assert BASE + "c" in region.public()
    later(catalog, days=1)
    assert region.sync().runs[0].counts.gone == 1
    assert catalog.asked[0] == catalog.asked[-1] == ""
    assert "" not in catalog.asked[1:-1]
    assert BASE + "c" not in region.public()
    later(catalog, days=1)
    region.sync()
    assert catalog.asked[-1] != ""


def test_full_every_day_and_the_option_full_read_everything(region: Region, catalog: Catalog) -> None:
    region.sync()
    region.sync(full=True)
    region.member("stadt", _url(region), connector="changes", source="full_every = 0")
    region.sync()
    assert catalog.asked == ["", "", ""]


def test_a_page_that_fails_does_not_move_the_watermark(region: Region, catalog: Catalog) -> None:
    region.sync()
    later(catalog, days=1)
    for name in "abc":
        catalog.put(name, f"neu {name}")
    catalog.broken_page = 2
    assert region.sync().runs[0].outcome == "failed"
    assert mark(region) == "2026-03-01T12:00:00Z"
    later(catalog, days=1)
    catalog.broken_page = 0
    assert region.sync().runs[0].outcome == "done"
    assert catalog.asked[-2:] == ["2026-03-01T11:00:00Z"] * 2
    assert "neu c" in region.export().decode()


def test_a_run_that_is_stopped_does_not_move_the_watermark(region: Region, catalog: Catalog) -> None:
    region.sync()
    later(catalog, days=1)
    for name in "abcde":
        catalog.put(name, f"neu {name}")
    stop = threading.Event()

    class Stops:
        def started(self, source: object) -> None: ...
        def finished(self, result: object) -> None: ...
        def advanced(self, source: object, done: int, total: int | None) -> None:
            stop.set()

    assert region.sync(stop=stop, progress=Stops()).runs[0].outcome == "interrupted"
    assert mark(region) == "2026-03-01T12:00:00Z"
    assert region.sync().runs[0].outcome == "done"
    assert mark(region) == "2026-03-02T12:00:00Z"
    assert all(f"neu {name}" in region.export().decode() for name in "abcde")


def test_a_held_full_listing_neither_moves_the_watermark_nor_is_forgotten_by_the_next_run(region: Region, catalog: Catalog) -> None:
    region.sync()
    later(catalog, days=1)
    for name in "abcd":
        catalog.delete(name, trace=False)
    assert region.sync(full=True).runs[0].reason == "listing-lost-too-many"
    assert mark(region) == "2026-03-01T12:00:00Z"
    later(catalog, days=1)
    assert region.sync().runs[0].outcome == "held"
    assert catalog.asked[-1] == ""
    assert len(region.public()) == 5


def test_another_selection_or_address_makes_the_watermark_void(region: Region, catalog: Catalog) -> None:
    region.sync()
    region.member("stadt", _url(region), connector="changes", options='part = "b"')
    region.sync()
    region.member("stadt", _url(region) + "/", connector="changes", options='part = "b"')
    region.sync()
    assert catalog.asked == ["", "", ""]


def test_a_dry_run_moves_nothing(region: Region, catalog: Catalog) -> None:
    region.sync()
    later(catalog, days=1)
    catalog.put("f")
    assert region.sync(dry=True).runs[0].counts.new == 1
    assert mark(region) == "2026-03-01T12:00:00Z"


@pytest.mark.parametrize(
    ("watermark", "before"),
    [
        ("2026-03-01T00:30:00Z", "2026-02-28T23:30:00Z"), ("2026-03-01T00:30:00+02:00", "2026-02-28T21:30:00Z"),
        ("2026-03-01T00:30:00", "2026-02-28T23:30:00"), ("2026-03-01T00:30:00.250Z", "2026-02-28T23:30:00.250000Z"),
        ("2026-03-01", "2026-02-28"), ("https://x.example/ldes?page=7", "https://x.example/ldes?page=7"), ("17", "17"),
    ],
)  # fmt: skip
def test_a_moment_is_moved_back_by_the_overlap_and_other_marks_stay(watermark: str, before: str) -> None:
    assert earlier(watermark, timedelta(hours=1)) == before


def test_a_source_that_breaks_off_is_a_source_error(region: Region, catalog: Catalog) -> None:
    catalog.broken_page = 1
    error = region.sync().runs[0].error
    assert isinstance(error, SourceError)
    assert mark(region) == ""


def _url(region: Region) -> str:
    return region.config.source("stadt").url
