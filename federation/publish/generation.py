"""generation(): the one transaction that decides what is public now, and the only writer of `item` and `change`.

It compares what is wanted (live records of sources at stage region or beyond, one owner per IRI) with what is public, writes the
difference and appends it to the change log. It never looks at a source on the network. The commit is synchronous=FULL.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from federation.config import FederationConfig, Source
from federation.finding import Finding, Severity
from federation.store import tables as t
from federation.store.farewells import withheld_iris
from federation.store.findings import appear, move_away
from federation.store.store import Store

PUBLIC_STAGES = frozenset({"region", "forward"})
KINDS = ("dataset", "series", "service", "record")
SHOWN_STATES = ("live", "missing", "rejected")  # rejected: the last good body stays
OWNED_TWICE = "iri-owned-twice"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One entity that is to be public: who says it and which body."""

    iri: str
    source: str
    identifier: str
    kind: str
    body: bytes


@dataclass(slots=True)
class Generation:
    """What a call came to. `id` is the generation that is public now (0: none yet), `made` whether this call made it."""

    id: int
    made: bool
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    items: int = 0

    def as_dict(self) -> dict[str, object]:
        """The keys of `publish --json`."""
        return {"generation": self.id, "made": self.made, "items": self.items, "created": len(self.created),
                "updated": len(self.updated), "deleted": len(self.deleted)}  # fmt: skip


def generation(config: FederationConfig, store: Store, *, dry: bool = False) -> Generation:
    """Makes the next generation, or none where nothing differs. `dry` tells what it would do and writes nothing."""
    with store.read() as connection:
        unchanged = _unchanged(config, connection)
    if unchanged is not None:
        return unchanged
    with store.write(durable=True) if not dry else store.read() as connection:
        wanted, conflicts = _wanted(config, connection)
        result = _difference(connection, wanted)
        if not dry:
            _note_conflicts(connection, conflicts)
            if result.made:
                _commit(connection, wanted, result)
        return result


def sources_in_order(config: FederationConfig) -> list[Source]:
    """The sources by precedence: `[catalog] order` names members or sources, "*" stands for all others in the members' order."""
    every = config.sources()
    order = list(config.catalog.order)
    if "*" not in order:
        order.append("*")
    named = {name for name in order if name != "*"}
    placed: list[Source] = []
    for name in order:
        placed += [
            source for source in every
            if source not in placed
            and (source.id not in named and source.member not in named if name == "*" else name in (source.id, source.member))
        ]
    return placed


def public_sources(config: FederationConfig) -> list[Source]:
    """Those whose stage (the source's own, else its member's) lets their datasets into the regional catalog."""
    stages = {member.id: member.stage for member in config.members}
    return [source for source in sources_in_order(config) if (source.stage or stages.get(source.member, "preview")) in PUBLIC_STAGES]


def _wanted(config: FederationConfig, connection: Connection) -> tuple[dict[str, Wanted], list[tuple[Wanted, Wanted]]]:
    """What is to be public by IRI, and the pairs (owner, other) where two sources describe one IRI."""
    owners: dict[str, Wanted] = {}
    conflicts: list[tuple[Wanted, Wanted]] = []
    pinned = _pinned(connection)
    for source in public_sources(config):
        for row in _of_source(connection, source.id, pinned.get(source.id)):
            owner = owners.setdefault(row.iri, row)
            if owner is not row:
                conflicts.append((owner, row))
    return owners, conflicts


def _unchanged(config: FederationConfig, connection: Connection) -> Generation | None:
    """The present generation where a count shows that all that is wanted is public just so; None where it takes a closer look."""
    r, i = t.record.c, t.item.c
    sources = [source.id for source in public_sources(config)]
    wanted = (r.body.is_not(None), r.kind.in_(KINDS), r.state.in_(SHOWN_STATES), r.source.in_(sources), r.iri.not_in(withheld_iris()))
    same = (i.iri == r.iri, i.source == r.source, i.identifier == r.identifier, i.body == r.body)
    number = connection.execute(select(func.max(t.generation.c.id))).scalar()
    items = connection.execute(select(func.count()).select_from(t.item)).scalar_one()
    if number is None or _pinned(connection):
        return None
    if connection.execute(select(func.count()).select_from(t.record).where(*wanted)).scalar_one() != items:
        return None
    matching = select(func.count()).select_from(t.record.join(t.item, and_(*same))).where(*wanted)
    return Generation(number, False, items=items) if connection.execute(matching).scalar_one() == items else None


def _pinned(connection: Connection) -> dict[str, int]:
    """Sources that `rollback` set back, with the generation whose state stays public for them."""
    held = connection.execute(select(t.source.c.id, t.source.c.held).where(t.source.c.held.is_not(None)))
    states = {name: orjson.loads(text) for name, text in held}
    return {name: state["generation"] for name, state in states.items() if "generation" in state}


