"""Why something is not public any more: departures (what sources say or fail to list), withdrawals (what persons say), erasures."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from sqlalchemy import CompoundSelect, Select, and_, bindparam, delete, func, or_, select, union_all

from federation.dcat.names import digest
from federation.store import blobs
from federation.store import tables as t
from federation.store.transactions import Transactions
from federation.store.upsert import upsert

TOPIC = b"<http://xmlns.com/foaf/0.1/primaryTopic> <"
_WORDS = re.compile(rb'[^\s"<>\\]{8,}')  # what may be an IRI or an identifier in any format


class DepartureRow(NamedTuple):
    """Why a record of a source is not listed any more; see the table `departure`."""

    source: str
    identifier: str
    since: int
    at: str
    word: str = ""
    asked: str = ""
    status: int = 0
    gone: int = 0


class WithdrawalRow(NamedTuple):
    """What a person took out of the public catalog; `topic` is the dataset's IRI where `iri` is that of the record about it."""

    iri: str
    topic: str
    reason: str
    person: str
    at: str


class ErasureRow(NamedTuple):
    """What was erased for good: one IRI (of one source, or of every one), or with an empty `iri` all that a member ever said."""

    iri: str
    member: str
    source: str
    identifier: str
    at: str
    person: str


class Erased:
    """What must never be stored again. False where nothing was ever erased."""

    def __init__(self, rows: Collection[ErasureRow]) -> None:
        self.rows = rows
        self.members = {row.member for row in rows if not row.iri}
        self.iris = {row.iri for row in rows if row.iri and not row.source}
        self.of_sources = {(row.source, row.iri) for row in rows if row.iri and row.source}
        self.records = {(row.source, row.identifier) for row in rows if row.source}
        self.identifiers = {row.identifier for row in rows if row.identifier}
        self._words = frozenset(name.encode() for name in {row.iri for row in rows} | self.identifiers if len(name) >= 8)

    def __bool__(self) -> bool:
        return bool(self.rows)

    def bans(self, member: str, source: str, identifier: str, iri: str = "") -> bool:
        """Whether a record of this source must not be stored."""
        if member in self.members or identifier in self.iris or iri in self.iris or (source, iri) in self.of_sources:
            return True
        return bool(self.records) and not self.records.isdisjoint(((source, identifier), (source, digest(identifier))))

    def stands_in(self, body: bytes, identifiers: Iterable[str] = ()) -> bool:
        """Whether a page must not be kept: it holds (or at least names) something that was erased. `identifiers` are its records."""
        for name in identifiers:
            if name in self.identifiers or name in self.iris or digest(name) in self.identifiers:
                return True
        return bool(self._words) and not self._words.isdisjoint(_WORDS.findall(body.replace(b"&amp;", b"&")))


def kept_identifier(iri: str, identifier: str) -> str:
    """What an erasure keeps of an identifier: itself where the IRI tells it anyhow, else a digest, since it may be a title."""
    return identifier if identifier in iri or quote(identifier, safe="-._~") in iri else digest(identifier)


class Farewells(Transactions):
    """Reading and writing of the three."""

    def departures(self, source: str) -> dict[str, DepartureRow]:
        """{identifier: departure} of a source."""
        with self.read() as connection:
            rows = connection.execute(select(t.departure).where(t.departure.c.source == source))
            return {row.identifier: DepartureRow._make(row) for row in rows}

    def departure(self, source: str, identifier: str) -> DepartureRow | None:
        """Why one record left; None where it is there."""
        c = t.departure.c
        with self.read() as connection:
            row = connection.execute(select(t.departure).where(c.source == source, c.identifier == identifier)).first()
        return DepartureRow._make(row) if row else None

    def put_departures(self, rows: Sequence[DepartureRow]) -> None:
        """Writes departures, new or known."""
        if rows:
            with self.write() as connection:
                connection.execute(upsert(self.url, t.departure), [row._asdict() for row in rows])

    def forget_departures(self, source: str, identifiers: Iterable[str]) -> None:
        """These records are back."""
        c = t.departure.c
        rows = [{"b_identifier": name} for name in identifiers]
        if rows:
            with self.write() as connection:
                connection.execute(delete(t.departure).where(c.source == source, c.identifier == bindparam("b_identifier")), rows)

    def withdrawal(self, iri: str) -> WithdrawalRow | None:
        """A person's withdrawal; None where there is none."""
        with self.read() as connection:
            row = connection.execute(select(t.withdrawal).where(t.withdrawal.c.iri == iri)).first()
        return WithdrawalRow._make(row) if row else None

    def put_withdrawals(self, rows: Sequence[WithdrawalRow]) -> None:
        """Writes withdrawals; those that are there already are replaced."""
        if rows:
            with self.write() as connection:
                connection.execute(upsert(self.url, t.withdrawal), [row._asdict() for row in rows])

    def forget_withdrawal(self, iri: str) -> int:
        """Ends a person's withdrawal, also of the records about the dataset; tells how many entries."""
        c = t.withdrawal.c
        with self.write() as connection:
            return connection.execute(delete(t.withdrawal).where(or_(c.iri == iri, c.topic == iri))).rowcount

    def withheld(self) -> dict[str, int]:
        """{source: how many of its datasets and series would be public if no person had withdrawn them}."""
        r = t.record.c
        query = select(r.source, func.count()).where(
            r.iri.in_(select(t.withdrawal.c.iri)), r.kind.in_(("dataset", "series")), r.state.in_(("live", "missing"))
        )
        with self.read() as connection:
            return dict(connection.execute(query.group_by(r.source)).all())

    def about(self, iris: Collection[str]) -> dict[str, str]:
        """{IRI of a catalog record: the one of these IRIs that it is about}."""
        r = t.record.c
        found: dict[str, str] = {}
        with self.read() as connection:
            rows = connection.execute(select(r.iri, r.raw).where(r.kind == "record", r.raw.is_not(None))).all()
        for iri, raw in rows:
            for part in blobs.unpack(raw).split(TOPIC)[1:]:
                topic = part.partition(b">")[0].decode("utf-8", "replace")
                if topic in iris:
                    found[iri] = topic
        return found

    def erased(self, iri: str | None = None) -> Erased:
        """Everything (or what is known of one IRI) that was erased."""
        query = select(t.erasure).order_by(*t.erasure.c)
        with self.read() as connection:
            rows = connection.execute(query if iri is None else query.where(t.erasure.c.iri == iri))
            return Erased([ErasureRow._make(row) for row in rows])

    def put_erasures(self, rows: Sequence[ErasureRow]) -> None:
        """Adds to the list of what must never be stored again."""
        if rows:
            with self.write(durable=True) as connection:
                connection.execute(upsert(self.url, t.erasure), [row._asdict() for row in rows])

    def unerased(self) -> bool:
        """Whether something is stored that the list says is erased: after an older database was put in place, or an end half way."""
        r, e = t.record.c, t.erasure.c
        told = select(r.identifier).join(t.erasure, and_(r.iri == e.iri, or_(e.source == "", e.source == r.source))).where(e.iri != "")
        whole = select(r.identifier).join(t.source, t.source.c.id == r.source).join(t.erasure, t.source.c.member == e.member)
        with self.read() as connection:
            return any(connection.execute(query.limit(1)).first() for query in (told, whole.where(e.iri == "")))


def withheld_iris() -> CompoundSelect[tuple[str]] | Select[tuple[str]]:
    """The query for every IRI that persons keep out of the public catalog."""
    erased = select(t.erasure.c.iri).where(t.erasure.c.iri != "", t.erasure.c.source == "")
    return union_all(select(t.withdrawal.c.iri), erased)
