"""One round: fetch threads put what sources answer on a bounded channel, one worker maps, checks and writes it."""

import gc
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson

from federation.config import FederationConfig, Member, Source
from federation.errors import FederationError, StoreError
from federation.finding import Finding
from federation.harvest.connector import Gone, Listed, Response, connector, options_of
from federation.harvest.http import Http
from federation.store.rows import SourceRow
from federation.store.store import Store
from federation.sync.channel import Channel, Closed
from federation.sync.feed_run import FeedRun, unexpected
from federation.sync.pipeline import Pipeline
from federation.sync.source_run import Batch, Counts, SourceRun

log = logging.getLogger("federation.sync")
FETCH_THREADS = 4
LEASE = "sync"
LEASE_SECONDS = 120


class Progress(Protocol):
    """What a terminal shows while a round runs; every call comes from the worker's thread."""

    def started(self, source: Source) -> None:
        """A source begins."""

    def advanced(self, source: Source, done: int, total: int | None) -> None:
        """`done` of `total` (None: unknown) datasets were met."""

    def finished(self, result: "RunResult") -> None:
        """A source came to its verdict."""


class Quiet:
    """Shows nothing."""

    def started(self, source: Source) -> None:
        """Nothing."""

    def advanced(self, source: Source, done: int, total: int | None) -> None:
        """Nothing."""

    def finished(self, result: "RunResult") -> None:
        """Nothing."""


@dataclass(slots=True)
class RunResult:
    """How one source's run ended. `outcome` is done, held, failed or interrupted; `reason` a finding code; `seconds` wall time."""

    source: str
    outcome: str
    started: str
    seconds: float
    counts: Counts = field(default_factory=Counts)
    reason: str = ""
    params: dict[str, str] = field(default_factory=dict)
    error: FederationError | None = None
    findings: int = 0

    def as_dict(self) -> dict[str, object]:
        """The keys of `last_run` in `status --json`, plus source and reason."""
        return {
            "source": self.source, "outcome": self.outcome, "started": self.started, "seconds": round(self.seconds, 3),
            **self.counts.as_dict(), "reason": self.reason,
        }  # fmt: skip


