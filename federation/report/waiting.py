"""What waits for a decision, so that a person recognises it: titles and addresses of the records behind the identifiers."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from federation.store import tables as t
from federation.store.store import Store

_AT_ONCE = 500


class Waiting(NamedTuple):
    """One record that waits, or that is absent from its source."""

    identifier: str
    iri: str
    kind: str
    title: str


def waiting(store: Store, source: str, identifiers: Sequence[str]) -> list[Waiting]:
    """These records of a source in the order of their titles. Datasets and series come first; what has no title goes by its address."""
    found = [row for part in _parts(identifiers) for row in _rows(store, source, part)]
    return sorted(found, key=lambda row: (row.kind not in ("dataset", "series"), row.title.casefold() or row.iri, row.identifier))


def _parts(identifiers: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (identifiers[start : start + _AT_ONCE] for start in range(0, len(identifiers), _AT_ONCE))


def _rows(store: Store, source: str, identifiers: Iterable[str]) -> list[Waiting]:
    r = t.record.c
    query = select(r.identifier, r.iri, r.kind, t.body.c.title).select_from(t.record.outerjoin(t.body, t.body.c.digest == r.body))
    with store.read() as connection:
        rows = connection.execute(query.where(r.source == source, r.identifier.in_(list(identifiers))))
        return [Waiting(identifier, iri, kind, title or "") for identifier, iri, kind, title in rows]
