"""Tables for the office: the points of the MQA before and after our repairs, and what a receiver would refuse.

A diagnosis, no ranking: sources stand in the order of the configuration, and what is shown is what to mend.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import select

from federation.config import FederationConfig
from federation.dcat.description import Description, Nodes
from federation.finding import Finding, Severity
from federation.quality.mqa import ASSUMPTIONS, DIMENSIONS, METRICS, Metric, Reachable, Score, band, score
from federation.quality.places import place, placed
from federation.quality.profile import Profile
from federation.store import blobs
from federation.store import tables as t
from federation.store.store import Store
from federation.terms import DCAT, TYPE, Term, value

_PUBLIC = ("live", "missing")
_RANK = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.INFO: 2}
_CLASSES = {"dataset": "dcat:Dataset", "distribution": "dcat:Distribution"}


# points


@dataclass(slots=True)
class Tally:
    """Scores of many datasets: sums of points by metric, how many were measured, how many lost points."""

    datasets: int = 0
    points: list[int] = field(default_factory=lambda: [0] * len(METRICS))
    measured: list[int] = field(default_factory=lambda: [0] * len(METRICS))
    lacking: list[int] = field(default_factory=lambda: [0] * len(METRICS))

    def add(self, scored: Score) -> None:
        """One more dataset."""
        self.datasets += 1
        for at, points in enumerate(scored.points):
            if points is not None:
                self.points[at] += points
                self.measured[at] += 1
                self.lacking[at] += points < METRICS[at].points

    def merge(self, other: "Tally") -> None:
        """The datasets of another tally as well."""
        self.datasets += other.datasets
        for mine, theirs in ((self.points, other.points), (self.measured, other.measured), (self.lacking, other.lacking)):
            mine[:] = map(int.__add__, mine, theirs)

    def mean(self, at: int) -> float:
        """Mean points of a metric over the datasets for which it was measured."""
        return self.points[at] / self.measured[at] if self.measured[at] else 0.0

    @property
    def total(self) -> float:
        """Mean points of a dataset."""
        return sum(map(self.mean, range(len(METRICS))))

    @property
    def possible(self) -> int:
        """The points of all metrics that were measured for some dataset."""
        return sum(metric.points for metric, measured in zip(METRICS, self.measured, strict=True) if measured)

    @property
    def band(self) -> str:
        """excellent, good, sufficient or bad; "" where there is no dataset."""
        return band(self.total, self.possible) if self.datasets else ""

    def dimensions(self) -> dict[str, tuple[float, int]]:
        """{dimension: (mean points, possible points)}."""
        found = dict.fromkeys(DIMENSIONS, (0.0, 0))
        for at, metric in enumerate(METRICS):
            points, possible = found[metric.dimension]
            found[metric.dimension] = points + self.mean(at), possible + (metric.points if self.measured[at] else 0)
        return found

    def costs(self) -> list[tuple[Metric, int, float]]:
        """(metric, datasets that lose points by it, mean points lost), the dearest first."""
        lost = [
            (metric, self.lacking[at], metric.points - self.mean(at)) for at, metric in enumerate(METRICS) if self.lacking[at]
        ]  # fmt: skip
        return sorted(lost, key=lambda each: -each[2])

    def unmeasured(self) -> list[Metric]:
        """The metrics that were measured for no dataset."""
        return [metric for metric, measured in zip(METRICS, self.measured, strict=True) if not measured]


class Scored(NamedTuple):
    """One dataset, as its source said it and as it is published."""

    iri: str
    before: Score
    after: Score


@dataclass(slots=True)
class Points:
    """The points of a source (or of the region: `source` ""), as it said it and as it is published. `scored` are its datasets, those with
    the fewest points first, where they were asked for.
    """

    source: str
    title: str
    connector: str = ""
    before: Tally = field(default_factory=Tally)
    after: Tally = field(default_factory=Tally)
    scored: list[Scored] = field(default_factory=list)

    def as_dict(self, language: str) -> dict[str, Any]:
        """The keys of `mqa --json`; points are means over datasets, rounded to two places."""
        return {
            "source": self.source, "title": self.title, "datasets": self.after.datasets,
            "before": _tally(self.before), "after": _tally(self.after),
            "costs": [
                {"metric": metric.id, "label": metric.de if language == "de" else metric.en, "dimension": metric.dimension,
                 "property": metric.property, "place": self.place(metric), "datasets": datasets, "points": round(lost, 2)}
                for metric, datasets, lost in self.after.costs()
            ],
            **({"scores": [_scored(each) for each in self.scored]} if self.scored else {}),
        }  # fmt: skip

    def place(self, metric: Metric) -> str:
        """Where in the source's software a metric is mended."""
        return place(metric.property, self.connector, _CLASSES[metric.on]) if metric.property else ""


def _scored(each: Scored) -> dict[str, Any]:
    lost = {
        metric.id: metric.points - points for metric, points in zip(METRICS, each.after.points, strict=True)
        if points is not None and points < metric.points
    }  # fmt: skip
    return {"dataset": each.iri, "before": each.before.total, "after": each.after.total, "possible": each.after.possible,
            "band": each.after.band, "lost": lost}  # fmt: skip


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "points": round(tally.total, 2), "possible": tally.possible, "band": tally.band,
        "dimensions": {name: {"points": round(points, 2), "possible": possible} for name, (points, possible) in tally.dimensions().items()},
        "metrics": {metric.id: round(tally.mean(at), 2) if tally.measured[at] else None for at, metric in enumerate(METRICS)},
    }  # fmt: skip


