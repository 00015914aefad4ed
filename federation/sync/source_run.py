"""One run of one source: which records are new, changed, unchanged, rejected, absent, and what is written about them."""

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field

from federation.config import Source
from federation.errors import FederationError, RecordError, SourceError
from federation.finding import Finding
from federation.harvest.connector import Gone, Record
from federation.store.rows import BodyRow, Known, RecordRow
from federation.store.store import Store
from federation.sync.asking import Question
from federation.sync.deletions import DATASET_KINDS, Verdict, judge
from federation.sync.farewell import WITHDRAWN, Farewell, says_withdrawn
from federation.sync.pipeline import PUBLIC_KINDS, Pipeline, Prepared
from federation.sync.renames import FORMER, Entity, Renaming, adopt, follow, former_name, kept

log = logging.getLogger("federation.sync")
CLOSED = "closed"  # not open data: the state of what the openness gate keeps out


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
        self.farewell = Farewell(source, pipeline.connector, pipeline.options, store, run)
        self.renaming = Renaming(source, self.known)
        self.counts = Counts()
        self.seen: set[str] = set()
        self.findings: list[Finding] = []
        self.error: FederationError | None = None
        self.partial = False  # only what changed was listed: absence says nothing
        self._done: dict[str, bytes] = {}  # identifier -> fingerprint of what this reading has processed
        self._before: dict[str, bytes] = {}  # the same of earlier readings of this run
        self._returned: list[str] = []
        self._gone: list[str] = []
        self._withdrawn: set[str] = set()  # listed, and withdrawn by their own word
        self._new: set[str] = set()
        self._processed: set[str] = set()  # records of public kinds that were prepared in this run
        self._match_keys: dict[str, list[str]] | None = None
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
        if self.farewell.erased and self.farewell.refuses(name):
            return
        self._done[name] = fingerprint
        earlier = self._before.get(name)
        if first is None and earlier == fingerprint:
            return
        row = self.known.get(name)
        again = first is not None or earlier is not None
        closed = row is not None and row.body is None and row.state in ("gone", "withdrawn")  # whether it may return is judged anew
        if row and row.fingerprint == fingerprint and row.map_version == self.pipeline.map_version and not again and not closed:
            self._unchanged(name, row)
        else:
            self._process(record, fingerprint, row, again=again)

    def begin_again(self) -> list[str]:
        """The feed is read once more. What comes now stands for itself; the identifiers of what was merged are given back."""
        version = self.pipeline.map_version
        current = {name: row.fingerprint for name, row in self.known.items() if name in self.seen and row.map_version == version}
        self._before = {**current, **self._before, **self._done}
        self._done = {}
        told, self.findings = self.findings, [one for one in self.findings if one.code != "record-repeated"]
        return [one.params["identifier"] for one in told if one.code == "record-repeated"]

    def knows(self, names: Iterable[str]) -> bool:
        """Whether each of these was stored or met."""
        return all(name in self.known or name in self.seen for name in names)

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

    def see_again(self, names: Iterable[str]) -> set[str]:
        """Identifiers that are listed and known to be unchanged without looking at them; gives back which of them are datasets."""
        known, seen, done, version = self.known, self.seen, self._done, self.pipeline.map_version
        datasets = set()
        for name in names:
            row = known.get(name)
            if row is None:
                continue
            if row.kind in DATASET_KINDS:
                datasets.add(name)
            if name not in seen:
                self._see(name, row.kind)
                self._unchanged(name, row)
                if row.map_version == version:
                    done[name] = row.fingerprint  # should a changed page say something else of it, the two are merged
        return datasets

    def _unchanged(self, name: str, row: Known) -> None:
        if row.kind in DATASET_KINDS:
            if row.state == "rejected":
                self.counts.rejected += 1
            else:
                self.counts.unchanged += 1
        if row.state == "withdrawn" and self.farewell.still_withdrawn(row):
            self._withdrawn.add(name)
        elif row.state in ("missing", "withdrawn", "gone") or row.missing_runs:
            self._returned.append(name)
        if row.state == "new_held":
            self._new.add(name)

    def gone(self, item: Gone) -> None:
        """The source's own statement that a record is no longer public: takes effect at once."""
        row = self.known.get(item.identifier)
        if row and row.state not in ("gone", "withdrawn"):
            self._gone.append(item.identifier)
            self.counts.gone += row.kind in DATASET_KINDS
            self.findings.append(self.farewell.told(item.identifier, row.iri, item.reason))

    def _process(self, record: Record, fingerprint: bytes, row: Known | None, *, again: bool = False, seen: bool = True) -> None:
        stored = self._stored_keys(record.identifier)
        try:
            prepared = self.pipeline.prepare(record, row.iri if row else "")
        except RecordError as error:
            self._reject(record, fingerprint, row, error.finding())
            return
        except Exception as error:  # noqa: BLE001  one bad record must not end the run; this is the one place that catches it
            log.debug("record %s of %s: %s", record.identifier, self.source.id, traceback.format_exc())
            self._reject(record, fingerprint, row, Finding("record-failed", value=f"{type(error).__name__}: {error}"))
            return
        if self.farewell.erased and self.farewell.refuses(record.identifier, prepared.iri):
            return
        if prepared.closed:
            self._close(record, fingerprint, row, prepared, again=again)
            return
        withdrawn = record.kind in DATASET_KINDS and says_withdrawn(prepared.description)
        if record.kind in DATASET_KINDS and not again:
            if row is None:
                self.counts.new += 1
            elif row.body == prepared.digest:  # newer code, tables or settings made the same of it
                self.counts.unchanged += 1
            else:
                self.counts.changed += 1
        if withdrawn:
            state = "withdrawn"
            self._withdraw(record.identifier, prepared.iri, row)
        elif row is None or row.state in ("new_held", "gone", "withdrawn") or row.body is None:
            state = "new_held" if record.kind in PUBLIC_KINDS else "live"
            if state == "new_held":
                self._new.add(record.identifier)
        elif row.state == "missing" and not seen:
            state = "missing"
        else:
            state = "live"
        missing = row.missing_runs if row and not seen else 0
        if record.kind in PUBLIC_KINDS:
            self._processed.add(record.identifier)
        prepared.findings += self._twins(record.identifier, prepared)
        former = [key for key in stored if key.startswith(FORMER)] if row else []
        prepared.findings += [former_name(key.removeprefix(FORMER)) for key in former[-1:]]
        if state == "new_held":
            self.renaming.came(record.identifier, Entity(record.kind, prepared.iri, prepared.match_keys), first=row is None)
        self._add(
            RecordRow(
                self.source.id, record.identifier, prepared.iri, record.kind, fingerprint, self.pipeline.map_version, record.stamp,
                record.raw, prepared.digest, prepared.description.changes, state, missing, [*prepared.match_keys, *former],
            ),
            prepared.findings,
            prepared.body(),
        )  # fmt: skip

    def _close(self, record: Record, fingerprint: bytes, row: Known | None, prepared: Prepared, *, again: bool) -> None:
        """A record that did not pass the openness gate is kept with its reason; without a body, so that no state can show it."""
        if record.kind in DATASET_KINDS and not again:
            self.counts.new += row is None
            self.counts.unchanged += row is not None and row.state == CLOSED
            self.counts.changed += row is not None and row.state != CLOSED
        self._new.discard(record.identifier)
        self._add(
            RecordRow(
                self.source.id, record.identifier, prepared.iri, record.kind, fingerprint, self.pipeline.map_version, record.stamp,
                record.raw, None, None, CLOSED,
            ),
            prepared.findings,
        )  # fmt: skip

    def _withdraw(self, name: str, iri: str, row: Known | None) -> None:
        """A dataset that is listed and says itself that it is withdrawn: no waiting, and nothing to return."""
        self._new.discard(name)
        if name not in self._withdrawn and (row is None or row.state != "withdrawn"):
            self.counts.gone += 1
            self.findings.append(self.farewell.told(name, iri, WITHDRAWN))
        self._withdrawn.add(name)

    def _twins(self, name: str, prepared: Prepared) -> list[Finding]:
        """Whether another record of this source bears the same dcterms:identifier: GovData would keep only one of the two."""
        if self._identifiers is None:
            self._identifiers = {
                key: other for other, keys in (self._match_keys or {}).items() for key in keys
                if key.startswith("identifier:") and other in self.known and self.known[other].state not in ("gone", "withdrawn")
            }  # fmt: skip
        found = []
        for key in prepared.match_keys:
            if key.startswith("identifier:") and prepared.description.kind in DATASET_KINDS:
                other = self._identifiers.setdefault(key, name)
                if other != name:
                    identifier = key.partition(":")[2]
                    found.append(Finding("identifier-twice", None, prepared.iri, "dcterms:identifier", identifier, {"other": other}))
        return found

    def _stored_keys(self, name: str) -> list[str]:
        """The match keys of a known record as they were before this run."""
        if self._match_keys is None:
            self._match_keys = self.store.match_keys(self.source.id)
            self.pipeline.kept = kept(self.known, self._match_keys)
        return self._match_keys.get(name, [])

    def _reject(self, record: Record, fingerprint: bytes, row: Known | None, finding: Finding) -> None:
        if row is None and self.farewell.erased and self.farewell.refuses_raw(record.identifier, record.raw):
            return
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
        for name, row in [each for each in self.known.items() if each[1].map_version != version]:
            met = name in self._done or name in self._before
            if not met and row.state in ("live", "missing", "new_held", "rejected", CLOSED):
                raw = self.store.raw(self.source.id, name)
                before = self.counts.changed
                self._process(Record(name, row.kind, raw, row.stamp), row.fingerprint, row, again=True, seen=name in self.seen)
                self.counts.changed = before
                if self.batch.full():
                    flush()

    def verdict(self, incomplete: str) -> Verdict:
        """What the run comes to; `incomplete` is a finding code that says why the listing is not whole, or ""."""
        self._find_renamed()
        withdrawn = set(self._gone)
        known = {name: row for name, row in self.known.items() if name not in withdrawn}
        if self.partial and not incomplete and not self.error:
            return Verdict("done")
        verdict = judge(self.source, known, self.seen, self.counts.listed, incomplete)
        if verdict.absent and not incomplete and not self.error:
            verdict = self.renaming.judged(verdict, known, self.seen, self.counts.listed)
        if self.error:
            return Verdict("failed", verdict.reason, verdict.params, verdict.absent)
        return self.farewell.proven(verdict, self.known)

    def _find_renamed(self) -> None:
        """Pairs what left with what came. That a source no longer has the former identifier is no withdrawal then."""
        gone = set(self._gone)
        absent = [name for name, row in self.known.items() if name in gone or not (self.partial or name in self.seen)]
        self.renaming.find(absent, self.known, self.seen, self._new, self._stored_keys)
        renamed = gone & (self.renaming.pairs.sure.keys() | self.renaming.followed)
        if renamed:
            self._gone = [name for name in self._gone if name not in renamed]
            self.counts.gone -= sum(1 for name in renamed if self.known[name].kind in DATASET_KINDS)
            iris = {self.known[name].iri for name in renamed}
            self.findings = [one for one in self.findings if one.code != "record-withdrawn" or one.dataset not in iris]
            for name in renamed:
                self.farewell.unsaid(name)

    def questions(self, incomplete: str) -> list[Question]:
        """The addresses at which absent datasets are asked for before the verdict."""
        return self.farewell.questions(self.verdict(incomplete), self.known)

    def adopt(self, verdict: Verdict) -> None:
        """Lets renamed records take over the public IRIs that were theirs; before `settle`, since what is new must not go live as such."""
        pairs = self.renaming.pairs.sure if verdict.outcome == "done" else {}
        counted = sum(1 for old, new in pairs.items() if new in self.renaming.first and self.known[old].kind in DATASET_KINDS)
        self.counts.new -= counted
        self.counts.changed += counted
        if self.run and pairs:
            adopt(self.store, self.pipeline, pairs, self.run)
            follow(self.store, self.pipeline, sorted(self._processed - set(pairs.values())), self.run)
        if self.run and verdict.outcome == "done" and self.renaming.followed:
            self.store.set_states(self.source.id, sorted(self.renaming.followed), state="gone", missing_runs=0, run=self.run)

    def settle(self, verdict: Verdict) -> None:
        """Writes what the verdict says: new ones go live, absent ones count a missing run, gone ones leave; or all of that waits."""
        store, source = self.store, self.source.id
        if self._gone:
            store.set_states(source, self._gone, state="withdrawn", missing_runs=0, run=self.run)
        self.findings += self.farewell.findings(verdict, self.known)
        self.farewell.settle(verdict, self.seen, self._withdrawn)
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
        if verdict.stated:
            store.set_states(source, verdict.stated, state="withdrawn", missing_runs=0, run=self.run)
            self.counts.gone += sum(1 for name in verdict.stated if self.known[name].kind in DATASET_KINDS)
        unseen = [] if self.partial else [
            name for name, row in self.known.items()
            if (row.kind not in PUBLIC_KINDS or row.state == CLOSED) and name not in self.seen and row.state != "gone"
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
