"""Why records left: missing since when, withdrawn by whom, erased."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ordered = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, ordered, nullable=False)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def upgrade() -> None:
    """Creates departure, withdrawal and erasure. What is missing already is so since the run that wrote it last, as far as is known."""
    op.create_table(
        "departure", _key("source"), _key("identifier"), sa.Column("since", number, nullable=False), _text("at"), _text("word"),
        _text("asked"), _count("status"), _count("gone"), sa.PrimaryKeyConstraint("source", "identifier"),
    )  # fmt: skip
    op.execute(
        "INSERT INTO departure SELECT source, identifier, run, COALESCE((SELECT started FROM run WHERE run.id = record.run), ''), "
        "'', '', 0, 0 FROM record WHERE state IN ('missing', 'gone')"
    )
    op.create_table(
        "withdrawal", sa.Column("iri", ordered, primary_key=True), _text("topic"), _text("reason"), _text("person"), _text("at"),
    )  # fmt: skip
    op.create_table(
        "erasure", _key("iri"), _key("member"), _key("source"), _key("identifier"), _text("at"), _text("person"),
        sa.PrimaryKeyConstraint("iri", "member", "source", "identifier"),
    )  # fmt: skip


def downgrade() -> None:
    """Not offered: an older program is run on a backup of its time."""
    raise NotImplementedError