def points(
    config: FederationConfig, store: Store, sources: Sequence[str] | None = None, reachable: Reachable | None = None, *, each: bool = False,
) -> list[Points]:  # fmt: skip
    """The points of the datasets that are live or still public, source by source (of `sources`, else of all); with `each`, of every
    dataset as well.
    """
    titles = {member.id: member.title for member in config.members}
    found = []
    for source in config.sources():
        if sources is None or source.id in sources:
            made = Points(source.id, titles[source.member], source.connector)
            for description in stored(store, source.id):
                said, now = score(before(description), reachable=reachable), score(description, reachable=reachable)
                made.before.add(said)
                made.after.add(now)
                if each:
                    made.scored.append(Scored(value(description.root), said, now))
            made.scored.sort(key=lambda one: (one.after.total, one.iri))
            found.append(made)
    return found


def together(found: Iterable[Points], title: str) -> Points:
    """The points of several sources as one."""
    made = Points("", title)
    for each in found:
        made.before.merge(each.before)
        made.after.merge(each.after)
    return made


def report(found: Sequence[Points], region: Points, language: str) -> dict[str, Any]:
    """The document of `mqa --json`."""
    return {
        "sources": [each.as_dict(language) for each in found], "region": region.as_dict(language),
        "not_measured": [metric.id for metric in region.after.unmeasured()] if region.after.datasets else [],
        "assumptions": [german if language == "de" else english for german, english in ASSUMPTIONS],
    }  # fmt: skip


def reachable(store: Store) -> Reachable | None:
    """Whether an address answered when it was checked last; None where no link was ever checked."""
    verdicts = {row.url: row.verdict in ("ok", "redirected") for row in store.links() if row.verdict != "unchecked"}
    if not verdicts:
        return None
    return lambda url: verdicts.get(url.partition("#")[0])


def stored(store: Store, source: str) -> Iterator[Description]:
    """The datasets of a source that are live or still public, as they are published, with their Changes."""
    r = t.record.c
    query = select(r.iri, t.body.c.nt, r.changes).join_from(t.record, t.body, t.body.c.digest == r.body)
    with store.read() as connection:
        for iri, nt, changes in connection.execute(query.where(r.source == source, r.kind == "dataset", r.state.in_(_PUBLIC))):
            yield Description(f"<{iri}>", "dataset", _nodes(blobs.unpack(nt)), blobs.unpack_changes(changes) if changes else [])


def _nodes(nt: bytes) -> Nodes:
    nodes: Nodes = {}
    for line in nt.decode().split("\n"):  # splitlines would also break texts that hold U+2028 or U+0085
        if line:
            node, prop, term = line[:-2].split(" ", 2)
            nodes.setdefault(node, {}).setdefault(prop, []).append(term)
    return nodes


def before(description: Description) -> Description:
    """What the source said (as its connector read it), under the name that its dataset had there."""
    said = description.undone()
    if said.root not in said.nodes:
        said.root = _former(description) or next(iter(said.of_type(DCAT.Dataset, TYPE)), said.root)
    return said


def _former(description: Description) -> Term:
    root = description.root
    for change in description.changes:
        for old, new in zip(change.removed, change.added, strict=False):
            if change.rule.startswith("identity") and new[0] == root and old[1:] == new[1:]:
                return old[0]
    return ""


# what a receiver would refuse


@dataclass(slots=True)
class Objection:
    """One rule that datasets break: an example with its remedy, and which datasets they are."""

    finding: Finding
    datasets: list[str] = field(default_factory=list)
    places: int = 0


@dataclass(slots=True)
class Refusal:
    """What a receiver's profile says about datasets. `refused` are those that break a violation."""

    profile: Profile
    datasets: int = 0
    refused: dict[str, None] = field(default_factory=dict)
    _found: dict[tuple[str, str, str], Objection] = field(default_factory=dict)

    def ask(self, descriptions: Iterable[Description], connector: str = "") -> None:
        """About datasets (series, services) as they would be published; remedies name the place in the software of `connector`."""
        for description in descriptions:
            self._ask(description, connector)

    def _ask(self, description: Description, connector: str) -> None:
        self.datasets += description.kind in ("dataset", "series")
        for one in self.profile.findings(description):
            key = one.code, one.params.get("class", ""), one.field
            objection = self._found.get(key)
            if objection is None:
                objection = self._found[key] = Objection(placed(one, connector))
            objection.datasets.append(one.dataset)
            objection.places += int(one.params.get("count", "1"))
            if one.severity is Severity.VIOLATION:
                self.refused[one.dataset] = None

    def objections(self, least: Severity = Severity.INFO) -> list[Objection]:
        """By rule: violations first, then those that concern most datasets; `least` leaves out what is less grave."""
        kept = (each for each in self._found.values() if _rank(each) <= _RANK[least])
        return sorted(kept, key=lambda each: (_rank(each), -len(each.datasets), each.finding.code))

    def as_dict(self, language: str) -> dict[str, Any]:
        """The key `profile` of `check --json`."""
        return {
            "name": self.profile.name, "title": self.profile.title[language], "datasets": self.datasets, "refused": list(self.refused),
            "notices": [one.cause(language) for one in self.profile.notices],
            "rules": [
                {"code": each.finding.code, "severity": str(each.finding.severity), "field": each.finding.field,
                 "place": each.finding.params["place"], "source": each.finding.params.get("origin", ""),
                 "datasets": each.datasets, "count": each.places,
                 "cause": each.finding.cause(language), "remedy": each.finding.remedy(language)}
                for each in self.objections()
            ],
        }  # fmt: skip


def _rank(objection: Objection) -> int:
    return _RANK[objection.finding.severity or Severity.INFO]
