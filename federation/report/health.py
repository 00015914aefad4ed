"""Health: may this instance go on? For containers, systemd and monitoring; not about sources, whose verdict is `status`."""

import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from federation.config import FederationConfig
from federation.report.verdict import GRACE, UNPLANNED, Plan
from federation.store.store import Store

BUILT = datetime.fromisoformat("2025-01-01T00:00:00+00:00")  # no clock that is right shows less
TOLERANCE = timedelta(hours=1)  # how far a clock may be set back


def health(config: FederationConfig, store: Store, now: datetime, plans: Mapping[str, Plan] | None = None) -> dict[str, Any]:
    """{"ok", "database": {"ok", "writable", "code", "bytes"}, "round": {"ok", "last", "age_seconds", "due"}, "disk": {"ok", "free_bytes",
    "minimum_bytes"}, "clock": {"ok", "now", "latest_record"}}. A round is overdue when no source at all was read since three slots of
    one (`late_at` of its plan, reckoned from the newest run; without a plan: for three days). An instance that has read nothing yet is
    not overdue.
    """
    database = _database(store)
    round_ = _round(config, store, now, plans or {})
    free = disk(store)
    least = config.monitoring.minimum_free
    space = {"ok": free is None or free_enough(store, free, least), "free_bytes": free, "minimum_bytes": max(least, _needed(store))}
    latest = _latest(store)
    sane = now >= BUILT and (latest is None or now >= latest - TOLERANCE)
    time = {"ok": sane, "now": _iso(now), "latest_record": _iso(latest)}
    return {
        "ok": all(part["ok"] for part in (database, round_, space, time)),
        "database": database, "round": round_, "disk": space, "clock": time,
    }  # fmt: skip


def disk(store: Store) -> int | None:
    """Free bytes where the database lies; None for a server's database."""
    return None if store.path is None else shutil.disk_usage(_folder(store.path)).free


def free_enough(store: Store, free: int, least: int) -> bool:
    """Whether there is room for what has to be written: `least`, and a quarter of the database for its journal."""
    return free >= max(least, _needed(store))


def database_bytes(store: Store) -> int:
    """Size of the database with its journal; 0 for a server's."""
    if store.path is None:
        return 0
    files = (store.path, store.path.with_name(store.path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _needed(store: Store) -> int:
    return database_bytes(store) // 4


def _folder(path: Path) -> Path:
    return path.parent if path.parent.is_dir() else Path()


def _database(store: Store) -> dict[str, Any]:
    trouble = store.unwritable()
    return {"ok": trouble is None, "writable": trouble is None, "code": trouble.code if trouble else "", "bytes": database_bytes(store)}


def _round(config: FederationConfig, store: Store, now: datetime, plans: Mapping[str, Plan]) -> dict[str, Any]:
    latest = last_round(store)
    waits = [plan for plan in (plans.get(source.id, Plan()) for source in config.sources()) if not plan.by_hand]
    dues = [plan.late_at for plan in waits if plan.late_at and not (plan.paused_until and plan.paused_until > now)]
    due = min(dues) if dues else latest + UNPLANNED if latest and waits else None
    return {
        "ok": due is None or latest is None or now <= due + GRACE, "last": _iso(latest),
        "age_seconds": round((now - latest).total_seconds()) if latest else None, "due": _iso(due),
    }  # fmt: skip


def last_round(store: Store) -> datetime | None:
    """When the newest run of any source began; None where there was none."""
    latest = max((run.started for run in store.last_runs().values()), default=None)
    return datetime.fromisoformat(latest) if latest else None


def _latest(store: Store) -> datetime | None:
    """The newest time that the database has: of a run or a generation."""
    times = [run.finished or run.started for run in store.last_runs().values()]
    generation = store.generation()
    if generation:
        times.append(generation[1])
    return datetime.fromisoformat(max(times)) if times else None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")
