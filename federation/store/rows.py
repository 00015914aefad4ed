"""What goes into the store and what comes out: plain rows, unpacked. Times are ISO 8601 UTC text, digests bytes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from federation.dcat.description import Change
from federation.finding import Finding, Severity


class SourceRow(NamedTuple):
    """What is remembered of one source. `feed` names the fetch it shares with others, `held` is JSON text or None."""

    id: str
    member: str
    feed: str
    iri_base: str = ""
    config_digest: bytes = b""
    state: str = "ok"
    watermark: str = ""
    complete_run: int | None = None
    held: str | None = None
    failures: int = 0


class RunRow(NamedTuple):
    """One run of one source. `outcome`: running, done, held, failed, interrupted; `seconds` and `finished` None while it runs."""

    id: int
    source: str
    started: str
    finished: str | None
    seconds: float | None
    outcome: str
    listed: int
    new: int
    changed: int
    unchanged: int
    missing: int
    gone: int
    held: int
    rejected: int
    error: dict[str, Any] | None


class LeaseRow(NamedTuple):
    """Who does (or did, where `done` is a time) the work called `name` for the slot; `until` is when the lease runs out."""

    name: str
    slot: str
    holder: str
    until: str
    done: str | None


class ResponseRow(NamedTuple):
    """A page to store. `keys` and `body` None keep what is stored (the page was unchanged: only run and validators are written)."""

    feed: str
    url: str
    digest: bytes
    etag: str = ""
    modified: str = ""
    media_type: str = ""
    following: str = ""
    keys: Sequence[str] | None = None
    body: bytes | None = None
    total: int | None = None


class KnownResponse(NamedTuple):
    """A stored page without its keys and bytes."""

    digest: bytes
    etag: str
    modified: str
    media_type: str
    following: str
    total: int | None
    run: int


class RecordRow(NamedTuple):
    """A record to store, or as stored. `body` is the digest of its BodyRow (None: it has no good version yet).

    To be written: `raw` None and `changes` None keep what is stored; `changes` are those between what the source said and `body`.
    """

    source: str
    identifier: str
    iri: str
    kind: str
    fingerprint: bytes
    map_version: str
    stamp: str
    raw: bytes | None
    body: bytes | None
    changes: Sequence[Change] | None = None
    state: str = "live"
    missing_runs: int = 0
    match_keys: Sequence[str] = ()


class Known(NamedTuple):
    """What a run must know of a record to see whether it changed."""

    iri: str
    kind: str
    fingerprint: bytes
    map_version: str
    stamp: str
    body: bytes | None
    state: str
    missing_runs: int


class BodyRow(NamedTuple):
    """One version of an entity: `nt` its canonical N-Triples in order, `digest` names.content(nt), `fragments` {"ttl", "rdf", "jsonld"}."""

    digest: bytes
    nt: bytes
    fragments: Mapping[str, bytes]
    title: str = ""
    modified: str = ""


class ItemRow(NamedTuple):
    """One public entity with what its body says."""

    iri: str
    source: str
    identifier: str
    kind: str
    body: bytes
    since: str
    title: str
    modified: str
    fragments: dict[str, bytes]


class ChangeRow(NamedTuple):
    """One line of the public change log; `kind` create, update or delete (then `body` is None)."""

    seq: int
    generation: int
    iri: str
    kind: str
    body: bytes | None
    at: str


class FindingRow(NamedTuple):
    """A stored finding. `identifier` "" is the source itself; `iri` is that of the record, "" where there is none. It came at `since`,
    when `run` was the newest, and went at `gone` ("": it holds).
    """

    source: str
    identifier: str
    iri: str
    code: str
    severity: str
    field: str
    value: str
    params: dict[str, str]
    run: int
    since: str = ""
    gone: str = ""

    def finding(self) -> Finding:
        """The same as a Finding, which has the texts."""
        return Finding(self.code, Severity(self.severity), self.iri or self.identifier, self.field, self.value, self.params)
