"""Decisions of a person: about a held source (release, rollback), a dataset (withdraw), a member (remove). They change records, sources
and lists; publish.generation then acts on it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select, update

from federation import clock
from federation.errors import ConfigError
from federation.store import tables as t
from federation.store.farewells import DepartureRow, WithdrawalRow
from federation.store.store import Store

REMOVED = "removed."  # setting: a member's id behind it; JSON with time and person


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


def of(store: Store, source: str) -> Held:
    """What of this source waits. ConfigError where nothing does."""
    for item in held(store):
        if item.source == source:
            return item
    raise ConfigError("not-held", value=source, known=", ".join(item.source for item in held(store)) or "-")


def release(store: Store, source: str, *, dry: bool = False) -> Held:
    """Accepts what the last run of a held source said: what waits goes live, what was absent leaves; a rollback ends. ConfigError where
    nothing is held.
    """
    item = of(store, source)
    if dry:
        return item
    if item.new:
        store.set_states(source, item.new, state="live", missing_runs=0, run=item.run)
    if item.absent:
        store.set_states(source, item.absent, state="gone", missing_runs=0, run=item.run)
        known = store.departures(source)
        rows = [known.get(name) or DepartureRow(source, name, item.run, clock.stamp()) for name in item.absent]
        store.put_departures([row._replace(word="released") for row in rows])
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
    if store.forgotten(source, known):
        raise ConfigError("generation-forgotten", value=str(known), source=source)
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


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A dataset that a person takes out: its IRI, those of the catalog records about it, and (source, identifier) of who describes it."""

    iri: str
    about: list[str] = field(default_factory=list)
    records: list[tuple[str, str]] = field(default_factory=list)

    @property
    def iris(self) -> list[str]:
        """All IRIs that leave."""
        return [self.iri, *self.about]


def meant(store: Store, name: str) -> Withdrawal:
    """What a person means by an IRI, or by an identifier that only one IRI has. ConfigError: dataset-unknown, dataset-ambiguous."""
    r = t.record.c
    with store.read() as connection:
        found = connection.execute(select(r.iri).where(r.iri == name).limit(1)).scalar()
        iris = [found] if found else sorted(set(connection.execute(select(r.iri).where(r.identifier == name, r.iri != "")).scalars()))
    if len(iris) > 1:
        raise ConfigError("dataset-ambiguous", value=name, known=", ".join(iris[:5]))
    if not iris:
        if store.withdrawal(name) is None and not store.erased(name):
            raise ConfigError("dataset-unknown", value=name)
        iris = [name]
    return Withdrawal(iris[0], sorted(store.about(iris)), store.iri_owner(iris[0]))


def withdraw(store: Store, item: Withdrawal, reason: str, person: str) -> None:
    """It leaves with the next generation and stays away, whatever its sources list, until `take_back`."""
    at = clock.stamp()
    rows = [WithdrawalRow(iri, "" if iri == item.iri else item.iri, reason, person, at) for iri in item.iris]
    store.put_withdrawals(rows)


def check_withdrawn(store: Store, item: Withdrawal) -> None:
    """Whether there is a withdrawal to take back. ConfigError: erased-for-good, not-withdrawn."""
    if store.erased(item.iri):
        raise ConfigError("erased-for-good", value=item.iri)
    if store.withdrawal(item.iri) is None:
        raise ConfigError("not-withdrawn", value=item.iri)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A member that leaves or returns: its sources known to the store, and its file with the place that it is moved to (None: no file)."""

    member: str
    sources: list[str] = field(default_factory=list)
    file: Path | None = None
    target: Path | None = None


def leaving(store: Store, folder: Path, member: str) -> Leaving:
    """What leaves with a member. ConfigError: member-unknown."""
    sources = [row.id for row in store.sources() if row.member == member]
    file, away = folder / "members" / f"{member}.toml", folder / "members" / "removed" / f"{member}.toml"
    if not file.is_file() and not away.is_file() and not sources:
        known = {row.member for row in store.sources()} | {each.stem for each in (folder / "members").glob("*.toml")}
        raise ConfigError("member-unknown", value=member, known=", ".join(sorted(known)) or "-")
    return Leaving(member, sources, file, away) if file.is_file() else Leaving(member, sources)


def returning(store: Store, folder: Path, member: str) -> Leaving:
    """What returns with a member that was removed. ConfigError: member-unknown, erased-for-good, not-removed."""
    item = leaving(store, folder, member)
    if member in store.erased().members:
        raise ConfigError("erased-for-good", value=member)
    file = folder / "members" / "removed" / f"{member}.toml"
    if not file.is_file() and store.setting(REMOVED + member) == "":
        raise ConfigError("not-removed", value=member)
    return Leaving(member, item.sources, file, folder / "members" / f"{member}.toml") if file.is_file() else Leaving(member, item.sources)


def move(store: Store, item: Leaving, person: str, *, back: bool = False) -> None:
    """Moves the member's file and marks its sources; ConfigError where the file cannot be moved."""
    if item.file is not None and item.target is not None:
        try:
            item.target.parent.mkdir(exist_ok=True)
            if back and item.target.exists():
                raise ConfigError("member-exists", value=f"members/{item.target.name}")
            item.file.replace(item.target)
        except OSError as error:
            raise ConfigError("not-writable", value=str(item.target), detail=error.strerror or str(error)) from error
    key = REMOVED + item.member
    if back:
        store.set_settings({}, [key])
    else:
        store.set_settings({key: orjson.dumps({"at": clock.stamp(), "person": person}).decode()})
    s = t.source.c
    with store.write() as connection:
        held = update(t.source).where(s.member == item.member, s.held.is_not(None))
        connection.execute(update(t.source).where(s.member == item.member).values(state="ok" if back else "removed"))
        if back:
            connection.execute(held.values(state="held"))
