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
from federation.quality.check import check
from federation.quality.mqa import ASSUMPTIONS, DIMENSIONS, METRICS, Metric, Reachable, Score, band, conforming, score
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


class Measured(NamedTuple):
    """The points of a dataset and what the check finds in it, as its source said it and as it is published."""

    scored: Scored
    said: list[Finding]
    published: list[Finding]


def measure(description: Description, reachable: Reachable | None = None) -> Measured:
    """A dataset as it is published, with its Changes."""
    said = before(description)
    first, then = check(said), check(description)
    scored = Scored(
        value(description.root), score(said, conforms=conforming(first), reachable=reachable),
        score(description, conforms=conforming(then), reachable=reachable),
    )  # fmt: skip
    return Measured(scored, first, then)


@dataclass(slots=True)
class Fault:
    """One thing that the check finds: at how many datasets as their source says them, and as they are published."""

    finding: Finding
    before: int = 0
    after: int = 0


@dataclass(slots=True)
class Points:
    """The points of a source (or of the region: `source` ""), as it said it and as it is published, and what the check finds in both.
    `scored` are its datasets, those with the fewest points first, where they were asked for.
    """

    source: str
    title: str
    connector: str = ""
    before: Tally = field(default_factory=Tally)
    after: Tally = field(default_factory=Tally)
    scored: list[Scored] = field(default_factory=list)
    _faults: dict[tuple[str, str, str], Fault] = field(default_factory=dict)

    def take(self, measured: Measured) -> None:
        """One more dataset."""
        self.before.add(measured.scored.before)
        self.after.add(measured.scored.after)
        for found in measured.said:
            self._fault(found).before += 1
        for found in measured.published:
            self._fault(found).after += 1

    def merge(self, other: "Points") -> None:
        """The datasets of another source as well."""
        self.before.merge(other.before)
        self.after.merge(other.after)
        for each in other.faults():
            mine = self._fault(each.finding)
            mine.before += each.before
            mine.after += each.after

    def _fault(self, found: Finding) -> Fault:
        return self._faults.setdefault((found.code, found.params["class"], found.field), Fault(found))

    def faults(self) -> list[Fault]:
        """What the check finds: what stays first, by severity and number; then what our repairs mended."""
        return sorted(
            self._faults.values(), key=lambda one: (not one.after, _RANK[one.finding.severity or Severity.INFO], -one.after, -one.before)
        )

    def by_severity(self) -> dict[str, tuple[int, int]]:
        """{severity: (findings before, after)}; one for each kind of fault in a dataset."""
        found = {str(severity): (0, 0) for severity in Severity}
        for one in self._faults.values():
            first, then = found[str(one.finding.severity)]
            found[str(one.finding.severity)] = first + one.before, then + one.after
        return found

    def as_dict(self, language: str) -> dict[str, Any]:
        """The keys of `mqa --json`; points are means over datasets, rounded to two places."""
        return {
            "source": self.source, "title": self.title, "datasets": self.after.datasets,
            "before": _tally(self.before), "after": _tally(self.after),
            "costs": [
                {"metric": metric.id, "label": metric.de if language == "de" else metric.en, "dimension": metric.dimension,
                 "property": metric.property, "place": self.place(metric, language), "datasets": datasets, "points": round(lost, 2)}
                for metric, datasets, lost in self.after.costs()
            ],
            "findings": [
                {"code": one.finding.code, "severity": str(one.finding.severity), "class": one.finding.params["class"],
                 "field": one.finding.field, "place": place(one.finding.field, self.connector, one.finding.params["class"], language),
                 "before": one.before, "after": one.after}
                for one in self.faults()
            ],
            **({"scores": [_scored(each) for each in self.scored]} if self.scored else {}),
        }  # fmt: skip

    def place(self, metric: Metric, language: str) -> str:
        """Where in the source's software a metric is mended."""
        return place(metric.property, self.connector, _CLASSES[metric.on], language) if metric.property else ""


def _scored(each: Scored) -> dict[str, Any]:
    lost = {
        metric.id: metric.points - points for metric, points in zip(METRICS, each.after.points, strict=True)
        if points is not None and points < metric.points
    }  # fmt: skip
    return {"dataset": each.iri, "before": each.before.total, "after": each.after.total, "possible": each.after.possible,
            "band": each.after.band, "dimensions": each.after.dimensions(), "lost": lost}  # fmt: skip


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
                one = measure(description, reachable)
                made.take(one)
                if each:
                    made.scored.append(one.scored)
            made.scored.sort(key=lambda one: (one.after.total, one.iri))
            found.append(made)
    return found


def together(found: Iterable[Points], title: str) -> Points:
    """The points of several sources as one."""
    made = Points("", title)
    for each in found:
        made.merge(each)
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
    """One rule that datasets break: an example with its remedy, which datasets they are as they would be published, and how many break it
    as their source says them. A rule that no dataset breaks any more was mended by our repairs.
    """

    finding: Finding
    datasets: list[str] = field(default_factory=list)
    places: int = 0
    before: int = 0


@dataclass(slots=True)
class Refusal:
    """What a receiver's profile says about datasets. `refused` are those that break a violation, `before` how many as their source says
    them.
    """

    profile: Profile
    datasets: int = 0
    refused: dict[str, None] = field(default_factory=dict)
    before: int = 0
    _found: dict[tuple[str, str, str], Objection] = field(default_factory=dict)

    def ask(self, descriptions: Iterable[Description], connector: str = "", language: str = "de") -> None:
        """About datasets (series, services) as they would be published; remedies name the place in the software of `connector`."""
        for description in descriptions:
            self.datasets += description.kind in ("dataset", "series")
            for one in self.profile.findings(description):
                objection = self._objection(one, connector, language)
                objection.datasets.append(one.dataset)
                objection.places += int(one.params.get("count", "1"))
                if one.severity is Severity.VIOLATION:
                    self.refused[one.dataset] = None
            said = self.profile.findings(before(description))
            self.before += any(one.severity is Severity.VIOLATION for one in said)
            for one in said:
                self._objection(one, connector, language).before += 1

    def _objection(self, one: Finding, connector: str, language: str) -> Objection:
        key = one.code, one.params.get("class", ""), one.field
        if key not in self._found:
            self._found[key] = Objection(placed(one, connector, language))
        return self._found[key]

    def objections(self, least: Severity = Severity.INFO) -> list[Objection]:
        """By rule: violations first, then those that concern most datasets; `least` leaves out what is less grave."""
        kept = (each for each in self._found.values() if _rank(each) <= _RANK[least])
        return sorted(kept, key=lambda each: (not each.datasets, _rank(each), -len(each.datasets), -each.before, each.finding.code))

    def as_dict(self, language: str) -> dict[str, Any]:
        """The key `profile` of `check --json`."""
        return {
            "name": self.profile.name, "title": self.profile.title[language], "datasets": self.datasets, "refused": list(self.refused),
            "refused_before": self.before,
            "notices": [one.cause(language) for one in self.profile.notices],
            "rules": [
                {"code": each.finding.code, "severity": str(each.finding.severity), "field": each.finding.field,
                 "place": each.finding.params["place"], "source": each.finding.params.get("origin", ""),
                 "datasets": each.datasets, "count": each.places, "before": each.before,
                 "cause": each.finding.cause(language), "remedy": each.finding.remedy(language)}
                for each in self.objections()
            ],
        }  # fmt: skip


def _rank(objection: Objection) -> int:
    return _RANK[objection.finding.severity or Severity.INFO]
