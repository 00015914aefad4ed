"""The first state: sources, runs, what sources said, what is public, its change log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ordered = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _ordered(name: str) -> "sa.Column[str]":
    return sa.Column(name, ordered, nullable=False)


def _bytes(name: str, nullable: bool = False) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, number, nullable=False)


def upgrade() -> None:
    """Creates every table."""
    _sources_and_runs()
    _what_sources_say()
    _what_is_public()


def _sources_and_runs() -> None:
    op.create_table(
        "source", sa.Column("id", ordered, primary_key=True), _text("member"), _text("feed"), _text("iri_base"), _bytes("config_digest"),
        _text("state"), _text("watermark"), sa.Column("complete_run", number), sa.Column("held", sa.Text), _count("failures"),
    )  # fmt: skip
    op.create_table(
        "run", sa.Column("id", number, primary_key=True), sa.Column("source", ordered, sa.ForeignKey("source.id"), nullable=False),
        _text("started"), sa.Column("finished", sa.Text), sa.Column("seconds", sa.Float), _text("outcome"), _count("listed"),
        _count("new"), _count("changed"), _count("unchanged"), _count("missing"), _count("gone"), _count("held"), _count("rejected"),
        sa.Column("error", sa.Text), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("run_source", "run", ["source", "id"])
    op.create_table(
        "lease", _text("name"), _text("slot"), _text("holder"), _text("until"), sa.Column("done", sa.Text),
        sa.PrimaryKeyConstraint("name", "slot"),
    )  # fmt: skip
    op.create_table("setting", sa.Column("key", sa.Text, primary_key=True), _text("value"))


def _what_sources_say() -> None:
    op.create_table(
        "response", _text("feed"), _text("url"), _bytes("digest"), _text("etag"), _text("modified"), _text("media_type"),
        _text("following"),
        sa.Column("total", sa.Integer), _number("run"), _bytes("keys"), _bytes("body"), sa.PrimaryKeyConstraint("feed", "url"),
    )  # fmt: skip
    op.create_table(
        "record", sa.Column("source", ordered, sa.ForeignKey("source.id"), nullable=False), _ordered("identifier"), _ordered("iri"),
        _text("kind"), _bytes("fingerprint"), _text("map_version"), _text("stamp"), _bytes("body", nullable=True), _text("state"),
        _count("missing_runs"), _number("run"), _text("match_keys"), _bytes("changes", nullable=True), _bytes("raw", nullable=True),
        sa.PrimaryKeyConstraint("source", "identifier"),
    )  # fmt: skip
    op.create_index("record_iri", "record", ["iri"])
    op.create_index("record_state", "record", ["source", "state"])
    op.create_table(
        "body", sa.Column("digest", sa.LargeBinary, primary_key=True), _text("title"), _text("modified"), _bytes("fragments"), _bytes("nt"),
    )  # fmt: skip
    op.create_table(
        "finding", sa.Column("id", number, primary_key=True), _ordered("source"), _ordered("identifier"), _text("code"),
        _text("severity"), _text("field"), _text("value"), _text("params"), _number("run"),
    )  # fmt: skip
    op.create_index("finding_record", "finding", ["source", "identifier"])


def _what_is_public() -> None:
    op.create_table(
        "generation", sa.Column("id", number, primary_key=True), _text("made"), _count("items"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_table(
        "item", sa.Column("iri", ordered, primary_key=True), _ordered("source"), _ordered("identifier"), _text("kind"), _bytes("body"),
        _text("since"),
    )  # fmt: skip
    op.create_table(
        "change", sa.Column("seq", number, primary_key=True),
        sa.Column("generation", number, sa.ForeignKey("generation.id"), nullable=False), _ordered("iri"), _text("kind"),
        _bytes("body", nullable=True), _text("at"), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("change_generation", "change", ["generation"])
    op.create_table(
        "delivery", _ordered("target"), _ordered("iri"), _bytes("body", nullable=True), _text("remote_id"), _text("state"),
        sa.Column("error", sa.Text), sa.PrimaryKeyConstraint("target", "iri"),
    )  # fmt: skip


def downgrade() -> None:
    """Not offered: an older program is run on a backup of its time."""
    raise NotImplementedError
