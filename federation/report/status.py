"""Status: what `status` shows. The keys are a contract that other programs rely on (design, section 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import orjson

from federation import clock
from federation.config import FederationConfig, Source
from federation.finding import Finding
from federation.report import watch
from federation.report.health import disk, free_enough
from federation.report.plan import successes
from federation.report.sentences import command, moment, remedy, said, size
from federation.report.verdict import Facts, Plan, Region, Verdict, judge, region
from federation.store.rows import RunRow, SourceRow
from federation.store.store import Store

MAIL = "watch-mail"  # the setting that says why mail is not delivered, and since when
_COUNTS = ("listed", "new", "changed", "unchanged", "missing", "gone", "held", "rejected")
_NEEDS_CAUSE = frozenset({"held", "late-held", "failed", "failing", "late-failed"})


@dataclass(frozen=True, slots=True)
class Say:
    """In which language and time zone (None: that of this machine)."""

    language: str
    zone: tzinfo | None = None

    def said(self, code: str, facts: Mapping[str, object]) -> str:
        """The sentence of a code."""
        return said(code, self.language, facts)

    def moment(self, at: datetime | str | None) -> str:
        """A time to the minute."""
        return moment(at, self.language, self.zone)


@dataclass(slots=True)
class _Known:
    """Everything that is read once for all sources."""

    rows: dict[str, SourceRow]
    last: dict[str, RunRow]
    ended: dict[str, RunRow]
    successes: dict[str, datetime]
    datasets: dict[str, int]
    not_federated: dict[str, dict[str, int]]
    findings: dict[str, dict[str, int]]
    memory: dict[str, watch.Memory]
    taken: dict[str, watch.Taken]


def status(
    config: FederationConfig, store: Store, now: datetime | None = None, *, language: str = "en", plans: Mapping[str, Plan] | None = None,
    zone: tzinfo | None = None,
) -> dict[str, Any]:  # fmt: skip
    """{"verdict", "sentence", "next_run", "sources": [...], "removed": [...], "datasets": n, "public": n, "generation": n, "published"}:
    the region and every configured source with its verdict (green, yellow, red) and what is said of it in `language`; its state (new, ok,
    held, failed), last run, number of datasets that are live or still public, findings by severity, and who takes care of it. `plans` is
    what the schedule says; without it nobody knows the next run. Times in sentences are those of `zone` (else of
    this machine).
    """
    now, say = now or clock.now(), Say(language, zone)
    known = _Known(
        {row.id: row for row in store.sources()}, store.last_runs(), store.last_runs(ended=True), successes(store), _datasets(store),
        store.not_federated(),
        store.counts_by_severity(), watch.memories(store), watch.taken(store),
    )  # fmt: skip
    stages = {member.id: member for member in config.members}
    sources = []
    for source in config.sources():
        member = stages[source.member]
        entry = {
            "id": source.id, "member": source.member, "title": member.title, "connector": source.connector, "url": source.url,
            "stage": source.stage or member.stage, **_of(source, known, store, now, say, (plans or {}).get(source.id, Plan())),
        }  # fmt: skip
        sources.append(entry)
    configured = {entry["id"] for entry in sources}
    number, made, _ = store.generation() or (0, "", 0)
    return {
        **_whole(config, store, sources, sorted(set(known.rows) - configured), say), "sources": sources,
        "datasets": sum(entry["datasets"] for entry in sources), "public": store.count_items("dataset") + store.count_items("series"),
        "generation": number, "published": made,
    }  # fmt: skip


def _of(source: Source, known: _Known, store: Store, now: datetime, say: Say, plan: Plan) -> dict[str, Any]:
    row, run, ended = known.rows.get(source.id), known.last.get(source.id), known.ended.get(source.id)
    running = run is not None and run.outcome == "running" and _at_work(store, source.id)
    if run is not None and run.outcome == "running" and not running:
        ended = run._replace(outcome="interrupted")
    counts = known.findings.get(source.id, {})
    memory = known.memory.get(source.id, watch.Memory())
    held = orjson.loads(row.held) if row and row.held else None
    facts = Facts(
        outcome=ended.outcome if ended else "", reason=(ended.error or {}).get("code", "") if ended else "", held=held is not None,
        pinned=bool(held and held.get("generation") is not None), failures=row.failures if row else 0,
        listed=ended.listed if ended else 0, rejected=ended.rejected if ended else 0, violations=counts.get("violation", 0),
        violations_before=memory.fewest(now), succeeded=known.successes.get(source.id), plan=plan,
    )  # fmt: skip
    verdict = judge(facts, now)
    taken = known.taken.get(source.id) if verdict.colour != "green" else None
    params = {"source": source.id, **_params(facts, ended, held, plan, say)}
    finding = None
    if verdict.code in _NEEDS_CAUSE:
        finding = _cause(store, source.id, held if verdict.code in ("held", "late-held") else ended.error if ended else None)
        params |= {"cause": finding.cause(say.language), "remedy": finding.remedy(say.language)}
    if verdict.code in ("held", "late-held"):
        params["since"] = say.moment(_held_since(store, source.id, row))
    return {
        "state": row.state if row else "new", "verdict": verdict.colour, "why": verdict.code, "since": memory.since or None,
        "sentence": " ".join(_sentences(verdict, params, running=running, plan=plan, taken=taken, now=now, say=say)),
        "cause": params.get("cause", ""), "where": _where(finding, say), "remedy": remedy(verdict.code, say.language, params),
        "command": command(verdict.code, params),
        "datasets": known.datasets.get(source.id, 0), "not_federated": known.not_federated.get(source.id, {}),
        "last_run": None if run is None else {
            "outcome": run.outcome, "started": run.started, "seconds": None if run.seconds is None else round(run.seconds, 3),
            **{name: getattr(run, name) for name in _COUNTS}, "error": run.error,
        },
        "last_success": _iso(facts.succeeded), "failures": facts.failures,
        "held": held, "schedule": source.schedule, "next_run": _iso(plan.next_run), "paused_until": _iso(plan.paused_until),
        "findings": {name: counts.get(name, 0) for name in ("violation", "warning", "info")},
        "acknowledged": None if taken is None else {"by": taken.by, "at": taken.at, "note": taken.note},
    }  # fmt: skip


def _sentences(
    verdict: Verdict, params: Mapping[str, object], *, running: bool, plan: Plan, taken: watch.Taken | None, now: datetime, say: Say,
) -> list[str]:  # fmt: skip
    lines = [say.said(verdict.code, params)]
    if running:
        lines.append(say.said("also-running", params))
    if plan.paused_until and plan.paused_until > now:
        lines.append(say.said("also-paused", params))
    if taken:
        lines.append(say.said("also-acknowledged", {"by": taken.by, "at": say.moment(taken.at)}))
    return lines


def _params(facts: Facts, ended: RunRow | None, held: Mapping[str, Any] | None, plan: Plan, say: Say) -> dict[str, object]:
    return {
        **({name: getattr(ended, name) for name in _COUNTS} if ended else {}), "when": say.moment(ended.started if ended else ""),
        "success": say.moment(facts.succeeded), "failures": facts.failures, "generation": (held or {}).get("generation", ""),
        "violations": facts.violations, "more": facts.violations - (facts.violations_before or 0),
        "paused": say.moment(plan.paused_until),
    }  # fmt: skip


def _at_work(store: Store, source: str) -> bool:
    return store.holder("sync") is not None or store.holder(f"sync:{source}") is not None


def _held_since(store: Store, source: str, row: SourceRow | None) -> str:
    """When the first of the held runs began that no complete one has followed."""
    since = ""
    for run in store.runs(source, limit=100):
        if row and run.id == row.complete_run:
            break
        since = run.started if run.outcome == "held" else since
    return since


def _cause(store: Store, source: str, error: Mapping[str, Any] | None) -> Finding:
    """Why a source is held or its last run failed: the finding about the source as a whole, which names address and value, too."""
    code = str((error or {}).get("reason") or (error or {}).get("code") or "source-unexpected")
    stored = store.findings(source=source, identifier="", code=code, limit=1)
    return stored[0].finding() if stored else Finding(code, params={"source": source, **(error or {}).get("params", {})})


def _where(finding: Finding | None, say: Say) -> str:
    """The address that the cause is about, unless it names it."""
    return finding.value if finding and "://" in finding.value and finding.value not in finding.cause(say.language) else ""


def _whole(config: FederationConfig, store: Store, sources: list[dict[str, Any]], removed: list[str], say: Say) -> dict[str, Any]:
    """The region's part of the status."""
    trouble = store.unwritable()
    free = disk(store)
    full = free is not None and not free_enough(store, free, config.monitoring.minimum_free)
    undelivered = orjson.loads(store.setting(MAIL, "{}")) if config.mail.server else {}
    verdict = region(((one["id"], one["verdict"], one["stage"]) for one in sources), removed,
                     trouble="region-database" if trouble else "", concern=full or bool(undelivered))  # fmt: skip
    finding = trouble.finding() if trouble else None
    params = {
        "count": verdict.green + len(verdict.red) + len(verdict.yellow), "green": verdict.green, "free": size(free or 0),
        "cause": finding.cause(say.language) if finding else "", "remedy": finding.remedy(say.language) if finding else "",
    }  # fmt: skip
    lines = [say.said(verdict.code, params), *_names(verdict, say)]
    if full:
        lines.append(say.said("region-disk", params))
    if undelivered:
        finding = Finding(undelivered["code"], value=undelivered["value"], params={"detail": undelivered["detail"]})
        told = {"cause": finding.cause(say.language), "remedy": finding.remedy(say.language)}
        params |= {"since": say.moment(undelivered["since"]), **told}
        lines.append(say.said("region-mail", params))
    code = verdict.code if _mendable(verdict.code) else "region-mail" if undelivered else "region-disk" if full else verdict.code
    upcoming = [one["next_run"] for one in sources if one["next_run"]]
    return {
        "verdict": verdict.colour, "why": verdict.code, "sentence": " ".join(lines), "remedy": remedy(code, say.language, params),
        "command": command(code, params), "next_run": min(upcoming, default=None), "removed": removed,
    }  # fmt: skip


def _mendable(code: str) -> bool:
    """Whether a command helps."""
    return bool(command(code, {}))


def _names(verdict: Region, say: Say) -> list[str]:
    named = [("region-red", verdict.red), ("region-yellow", verdict.yellow), ("region-removed", verdict.removed)]
    if verdict.code != "region-preview":
        named.append(("region-preview-too", verdict.preview))
    return [say.said(code, {"names": ", ".join(names)}) for code, names in named if names]


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _datasets(store: Store) -> dict[str, int]:
    """How many datasets and series of each source are live or still public."""
    counts: dict[str, int] = {}
    for kind in ("dataset", "series"):
        for source, states in store.counts_by_state(kind).items():
            counts[source] = counts.get(source, 0) + states.get("live", 0) + states.get("missing", 0)
    for source, number in store.withheld().items():
        counts[source] -= number
    return counts