def now() -> str:
    """This moment as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Round:
    """One pass over some sources. `dry` reads and maps but writes nothing; `full` takes no shortcut (no validators, no stamps).

    `stop` may be set from a signal handler: the round ends within seconds, what it has written stays valid.
    """

    def __init__(
        self, config: FederationConfig, store: Store, http: Http, *, dry: bool = False, full: bool = False,
        progress: Progress | None = None, stop: threading.Event | None = None,
    ) -> None:  # fmt: skip
        self.config = config
        self.store = store
        self.http = http
        self.dry = dry
        self.full = full
        self.progress: Progress = progress or Quiet()
        self.stop = stop or threading.Event()
        self._channel: Channel[tuple[FeedRun, object]] = Channel()
        self._began: dict[str, tuple[str, float]] = {}
        self._running: dict[str, int] = {}

    def run(self, sources: Sequence[Source]) -> list[RunResult]:
        """Reads the sources and settles each; the results come in the order in which the runs ended."""
        feeds = self._feeds(sources)
        collecting = gc.isenabled()
        gc.disable()  # a fifth of the time went into looking for cycles among millions of strings; each flush collects what is young
        waiting = iter(feeds)
        active = 0
        results: list[RunResult] = []
        try:
            for feed in (next(waiting, None) for _ in range(FETCH_THREADS)):
                active += self._start(feed, results)
            beat = time.monotonic()
            while active and not self.stop.is_set():
                got = self._channel.get(timeout=0.2)
                if time.monotonic() - beat > LEASE_SECONDS / 4:
                    beat = time.monotonic()
                    self.heartbeat()
                if got is None:
                    continue
                feed_run, item = got
                if self._handle(feed_run, item):
                    results += self._settle(feed_run)
                    active -= 1
                    active += self._start(next(waiting, None), results)
        finally:
            self._channel.close()
            if collecting:
                gc.enable()
        if self.stop.is_set():
            results += self._interrupted({result.source for result in results})
        return results

    def heartbeat(self) -> None:
        """Called every half minute; the caller that holds the lease renews it here."""

    def _feeds(self, sources: Iterable[Source]) -> list[list[Source]]:
        """Groups the sources that are read by one fetch."""
        groups: dict[tuple[str, str], list[Source]] = {}
        for source in sources:
            kind = connector(source.connector)
            shared = kind.shared(source, options_of(source))
            groups.setdefault((source.connector, shared or f"source {source.id}"), []).append(source)
        return list(groups.values())

    def _start(self, group: list[Source] | None, results: list[RunResult]) -> int:
        if group is None or self.stop.is_set():
            return 0
        kind = connector(group[0].connector)
        batch = Batch()
        runs: list[SourceRun] = []
        members: dict[str, Member] = {member.id: member for member in self.config.members}
        for source in group:
            options = options_of(source)
            pipeline = Pipeline(self.config, members.get(source.member), source, kind, options)
            run = 0 if self.dry else self._begin(source, kind.shared(source, options))
            runs.append(SourceRun(source, pipeline, self.store, run, batch))
            self._began[source.id] = (now(), time.monotonic())
            self._running[source.id] = run
            self.progress.started(source)
        options = kind.shared_options([run.pipeline.options for run in runs]) if len(runs) > 1 else runs[0].pipeline.options
        name = f"{group[0].connector} {kind.shared(group[0], runs[0].pipeline.options) or group[0].id}"
        feed = FeedRun(name, kind, options, runs, self.store, dry=self.dry, full=self.full)
        threading.Thread(target=self._fetch, args=(feed,), name=f"fetch {group[0].id}", daemon=True).start()
        return 1

    def _begin(self, source: Source, feed: str) -> int:
        known = self.store.source(source.id)
        row = SourceRow(source.id, source.member, feed, self.config.catalog.base_url)
        if known is None:
            self.store.put_source(row)
        elif (known.member, known.feed) != (row.member, row.feed):
            self.store.set_source(source.id, member=row.member, feed=row.feed)
        return self.store.begin_run(source.id)

    def _fetch(self, feed: FeedRun) -> None:
        """Runs in a thread: I/O only. Its last item is None (a normal end) or the error that ended it."""
        last: FederationError | None = None
        try:
            for item in feed.connector.fetch(feed.lead, feed.options, self.http, feed.state()):
                self._channel.put((feed, item), len(item.body) if isinstance(item, Response) else 0)
        except Closed:
            return
        except FederationError as error:
            last = error
        except Exception as error:
            log.debug("fetch of %s", feed.lead.id, exc_info=True)
            last = unexpected(error, feed.lead)
        try:
            self._channel.put((feed, last))
        except Closed:
            return

    def _handle(self, feed: FeedRun, item: object) -> bool:
        """Takes one item of a feed; True when the feed has come to its end."""
        if feed.ended or feed.sources[0].error:
            return False
        if item is None:
            feed.ended = True
            return True
        if isinstance(item, FederationError):
            feed.fail(item)
            return True
        assert isinstance(item, Response | Listed | Gone)
        try:
            feed.handle(item)
        except StoreError:
            raise
        except FederationError as error:
            feed.fail(error)
            return True
        except Exception as error:
            log.debug("split of %s", feed.lead.id, exc_info=True)
            feed.fail(unexpected(error, feed.lead))
            return True
        for run in feed.sources:
            self.progress.advanced(run.source, run.counts.listed, feed.total if len(feed.sources) == 1 else None)
        return False

    def _settle(self, feed: FeedRun) -> list[RunResult]:
        feed.finish()
        return [self._verdict(feed, run) for run in feed.sources]

    def _verdict(self, feed: FeedRun, run: SourceRun) -> RunResult:
        verdict = run.verdict(feed.incomplete())
        source = run.source
        error = run.error
        if verdict.reason and not error:
            run.findings.append(Finding(verdict.reason, params={"source": source.id, **verdict.params}))
        if not self.dry:
            run.settle(verdict)
        started, clock = self._began[source.id]
        result = RunResult(
            source.id, verdict.outcome, started, time.monotonic() - clock, run.counts, error.code if error else verdict.reason,
            dict(verdict.params), error, len(run.findings),
        )  # fmt: skip
        if not self.dry:
            self._record(run, verdict.outcome, result, run.held_state(verdict))
        self.progress.finished(result)
        return result

    def _record(self, run: SourceRun, outcome: str, result: RunResult, held: Any) -> None:
        store = self.store
        store.replace_source_findings(run.source.id, _grouped(run.findings), run.run)
        error = result.error
        store.finish_run(
            run.run, outcome, seconds=result.seconds, **result.counts.as_dict(),
            error={"code": result.reason, "params": error.params if error else result.params} if result.reason else None,
        )  # fmt: skip
        row = store.source(run.source.id)
        pinned = orjson.loads(row.held).get("generation") if row and row.held else None
        if pinned is not None:
            held = {"reason": "rolled-back", "params": {"generation": str(pinned), "source": run.source.id}, "run": run.run,
                    **(held or {"absent": [], "new": []}), "generation": pinned}  # fmt: skip
        store.set_source(
            run.source.id, state={"done": "ok"}.get(outcome, outcome) if pinned is None else "held",
            held=orjson.dumps(held).decode() if held else (row.held if row and outcome == "failed" else None),
            failures=(row.failures + 1 if row else 1) if outcome == "failed" else 0,
            **({"complete_run": run.run} if outcome == "done" else {}),
        )  # fmt: skip

    def _interrupted(self, settled: set[str]) -> list[RunResult]:
        results = []
        for source, (started, clock) in self._began.items():
            if source not in settled:
                results.append(RunResult(source, "interrupted", started, time.monotonic() - clock))
                if not self.dry:
                    self.store.finish_run(self._running[source], "interrupted", seconds=results[-1].seconds)
        return results


def _grouped(findings: Iterable[Finding]) -> list[Finding]:
    """Each source-level finding once (equal code, dataset, field and value)."""
    found: dict[tuple[str, str, str, str], Finding] = {}
    for item in findings:
        found.setdefault((item.code, item.dataset, item.field, item.value), item)
    return list(found.values())

