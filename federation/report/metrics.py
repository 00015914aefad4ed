"""Metrics for Prometheus: text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats), one sample a line.

Written for the textfile collector of node_exporter, so no sample has a timestamp. What may go down is a gauge; counters are only what the
database itself never counts back: numbers of runs and of public changes.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from federation import __version__
from federation.config import FederationConfig
from federation.errors import StoreError
from federation.report.health import database_bytes
from federation.report.status import status
from federation.report.verdict import Plan
from federation.store import tables as t
from federation.store.store import Store

OUTCOMES = ("done", "held", "failed", "interrupted", "running")
COLOURS = ("green", "yellow", "red")
_Sample = tuple[Mapping[str, str], float]


def render(store: Store, config: FederationConfig, now: datetime, plans: Mapping[str, Plan] | None = None) -> str:
    """All metrics as text, to be served as `text/plain; version=0.0.4; charset=utf-8`. A sample of something that is not known (a source
    that was never read has no last run) is left out.
    """
    report = status(config, store, now, plans=plans)
    return "".join(_lines(_of_sources(report["sources"]) + _of_region(store, report)))


def write(path: Path, text: str) -> None:
    """Puts the file in its place at once: a collector never reads half of it. StoreError metrics-not-writable."""
    name = ""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=path.parent, prefix=".federation-", delete=False) as file:
            name = file.name
            file.write(text)
        os.chmod(name, 0o644)  # the collector is another account
        os.replace(name, path)
    except OSError as error:
        if name:
            with suppress(OSError):
                os.unlink(name)
        raise StoreError("metrics-not-writable", value=str(path), detail=error.strerror or str(error)) from error


def label(value: str) -> str:
    """The value of a label: backslash, quotation mark and line feed are escaped, all else stands as it is."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _lines(metrics: Iterable[tuple[str, str, str, list[_Sample]]]) -> Iterable[str]:
    for name, kind, text, samples in metrics:
        if not samples:
            continue
        yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
        for labels, value in samples:
            written = ",".join(f'{key}="{label(item)}"' for key, item in labels.items())
            yield f"{name}{{{written}}} {_number(value)}\n" if written else f"{name} {_number(value)}\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _seconds(at: str | None) -> float | None:
    return None if not at else datetime.fromisoformat(at).timestamp()


def _of_sources(sources: list[dict[str, Any]]) -> list[tuple[str, str, str, list[_Sample]]]:
    named = [({"source": one["id"], "member": one["member"], "stage": one["stage"]}, one) for one in sources]
    ran = [(labels, one["last_run"]) for labels, one in named if one["last_run"]]

    def each(name: str, text: str, pairs: Iterable[tuple[Mapping[str, str], float | None]]) -> tuple[str, str, str, list[_Sample]]:
        return f"federation_source_{name}", "gauge", text, [(labels, value) for labels, value in pairs if value is not None]

    return [
        each("verdict", "Verdict on the source: 1 for the one that holds.",
             (({**labels, "verdict": colour}, one["verdict"] == colour) for labels, one in named for colour in COLOURS)),
        each("last_run_timestamp_seconds", "When the last run began.", ((labels, _seconds(run["started"])) for labels, run in ran)),
        each("last_success_timestamp_seconds", "When the last run began that was complete.",
             ((labels, _seconds(one["last_success"])) for labels, one in named)),
        each("next_run_timestamp_seconds", "When the next run is due by schedule.",
             ((labels, _seconds(one["next_run"])) for labels, one in named)),
        each("last_run_outcome", "How the last run ended: 1 for the outcome that holds.",
             (({**labels, "outcome": name}, run["outcome"] == name) for labels, run in ran for name in OUTCOMES)),
        each("last_run_duration_seconds", "How long the last run took.", ((labels, run["seconds"]) for labels, run in ran)),
        each("last_run_datasets", "Datasets of the last run, by what became of them.",
             (({**labels, "result": name}, run[name]) for labels, run in ran
              for name in ("listed", "new", "changed", "unchanged", "gone", "held", "rejected"))),
        each("missing", "Datasets that the last run did not find and that are public still.",
             ((labels, run["missing"]) for labels, run in ran)),
        each("datasets", "Datasets that are live or still public.", ((labels, one["datasets"]) for labels, one in named)),
        each("findings", "Findings about the data, by severity.",
             (({**labels, "severity": name}, count) for labels, one in named for name, count in one["findings"].items())),
        each("consecutive_failures", "Runs that failed in a row.", ((labels, one["failures"]) for labels, one in named)),
        each("held", "1 where a state waits for a decision.", ((labels, one["held"] is not None) for labels, one in named)),
        each("paused", "1 where the source pauses after failures.", ((labels, one["paused_until"] is not None) for labels, one in named)),
    ]  # fmt: skip


def _of_region(store: Store, report: dict[str, Any]) -> list[tuple[str, str, str, list[_Sample]]]:
    with store.read() as connection:
        runs = connection.execute(select(func.max(t.run.c.id))).scalar() or 0
        changes = connection.execute(select(func.max(t.change.c.seq))).scalar() or 0
        kinds = connection.execute(select(t.item.c.kind, func.count()).group_by(t.item.c.kind).order_by(t.item.c.kind)).all()
    published = _seconds(report["published"])
    return [
        ("federation_verdict", "gauge", "Verdict on the region: 1 for the one that holds.",
         [({"verdict": colour}, report["verdict"] == colour) for colour in COLOURS]),
        ("federation_items", "gauge", "Public entities, by kind.", [({"kind": kind}, count) for kind, count in kinds]),
        ("federation_generation", "gauge", "Number of the generation that is public.", [({}, report["generation"])]),
        ("federation_generation_timestamp_seconds", "gauge", "When that generation was made.",
         [] if published is None else [({}, published)]),
        ("federation_database_bytes", "gauge", "Size of the database with its journal.",
         [] if store.path is None else [({}, database_bytes(store))]),
        ("federation_runs_total", "counter", "Runs of sources that were begun.", [({}, runs)]),
        ("federation_changes_total", "counter", "Entities that became public, changed or left.", [({}, changes)]),
        ("federation_info", "gauge", "Version of the program.", [({"version": __version__}, 1)]),
    ]  # fmt: skip
