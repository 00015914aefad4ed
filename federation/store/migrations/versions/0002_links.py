"""Addresses that are public, what checking them came to, and who uses them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ordered = sa.Text().with_variant(TEXT(collation="C"), "postgresql")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def upgrade() -> None:
    """Creates link and link_use."""
    op.create_table(
        "link", sa.Column("url", ordered, primary_key=True), _text("host"), _text("due"), _text("verdict"), _count("status"),
        _text("reason"), _text("target"), _text("checked"), _count("failures"), _text("first_failed"), _text("last_failed"),
        _text("method"), _text("etag"), _text("modified"), _text("finding"),
    )  # fmt: skip
    op.create_index("link_due", "link", ["due"])
    op.create_index("link_finding", "link", ["finding"])
    op.create_table(
        "link_use", sa.Column("iri", ordered, nullable=False), sa.Column("url", ordered, nullable=False), _text("field"),
        _text("fragment"), sa.Column("body", sa.LargeBinary, nullable=False), sa.PrimaryKeyConstraint("iri", "url"),
    )  # fmt: skip
    op.create_index("link_use_url", "link_use", ["url"])


def downgrade() -> None:
    """Not offered: an older program is run on a backup of its time."""
    raise NotImplementedError
