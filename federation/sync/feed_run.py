"""One fetch and the sources that share it: turns responses into records, hands them to their sources, and writes in batches."""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

from federation.config import Source
from federation.dcat.names import content
from federation.errors import FederationError, SourceError
from federation.finding import Finding
from federation.harvest.connector import Connector, Gone, Listed, Reached, Record, Response, State, Stored
from federation.store.rows import KnownResponse, ResponseRow
from federation.store.store import Store
from federation.sync import watermarks
from federation.sync.asking import Answers, Question
from federation.sync.bounds import Allowance, Interrupted
from federation.sync.deletions import DATASET_KINDS
from federation.sync.reading import Readings
from federation.sync.source_run import Batch, SourceRun

_UNCHOSEN = "\0"  # before the identifier of a dataset of a page that no source selects: it counts for the total, and has no record
COLLECT_EVERY = 16  # flushes: what is alive is looked through each time, and next to nothing is found


class FeedRun:
    """One feed in one round. `sources` all read the same address; each keeps the records that its options select."""

    def __init__(
        self, feed: str, connector: Connector[Any], options: Any, sources: list[SourceRun], store: Store, allowance: Allowance,
        stop: Event, *, dry: bool, full: bool,
    ) -> None:  # fmt: skip
        self.feed = feed
        self.connector = connector
        self.options = options
        self.sources = sources
        self.store = store
        self.dry = dry
        self.full = full
        self.allowance = allowance
        self._stop = stop
        self.ended = False
        self._flushes = 0
        self._incomplete = ""
        self._reached: Reached | None = None
        self._stored: dict[str, KnownResponse] = store.responses(feed)
        self._keys = store.keys_of_pages(feed)
        counts = Counter(key.removeprefix(_UNCHOSEN) for keys in self._keys.values() for key in keys)
        self._readings = Readings({key for key, count in counts.items() if count > 1})
        self._responses: list[ResponseRow] = []
        self._told = {run.source.id: [row.finding() for row in store.findings(run.source.id, identifier="")] for run in sources}
        self._merged = self._merged_records()
        self._current = all(run.current for run in sources)
        overlap = connector.overlap
        self._since = watermarks.since(store, [run.source for run in sources], overlap) if overlap is not None and not full else ""

    @property
    def lead(self) -> Source:
        """The source whose address and politeness the fetch uses."""
        return self.sources[0].source

    def state(self) -> State:
        """What fetch may know: validators of every URL and, where all is current, the stamps of every record."""
        responses = {
            url: Stored(row.etag, row.modified, row.digest, row.following, row.total, partial(self.store.response_body, self.feed, url))
            for url, row in self._stored.items()
        }
        stamps: dict[str, str] = {}
        for run in self.sources:
            known = run.known.items()
            stamps.update({name: row.stamp for name, row in known if row.stamp and row.state in ("live", "missing", "new_held", "closed")})
        return State(responses if not self.full else {}, stamps if not self.full else {}, self._since, self.full)

    def _merged_records(self) -> set[str]:
        """Records that are what several pages say together: a page with one of them has to be looked at though it is unchanged."""
        told = (one for findings in self._told.values() for one in findings)
        return {one.params["identifier"] for one in told if one.code == "record-repeated"}

    @property
    def total(self) -> int | None:
        """How many datasets the feed claims to have; None where it does not say."""
        return self._readings.total

    def handle(self, item: Response | Listed | Gone | Reached) -> None:
        """One item of fetch. A SourceError ends the feed."""
        if isinstance(item, Gone):
            for run in self.sources:
                run.gone(item)
        elif isinstance(item, Reached):
            self._reached = item
            for run in self.sources:
                run.partial = item.partial
        elif isinstance(item, Listed):
            self._readings.met(self._see_again(item.identifiers))
        else:
            self._respond(item)
        if self.sources[0].batch.full():
            self.flush()

    def _respond(self, response: Response) -> None:
        for run in self.sources:
            run.findings += response.findings
        if not response.complete:
            self._incomplete = "listing-incomplete"
        if response.url in self._readings.visited:
            return
        self._readings.visited.append(response.url)
        if response.total is not None:
            self._readings.claimed(response.total)
        stored = self._stored.get(response.url)
        digest = stored.digest if stored and response.unchanged else response.digest or content(response.body)
        same = stored is not None and stored.digest == digest
        if stored and same and self._skip(response, stored):
            return
        if response.unchanged:
            response = self._from_store(response)
        keys, datasets = self._split(response)
        self._readings.page(datasets, changed=not same)
        if self._was_erased(response.body, keys):
            return
        self._keys[response.url] = keys
        self._remember(
            ResponseRow(
                self.feed, response.url, digest, response.etag, response.modified, response.media_type, response.following,
                keys, response.body, response.total,
            )
        )  # fmt: skip

    def _was_erased(self, body: bytes, keys: list[str]) -> bool:
        """Whether a page has something in it that was erased: it is used, and neither it nor its validators are kept."""
        erased = self.sources[0].farewell.erased
        if not erased:
            return False
        names = [key.removeprefix(_UNCHOSEN) for key in keys]
        return erased.stands_in(body, names) or any(not run.farewell.barred.isdisjoint(names) for run in self.sources)

    def _remember(self, row: ResponseRow) -> None:
        """A page that waits to be written; the next reading of this run compares with it."""
        if any(run.error for run in self.sources):
            return  # a source that has ended did not take its part of the page: the next run has to look at it
        self._responses.append(row)
        self._stored[row.url] = KnownResponse(row.digest, row.etag, row.modified, row.media_type, row.following, row.total, 0)

    def _skip(self, response: Response, stored: KnownResponse) -> bool:
        """Whether a page with the bytes of last time needs no look: all of it current, and none of it merged with other pages."""
        if not self._current or self.full:
            return False
        keys = self._keys[response.url]
        if not self._merged.isdisjoint(keys):
            return False
        names = [key for key in keys if not key.startswith(_UNCHOSEN)]
        if len(self.sources) == 1 and not self.sources[0].knows(names):
            return False  # something of this page was erased meanwhile
        datasets = self._see_again(names)
        datasets.update(key[1:] for key in keys if key.startswith(_UNCHOSEN))
        self._readings.page(datasets, changed=False)
        for run in self.sources:
            run.findings += [one for one in self._told[run.source.id] if one.params.get("page") == response.url]
        validators = (response.etag, response.modified)
        if validators != (stored.etag, stored.modified) and (any(validators) or not response.unchanged):
            self._remember(
                ResponseRow(self.feed, response.url, stored.digest, response.etag, response.modified, response.media_type,
                            response.following, total=response.total)
            )
        return True

    def _see_again(self, names: Sequence[str]) -> set[str]:
        """Records that are as they were; gives back which of them are datasets."""
        datasets = self._readings.datasets.intersection(names)
        for run in self.sources:
            if not run.error:
                with self._apart(run):
                    datasets |= run.see_again(names)
        return datasets

    def _from_store(self, response: Response) -> Response:
        body = self.store.response_body(self.feed, response.url)
        media_type = self._stored[response.url].media_type
        return Response(
            response.url, body, media_type, response.etag, response.modified, following=response.following, total=response.total
        )

    def _split(self, response: Response) -> tuple[list[str], set[str]]:
        """(the keys to store with a page, the identifiers of its datasets)."""
        keys: list[str] = []
        datasets: set[str] = set()
        for record in self.connector.split(response, self.options):
            self._go_on()
            self.allowance.check()
            if not record.identifier:
                self._tell([replace(one, params={**one.params, "page": response.url}) for one in record.findings])
                continue
            if record.kind == "catalog":  # every page of a feed describes it, each with its own datasets
                record = replace(record, identifier=f"{record.identifier} in {response.url}")
            dataset = record.kind in DATASET_KINDS
            if dataset:
                datasets.add(record.identifier)
            if self._hand_out(record):
                keys.append(record.identifier)
            elif dataset:
                keys.append(_UNCHOSEN + record.identifier)
            if self.sources[0].batch.full():
                self.flush()
        return keys, datasets

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise Interrupted

    def _hand_out(self, record: Record) -> bool:
        """Gives a record to the sources that select it; False where none does."""
        chosen = [run for run in self.sources if self.connector.selects(record, run.pipeline.options)]
        for run in chosen:
            if not run.error:
                with self._apart(run):
                    run.take(record, self.connector.merge)
        return bool(chosen)

    @contextmanager
    def _apart(self, run: SourceRun) -> Iterator[None]:
        """What is wrong with one of several sources ends that source only."""
        try:
            yield
        except SourceError as error:
            if len(self.sources) == 1:
                raise
            self._fail(run, error)

    def _tell(self, findings: Iterable[Finding]) -> None:
        for run in self.sources:
            run.findings += findings

    def flush(self) -> None:
        """Writes what waits, in one transaction: a response row never stands without its records."""
        batch = self.sources[0].batch
        if not self.dry and (batch.records or self._responses):
            for run in self.sources if self._responses else ():
                batch.findings[run.source.id, ""] = self._so_far(run)
            self.store.write_batch(batch.records, batch.bodies, batch.findings, self._responses, self.sources[0].run)
        self._responses = []
        fresh = Batch()
        for run in self.sources:
            run.batch = fresh
        self._flushes += 1
        if self._flushes % COLLECT_EVERY == 0:
            gc.collect(1)

    def _so_far(self, run: SourceRun) -> list[Finding]:
        """The findings about the source: those of this run, and those of earlier ones about pages that it has not met yet. A page that is
        stored is not looked at again, so they are stored with it."""
        visited = set(self._readings.visited)
        return grouped([*run.findings, *(one for one in self._told[run.source.id] if one.params.get("page") not in visited)])

    def fail(self, error: FederationError) -> None:
        """The source could not be read to its end."""
        error.source = error.source or self.lead.id  # split and the screen do not know whom they work for
        for run in self.sources:
            if not run.error:
                self._fail(run, error)

    @staticmethod
    def _fail(run: SourceRun, error: FederationError) -> None:
        run.error = error
        run.findings.append(error.finding())

    def again(self) -> bool:
        """Whether the feed moved while it was read, so that it has to be fetched once more; then all is ready for that."""
        if self._incomplete or self._partial or not self._readings.moved():
            return False
        self.flush()
        self._merged |= {name for run in self.sources for name in run.begin_again()}
        self._readings.begin_again()
        if self.dry:  # nothing of it was stored, so "unchanged" would be of no use
            self._stored, self._keys = {}, {}
        return True

    @property
    def _partial(self) -> bool:
        return self._reached is not None and self._reached.partial

    def questions(self) -> list[Question]:
        """Where to ask for datasets that the listing lacks."""
        return [question for run in self.sources if not run.error for question in run.questions(self.incomplete())]

    def hear(self, answers: Answers) -> None:
        """What came of asking."""
        for run in self.sources:
            run.farewell.answers = {name: status for (source, name), status in answers.statuses.items() if source == run.source.id}

    def incomplete(self) -> str:
        """Why the listing does not count as whole (a finding code), or ""."""
        if not self.ended:
            return "listing-incomplete"
        return self._incomplete or self._readings.problem()

    def finish(self) -> None:
        """Writes the rest; after a whole listing forgets the responses that it did not meet."""
        for run in self.sources:
            run.remap(self.flush)
        self.flush()
        visited = self._readings.visited
        if not self.dry and not self._partial and not self.incomplete() and set(self._stored) - set(visited) and visited:
            self.store.forget_responses(self.feed, visited)

    def progress(self, run: SourceRun) -> dict[str, Any]:
        """What a source's row keeps of a run that is done: which one saw everything, and how far it came."""
        columns: dict[str, Any] = {} if self._partial else {"complete_run": run.run}
        if self._reached is not None:
            columns |= {"watermark": self._reached.watermark, "config_digest": watermarks.reading(run.source)}
        return columns


def grouped(findings: Iterable[Finding]) -> list[Finding]:
    """Each source-level finding once (equal code, dataset, field and value)."""
    found: dict[tuple[str, str, str, str], Finding] = {}
    for item in findings:
        found.setdefault((item.code, item.dataset, item.field, item.value), item)
    return list(found.values())


def unexpected(error: Exception, source: Source) -> SourceError:
    """A fault of ours while reading a source, as the SourceError that ends this source only."""
    return SourceError("source-unexpected", source=source.id, url=source.url, value=f"{type(error).__name__}: {error}")
