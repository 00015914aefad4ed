"""Points of the Metadata Quality Assessment of data.europa.eu: 405 in five dimensions, per dataset (spec, section 9).

The weights are a table, `vocabularies/quality/mqa.csv`. What data.europa.eu does not publish is assumed, and ASSUMPTIONS says so. A
diagnosis for the office that looks after the data: what costs points, and where it is mended.
"""

import csv
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from federation import vocabulary
from federation.dcat.description import Description, Nodes
from federation.dcat.schema import CLASSES, Obligation
from federation.finding import Finding, Severity
from federation.quality.check import check
from federation.terms import DCAT, DCTERMS, Term, expanded, value

DIMENSIONS = ("findability", "accessibility", "interoperability", "reusability", "contextuality")
BANDS = (("excellent", 351), ("good", 221), ("sufficient", 120), ("bad", 0))

ASSUMPTIONS = (
    ("Von mehreren Distributionen zählt die mit den meisten Punkten.", "Of several distributions the one with the most points counts."),
    ("Die Punkte einer Quelle sind der Mittelwert über ihre Datensätze.", "The points of a source are the mean over its datasets."),
    (
        "Der DCAT-AP-Form entspricht ein Datensatz, an dem unsere Prüfung keinen Verstoß gegen DCAT-AP findet; was nur DCAT-AP.de "
        "verlangt, zählt dabei nicht.",
        "A dataset conforms to DCAT-AP when our check finds no violation of DCAT-AP; what only DCAT-AP.de asks for does not count there.",
    ),
    (
        "Format und Medientyp gelten als aus den Listen, wenn jeder angegebene Wert in seiner Liste steht.",
        "Format and media type count as of the lists when every value that is given is in its list.",
    ),
    (
        "Veröffentlicht am und Geändert am zählen an der Distribution oder am Datensatz.",
        "Date of release and of modification count on the distribution or on the dataset.",
    ),
    (
        "Ob Adressen antworten, zählt nur, wo es geprüft wurde; die möglichen Punkte sind sonst um 80 kleiner, und die Stufe "
        "richtet sich nach dem Anteil.",
        "Whether addresses answer counts only where it was checked; else the possible points are 80 fewer, and the band goes by the share.",
    ),
)  # fmt: skip
"""What is assumed where the reckoning of data.europa.eu is not public: (German, English)."""

Reachable = Callable[[str], bool | None]
"""Whether an address answers; None where that is not known."""


class Metric(NamedTuple):
    """One line of the table. `on` is dataset or distribution, `property` in prefix form ("" for none)."""

    id: str
    dimension: str
    points: int
    on: str
    property: str
    de: str
    en: str


def _table() -> tuple[Metric, ...]:
    rows = csv.reader(files("vocabularies").joinpath("quality", "mqa.csv").read_text(encoding="utf-8").splitlines())
    next(rows)
    return tuple(Metric(name, dimension, int(points), on, prop, de, en) for name, dimension, points, on, prop, de, en in rows)


METRICS = _table()
POSSIBLE = sum(metric.points for metric in METRICS)
_NOTHING: dict[Term, list[Term]] = {}
_MEDIA_TYPES = ("<https://www.iana.org/assignments/media-types/", "<http://www.iana.org/assignments/media-types/")

# Places in METRICS.
_AT = {metric.id: at for at, metric in enumerate(METRICS)}
_CONFORMITY, _ACCESS_LISTED, _KNOWN = _AT["conformity"], _AT["access-rights-vocabulary"], _AT["known-licence"]
_ISSUED, _MODIFIED = _AT["issued"], _AT["modified"]
_ON_FILE = tuple(at for at, metric in enumerate(METRICS) if metric.on == "distribution")
_STATUS = ((_AT["access-url-status"], DCAT.accessURL), (_AT["download-url-status"], DCAT.downloadURL))
_BY_VALUE = frozenset(
    {"format-vocabulary", "non-proprietary", "machine-readable", "known-licence", "access-url-status", "download-url-status", "conformity"}
)


def _by_presence(on: str) -> tuple[tuple[int, Term, int], ...]:
    """(place in METRICS, property, points) of what needs to be there only."""
    rows = ((_AT[metric.id], metric) for metric in METRICS if metric.on == on and metric.id not in _BY_VALUE)
    return tuple((at, expanded(metric.property), metric.points) for at, metric in rows)


_OF_DATASET, _OF_FILE = _by_presence("dataset"), _by_presence("distribution")


class Score(NamedTuple):
    """The points of one dataset, one place per metric in the order of METRICS; None where it was not measured."""

    points: tuple[int | None, ...]

    @property
    def total(self) -> int:
        """All points together."""
        return sum(filter(None, self.points))

    @property
    def possible(self) -> int:
        """What could be had from the metrics that were measured."""
        return sum(metric.points for metric, points in zip(METRICS, self.points, strict=True) if points is not None)

    @property
    def band(self) -> str:
        """excellent, good, sufficient or bad, by the share of the possible points."""
        return band(self.total, self.possible)

    def dimensions(self) -> dict[str, int]:
        """Points by dimension."""
        found = dict.fromkeys(DIMENSIONS, 0)
        for metric, points in zip(METRICS, self.points, strict=True):
            found[metric.dimension] += points or 0
        return found


