"""What sources say: pages, records, bodies. The hot path: one write transaction per batch, one statement per table."""

from collections.abc import Iterable, Mapping, Sequence
from sys import intern
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, func, or_, select, union, update

from federation.dcat.description import Change
from federation.finding import Finding
from federation.store import blobs
from federation.store import tables as t
from federation.store.findings import Findings
from federation.store.rows import BodyRow, Known, KnownResponse, RecordRow, ResponseRow
from federation.store.upsert import Statements, upsert

_BATCH = Statements()


class Records(Findings):
    """Reading is one statement each; writing is `write_batch`, which can be repeated without harm."""

    # pages

    def responses(self, feed: str) -> dict[str, KnownResponse]:
        """{url: page} of a feed, without keys and bytes."""
        c = t.response.c
        query = select(c.url, c.digest, c.etag, c.modified, c.media_type, c.following, c.total, c.run).where(c.feed == feed)
        with self.read() as connection:
            return {row[0]: KnownResponse._make(row[1:]) for row in connection.execute(query)}

    def response_keys(self, feed: str, url: str) -> list[str]:
        """The identifiers of the records that a stored page gave; none where the page is not stored."""
        packed = self._of_page(feed, url, "keys")
        return [] if packed is None else blobs.unpack_keys(packed)

    def keys_of_pages(self, feed: str) -> dict[str, list[str]]:
        """{url: the identifiers of the records that the page gave} of a feed."""
        query = select(t.response.c.url, t.response.c["keys"]).where(t.response.c.feed == feed)
        with self.read() as connection:
            return {url: blobs.unpack_keys(packed) for url, packed in connection.execute(query)}

    def response_body(self, feed: str, url: str) -> bytes:
        """The bytes of a stored page as received; b"" where it is not stored."""
        packed = self._of_page(feed, url, "body")
        return b"" if packed is None else blobs.unpack(packed)

    def forget_responses(self, feed: str, keep: Iterable[str]) -> int:
        """Drops the stored pages whose URLs are not in `keep` (those that a complete run met); tells how many."""
        met = set(keep)
        with self.write() as connection:
            stored = connection.execute(select(t.response.c.url).where(t.response.c.feed == feed)).scalars()
            old = [{"b_url": url} for url in stored if url not in met]
            if old:
                mine = (t.response.c.feed == feed) & (t.response.c.url == bindparam("b_url"))
                connection.execute(delete(t.response).where(mine), old)
            return len(old)

    def _of_page(self, feed: str, url: str, column: str) -> bytes | None:
        query = select(t.response.c[column]).where(t.response.c.feed == feed, t.response.c.url == url)
        with self.read() as connection:
            found: bytes | None = connection.execute(query).scalar()
        return found

    # records

    def known(self, source: str) -> dict[str, Known]:
        """{identifier: what a run must know of the record} of a source, whatever its state."""
        c = t.record.c
        query = select(
            c.identifier, c.iri, c.kind, c.fingerprint, c.map_version, c.stamp, c.body, c.state, c.missing_runs
        ).where(c.source == source)  # fmt: skip
        with self.read() as connection:
            return {
                identifier: Known(iri, intern(kind), fingerprint, intern(version), stamp, body, intern(state), missing)
                for identifier, iri, kind, fingerprint, version, stamp, body, state, missing in connection.execute(query).all()
            }

    def match_keys(self, source: str) -> dict[str, list[str]]:
        """{identifier: the keys its IRI was decided by} of a source, for records that have some."""
        query = select(t.record.c.identifier, t.record.c.match_keys).where(t.record.c.source == source, t.record.c.match_keys != "[]")
        with self.read() as connection:
            return {identifier: orjson.loads(keys) for identifier, keys in connection.execute(query)}

    def record(self, source: str, identifier: str) -> RecordRow | None:
        """Everything stored of one record; None where it is not known."""
        c = t.record.c
        query = select(*(c[name] for name in RecordRow._fields)).where(c.source == source, c.identifier == identifier)
        with self.read() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        stored = RecordRow._make(row)
        return stored._replace(
            raw=None if row.raw is None else blobs.unpack(row.raw),
            changes=None if row.changes is None else blobs.unpack_changes(row.changes),
            match_keys=orjson.loads(row.match_keys),
        )

    def raw(self, source: str, identifier: str) -> bytes:
        """The raw bytes of a record's current state; b"" where there are none."""
        query = select(t.record.c.raw).where(t.record.c.source == source, t.record.c.identifier == identifier)
        with self.read() as connection:
            packed: bytes | None = connection.execute(query).scalar()
        return b"" if packed is None else blobs.unpack(packed)

    def recorded_changes(self, source: str, identifier: str) -> list[Change]:
        """What was done to what the source said to get the record's body; undoing it gives the source back."""
        query = select(t.record.c.changes).where(t.record.c.source == source, t.record.c.identifier == identifier)
        with self.read() as connection:
            packed: bytes | None = connection.execute(query).scalar()
        return [] if packed is None else blobs.unpack_changes(packed)

    def iri_owner(self, iri: str) -> list[tuple[str, str]]:
        """(source, identifier) of every record that describes an IRI, whatever its state, in the order of sources."""
        c = t.record.c
        query = select(c.source, c.identifier).where(c.iri == iri).order_by(c.source, c.identifier)
        with self.read() as connection:
            return [(source, identifier) for source, identifier in connection.execute(query)]

    def counts_by_state(self, kind: str = "dataset") -> dict[str, dict[str, int]]:
        """{source: {state: number of records of this kind}}."""
        c = t.record.c
        query = select(c.source, c.state, func.count()).where(c.kind == kind).group_by(c.source, c.state)
        counts: dict[str, dict[str, int]] = {}
        with self.read() as connection:
            for source, state, number in connection.execute(query):
                counts.setdefault(source, {})[state] = number
        return counts

    def write_batch(
        self, records: Sequence[RecordRow], bodies: Sequence[BodyRow], findings: Mapping[tuple[str, str], Sequence[Finding]],
        responses: Sequence[ResponseRow], run: int,
    ) -> None:  # fmt: skip
        """Writes a batch (500 to 1,000 records are best) in one transaction; writing it again changes nothing.

        Records and pages replace those with the same key. A body that is stored already gets the new fragments (our writers may have
        changed). `findings` replace exactly those of their keys (source, identifier); an empty list clears them. Those that stay keep
        their date (see `federation.store.findings`).
        """
        record_rows = [_record(row, run) for row in records]  # packed before the transaction begins: others wait for it
        body_rows = [_body(row) for row in bodies]
        page_rows = [_page(row, run) for row in responses if row.body is not None]
        seen_rows = [_seen(row, run) for row in responses if row.body is None]
        with self.write() as connection:
            _BATCH.execute(connection, "body", upsert(self.url, t.body), body_rows)
            _BATCH.execute(connection, "record", upsert(self.url, t.record, keep=("raw", "changes")), record_rows)
            _BATCH.execute(connection, "page", upsert(self.url, t.response), page_rows)
            _BATCH.execute(connection, "seen", _SEEN, seen_rows)
            self._put_findings(connection, findings)

    def set_states(
        self, source: str, identifiers: Iterable[str], run: int, *, state: str | None = None, missing_runs: int | None = None
    ) -> None:
        """Sets state and number of runs that missed them (None: stays) for many records of one source, in one transaction."""
        values: dict[str, Any] = {"run": run}
        if state is not None:
            values["state"] = state
        if missing_runs is not None:
            values["missing_runs"] = missing_runs
        rows = [{"b_identifier": identifier} for identifier in identifiers]
        if rows:
            mine = (t.record.c.source == source) & (t.record.c.identifier == bindparam("b_identifier"))
            with self.write() as connection:
                connection.execute(update(t.record).where(mine).values(**values), rows)

    def drop_unused_bodies(self, before: str = "") -> int:
        """Drops the bodies that nothing refers to any more; tells how many. Of those that only the change log names it keeps what was
        public at the moment `before` (ISO 8601; "" keeps all) or later: the change itself stays, what it brought does not.
        """
        c = t.change.c
        then = select(func.max(c.seq)).where(c.at < before).group_by(c.iri)
        users = (t.record.c.body, t.item.c.body, t.delivery.c.body)
        used = union(
            *(select(column).where(column.is_not(None)) for column in users),
            select(c.body).where(c.body.is_not(None), or_(c.at >= before, c.seq.in_(then))),
        )
        with self.write() as connection:
            return connection.execute(delete(t.body).where(t.body.c.digest.not_in(used))).rowcount


