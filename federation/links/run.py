"""One run of the link checker: what is due is asked for in threads, and what came of it is written by one."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from queue import Empty

from federation import clock
from federation.config import FederationConfig
from federation.harvest.http import Http
from federation.links.asking import Asking, Checked, Limits
from federation.links.collecting import addresses, collect, link
from federation.store.leases import myself
from federation.store.links import NEVER, LinkRow
from federation.store.store import Store

log = logging.getLogger("federation.links")
LEASE = "links"
LEASE_SECONDS = 120
VERDICTS = ("ok", "redirected", "broken", "unreachable", "forbidden", "invalid", "unchecked")
RETRY_DAYS = (1, 2, 4, 7)  # after the first, second ... day of failure
_BATCH, _BATCH_SECONDS = 50, 2.0
_UNSURE_HOSTS = 3
_ENDED = "links.ended"  # setting: the day of the last scheduled check that came to its end


@dataclass(slots=True)
class Outcome:
    """What a run came to. `due` addresses were to be checked, `checked` were; `hosts` is {host: {verdict: addresses}} as it is known now.
    `interrupted`: ended by a signal; `offline`: no server answered at all, so nothing was noted; `busy`: who has the lease.
    """

    due: int = 0
    checked: int = 0
    requests: int = 0
    seconds: float = 0.0
    hosts: dict[str, dict[str, int]] = field(default_factory=dict)
    interrupted: bool = False
    offline: bool = False
    busy: str = ""

    @property
    def exit_code(self) -> int:
        """75 another run has the lease, 3 the run did not come to its end, 0 done (also with broken links: they are findings)."""
        return 75 if self.busy else 3 if self.interrupted or self.offline else 0


def noted(row: LinkRow, checked: Checked, at: str, limits: Limits) -> LinkRow:
    """The address with what checking it at the time `at` (ISO 8601, UTC) came to."""
    today = at[:10]
    well = checked.verdict in ("ok", "redirected", "invalid", "unchecked")
    failures = 0 if well else row.failures + (row.last_failed != today)
    code = checked.code if well or failures >= limits.report_days else ""
    days = recheck_days(row.url, limits.recheck_days) if well else RETRY_DAYS[min(failures, len(RETRY_DAYS)) - 1]
    return row._replace(
        verdict=checked.verdict, status=checked.status, reason=checked.reason, target=checked.target, checked=at, method=checked.method,
        etag=checked.etag, modified=checked.modified, due=_in_days(today, days), failures=failures,
        first_failed="" if well else row.first_failed or today, last_failed="" if well else today,
        finding=code, reported=(row.reported if code == row.finding else at) if code else "",
    )  # fmt: skip


def recheck_days(url: str, days: int) -> int:
    """In how many days an address that is well is due again: about `days`, for each address always the same, so that they spread."""
    spread = days // 3
    return days - spread + _number(url) % (2 * spread + 1)


def _number(url: str) -> int:
    return int.from_bytes(hashlib.blake2b(url.encode(), digest_size=4).digest())


def _in_days(today: str, days: int) -> str:
    return (date.fromisoformat(today) + timedelta(days=days)).isoformat()


def limits_of(config: FederationConfig) -> Limits:
    """What `[links]` of federation.toml says."""
    return Limits(**config.links.model_dump())


def check_if_due(
    config: FederationConfig, store: Store, http: Http, *, seconds: float | None = None, stop: threading.Event | None = None,
    progress: Callable[[int, int], None] | None = None, now: Callable[[], datetime] = clock.now,
) -> Outcome | None:  # fmt: skip
    """For a schedule: checks what is due, for about `seconds`; None where nothing is due or a check came to its end today (UTC) already.
    One that was interrupted or offline goes on at the next call.
    """
    today = now().strftime("%Y-%m-%d")
    if store.setting(_ENDED) == today:
        return None
    collect(store, today)
    if not store.link_due(today):
        return None
    outcome = check(config, store, http, seconds=seconds, stop=stop, progress=progress, now=now)
    if outcome.exit_code == 0:
        store.set_setting(_ENDED, today)
    return outcome


def check(
    config: FederationConfig, store: Store, http: Http, *, sources: Sequence[str] | None = None, limit: int | None = None,
    seconds: float | None = None, every: bool = False, dry: bool = False, limits: Limits | None = None,
    progress: Callable[[int, int], None] | None = None, stop: threading.Event | None = None,
    now: Callable[[], datetime] = clock.now,
) -> Outcome:  # fmt: skip
    """Checks the public addresses that are due (`every`: all), at most `limit`, for about `seconds`, of these `sources` only.

    `limits` are those of the configuration unless others are given. Has its own lease. `stop`, which a signal handler may set, ends it
    within a second with what is known so far written; requests under way end when `http` is closed. `dry` asks nothing and writes
    nothing. `progress` is told (done, all).
    """
    limits = limits or limits_of(config)
    limits = replace(limits, interval=max(limits.interval, config.network.min_interval))
    today = now().strftime("%Y-%m-%d")
    if dry:
        return _foreseen(store, sources, NEVER if every else today)
    if not store.take(LEASE, LEASE_SECONDS):
        other = store.holder(LEASE)
        return Outcome(busy=other.holder if other else "?")
    try:
        collect(store, today)
        if every:
            store.set_due(today, sources)
        asking = Asking(http, limits, time.monotonic() + seconds if seconds else float("inf"))
        run = _Run(store, asking, limits, progress or (lambda done, total: None), stop or threading.Event(), now)
        due = store.links(due=today, sources=sources)
        outcome = run.run(due[:limit])
        outcome.due = len(due)
        outcome.hosts = store.links_by_host(sources)
        log.info("links checked", extra={"due": outcome.due, "checked": outcome.checked, "requests": outcome.requests})
        return outcome
    finally:
        store.release(LEASE, myself())


class _Run:
    """Gives the servers to threads and writes what they find, some seconds' worth at a time; renews the lease meanwhile."""

    def __init__(
        self, store: Store, asking: Asking, limits: Limits, progress: Callable[[int, int], None], stop: threading.Event,
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._store, self._asking, self._limits = store, asking, limits
        self._progress, self._stop, self._now = progress, stop, now
        self._links: dict[str, LinkRow] = {}
        self._known: list[LinkRow] = []  # to be written
        self._unsure: list[LinkRow] = []  # failures before the first answer of any server: it may be our own connection that is down
        self._wrote = self._renewed = time.monotonic()
        self._lost = False

    def run(self, links: Sequence[LinkRow]) -> Outcome:
        """Asks for the addresses until it is done, the time is up, or somebody ends it."""
        began = time.monotonic()
        self._links = {row.url: row for row in links}
        outcome = Outcome()
        self._progress(0, len(links))
        pool = ThreadPoolExecutor(self._limits.hosts, thread_name_prefix="links")
        jobs = [pool.submit(self._asking.serve, host, rows) for host, rows in _by_host(links)]
        try:
            self._write_down(jobs, outcome)
        finally:
            self._asking.end()
            pool.shutdown(wait=False, cancel_futures=True)
        outcome.interrupted = self._stop.is_set() or self._lost
        if not self._asking.answered:
            outcome.offline = len({row.host for row in self._unsure}) >= _UNSURE_HOSTS
            if outcome.offline or outcome.interrupted:
                outcome.checked -= len(self._unsure)
                self._unsure.clear()
        self._known += self._unsure
        self._write()
        for job in jobs:
            if job.done() and not job.cancelled():
                job.result()  # a fault of ours in a thread is one here
        outcome.requests, outcome.seconds = self._asking.requests, time.monotonic() - began
        return outcome

    def _write_down(self, jobs: Sequence[Future[None]], outcome: Outcome) -> None:
        """Takes results until all threads are through and nothing is left, or the end has come."""
        ending = through = False
        while True:
            ending = ending or self._stop.is_set() or self._lost
            through = through or ending or all(job.done() for job in jobs)
            try:
                self._take(self._asking.results.get(timeout=0 if through else 0.1))
            except Empty:
                if through:
                    return
            else:
                outcome.checked += 1
                self._progress(outcome.checked, len(self._links))
            self._write_if_due()

    def _take(self, checked: Checked) -> None:
        row = noted(self._links[checked.url], checked, self._now().strftime("%Y-%m-%dT%H:%M:%SZ"), self._limits)
        sure = self._asking.answered or checked.verdict in ("invalid", "unchecked")
        (self._known if sure else self._unsure).append(row)

    def _write_if_due(self) -> None:
        now = time.monotonic()
        if len(self._known) >= _BATCH or now - self._wrote >= _BATCH_SECONDS:
            self._write()
        if now - self._renewed >= LEASE_SECONDS / 4:
            self._renewed = now
            self._lost = not self._store.renew(LEASE, myself(), LEASE_SECONDS)

    def _write(self) -> None:
        if self._asking.answered:
            self._known += self._unsure
            self._unsure.clear()
        rows, self._known = self._known, []
        self._wrote = time.monotonic()
        if rows:
            self._store.write_links(rows)


def _by_host(due: Sequence[LinkRow]) -> list[tuple[str, list[LinkRow]]]:
    """The addresses of each server, the most overdue first; the server with most of them first, since it will take longest."""
    hosts: dict[str, list[LinkRow]] = {}
    # Not by their names: a folder whose every file fails is not to pass for a server that answers nothing.
    for row in sorted(due, key=lambda row: (row.due, _number(row.url))):
        hosts.setdefault(row.host, []).append(row)
    return sorted(hosts.items(), key=lambda item: -len(item[1]))


def _foreseen(store: Store, sources: Sequence[str] | None, by: str) -> Outcome:
    """What would be asked, addresses included that were not taken down yet."""
    rows = {row.url: row for row in store.links(sources=sources)}
    known = set(rows) if sources is None else {row.url for row in store.links()}
    for page in store.uncollected():
        for _, source, _, nt in page:
            if sources is None or source in sources:
                rows |= {use.url: link(use.url, "") for use in addresses(nt) if use.url not in known}
    outcome = Outcome(due=sum(1 for row in rows.values() if row.due <= by and row.due < NEVER))
    for row in rows.values():
        counts = outcome.hosts.setdefault(row.host, {})
        counts[row.verdict] = counts.get(row.verdict, 0) + 1
    return outcome
