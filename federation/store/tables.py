"""The tables, as SQLAlchemy Core: `from federation.store import tables as t`, then `select(t.item.c.iri)`.

Times are ISO 8601 UTC text ("2025-01-31T03:15:00Z"), digests are bytes, packed columns are zstd (`federation.store.blobs`). Large
columns stand last: SQLite reads a row from its start, so a query for the small ones never touches the pages of the large ones.
The column `keys` of response is reached as `t.response.c["keys"]` (`.c.keys` is a method of SQLAlchemy).

A change here needs a migration in `migrations/versions` and a new VERSION; tests/test_store.py compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TEXT

from federation import clock

VERSION = "0004"  # the newest migration

metadata = MetaData()
# The order of IRIs must not depend on a server's locale: page borders and exports follow it.
_Ordered = Text().with_variant(TEXT(collation="C"), "postgresql")
_Number = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER gets SQLite's row numbers


def now() -> str:
    """This moment as the tables write it, to the second."""
    return clock.stamp()


# state: ok | held | failed | removed; held: JSON of the held decision or null; complete_run: the last run that saw everything
source = Table(
    "source", metadata,
    Column("id", _Ordered, primary_key=True),
    Column("member", Text, nullable=False),
    Column("feed", Text, nullable=False),
    Column("iri_base", Text, nullable=False),
    Column("config_digest", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("watermark", Text, nullable=False),
    Column("complete_run", _Number),
    Column("held", Text),
    Column("failures", Integer, nullable=False),
)  # fmt: skip

# outcome: running | done | held | failed | interrupted; error: JSON or null
run = Table(
    "run", metadata,
    Column("id", _Number, primary_key=True),
    Column("source", _Ordered, ForeignKey("source.id"), nullable=False),
    Column("started", Text, nullable=False),
    Column("finished", Text),
    Column("seconds", Float),
    Column("outcome", Text, nullable=False),
    *(Column(name, Integer, nullable=False) for name in
      ("listed", "new", "changed", "unchanged", "missing", "gone", "held", "rejected")),
    Column("error", Text),
    Index("run_source", "source", "id"),
    sqlite_autoincrement=True,
)  # fmt: skip

lease = Table(
    "lease", metadata,
    Column("name", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("until", Text, nullable=False),
    Column("done", Text),
    PrimaryKeyConstraint("name", "slot"),
)  # fmt: skip

setting = Table("setting", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

# keys: packed JSON list of the record identifiers that the page gave; body: packed bytes of the page
response = Table(
    "response", metadata,
    Column("feed", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("following", Text, nullable=False),
    Column("total", Integer),
    Column("run", _Number, nullable=False),
    Column("keys", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("feed", "url"),
)  # fmt: skip

# state: live | missing (still public) | new_held | rejected (last good stays) | withdrawn | gone
# body: a digest of the table body or null; match_keys: JSON list; changes: packed, what was done to what this source said
record = Table(
    "record", metadata,
    Column("source", _Ordered, ForeignKey("source.id"), nullable=False),
    Column("identifier", _Ordered, nullable=False),
    Column("iri", _Ordered, nullable=False),
    Column("kind", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("map_version", Text, nullable=False),
    Column("stamp", Text, nullable=False),
    Column("body", LargeBinary),
    Column("state", Text, nullable=False),
    Column("missing_runs", Integer, nullable=False),
    Column("run", _Number, nullable=False),
    Column("match_keys", Text, nullable=False),
    Column("changes", LargeBinary),
    Column("raw", LargeBinary),
    PrimaryKeyConstraint("source", "identifier"),
    Index("record_iri", "iri"),
    Index("record_state", "source", "state"),
)  # fmt: skip

# digest: of nt. The rest follows from nt alone (and from our writers' code), so that it may be shared; Changes do not: see record.
body = Table(
    "body", metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("title", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("fragments", LargeBinary, nullable=False),
    Column("nt", LargeBinary, nullable=False),
)  # fmt: skip

# identifier "" is the source itself; since: when it was found first; run: the newest run that had begun then
finding = Table(
    "finding", metadata,
    Column("id", _Number, primary_key=True),
    Column("source", _Ordered, nullable=False),
    Column("identifier", _Ordered, nullable=False),
    Column("code", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("run", _Number, nullable=False),
    Column("since", Text, nullable=False, server_default=text("''")),
    Index("finding_record", "source", "identifier"),
)  # fmt: skip

# findings that do not hold any more; gone: since when; run: the newest run that had begun then; first_run: finding.run
finding_gone = Table(
    "finding_gone", metadata,
    Column("id", _Number, primary_key=True),
    Column("source", _Ordered, nullable=False),
    Column("identifier", _Ordered, nullable=False),
    Column("code", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("first_run", _Number, nullable=False),
    Column("since", Text, nullable=False),
    Column("run", _Number, nullable=False),
    Column("gone", Text, nullable=False),
    Index("finding_gone_run", "source", "run", "identifier"),
)  # fmt: skip

generation = Table(
    "generation", metadata,
    Column("id", _Number, primary_key=True),
    Column("made", Text, nullable=False),
    Column("items", Integer, nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip

# what is public now; only publish.generation writes here and in change
item = Table(
    "item", metadata,
    Column("iri", _Ordered, primary_key=True),
    Column("source", _Ordered, nullable=False),
    Column("identifier", _Ordered, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("since", Text, nullable=False),
)  # fmt: skip

# kind: create | update | delete; body is null for delete; append-only
change = Table(
    "change", metadata,
    Column("seq", _Number, primary_key=True),
    Column("generation", _Number, ForeignKey("generation.id"), nullable=False),
    Column("iri", _Ordered, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary),
    Column("at", Text, nullable=False),
    Index("change_generation", "generation"),
    sqlite_autoincrement=True,
)  # fmt: skip

delivery = Table(
    "delivery", metadata,
    Column("target", _Ordered, nullable=False),
    Column("iri", _Ordered, nullable=False),
    Column("body", LargeBinary),
    Column("remote_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", Text),
    PrimaryKeyConstraint("target", "iri"),
)  # fmt: skip

# An address that is public and what checking it came to. verdict: unchecked | ok | redirected | broken | unreachable | forbidden |
# invalid; status: of HTTP, 0 where none came; reason: what it failed by; target: where a permanent redirect leads; checked: "" never;
# due and the days of failure are dates; failures: on how many days since the last success; method: HEAD, or GET where HEAD is of no use;
# finding: the code that it is reported under, "" where it is not; reported: since when
link = Table(
    "link", metadata,
    Column("url", _Ordered, primary_key=True),
    Column("host", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("checked", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("first_failed", Text, nullable=False),
    Column("last_failed", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("modified", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Column("reported", Text, nullable=False, server_default=text("''")),
    Index("link_due", "due"),
    Index("link_finding", "finding"),
)  # fmt: skip

# which public entity uses an address, in which property; body: the version that it was found in; fragment: what stood behind "#"
link_use = Table(
    "link_use", metadata,
    Column("iri", _Ordered, nullable=False),
    Column("url", _Ordered, nullable=False),
    Column("field", Text, nullable=False),
    Column("fragment", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("iri", "url"),
    Index("link_use_url", "url"),
)  # fmt: skip

# why a record is not listed any more, until it is listed again; since: the run that missed it first (or that was told); word: what its
# source says ("deleted", "private", "410", "WITHDRAWN" ...), "" where it is merely absent, "released" where a person accepted that;
# asked, status: when its own address was asked last and what it answered (0: nothing); gone: in how many runs the answer was 410
departure = Table(
    "departure", metadata,
    Column("source", _Ordered, nullable=False),
    Column("identifier", _Ordered, nullable=False),
    Column("since", _Number, nullable=False),
    Column("at", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    PrimaryKeyConstraint("source", "identifier"),
)  # fmt: skip

# what a person took out of the public catalog, whatever its source says; topic: the dataset's IRI, where this is the record about it
withdrawal = Table(
    "withdrawal", metadata,
    Column("iri", _Ordered, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", Text, nullable=False),
)  # fmt: skip

# what was erased for good and must never be stored again: of one source, or ("") wherever it comes from; without iri: a whole member.
# identifier: the source's own where the iri tells it anyhow, else its digest. The same list stands in erased.csv, outside the database.
erasure = Table(
    "erasure", metadata,
    Column("iri", _Ordered, nullable=False),
    Column("member", _Ordered, nullable=False),
    Column("source", _Ordered, nullable=False),
    Column("identifier", _Ordered, nullable=False),
    Column("at", Text, nullable=False),
    Column("person", Text, nullable=False),
    PrimaryKeyConstraint("iri", "member", "source", "identifier"),
)  # fmt: skip
