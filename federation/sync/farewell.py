"""Farewell: what one run learns of records that leave, that left, or that were erased and must not come back."""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from federation import clock
from federation.config import Source
from federation.dcat.description import Description
from federation.finding import Finding
from federation.harvest.connector import Connector
from federation.store.farewells import DepartureRow
from federation.store.rows import Known
from federation.store.store import Store
from federation.sync.asking import GONE, MOST, OUTRIGHT, Question
from federation.sync.deletions import DATASET_KINDS, Verdict, asked_first, proven
from federation.terms import ADMS, DCTERMS, Term, value

WITHDRAWN = "WITHDRAWN"
_STATUS = (ADMS.status, DCTERMS["status"])  # the second is no term of DCMI, and is written all the same
_LISTS = frozenset((
    "http://purl.org/adms/status/", "http://publications.europa.eu/resource/authority/dataset-status/",
    "http://publications.europa.eu/resource/authority/distribution-status/",
    "http://publications.europa.eu/resource/authority/concept-status/",
))  # fmt: skip


def says_withdrawn(description: Description) -> bool:
    """Whether a dataset's own status is "withdrawn", by the list of ADMS or one of those that followed it."""
    said = description.nodes.get(description.root, {})
    return any(prop in said and any(map(_means_withdrawn, said[prop])) for prop in _STATUS)


@lru_cache(maxsize=1024)
def _means_withdrawn(term: Term) -> bool:
    text = value(term).strip() if term[0] != "_" else ""
    start, _, name = text.rpartition("/")
    return name.casefold() == "withdrawn" and (not start or f"{start}/" in _LISTS)


class Farewell:
    """Of one source in one run. `barred` are identifiers of records that were erased and came again: their pages are not kept."""

    def __init__(self, source: Source, connector: Connector[Any], options: Any, store: Store, run: int) -> None:
        self.source = source
        self.store = store
        self.run = run
        self.departures = store.departures(source.id)
        self.erased = store.erased()
        self.barred: set[str] = set()
        self.answers: dict[str, int] = {}
        self._connector = connector
        self._options = options
        self._words: dict[str, str] = {}

    # erased

    def refuses(self, name: str, iri: str = "") -> bool:
        """Whether a record was erased for good; `iri` once it is known."""
        if not self.erased or not self.erased.bans(self.source.member, self.source.id, name, iri):
            return False
        self.barred.add(name)
        return True

    def refuses_raw(self, name: str, raw: bytes) -> bool:
        """The same of a record that could not be mapped, so that its IRI is not known."""
        if not self.erased or not self.erased.stands_in(raw):
            return False
        self.barred.add(name)
        return True

    # what the source says

    def told(self, name: str, iri: str, word: str) -> Finding:
        """The source's own statement that a record is gone; the finding that says so."""
        self._words[name] = word
        return Finding("record-withdrawn", dataset=iri, value=word, params={"iri": iri})

    def unsaid(self, name: str) -> None:
        """It was no withdrawal: the dataset goes on under another identifier."""
        self._words.pop(name, None)

    def still_withdrawn(self, row: Known) -> bool:
        """Whether an unchanged record that is withdrawn says so itself; else it was the listing that lacked it, and it is back."""
        body = self.store.body(row.body) if row.body and row.kind in DATASET_KINDS else None
        if body is None:
            return False
        starts = tuple(f"<{row.iri}> {prop} ".encode() for prop in _STATUS)
        return any(line.startswith(starts) and _means_withdrawn(line[:-2].decode().split(" ", 2)[2]) for line in body.nt.splitlines())

    # asking

    def questions(self, verdict: Verdict, known: Mapping[str, Known]) -> list[Question]:
        """Which of the absent datasets are asked for, at their own address, before anything is decided about them."""
        if verdict.outcome != "done":
            return []
        names = asked_first(self.source, verdict.absent, known, self.departures)
        asked = ((name, self._address(name, known[name])) for name in names)
        return list(islice((Question(self.source.id, name, url) for name, url in asked if url), MOST))

    def proven(self, verdict: Verdict, known: Mapping[str, Known]) -> Verdict:
        """The verdict after what their addresses answered; who has one and was not asked stays."""
        addressed = {name for name in verdict.leaving if self._address(name, known[name])}
        return proven(verdict, addressed, self.answers, self.departures)

    def _address(self, name: str, row: Known) -> str:
        return self._connector.address(name, self.source.url, self._options) if row.kind in DATASET_KINDS else ""

    def findings(self, verdict: Verdict, known: Mapping[str, Known]) -> Iterable[Finding]:
        """Where listing and address do not agree, and what the source said at an address."""
        if self.source.member in self.erased.members:
            yield Finding("member-was-erased", value=self.source.member, params={"source": self.source.id})
        for name in verdict.stated:
            yield self.told(name, known[name].iri, str(OUTRIGHT))
        leaving = set(verdict.leaving)
        for name in verdict.absent:
            status = self.answers.get(name)
            row = known[name]
            params = {"iri": row.iri, "runs": str(row.missing_runs + 1), "status": str(status or "-")}
            overdue = name not in leaving and row.missing_runs + 1 >= self.source.missing_runs
            if status is not None and 200 <= status < 300:
                yield Finding("missing-but-answers", dataset=row.iri, value=row.iri, params=params)
            elif overdue and status not in GONE:
                yield Finding("missing-unproven", dataset=row.iri, value=row.iri, params=params)

    # settling

    def settle(self, verdict: Verdict, seen: Collection[str], withdrawn: Collection[str]) -> None:
        """Writes down since when what is missing is missing, and who said what; forgets it of what is back. `withdrawn`: listed records
        that are withdrawn by their own word.
        """
        done = verdict.outcome == "done"
        names = dict.fromkeys([*self._words, *(verdict.absent if done else ())])
        self.store.put_departures([self._row(name) for name in names])
        if done:
            back = [name for name in self.departures if name in seen and name not in withdrawn and name not in self._words]
            self.store.forget_departures(self.source.id, back)

    def _row(self, name: str) -> DepartureRow:
        at = clock.stamp()
        row = self.departures.get(name) or DepartureRow(self.source.id, name, self.run, at)
        if name in self._words:
            row = row._replace(word=self._words[name], at=at)
        if name in self.answers:
            status = self.answers[name]
            row = row._replace(asked=at, status=status, gone=row.gone + (status == OUTRIGHT))
        return row