def band(points: float, possible: float) -> str:
    """The band of so many points out of so many: excellent from 351 of 405, good from 221, sufficient from 120."""
    share = points / possible * POSSIBLE if possible else 0.0
    return next(name for name, least in BANDS if share > least - 1 or not least)


def score(description: Description, *, conforms: bool | None = None, reachable: Reachable | None = None) -> Score:
    """The points of a dataset as it stands. `conforms` spares the check where its outcome is known (see `conforming`); without
    `reachable` the points for addresses that answer are not measured.
    """
    nodes = description.nodes
    root = nodes.get(description.root, _NOTHING)
    points: list[int | None] = [0] * len(METRICS)
    for at, prop, gain in _OF_DATASET:
        if _filled(root.get(prop)):
            points[at] = gain
    if conforming(check(description)) if conforms is None else conforms:
        points[_CONFORMITY] = METRICS[_CONFORMITY].points
    if not all(map(_access_rights().__contains__, root.get(DCTERMS.accessRights) or ("",))):
        points[_ACCESS_LISTED] = 0
    best = _best(nodes, root, reachable)
    for at in _ON_FILE:
        points[at] = best[at]
    return Score(tuple(points))


def conforming(findings: Iterable[Finding]) -> bool:
    """Whether a dataset conforms to DCAT-AP, the European profile, by what the check finds in it."""
    return not any(
        one.severity is Severity.VIOLATION and one.code in _european() and (one.params.get("class", ""), one.field) not in _german()
        for one in findings
    )


def _best(nodes: Nodes, root: dict[Term, list[Term]], reachable: Reachable | None) -> list[int | None]:
    """The points of the best distribution, in a list of all metrics."""
    issued = bool(root.get(DCTERMS.issued))
    modified = bool(root.get(DCTERMS.modified))
    best: list[int | None] = []
    most = -1
    for node in root.get(DCAT.distribution, ()):
        points = _file(nodes.get(node, _NOTHING), issued, modified, reachable)
        total = sum(filter(None, points))
        if total > most:
            best, most = points, total
    return best or _file(_NOTHING, issued, modified, reachable)


def _file(properties: dict[Term, list[Term]], issued: bool, modified: bool, reachable: Reachable | None) -> list[int | None]:
    points: list[int | None] = [0] * len(METRICS)
    for at, prop, gain in _OF_FILE:
        if _filled(properties.get(prop)):
            points[at] = gain
    if issued:
        points[_ISSUED] = METRICS[_ISSUED].points
    if modified:
        points[_MODIFIED] = METRICS[_MODIFIED].points
    for at, gain in _formats(tuple(properties.get(DCTERMS.format, ())), tuple(properties.get(DCAT.mediaType, ()))):
        points[at] = gain
    if any(map(_known, properties.get(DCTERMS.license, ()))):
        points[_KNOWN] = METRICS[_KNOWN].points
    for at, prop in _STATUS:
        points[at] = _answers(properties.get(prop, ()), reachable, METRICS[at].points) if reachable else None
    return points


def _filled(terms: list[Term] | None) -> bool:
    return bool(terms) and (terms != ['""'])


def _answers(addresses: Iterable[Term], reachable: Reachable, points: int) -> int | None:
    known = [reachable(value(term)) for term in addresses]
    if True in known:
        return points
    return None if None in known else 0


@lru_cache(maxsize=4096)
def _formats(formats: tuple[Term, ...], media_types: tuple[Term, ...]) -> tuple[tuple[int, int], ...]:
    names = [term[1:-1] if term[0] == "<" else "" for term in formats]
    listed = all(map(vocabulary.vocabulary("file-type").__contains__, names))
    typed = all(term.lower().startswith(_MEDIA_TYPES) for term in media_types)
    gained = {
        "format-vocabulary": bool(formats or media_types) and listed and typed,
        "non-proprietary": any(map(vocabulary.is_non_proprietary, names)),
        "machine-readable": any(map(vocabulary.is_machine_readable, names)),
    }
    return tuple((_AT[name], METRICS[_AT[name]].points) for name, gain in gained.items() if gain)


@lru_cache(maxsize=4096)
def _known(licence: Term) -> bool:
    return licence[0] == "<" and vocabulary.is_known_licence(licence[1:-1])


@cache
def _access_rights() -> frozenset[Term]:
    return frozenset(f"<{code}>" for code in vocabulary.vocabulary("access-right"))


@cache
def _german() -> frozenset[tuple[str, str]]:
    """(class, property) that DCAT-AP.de asks for and DCAT-AP does not."""
    mandatory = ((cls, row) for cls in CLASSES.values() for row in cls.of(Obligation.MANDATORY))
    return frozenset((cls.name, row.name) for cls, row in mandatory if row.german)


@cache
def _european() -> frozenset[str]:
    """Codes of the check that tell of a rule of DCAT-AP."""
    return frozenset({
        "missing-title", "missing-description", "missing-publisher", "missing-licence", "missing-access-url", "missing-endpoint-url",
        "missing-agent-name", "missing-property", "too-many", "not-a-code", "not-an-address", "not-a-text", "not-described",
        "wrong-datatype",
    })  # fmt: skip