def _of_source(connection: Connection, source: str, pinned: int | None) -> Iterator[Wanted]:
    r = t.record.c
    if pinned is not None:
        yield from _as_of(connection, source, pinned)
        return
    rows = connection.execute(
        select(r.iri, r.identifier, r.kind, r.body)
        .where(
            r.source == source, r.body.is_not(None), r.kind.in_(KINDS), r.state.in_(SHOWN_STATES), r.iri.not_in(withheld_iris())
        )
        .order_by(r.identifier)
    )
    for iri, identifier, kind, body in rows:
        yield Wanted(iri, source, identifier, kind, body)


def _as_of(connection: Connection, source: str, generation_id: int) -> Iterator[Wanted]:
    """What this source had public in an earlier generation, read from the change log."""
    r, c = t.record.c, t.change.c
    last = select(c.iri, func.max(c.seq).label("seq")).where(c.generation <= generation_id).group_by(c.iri).subquery()
    rows = connection.execute(
        select(r.iri, r.identifier, r.kind, c.body)
        .join(last, last.c.iri == r.iri)
        .join(t.change, c.seq == last.c.seq)
        .where(
            r.source == source, c.body.is_not(None), r.kind.in_(KINDS), r.state.not_in(("withdrawn",)), r.iri.not_in(withheld_iris())
        )
        .order_by(r.identifier)
    )
    for iri, identifier, kind, body in rows:
        yield Wanted(iri, source, identifier, kind, body)


def _difference(connection: Connection, wanted: dict[str, Wanted]) -> Generation:
    i = t.item.c
    current = connection.execute(select(func.max(t.generation.c.id))).scalar() or 0
    result = Generation(current, False, items=len(wanted))
    public = set()
    for iri, source, identifier, body in connection.execute(select(i.iri, i.source, i.identifier, i.body)):
        public.add(iri)
        new = wanted.get(iri)
        if new is None:
            result.deleted.append(iri)
        elif (new.source, new.identifier, new.body) != (source, identifier, body):
            result.updated.append(iri)
    result.created = [iri for iri in wanted if iri not in public]
    for changed in (result.created, result.updated, result.deleted):
        changed.sort()
    result.made = bool(result.created or result.updated or result.deleted)
    return result


def _commit(connection: Connection, wanted: dict[str, Wanted], result: Generation) -> None:
    at = t.now()
    result.id = connection.execute(insert(t.generation).values(made=at, items=len(wanted)).returning(t.generation.c.id)).scalar_one()
    if result.deleted:
        connection.execute(delete(t.item).where(t.item.c.iri == bindparam("gone")), [{"gone": iri} for iri in result.deleted])
    if result.updated:
        connection.execute(
            update(t.item)
            .where(t.item.c.iri == bindparam("at_iri"))
            .values(source=bindparam("s"), identifier=bindparam("n"), kind=bindparam("k"), body=bindparam("b"), since=at),
            [
                {"at_iri": iri, "s": row.source, "n": row.identifier, "k": row.kind, "b": row.body}
                for iri in result.updated for row in (wanted[iri],)
            ],
        )  # fmt: skip
    if result.created:
        connection.execute(
            insert(t.item),
            [
                {"iri": iri, "source": row.source, "identifier": row.identifier, "kind": row.kind, "body": row.body, "since": at}
                for iri in result.created for row in (wanted[iri],)
            ],
        )  # fmt: skip
    log = [(iri, "create") for iri in result.created] + [(iri, "update") for iri in result.updated]
    log += [(iri, "delete") for iri in result.deleted]
    connection.execute(
        insert(t.change),
        [
            {"generation": result.id, "iri": iri, "kind": kind, "body": wanted[iri].body if iri in wanted else None, "at": at}
            for iri, kind in sorted(log)
        ],
    )


def _note_conflicts(connection: Connection, conflicts: list[tuple[Wanted, Wanted]]) -> None:
    """Keeps one finding for each IRI that two sources describe, at the source that is not published."""
    known = {(row.source, row.identifier): row for row in connection.execute(select(t.finding).where(t.finding.c.code == OWNED_TWICE))}
    now = {(other.source, other.identifier): orjson.dumps({"owner": owner.source}).decode() for owner, other in conflicts}
    move_away(connection, [row for key, row in known.items() if now.get(key) != row.params])
    severity = Finding(OWNED_TWICE).severity or Severity.WARNING
    told = ((*key, params) for key, params in now.items() if key not in known or known[key].params != params)
    appear(
        connection,
        [
            {"source": source, "identifier": identifier, "code": OWNED_TWICE, "severity": severity.value, "field": "", "value": "",
             "params": params}
            for source, identifier, params in told
        ],
    )  # fmt: skip

