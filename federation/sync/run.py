"""One round: fetch threads put what sources answer on a bounded channel, one worker maps, checks and writes it."""

import gc
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from federation import clock
from federation.config import Credentials, FederationConfig, Member, Source
from federation.errors import FederationError, StoreError
from federation.finding import Finding
from federation.harvest.connector import Gone, Listed, Reached, Response, connector, options_of
from federation.harvest.http import Http
from federation.store.rows import SourceRow
from federation.store.store import Store
from federation.sync.asking import Answers, Question, ask
from federation.sync.bounds import Allowance, Interrupted, room
from federation.sync.channel import Channel, Closed
from federation.sync.deletions import Verdict
from federation.sync.feed_run import FeedRun, grouped, unexpected
from federation.sync.pipeline import Pipeline
from federation.sync.source_run import Batch, Counts, SourceRun

log = logging.getLogger("federation.sync")
run_log = logging.getLogger("federation.run")  # one line for each run that ends
LEASE = "sync"
LEASE_SECONDS = 120
_GRACE = 2.0  # seconds: the worker says that a feed's time is over before its last request does


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
        self._channel: Channel[FeedRun, object] = Channel()
        self._active: set[FeedRun] = set()
        self._began: dict[str, tuple[str, float]] = {}
        self._running: dict[str, int] = {}

    def run(self, sources: Sequence[Source]) -> list[RunResult]:
        """Reads the sources and settles each; the results come in the order in which the runs ended."""
        waiting = deque(self._feeds(sources))
        collecting = gc.isenabled()
        gc.disable()  # a fifth of the time went into looking for cycles among millions of strings; each flush collects what is young
        results: list[RunResult] = []
        try:
            self._work(waiting, results)
        except (Interrupted, KeyboardInterrupt) as end:
            self.stop.set()
            if isinstance(end, KeyboardInterrupt):
                self._interrupted({result.source for result in results})
                raise
        finally:
            self._channel.close()
            if collecting:
                gc.enable()
        if self.stop.is_set():
            results += self._interrupted({result.source for result in results})
        return results

    def _work(self, waiting: deque[list[Source]], results: list[RunResult]) -> None:
        """Takes what the fetch threads give until every feed has come to its end; results are added as they come."""
        looked = time.monotonic()
        while (waiting or self._active) and not self.stop.is_set():
            while waiting and room((feed.allowance for feed in self._active), time.monotonic()):
                self._start(waiting.popleft())
            got = self._channel.get(timeout=0.2)
            now = time.monotonic()
            if now - looked > 0.2:
                looked = now
                for late in [feed for feed in self._active if feed.allowance.left() <= 0]:
                    self._over(late, results)
            if got is not None and got[0] in self._active and self._handle(*got):
                self._end(got[0], results)

    def _over(self, feed: FeedRun, results: list[RunResult]) -> None:
        """The time of a feed is over while it is waited for."""
        try:
            feed.allowance.check()
        except FederationError as error:
            feed.fail(error)
            self._end(feed, results)

    def _end(self, feed: FeedRun, results: list[RunResult]) -> None:
        self._channel.shut(feed)
        self._active.remove(feed)
        results += self._settle(feed)

    def _feeds(self, sources: Iterable[Source]) -> list[list[Source]]:
        """Groups the sources that are read by one fetch."""
        groups: dict[tuple[str, str, Credentials | None], list[Source]] = {}
        for source in sources:
            kind = connector(source.connector)
            shared = kind.shared(source, options_of(source))
            groups.setdefault((source.connector, shared or f"source {source.id}", source.credentials), []).append(source)
        return list(groups.values())

    def _start(self, group: list[Source]) -> None:
        kind = connector(group[0].connector)
        batch = Batch()
        runs: list[SourceRun] = []
        members: dict[str, Member] = {member.id: member for member in self.config.members}
        # Named after all its readers: a page that these have seen is not known to others.
        name = f"{group[0].connector} {kind.shared(group[0], options_of(group[0]))} for {' '.join(source.id for source in group)}"
        for source in group:
            options = options_of(source)
            pipeline = Pipeline(self.config, members.get(source.member), source, kind, options)
            run = 0 if self.dry else self._begin(source, name)
            runs.append(SourceRun(source, pipeline, self.store, run, batch))
            self._began[source.id] = (clock.stamp(), time.monotonic())
            self._running[source.id] = run
            self.progress.started(source)
        options = kind.shared_options([run.pipeline.options for run in runs]) if len(runs) > 1 else runs[0].pipeline.options
        allowance = Allowance(group[0], max(source.maximum_minutes for source in group))
        feed = FeedRun(name, kind, options, runs, self.store, allowance, self.stop, dry=self.dry, full=self.full)
        self._active.add(feed)
        self._read(feed)

    def _read(self, feed: FeedRun) -> None:
        threading.Thread(target=self._fetch, args=(feed,), name=f"fetch {feed.lead.id}", daemon=True).start()

    def _begin(self, source: Source, feed: str) -> int:
        known = self.store.source(source.id)
        row = SourceRow(source.id, source.member, feed, self.config.catalog.base_url)
        if known is None:
            self.store.put_source(row)
        elif (known.member, known.feed) != (row.member, row.feed):
            self.store.set_source(source.id, member=row.member, feed=row.feed)
            if known.feed != row.feed:
                self.store.forget_responses(known.feed, ())
        return self.store.begin_run(source.id)

    def _fetch(self, feed: FeedRun) -> None:
        """Runs in a thread: I/O only. Its last item is None (a normal end) or the error that ended it."""
        last: FederationError | None = None
        try:
            steps = feed.connector.fetch(feed.lead, feed.options, self.http, feed.state())
            while True:
                with feed.allowance.passing(), self.http.within(feed.allowance.left() + _GRACE):
                    item = next(steps, None)
                if item is None:
                    break
                self._channel.put(feed, item, _size(item))
        except Closed:
            return
        except FederationError as error:
            last = error
        except Exception as error:
            log.debug("fetch of %s", feed.lead.id, exc_info=True)
            last = unexpected(error, feed.lead)
        try:
            self._channel.put(feed, last)
        except Closed:
            return

    def _handle(self, feed: FeedRun, item: object) -> bool:
        """Takes one item of a feed; True when the feed has come to its end."""
        if item is None:
            if not self.stop.is_set() and feed.again():
                self._read(feed)
                return False
            feed.ended = True
            return not self._ask(feed)
        if isinstance(item, Answers):
            feed.hear(item)
            return True
        if isinstance(item, FederationError):
            feed.fail(item)
            return True
        assert isinstance(item, Response | Listed | Gone | Reached)
        try:
            with feed.allowance.passing():
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
        if all(run.error for run in feed.sources):
            return True
        for run in feed.sources:
            self.progress.advanced(run.source, run.counts.listed, feed.total if len(feed.sources) == 1 else None)
        return False

    def _ask(self, feed: FeedRun) -> bool:
        """Whether a thread now asks for what the listing lacks; its answers are the last item of the feed."""
        questions = [] if self.dry or self.stop.is_set() else feed.questions()
        if questions:
            threading.Thread(target=self._answer, args=(feed, questions), name=f"ask {feed.lead.id}", daemon=True).start()
        return bool(questions)

    def _answer(self, feed: FeedRun, questions: list[Question]) -> None:
        answers = Answers()
        try:
            answers = ask(self.http, questions, self.stop, seconds=feed.allowance.left() / 2)
        except Exception:  # whoever was not asked stays, and is asked in the next run
            log.warning("asking for what is missing failed", extra={"source": feed.lead.id}, exc_info=True)
        with suppress(Closed):
            self._channel.put(feed, answers)

    def _settle(self, feed: FeedRun) -> list[RunResult]:
        feed.finish()
        return [self._verdict(feed, run) for run in feed.sources]

    def _verdict(self, feed: FeedRun, run: SourceRun) -> RunResult:
        verdict = run.verdict(feed.incomplete())
        if verdict.reason and not run.error:
            run.findings.append(Finding(verdict.reason, params={"source": run.source.id, **verdict.params}))
        run.adopt(verdict)
        with nullcontext() if self.dry else self.store.together():  # a run is settled as a whole: killed amid it, nothing is counted
            result = self._settled(feed, run, verdict)
        self.progress.finished(result)
        self._log(result)
        return result

    def _settled(self, feed: FeedRun, run: SourceRun, verdict: Verdict) -> RunResult:
        source, error = run.source, run.error
        if not self.dry:
            run.settle(verdict)
        started, since = self._began[source.id]
        result = RunResult(
            source.id, verdict.outcome, started, time.monotonic() - since, run.counts, error.code if error else verdict.reason,
            dict(verdict.params), error, len(run.findings),
        )  # fmt: skip
        if not self.dry:
            self._record(run, verdict.outcome, result, run.held_state(verdict), feed.progress(run) if verdict.outcome == "done" else {})
        return result

    def _record(self, run: SourceRun, outcome: str, result: RunResult, held: Any, progress: dict[str, Any]) -> None:
        store = self.store
        store.replace_source_findings(run.source.id, grouped(run.findings), run.run)
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
            **progress,
        )  # fmt: skip

    def _interrupted(self, settled: set[str]) -> list[RunResult]:
        results = []
        for source, (started, since) in self._began.items():
            if source not in settled:
                results.append(RunResult(source, "interrupted", started, time.monotonic() - since))
                if not self.dry:
                    self.store.finish_run(self._running[source], "interrupted", seconds=results[-1].seconds)
                self._log(results[-1])
        return results

    def _log(self, result: RunResult) -> None:
        """The one line of a run; a dry one leaves none."""
        if not self.dry:
            level = logging.INFO if result.outcome == "done" else logging.WARNING
            facts = {name: value for name, value in result.as_dict().items() if name != "started"}
            run_log.log(level, "run ended", extra={**facts, "findings": result.findings})


def _size(item: object) -> int:
    """About the bytes of one item, for the channel."""
    if isinstance(item, Response):
        return len(item.body) + 1000
    return 1000 + (100 * len(item.identifiers) if isinstance(item, Listed) else 0)

