"""Housekeeping: drops what nobody asks for any more, so that a database which is left alone for a year stays of one size."""

import logging
from dataclasses import asdict, dataclass
from datetime import timedelta

from federation import clock
from federation.config import FederationConfig
from federation.publish.feeds import forget_old
from federation.store.leases import myself
from federation.store.store import Store
from federation.store.upkeep import optimise
from federation.sync.run import LEASE, LEASE_SECONDS

log = logging.getLogger("federation.schedule")


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was dropped. `busy`: nothing, since this one had the lease of the rounds."""

    runs: int = 0
    bodies: int = 0
    slots: int = 0
    busy: str = ""


def tidy(config: FederationConfig, store: Store) -> Tidied:
    """Drops runs older than `keep_runs_days` (not those that a source's state is read from), bodies that nothing names or that were last
    public before `keep_versions_days`, slots that a later one has followed, and pages of generations that are not public any more since
    `keep_generations_days`. No round is at work meanwhile: it has their lease.
    """
    if not store.take(LEASE, LEASE_SECONDS):
        other = store.holder(LEASE)
        return Tidied(busy=other.holder if other else "?")
    try:
        made = Tidied(
            runs=store.forget_runs(_ago(config.store.keep_runs_days)), slots=store.forget_slots(),
            bodies=store.drop_unused_bodies(_ago(config.store.keep_versions_days)),
        )  # fmt: skip
        _forget_pages(config, store)
        optimise(store)
    finally:
        store.release(LEASE, myself())
    log.info("housekeeping done", extra={key: value for key, value in asdict(made).items() if key != "busy"})
    return made


def _ago(days: int) -> str:
    return (clock.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _forget_pages(config: FederationConfig, store: Store) -> None:
    """While nothing changes no feeds are written, and nothing else would look at what stands there."""
    folder, number = config.path / "public" / "catalog", (store.generation() or (0, "", 0))[0]
    if folder.is_dir():
        forget_old(folder, f"g{number}", config.store.keep_generations_days)
