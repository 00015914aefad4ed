"""Decisions of a person about a held source: release, rollback. They change records and sources; publish.generation then acts on it."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import func, select

from federation.errors import ConfigError
from federation.store import tables as t
from federation.store.store import Store


@dataclass(frozen=True, slots=True)
class Held:
    """A source whose last run waits for a decision: the finding code that says why, with its params; `absent` are public records that
    the run did not list, `new` records that wait; `generation` is set where `rollback` keeps an earlier state public.
    """

    source: str
    reason: str
    params: dict[str, str] = field(default_factory=dict)
    run: int = 0
    absent: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    generation: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The keys of `held --json`."""
        return {"source": self.source, "reason": self.reason, "params": self.params, "run": self.run, "absent": self.absent,
                "new": self.new, "generation": self.generation}  # fmt: skip


def held(store: Store) -> list[Held]:
    """Every source that waits for a decision."""
    found = []
    for row in store.sources():
        if row.held:
            state = orjson.loads(row.held)
            found.append(Held(row.id, **{key: state[key] for key in state if key in Held.__dataclass_fields__ and key != "source"}))
    return found


def _of(store: Store, source: str) -> Held:
    for item in held(store):
        if item.source == source:
            return item
    raise ConfigError("not-held", value=source, known=", ".join(item.source for item in held(store)) or "-")


def release(store: Store, source: str, *, dry: bool = False) -> Held:
    """Accepts what the last run of a held source said: what waits goes live, what was absent leaves; a rollback ends. ConfigError where
    nothing is held.
    """
    item = _of(store, source)
    if dry:
        return item
    if item.new:
        store.set_states(source, item.new, state="live", missing_runs=0, run=item.run)
    if item.absent:
        store.set_states(source, item.absent, state="gone", missing_runs=0, run=item.run)
    store.set_source(source, held=None, state="ok")
    return item


def rollback(store: Store, source: str, *, to: int | None = None, dry: bool = False) -> Held:
    """Keeps public for one source what was public in an earlier generation (`to`; default: the one before its last run), until
    `release`. Later runs go on reading, they just do not show. ConfigError where there is no such generation.
    """
    if source not in {row.id for row in store.sources()}:
        raise ConfigError("source-unknown", value=source, known=", ".join(sorted(row.id for row in store.sources())))
    generation = _generation_before_last_run(store, source) if to is None else to
    with store.read() as connection:
        known = connection.execute(select(t.generation.c.id).where(t.generation.c.id == generation)).scalar()
    if known is None:
        raise ConfigError("generation-unknown", value=str(generation or "-"), source=source)
    earlier = next((item for item in held(store) if item.source == source), None)
    item = Held(
        source, "rolled-back", {"generation": str(generation), "source": source}, earlier.run if earlier else 0,
        earlier.absent if earlier else [], earlier.new if earlier else [], generation,
    )  # fmt: skip
    if not dry:
        store.set_source(source, held=orjson.dumps(item.as_dict()).decode(), state="held")
    return item


def _generation_before_last_run(store: Store, source: str) -> int | None:
    runs = store.runs(source, limit=1)
    if not runs:
        return None
    g = t.generation.c
    with store.read() as connection:
        latest: int | None = connection.execute(select(func.max(g.id)).where(g.made < runs[0].started)).scalar()
        return latest


