"""One run of one source: which records are new, changed, unchanged, rejected, absent, and what is written about them."""

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from federation.config import Source
from federation.errors import FederationError, RecordError, SourceError
from federation.finding import Finding
from federation.harvest.connector import Gone, Record
from federation.store.rows import BodyRow, Known, RecordRow
from federation.store.store import Store
from federation.sync.deletions import Verdict, judge
from federation.sync.pipeline import PUBLIC_KINDS, Pipeline, Prepared

log = logging.getLogger("federation.sync")
DATASET_KINDS = frozenset({"dataset", "series"})


@dataclass(slots=True)
class Counts:
    """How many datasets (and series) a run met; the keys of `status --json`."""

    listed: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    gone: int = 0
    held: int = 0
    rejected: int = 0

    def as_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


@dataclass(slots=True)
class Batch:
    """Rows that wait to be written in one transaction; `size` is about their bytes."""

    records: list[RecordRow] = field(default_factory=list)
    bodies: list[BodyRow] = field(default_factory=list)
    findings: dict[tuple[str, str], list[Finding]] = field(default_factory=dict)
    size: int = 0

    def full(self) -> bool:
        """Whether it is time to write."""
        return len(self.records) >= 500 or self.size > 16 * 1024 * 1024


class SourceRun:
    """Takes the records of one source in any order and comes to a verdict at the end."""

    def __init__(self, source: Source, pipeline: Pipeline, store: Store, run: int, batch: Batch) -> None:
        self.source = source
        self.pipeline = pipeline
        self.store = store
        self.run = run
        self.batch = batch
        self.known: dict[str, Known] = store.known(source.id)
        self.counts = Counts()
        self.seen: set[str] = set()
        self.findings: list[Finding] = []
        self.error: FederationError | None = None
        self._done: dict[str, bytes] = {}  # identifier -> fingerprint of what this run has processed
        self._returned: list[str] = []
        self._gone: list[str] = []
        self._new: set[str] = set()
        self._identifiers: dict[str, str] | None = None

    @property
    def current(self) -> bool:
        """Whether all that is stored was made by today's code, tables and settings."""
        return all(row.map_version == self.pipeline.map_version for row in self.known.values())

    def take(self, record: Record, merge: Callable[[Record, Record], Record]) -> None:
        """One record as split gave it. The same one again (on a later page) is nothing new; with other content the two are merged."""
        name = record.identifier
        fingerprint = record.digest()
        first = self._done.get(name)
        if first is not None:
            if first == fingerprint:
                return
            record = self._merged(record, merge)
            fingerprint = record.digest()
        elif name not in self.seen:
            self._see(name, record.kind)
        self._done[name] = fingerprint
        row = self.known.get(name)
        if row and row.fingerprint == fingerprint and row.map_version == self.pipeline.map_version and first is None:
            self._unchanged(name, row)
        else:
            self._process(record, fingerprint, row, again=first is not None)

    def _merged(self, record: Record, merge: Callable[[Record, Record], Record]) -> Record:
        if record.kind in PUBLIC_KINDS:
            self.findings.append(Finding("record-repeated", value=record.identifier, params={"identifier": record.identifier}))
        earlier = next((row for row in reversed(self.batch.records) if row.identifier == record.identifier
                        and row.source == self.source.id), None)  # fmt: skip
        raw = earlier.raw if earlier and earlier.raw is not None else self.store.raw(self.source.id, record.identifier)
        return merge(Record(record.identifier, record.kind, raw, record.stamp), record)

    def _see(self, name: str, kind: str) -> None:
        self.seen.add(name)
        if kind in DATASET_KINDS:
            self.counts.listed += 1
            if self.counts.listed > self.source.maximum_datasets:
                raise SourceError(
                    "too-many-datasets", source=self.source.id, url=self.source.url, limit=self.source.maximum_datasets
                )

    def see_again(self, name: str) -> None:
        """An identifier that is listed and known to be unchanged without looking at it."""
        row = self.known.get(name)
        if row is not None and name not in self.seen:
            self._see(name, row.kind)
            self._unchanged(name, row)

    def _unchanged(self, name: str, row: Known) -> None:
        if row.kind in DATASET_KINDS:
            if row.state == "rejected":
                self.counts.rejected += 1
            else:
                self.counts.unchanged += 1
        if row.state in ("missing", "withdrawn", "gone") or row.missing_runs:
            self._returned.append(name)
        if row.state == "new_held":
            self._new.add(name)

    def gone(self, item: Gone) -> None:
        """The source's own statement that a record is no longer public: takes effect at once."""
        row = self.known.get(item.identifier)
        if row and row.state not in ("gone", "withdrawn"):
            self._gone.append(item.identifier)
            self.counts.gone += row.kind in DATASET_KINDS
            self.findings.append(Finding("record-withdrawn", dataset=row.iri, value=item.reason))

    def _process(self, record: Record, fingerprint: bytes, row: Known | None, *, again: bool = False, seen: bool = True) -> None:
        try:
            prepared = self.pipeline.prepare(record, row.iri if row else "")
        except RecordError as error:
            self._reject(record, fingerprint, row, error.finding())
            return
        except Exception as error:  # noqa: BLE001  one bad record must not end the run; this is the one place that catches it
            log.debug("record %s of %s: %s", record.identifier, self.source.id, traceback.format_exc())
            self._reject(record, fingerprint, row, Finding("record-failed", value=f"{type(error).__name__}: {error}"))
            return
        if record.kind in DATASET_KINDS and not again:
            if row is None:
                self.counts.new += 1
            elif row.body == prepared.digest:  # newer code, tables or settings made the same of it
                self.counts.unchanged += 1
            else:
                self.counts.changed += 1
        if row is None or row.state in ("new_held", "gone", "withdrawn") or row.body is None:
            state = "new_held" if record.kind in PUBLIC_KINDS else "live"
            if state == "new_held":
                self._new.add(record.identifier)
        elif row.state == "missing" and not seen:
            state = "missing"
        else:
            state = "live"
        missing = row.missing_runs if row and not seen else 0
        written = prepared.written
        prepared.findings += self._twins(record.identifier, prepared)
        self._add(
            RecordRow(
                self.source.id, record.identifier, prepared.iri, record.kind, fingerprint, self.pipeline.map_version, record.stamp,
                record.raw, prepared.digest, prepared.description.changes, state, missing, prepared.match_keys,
            ),
            prepared.findings,
            BodyRow(
                prepared.digest, written.nt, {name: text.encode() for name, text in written.fragments.items()},
                prepared.title, prepared.modified,
            ),
        )  # fmt: skip

    def _twins(self, name: str, prepared: Prepared) -> list[Finding]:
        """Whether another record of this source bears the same dcterms:identifier: GovData would keep only one of the two."""
        if self._identifiers is None:
            known = self.store.match_keys(self.source.id)
            self._identifiers = {key: other for other, keys in known.items() for key in keys if key.startswith("identifier:")}
        found = []
        for key in prepared.match_keys:
            if key.startswith("identifier:") and prepared.description.kind in DATASET_KINDS:
                other = self._identifiers.setdefault(key, name)
                if other != name:
                    identifier = key.partition(":")[2]
                    found.append(Finding("identifier-twice", None, prepared.iri, "dcterms:identifier", identifier, {"other": other}))
        return found

    def _reject(self, record: Record, fingerprint: bytes, row: Known | None, finding: Finding) -> None:
        self.counts.rejected += record.kind in DATASET_KINDS
        iri = row.iri if row else ""
        found = Finding(finding.code, finding.severity, iri or record.identifier, finding.field, finding.value, finding.params)
        self._add(
            RecordRow(
                self.source.id, record.identifier, iri, record.kind, fingerprint, self.pipeline.map_version, record.stamp, record.raw,
                row.body if row else None, None, "rejected",
            ),
            [found, *record.findings],
        )  # fmt: skip

    def _add(self, row: RecordRow, findings: list[Finding], body: BodyRow | None = None) -> None:
        batch = self.batch
        batch.records.append(row)
        batch.findings[row.source, row.identifier] = findings
        batch.size += len(row.raw or b"") + 2000
        if body is not None:
            batch.bodies.append(body)
            batch.size += len(body.nt) * 4

    def remap(self, flush: Callable[[], None]) -> None:
        """Prepares again, from the stored raw bytes, what this run did not meet and older code, tables or settings had made."""
        version = self.pipeline.map_version
        for name, row in self.known.items():
            if row.map_version != version and name not in self._done and row.state in ("live", "missing", "new_held", "rejected"):
                raw = self.store.raw(self.source.id, name)
                before = self.counts.changed
                self._process(Record(name, row.kind, raw, row.stamp), row.fingerprint, row, again=True, seen=name in self.seen)
                self.counts.changed = before
                if self.batch.full():
                    flush()

    def verdict(self, incomplete: str) -> Verdict:
        """What the run comes to; `incomplete` is a finding code that says why the listing is not whole, or ""."""
        withdrawn = set(self._gone)
        known = {name: row for name, row in self.known.items() if name not in withdrawn}
        verdict = judge(self.source, known, self.seen, self.counts.listed, incomplete)
        return Verdict("failed", verdict.reason, verdict.params, verdict.absent) if self.error else verdict

    def settle(self, verdict: Verdict) -> None:
        """Writes what the verdict says: new ones go live, absent ones count a missing run, gone ones leave; or all of that waits."""
        store, source = self.store, self.source.id
        if self._gone:
            store.set_states(source, self._gone, state="withdrawn", missing_runs=0, run=self.run)
        if verdict.outcome == "done":
            self._settle_done(verdict)
        else:
            self.counts.held = sum(1 for name in self._new if self._kind(name) in DATASET_KINDS)
        if self._returned and verdict.outcome == "done":
            store.set_states(source, self._returned, state="live", missing_runs=0, run=self.run)

    def _settle_done(self, verdict: Verdict) -> None:
        store, source = self.store, self.source.id
        if self._new:
            store.set_states(source, sorted(self._new), state="live", missing_runs=0, run=self.run)
        leaving = set(verdict.leaving)
        by_count: dict[int, list[str]] = {}
        for name in verdict.absent:
            if name not in leaving:
                by_count.setdefault(self.known[name].missing_runs + 1, []).append(name)
        for count, names in by_count.items():
            store.set_states(source, names, state="missing", missing_runs=count, run=self.run)
            self.counts.missing += sum(1 for name in names if self.known[name].kind in DATASET_KINDS)
        if leaving:
            store.set_states(source, sorted(leaving), state="gone", missing_runs=0, run=self.run)
            self.counts.gone += sum(1 for name in leaving if self.known[name].kind in DATASET_KINDS)
        unseen = [
            name for name, row in self.known.items() if row.kind not in PUBLIC_KINDS and name not in self.seen and row.state != "gone"
        ]
        if unseen:
            store.set_states(source, unseen, state="gone", missing_runs=0, run=self.run)

    def _kind(self, name: str) -> str:
        row = self.known.get(name)
        return row.kind if row else "dataset"

    def held_state(self, verdict: Verdict) -> Mapping[str, object] | None:
        """What `held` shows and `release` acts on, or None when nothing is held."""
        if verdict.outcome != "held":
            return None
        return {"reason": verdict.reason, "params": dict(verdict.params), "run": self.run, "absent": sorted(verdict.absent),
                "new": sorted(self._new)}  # fmt: skip
