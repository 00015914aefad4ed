"""What the watch over the sources remembers: what the operator was told, who took it, how many violations there were on the last days.

Settings of the store, so that a backup has them: "watch:SOURCE" is written after a round only, "taken:SOURCE" by `acknowledge` (two rows,
so that neither overwrites the other).
"""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from federation.report.verdict import Colour
from federation.store.store import Store

WATCH = "watch:"
TAKEN = "taken:"
DAYS = 7  # of violations to compare with


@dataclass(slots=True)
class Memory:
    """What is remembered of one source. `since` is when it left green; `colour` and `kind` what the operator was told last (green at
    first), `told` when they were told of it for the first time, `escalated` when the deputy was ("" not yet); `violations` the fewest of
    each day (date: count). Times are ISO 8601, UTC.
    """

    since: str = ""
    colour: Colour = "green"
    kind: str = "ok"
    told: str = ""
    escalated: str = ""
    violations: dict[str, int] = field(default_factory=dict)

    def fewest(self, now: datetime) -> int | None:
        """The fewest violations of the last days; None where nothing is known."""
        first = (now - timedelta(days=DAYS)).date().isoformat()
        return min((count for day, count in self.violations.items() if day >= first), default=None)

    def note(self, violations: int, now: datetime) -> None:
        """Remembers today's count and forgets what is too old to compare with."""
        today, first = now.date().isoformat(), (now - timedelta(days=DAYS)).date().isoformat()
        self.violations = {day: count for day, count in self.violations.items() if day >= first}
        self.violations[today] = min(violations, self.violations.get(today, violations))


@dataclass(frozen=True, slots=True)
class Taken:
    """Who takes care of a source, since when (ISO 8601, UTC), and what they noted."""

    by: str
    at: str
    note: str = ""


def memories(store: Store) -> dict[str, Memory]:
    """What is remembered, by source."""
    return {source: Memory(**_unpacked(text, Memory)) for source, text in store.settings(WATCH).items()}


def taken(store: Store) -> dict[str, Taken]:
    """Who takes care, by source."""
    return {source: Taken(**_unpacked(text, Taken)) for source, text in store.settings(TAKEN).items()}


def remember(store: Store, known: Mapping[str, Memory], *, settled: Collection[str] = ()) -> None:
    """Writes what differs from what is stored, forgets sources that `known` has no more, and who took those that are `settled`."""
    before = memories(store)
    changed = {WATCH + source: _packed(memory) for source, memory in known.items() if before.get(source) != memory}
    gone = before.keys() - known.keys()
    store.set_settings(changed, [*(WATCH + source for source in gone), *(TAKEN + source for source in {*gone, *settled})])


def take(store: Store, source: str, by: str, note: str, at: str) -> Taken:
    """Records that somebody takes care of a source."""
    made = Taken(" ".join(by.split()), at, " ".join(note.split()))
    store.set_setting(TAKEN + source, _packed(made))
    return made


def _unpacked(text: str, kind: type[Memory] | type[Taken]) -> dict[str, Any]:
    """What another version of the program wrote may say more."""
    return {name: value for name, value in orjson.loads(text).items() if name in kind.__dataclass_fields__}


def _packed(row: Memory | Taken) -> str:
    return orjson.dumps(dataclasses.asdict(row)).decode()