_SEEN = (
    update(t.response)
    .where(t.response.c.feed == bindparam("b_feed"), t.response.c.url == bindparam("b_url"))
    .values({name: bindparam(f"b_{name}") for name in ("digest", "etag", "modified", "media_type", "following", "total", "run")})
)


def _record(row: RecordRow, run: int) -> dict[str, Any]:
    return {
        "source": row.source, "identifier": row.identifier, "iri": row.iri, "kind": row.kind, "fingerprint": row.fingerprint,
        "map_version": row.map_version, "stamp": row.stamp, "body": row.body, "state": row.state, "missing_runs": row.missing_runs,
        "run": run, "match_keys": orjson.dumps(list(row.match_keys)).decode() if row.match_keys else "[]",
        "changes": None if row.changes is None else blobs.pack_changes(row.changes),
        "raw": None if row.raw is None else blobs.pack(row.raw),
    }  # fmt: skip


def _body(row: BodyRow) -> dict[str, Any]:
    return {
        "digest": row.digest, "title": row.title, "modified": row.modified, "fragments": blobs.pack_fragments(row.fragments),
        "nt": blobs.pack(row.nt),
    }  # fmt: skip


def _page(row: ResponseRow, run: int) -> dict[str, Any]:
    return {
        "feed": row.feed, "url": row.url, "digest": row.digest, "etag": row.etag, "modified": row.modified,
        "media_type": row.media_type, "following": row.following, "total": row.total, "run": run, "keys": blobs.pack_keys(row.keys or ()),
        "body": blobs.pack(row.body or b""),
    }  # fmt: skip


def _seen(row: ResponseRow, run: int) -> dict[str, Any]:
    return {
        "b_feed": row.feed, "b_url": row.url, "b_digest": row.digest, "b_etag": row.etag, "b_modified": row.modified,
        "b_media_type": row.media_type, "b_following": row.following, "b_total": row.total, "b_run": run,
    }  # fmt: skip
