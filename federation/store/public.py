"""Reading what is public: items, their bodies, the change log. Written only by publish.generation."""

from collections.abc import Iterator

from sqlalchemy import func, select

from federation.store import blobs
from federation.store import tables as t
from federation.store.rows import BodyRow, ChangeRow, ItemRow
from federation.store.transactions import Transactions

_I = t.item.c
_ITEM = select(
    _I.iri, _I.source, _I.identifier, _I.kind, _I.body, _I.since, t.body.c.title, t.body.c.modified, t.body.c.fragments
).join_from(t.item, t.body, t.body.c.digest == t.item.c.body)  # fmt: skip


class Public(Transactions):
    """The public catalog as of the last generation."""

    def items(self, *, kind: str | None = None, after: str = "", page: int = 200) -> Iterator[ItemRow]:
        """Every public entity (of one kind) with its fragments, in the order of IRIs, those behind `after`. Read in pages, each in its
        own transaction: one generation for the whole is only sure while no other is made, that is under the lease of publishing."""
        while True:
            query = _ITEM.where(_I.iri > after).order_by(_I.iri).limit(page)
            if kind is not None:
                query = query.where(_I.kind == kind)
            with self.read() as connection:
                rows = connection.execute(query).all()
            for row in rows:
                yield ItemRow._make((*row[:8], blobs.unpack_fragments(row[8])))
            if len(rows) < page:
                return
            after = rows[-1].iri

    def item(self, iri: str) -> ItemRow | None:
        """One public entity; None where the IRI is not public."""
        with self.read() as connection:
            row = connection.execute(_ITEM.where(_I.iri == iri)).first()
        return ItemRow._make((*row[:8], blobs.unpack_fragments(row[8]))) if row else None

    def count_items(self, kind: str | None = None) -> int:
        """How many entities (of one kind) are public."""
        query = select(func.count()).select_from(t.item)
        with self.read() as connection:
            return connection.execute(query if kind is None else query.where(_I.kind == kind)).scalar_one()

    def body(self, digest: bytes) -> BodyRow | None:
        """One version of an entity; None where it is not stored (any more)."""
        c = t.body.c
        with self.read() as connection:
            row = connection.execute(select(c.nt, c.fragments, c.title, c.modified).where(c.digest == digest)).first()
        return BodyRow(digest, blobs.unpack(row[0]), blobs.unpack_fragments(row[1]), row[2], row[3]) if row else None

    def changes(self, since: int = 0, limit: int = 1000) -> list[ChangeRow]:
        """The change log behind number `since`, oldest first."""
        with self.read() as connection:
            rows = connection.execute(select(t.change).where(t.change.c.seq > since).order_by(t.change.c.seq).limit(limit))
            return [ChangeRow._make(row) for row in rows]

    def forgotten(self, source: str, generation: int) -> bool:
        """Whether something that a source had public in an earlier generation is not stored any more (see `drop_unused_bodies`)."""
        r, c = t.record.c, t.change.c
        last = select(c.iri, func.max(c.seq).label("seq")).where(c.generation <= generation).group_by(c.iri).subquery()
        lost = (
            select(c.seq)
            .join(last, last.c.seq == c.seq)
            .join(t.record, r.iri == c.iri)
            .where(r.source == source, c.body.is_not(None), c.body.not_in(select(t.body.c.digest)))
        )
        with self.read() as connection:
            return connection.execute(lost.limit(1)).first() is not None

    def generation(self) -> tuple[int, str, int] | None:
        """(number, time made, items) of the last generation; None before the first."""
        with self.read() as connection:
            row = connection.execute(select(t.generation).order_by(t.generation.c.id.desc()).limit(1)).first()
        return (row.id, row.made, row.items) if row else None
