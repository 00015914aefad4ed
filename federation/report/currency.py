"""How current data are, by their dates of modification; and which sources' dates say nothing.

Some portals stamp every dataset anew whenever they are asked. A source whose dates equal the day of the run on more than half of its
datasets, in two runs on different days, gets the finding `modified-is-harvest-day` and counts in no figure about currency. What the
last two days showed is a setting of the store, "harvest-days:SOURCE".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select

from federation import clock
from federation.config import FederationConfig
from federation.finding import Finding
from federation.store import tables as t
from federation.store.store import Store

_HALF = 0.5
_RUNS = 2
_PUBLIC = ("live", "missing")


def observe(store: Store, source: str, started: str) -> Finding | None:
    """Takes down what the run that began at `started` (ISO 8601, UTC) showed, and tells when the dates of the source say nothing.

    To be called after a run that read its source; the finding is kept with those about the source. A second run on one day adds
    nothing: whoever updates everything today has said so today only.
    """
    begun = datetime.fromisoformat(started)
    days = {started[:10], begun.astimezone().date().isoformat(), clock.today().isoformat()}
    dates = _dates(store, source)
    share = sum(one in days for one in dates) / len(dates) if dates else 0.0
    seen = [(day, part) for day, part in _memory(store, source) if day != started[:10]]
    seen = [*seen, (started[:10], round(share, 3))][-_RUNS:]
    store.set_setting(_key(source), orjson.dumps(seen).decode())
    if not _says_nothing(seen):
        return None
    said = {"share": str(round(100 * share)), "days": ", ".join(day for day, _ in seen)}
    finding = Finding("modified-is-harvest-day", field="dcterms:modified", params={"source": source, **said})
    last = store.last_runs().get(source)
    known = [row.finding() for row in store.findings(source=source, identifier="") if row.code != finding.code]
    store.replace_source_findings(source, [*known, finding], last.id if last else 0)
    return finding


def says_nothing(store: Store, source: str) -> bool:
    """Whether the dates of modification of a source tell when we fetched them, not when the data changed."""
    return _says_nothing(_memory(store, source))


def _says_nothing(seen: list[tuple[str, float]]) -> bool:
    return len(seen) == _RUNS and all(share > _HALF for _, share in seen)


def _key(source: str) -> str:
    return f"harvest-days:{source}"


def _memory(store: Store, source: str) -> list[tuple[str, float]]:
    """[(day, share of datasets that were modified on just that day)], the latest last."""
    kept: list[list[Any]] = orjson.loads(store.setting(_key(source), "[]"))
    return [(str(day), float(share)) for day, share in kept]


def _dates(store: Store, source: str) -> list[str]:
    """The day of modification of every public dataset of a source, "" where it has none."""
    r = t.record.c
    query = select(t.body.c.modified).join_from(t.record, t.body, t.body.c.digest == r.body)
    with store.read() as connection:
        found: Iterable[str] = connection.execute(query.where(r.source == source, r.kind == "dataset", r.state.in_(_PUBLIC))).scalars()
        return [one[:10] for one in found]


@dataclass(frozen=True, slots=True)
class Currency:
    """How current a source is: datasets, how many have a date, how many changed within a year, and the latest date ("" for none).
    Where `meaningful` is false the dates say nothing, and `year` and `newest` are None.
    """

    source: str
    title: str
    datasets: int
    dated: int
    meaningful: bool
    year: int | None
    newest: str | None

    def as_dict(self) -> dict[str, Any]:
        """The keys of `currency` in `mqa --json`."""
        return {name: getattr(self, name) for name in self.__slots__}


def figures(config: FederationConfig, store: Store, today: date | None = None) -> list[Currency]:
    """The currency of every source, in the order of the configuration."""
    since = ((today or clock.today()) - timedelta(days=365)).isoformat()
    titles = {member.id: member.title for member in config.members}
    made = []
    for source in config.sources():
        dates = _dates(store, source.id)
        dated = [one for one in dates if one]
        meaningful = not says_nothing(store, source.id)
        made.append(
            Currency(
                source.id, titles[source.member], len(dates), len(dated), meaningful,
                sum(one >= since for one in dated) if meaningful else None, max(dated, default="") if meaningful else None,
            )
        )  # fmt: skip
    return made


def overall(found: Iterable[Currency], title: str) -> Currency:
    """The region as a whole; sources whose dates say nothing are left out."""
    counted = [each for each in found if each.meaningful]
    return Currency(
        "", title, sum(each.datasets for each in counted), sum(each.dated for each in counted), bool(counted),
        sum(each.year or 0 for each in counted) if counted else None, max((each.newest or "" for each in counted), default=None),
    )  # fmt: skip
