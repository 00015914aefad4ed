"""Metrics: text exposition format 0.0.4 to the letter, every number that the issue names, a file that is never half-written."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import clock
from federation.errors import StoreError
from federation.report import metrics
from federation.report.plan import plans
from federation.schedule.timetable import Timetable
from tests.command import do
from tests.loopback import Server, serve
from tests.region import Region, feed, turtle

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (-?[0-9.e+-]+|NaN|[+-]Inf)")
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def parsed(text: str) -> tuple[Samples, dict[str, str]]:
    """The samples and the type of each metric; AssertionError where the text is not in the format. Each metric is one group of lines,
    HELP and TYPE first; no sample comes twice (prometheus.io/docs/instrumenting/exposition_formats).
    """
    assert text.endswith("\n")
    samples: Samples = {}
    types: dict[str, str] = {}
    helped = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, helped, words = line.split(" ", 3)
            assert words
            assert helped not in types
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == helped
            types[name] = kind
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            name, labels, value = sample.groups()
            assert name == helped
            assert "".join(match.group(0) for match in LABEL.finditer(labels or "")) == (labels or "")
            key = (name, tuple((one[1], _plain(one[2])) for one in LABEL.finditer(labels or "")))
            assert key not in samples
            samples[key] = float(value)
    assert {name for name, _ in samples} == set(types)
    return samples, types


def _plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)


def of(samples: Samples, metric: str, **labels: str) -> float:
    found = [value for (name, own), value in samples.items() if name == metric and labels.items() <= dict(own).items()]
    assert len(found) == 1, (metric, labels, found)
    return found[0]


@pytest.fixture
def server() -> Iterator[Server]:
    with serve({"/feed.ttl": turtle(feed("a", "b", "c"))}) as running:
        yield running


@pytest.fixture
def region(tmp_path: Path, server: Server) -> Region:
    made = Region(tmp_path)
    made.member("stadt", f"{server.url}/feed.ttl")
    made.member("dorf", f"{server.url}/nothing")
    return made


def rendered(region: Region) -> str:
    settings, now = region.config, clock.now()
    with region.open() as store:
        return metrics.render(store, settings, now, plans(settings, store, now, Timetable(settings.schedule)))


def test_every_number_that_is_watched_is_there(region: Region, server: Server) -> None:
    region.sync()
    server.routes["/feed.ttl"] = turtle(feed("a", "b"))
    region.sync()
    samples, types = parsed(rendered(region))
    now = clock.now().timestamp()
    source = "federation_source_"
    assert abs(of(samples, source + "last_run_timestamp_seconds", source="stadt", member="stadt", stage="region") - now) < 60
    assert of(samples, source + "last_run_outcome", source="stadt", outcome="done") == 1
    assert of(samples, source + "last_run_outcome", source="dorf", outcome="failed") == 1
    assert of(samples, source + "last_run_outcome", source="dorf", outcome="done") == 0
    assert of(samples, source + "last_run_duration_seconds", source="stadt") > 0
    assert of(samples, source + "datasets", source="stadt") == 3
    assert of(samples, source + "missing", source="stadt") == 1
    assert of(samples, source + "last_run_datasets", source="stadt", result="listed") == 2
    assert of(samples, source + "findings", source="dorf", severity="violation") >= 1
    assert of(samples, source + "consecutive_failures", source="dorf") == 2
    assert of(samples, source + "held", source="stadt") == 0
    assert of(samples, source + "verdict", source="dorf", verdict="yellow") == 1
    assert of(samples, source + "next_run_timestamp_seconds", source="stadt") >= int(now) - 60
    assert of(samples, "federation_items", kind="dataset") == 3
    assert of(samples, "federation_generation") == 1
    assert of(samples, "federation_database_bytes") > 10_000
    assert of(samples, "federation_runs_total") == 4
    assert of(samples, "federation_verdict", verdict="yellow") == 1
    assert (source + "last_success_timestamp_seconds", "dorf") not in {(name, dict(labels).get("source")) for name, labels in samples}
    assert {name for name, kind in types.items() if kind == "counter"} == {"federation_runs_total", "federation_changes_total"}
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in types.items())


def test_a_region_that_read_nothing_yet_has_metrics_too(region: Region) -> None:
    samples, _ = parsed(rendered(region))
    assert of(samples, "federation_source_datasets", source="stadt") == 0
    assert of(samples, "federation_runs_total") == 0
    assert "federation_source_last_run_outcome" not in {name for name, _ in samples}


def test_counters_never_count_back_when_old_runs_are_forgotten(region: Region) -> None:
    for _ in range(3):
        region.sync()
    before, _ = parsed(rendered(region))
    with region.open() as store:
        assert store.forget_runs("2999-01-01T00:00:00Z") > 0
    after, _ = parsed(rendered(region))
    assert of(after, "federation_runs_total") == of(before, "federation_runs_total") == 6


@given(st.text())
def test_any_text_can_be_the_value_of_a_label(text: str) -> None:
    line = f'x{{a="{metrics.label(text)}"}} 1'
    assert line.count("\n") == 0
    found = LABEL.findall(f'a="{metrics.label(text)}"')
    assert [_plain(value) for _, value in found] == [text]


def test_the_file_is_put_in_its_place_at_once_and_readable_for_the_collector(region: Region, tmp_path: Path) -> None:
    region.sync()
    place = tmp_path / "out" / "federation.prom"
    place.parent.mkdir()
    do(region, "metrics", "--file", place)
    first = place.read_text(encoding="utf-8")
    assert parsed(first)
    assert place.stat().st_mode & 0o777 == 0o644
    seen: set[int] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(len(place.read_bytes()))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(200):
        metrics.write(place, "x" * 100_000 if number % 2 else "y" * 50_000)
    stop.set()
    reader.join()
    assert seen <= {len(first.encode()), 100_000, 50_000}
    assert [path.name for path in place.parent.iterdir()] == ["federation.prom"]


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(region: Region, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="metrics-not-writable"):
        metrics.write(tmp_path / "missing" / "x.prom", "")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="metrics-not-writable"):
        metrics.write(tmp_path / "folder", "")
    assert [path.name for path in tmp_path.glob(".federation-*")] == []
    assert "metrics-not-writable" in do(region, "metrics", "--file", tmp_path / "missing" / "x.prom", code=1).err


def test_the_file_is_written_after_each_round_and_never_fails_it(region: Region) -> None:
    file = region.folder / "federation.toml"
    file.write_text(file.read_text(encoding="utf-8") + '\n[monitoring]\ntextfile = "federation.prom"\n', encoding="utf-8")
    region.sync()
    samples, _ = parsed((region.folder / "federation.prom").read_text(encoding="utf-8"))
    assert of(samples, "federation_generation") == 1
    file.write_text(file.read_text(encoding="utf-8").replace("federation.prom", "missing/x.prom"), encoding="utf-8")
    assert region.sync().generation is not None


def test_the_command_writes_metrics_to_stdout(region: Region) -> None:
    assert parsed(do(region, "metrics").out)
