"""round(): lease, sync, generation, feeds, in this order; what the command line and the clock both call."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from federation.config import FederationConfig, Source
from federation.errors import ConfigError
from federation.harvest.http import Http
from federation.links.collecting import collect
from federation.publish.catalog import Catalog
from federation.publish.feeds import write_feeds
from federation.publish.generation import Generation, generation
from federation.report import currency
from federation.store.leases import myself
from federation.store.store import Store
from federation.sync.run import LEASE, LEASE_SECONDS, Progress, Round, RunResult

BUSY = 75


@dataclass(slots=True)
class Outcome:
    """What a round came to: the runs, and the generation (None where nothing was to be published)."""

    runs: list[RunResult] = field(default_factory=list)
    generation: Generation | None = None
    busy: str = ""

    @property
    def exit_code(self) -> int:
        """75 another run has the lease, 3 some source failed, 4 something is held, 0 done."""
        if self.busy:
            return BUSY
        outcomes = {run.outcome for run in self.runs}
        if outcomes & {"failed", "interrupted"}:
            return 3
        return 4 if "held" in outcomes else 0


class _Leased(Round):
    def heartbeat(self) -> None:
        """Renews the lease while the round works."""
        self.store.renew(LEASE, myself(), LEASE_SECONDS)


def round(
    config: FederationConfig, store: Store, sources: Sequence[Source], *, dry: bool = False, full: bool = False, publish: bool = True,
    progress: Progress | None = None, stop: threading.Event | None = None,
) -> Outcome:  # fmt: skip
    """Reads `sources` and publishes. A dry round takes no lease and writes nothing. ConfigError where `[catalog] license` is missing and
    something would be published.
    """
    if publish and not dry:
        Catalog(config.catalog, "").require_license()
    if not dry and not store.take(LEASE, LEASE_SECONDS):
        other = store.holder(LEASE)
        return Outcome(busy=other.holder if other else "?")
    try:
        if not dry:
            store.mark_interrupted(holder=myself())
        outcome = Outcome()
        with Http(config.network) as http:
            outcome.runs = _Leased(config, store, http, dry=dry, full=full, progress=progress, stop=stop).run(sources)
        for run in outcome.runs if not dry else ():
            if run.outcome in ("done", "held"):
                currency.observe(store, run.source, run.started)
        if publish and not dry and not (stop and stop.is_set()):
            outcome.generation = publish_now(config, store)
        return outcome
    finally:
        if not dry:
            store.release(LEASE, myself())


def publish_now(config: FederationConfig, store: Store) -> Generation:
    """The next generation and its feeds. ConfigError where `[catalog] license` is not set, or where `base_url` is another one than that
    of the first publication: published addresses stay.
    """
    Catalog(config.catalog, "").require_license()
    base_url = store.setting("base_url")
    if base_url and base_url != config.catalog.base_url:
        raise ConfigError("base-url-frozen", field="[catalog] base_url", value=config.catalog.base_url, first=base_url)
    made = generation(config, store)
    if made.id and not base_url:
        store.set_setting("base_url", config.catalog.base_url)
    write_feeds(config, store, config.path / "public")
    collect(store)
    return made
