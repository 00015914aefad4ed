"""Status: what `status` shows. The keys are a contract that other programs rely on (design, section 7)."""

from typing import Any

import orjson

from federation.config import FederationConfig
from federation.store.store import Store

_COUNTS = ("listed", "new", "changed", "unchanged", "missing", "gone", "held", "rejected")


def status(config: FederationConfig, store: Store) -> dict[str, Any]:
    """{"sources": [...], "datasets": n, "generation": n}: every configured source with its state (new, ok, held, failed), last run,
    number of datasets that are live or still public, and findings by severity. `next_run` is null: only the clock knows it.
    """
    rows = {row.id: row for row in store.sources()}
    last = store.last_runs()
    datasets = _datasets(store)
    findings = store.counts_by_severity()
    stages = {member.id: member for member in config.members}
    sources = []
    for source in config.sources():
        row = rows.get(source.id)
        run = last.get(source.id)
        member = stages[source.member]
        counts = findings.get(source.id, {})
        sources.append(
            {
                "id": source.id, "member": source.member, "title": member.title, "connector": source.connector, "url": source.url,
                "stage": source.stage or member.stage, "state": row.state if row else "new", "datasets": datasets.get(source.id, 0),
                "last_run": None if run is None else {
                    "outcome": run.outcome, "started": run.started, "seconds": None if run.seconds is None else round(run.seconds, 3),
                    **{name: getattr(run, name) for name in _COUNTS}, "error": run.error,
                },
                "held": orjson.loads(row.held) if row and row.held else None, "schedule": source.schedule, "next_run": None,
                "findings": {name: counts.get(name, 0) for name in ("violation", "warning", "info")},
            }
        )  # fmt: skip
    number, made, _ = store.generation() or (0, "", 0)
    return {"sources": sources, "datasets": sum(entry["datasets"] for entry in sources), "public": store.count_items("dataset"),
            "generation": number, "published": made}  # fmt: skip


def _datasets(store: Store) -> dict[str, int]:
    """How many datasets and series of each source are live or still public."""
    counts: dict[str, int] = {}
    for kind in ("dataset", "series"):
        for source, states in store.counts_by_state(kind).items():
            counts[source] = counts.get(source, 0) + states.get("live", 0) + states.get("missing", 0)
    return counts
