"""One fetch and the sources that share it: turns responses into records, hands them to their sources, and writes in batches."""

import gc
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from federation.config import Source
from federation.dcat.names import content
from federation.errors import FederationError, SourceError
from federation.finding import Finding
from federation.harvest.connector import Connector, Gone, Listed, Record, Response, State, Stored
from federation.store.rows import KnownResponse, ResponseRow
from federation.store.store import Store
from federation.sync.source_run import DATASET_KINDS, Batch, SourceRun


class FeedRun:
    """One feed in one round. `sources` all read the same address; each keeps the records that its options select."""

    def __init__(
        self, feed: str, connector: Connector[Any], options: Any, sources: list[SourceRun], store: Store, *, dry: bool, full: bool,
    ) -> None:  # fmt: skip
        self.feed = feed
        self.connector = connector
        self.options = options
        self.sources = sources
        self.store = store
        self.dry = dry
        self.full = full
        self.total: int | None = None
        self.ended = False
        self._incomplete = ""
        self._stored: dict[str, KnownResponse] = store.responses(feed)
        self._keys = {url: store.response_keys(feed, url) for url in self._stored}
        self._visited: list[str] = []
        self._responses: list[ResponseRow] = []
        self._datasets: set[str] = set()
        self._told = {run.source.id: [row.finding() for row in store.findings(run.source.id, identifier="")] for run in sources}
        self._merged = self._merged_records()
        self._current = all(run.current for run in sources)

    @property
    def lead(self) -> Source:
        """The source whose address and politeness the fetch uses."""
        return self.sources[0].source

    def state(self) -> State:
        """What fetch may know: validators of every URL and, where all is current, the stamps of every record."""
        responses = {
            url: Stored(row.etag, row.modified, row.digest, row.following, row.total) for url, row in self._stored.items()
        }
        stamps: dict[str, str] = {}
        for run in self.sources:
            known = run.known.items()
            stamps.update({name: row.stamp for name, row in known if row.stamp and row.state in ("live", "missing", "new_held")})
        return State(responses if not self.full else {}, stamps if not self.full else {}, "", self.full)

    def _merged_records(self) -> set[str]:
        """Records that are what several pages say together: a page with one of them has to be looked at though it is unchanged."""
        told = (one for findings in self._told.values() for one in findings)
        return {one.params["identifier"] for one in told if one.code == "record-repeated"}

    def handle(self, item: Response | Listed | Gone) -> None:
        """One item of fetch. A SourceError ends the feed."""
        if isinstance(item, Gone):
            for run in self.sources:
                run.gone(item)
        elif isinstance(item, Listed):
            for name in item.identifiers:
                self._see_again(name)
        else:
            self._respond(item)
        if self.sources[0].batch.full():
            self.flush()

    def _respond(self, response: Response) -> None:
        if response.total is not None:
            self.total = response.total
        for run in self.sources:
            run.findings += response.findings
        if not response.complete:
            self._incomplete = "listing-incomplete"
        if response.url in self._visited:
            return
        self._visited.append(response.url)
        stored = self._stored.get(response.url)
        digest = stored.digest if stored and response.unchanged else response.digest or content(response.body)
        if stored and stored.digest == digest and self._skip(response, stored):
            return
        if response.unchanged:
            response = self._from_store(response)
        keys = self._split(response)
        self._responses.append(
            ResponseRow(
                self.feed, response.url, digest, response.etag, response.modified, response.media_type, response.following,
                keys, response.body, response.total,
            )
        )  # fmt: skip

    def _skip(self, response: Response, stored: KnownResponse) -> bool:
        """Whether a page with the bytes of last time needs no look: all of it current, and none of it merged with other pages."""
        if not self._current or self.full:
            return False
        keys = self._keys[response.url]
        if not self._merged.isdisjoint(keys):
            return False
        if len(self.sources) == 1 and not self.sources[0].known.keys() >= set(keys):
            return False  # something of this page was erased meanwhile
        for key in keys:
            self._see_again(key)
        for run in self.sources:
            run.findings += [one for one in self._told[run.source.id] if one.params.get("page") == response.url]
        if not response.unchanged and (response.etag, response.modified) != (stored.etag, stored.modified):
            self._responses.append(
                ResponseRow(self.feed, response.url, stored.digest, response.etag, response.modified, response.media_type,
                            response.following, total=response.total)
            )
        return True

    def _see_again(self, name: str) -> None:
        for run in self.sources:
            row = run.known.get(name)
            if row is not None:
                run.see_again(name)
                if row.kind in DATASET_KINDS:
                    self._datasets.add(name)

    def _from_store(self, response: Response) -> Response:
        body = self.store.response_body(self.feed, response.url)
        media_type = self._stored[response.url].media_type
        return Response(
            response.url, body, media_type, response.etag, response.modified, following=response.following, total=response.total
        )

    def _split(self, response: Response) -> list[str]:
        keys: list[str] = []
        for record in self.connector.split(response, self.options):
            if not record.identifier:
                self._tell([replace(one, params={**one.params, "page": response.url}) for one in record.findings])
                continue
            if record.kind == "catalog":  # every page of a feed describes it, each with its own datasets
                record = replace(record, identifier=f"{record.identifier} in {response.url}")
            keys.append(record.identifier)
            if record.kind in DATASET_KINDS:
                self._datasets.add(record.identifier)
            self._hand_out(record)
            if self.sources[0].batch.full():
                self.flush()
        return keys

    def _hand_out(self, record: Record) -> None:
        for run in self.sources:
            if len(self.sources) == 1 or self.connector.selects(record, run.pipeline.options):
                run.take(record, self.connector.merge)

    def _tell(self, findings: Iterable[Finding]) -> None:
        for run in self.sources:
            run.findings += findings

    def flush(self) -> None:
        """Writes what waits, in one transaction: a response row never stands without its records."""
        batch = self.sources[0].batch
        if not self.dry and (batch.records or self._responses):
            self.store.write_batch(batch.records, batch.bodies, batch.findings, self._responses, self.sources[0].run)
        self._responses = []
        fresh = Batch()
        for run in self.sources:
            run.batch = fresh
        gc.collect(1)

    def fail(self, error: FederationError) -> None:
        """The source could not be read to its end."""
        for run in self.sources:
            run.error = error
            run.findings.append(error.finding())

    def incomplete(self) -> str:
        """Why the listing does not count as whole (a finding code), or ""."""
        if not self.ended:
            return "listing-incomplete"
        if self._incomplete:
            return self._incomplete
        if self.total is not None and len(self._datasets) < self.total:
            return "listing-total-differs"
        return ""

    def finish(self) -> None:
        """Writes the rest; after a whole listing forgets the responses that it did not meet."""
        for run in self.sources:
            run.remap(self.flush)
        self.flush()
        if not self.dry and not self.incomplete() and set(self._stored) - set(self._visited) and self._visited:
            self.store.forget_responses(self.feed, self._visited)


def unexpected(error: Exception, source: Source) -> SourceError:
    """A fault of ours while reading a source, as the SourceError that ends this source only."""
    return SourceError("source-unexpected", source=source.id, url=source.url, value=f"{type(error).__name__}: {error}")
