"""Deletions: what a listing may take away from the public catalog. Pure: it decides, run.py acts.

No dataset vanishes by our fault (promise 2): a listing that is incomplete, empty, below `minimum_datasets` or that lost more than
`maximum_loss` takes nothing away; the run is held or failed, known records update, missing ones stay public, new ones wait. What is merely
absent leaves after `missing_runs` complete runs and, where it has an address of its own, only when that says so too (404 or 410). What the
source says outright (410 in two runs) takes effect at once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from federation.config import Source
from federation.store.farewells import DepartureRow
from federation.store.rows import Known
from federation.sync.asking import GONE, OUTRIGHT

Outcome = Literal["done", "held", "failed", "interrupted"]
PUBLIC_STATES = frozenset({"live", "missing", "rejected"})
DATASET_KINDS = frozenset({"dataset", "series"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run comes to: `reason` is a finding code ("" when all is well), `absent` the public records that were not listed,
    `leaving` those of them that were absent from enough complete runs and go now, `stated` those of which the source says outright that
    they are gone.
    """

    outcome: Outcome
    reason: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    absent: Collection[str] = ()
    leaving: Collection[str] = ()
    stated: Collection[str] = ()


def judge(source: Source, known: Mapping[str, Known], seen: Collection[str], datasets_seen: int, incomplete: str) -> Verdict:
    """Decides on one run of one source. `seen` are all identifiers listed, `datasets_seen` how many of them are datasets or series,
    `incomplete` the finding code that says why the listing does not count as whole ("" when it does).
    """
    public = {name: row for name, row in known.items() if row.state in PUBLIC_STATES and row.body is not None}
    absent = [name for name in public if name not in seen]
    absent_datasets = [name for name in absent if public[name].kind in DATASET_KINDS]
    datasets = sum(1 for row in public.values() if row.kind in DATASET_KINDS)
    params = {"listed": str(datasets_seen), "public": str(datasets), "absent": str(len(absent_datasets))}
    if incomplete:
        return Verdict("held", incomplete, params, absent)
    if not datasets_seen and datasets:
        return Verdict("held", "listing-empty", params, absent)
    if datasets_seen < source.minimum_datasets:
        return Verdict("held", "listing-below-minimum", {**params, "minimum": str(source.minimum_datasets)}, absent)
    if len(absent_datasets) > max(1, int(source.maximum_loss * datasets)):
        return Verdict("held", "listing-lost-too-many", {**params, "limit": f"{source.maximum_loss:.0%}"}, absent)
    leaving = [name for name in absent if public[name].missing_runs + 1 >= source.missing_runs]
    return Verdict("done", "" if datasets_seen or datasets else "source-empty", params, absent, leaving)


def asked_first(source: Source, absent: Collection[str], known: Mapping[str, Known], departures: Mapping[str, DepartureRow]) -> list[str]:
    """The absent records in the order in which it is worth asking for them: who would leave now, who answered 410 once, who was asked
    longest ago.
    """

    def rank(name: str) -> tuple[bool, bool, str, str]:
        row = departures.get(name)
        return known[name].missing_runs + 1 < source.missing_runs, not (row and row.gone), row.asked if row else "", name

    return sorted(absent, key=rank)


def proven(verdict: Verdict, addressed: Collection[str], answers: Mapping[str, int], departures: Mapping[str, DepartureRow]) -> Verdict:
    """The verdict after asking. `addressed` are the records that have an address of their own, `answers` what these said in this run."""
    if verdict.outcome != "done":
        return verdict
    twice = {name for name, status in answers.items() if status == OUTRIGHT and name in departures and departures[name].gone}
    leaving = [name for name in verdict.leaving if name not in twice and (name not in addressed or answers.get(name) in GONE)]
    absent = [name for name in verdict.absent if name not in twice]
    return Verdict(verdict.outcome, verdict.reason, verdict.params, absent, leaving, sorted(twice))
