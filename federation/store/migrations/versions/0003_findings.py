"""Since when each finding is there, and what went away."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ordered = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    """Adds finding.since, link.reported and finding_gone. What is there already came with the run that wrote it last, at the latest."""
    op.add_column("finding", sa.Column("since", sa.Text, nullable=False, server_default=sa.text("''")))
    op.execute(
        "UPDATE finding SET since = COALESCE((SELECT started FROM run WHERE run.id = finding.run), "
        "(SELECT max(started) FROM run), '')"
    )
    op.add_column("link", sa.Column("reported", sa.Text, nullable=False, server_default=sa.text("''")))
    op.execute("UPDATE link SET reported = checked WHERE finding > ''")
    op.create_table(
        "finding_gone", sa.Column("id", number, primary_key=True), sa.Column("source", ordered, nullable=False),
        sa.Column("identifier", ordered, nullable=False), _text("code"), _text("severity"), _text("field"), _text("value"),
        _text("params"), sa.Column("first_run", number, nullable=False), _text("since"), sa.Column("run", number, nullable=False),
        _text("gone"),
    )  # fmt: skip
    op.create_index("finding_gone_run", "finding_gone", ["source", "run", "identifier"])


def downgrade() -> None:
    """Not offered: an older program is run on a backup of its time."""
    raise NotImplementedError
