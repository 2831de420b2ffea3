"""Counts of calls, what reconciliation found and when, and its runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "hatinh_register_calls",
        sa.Column("service", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
    )
    op.create_table(
        "hatinh_register_finding",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("others", JSONB, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("words", JSONB, nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.DateTime(timezone=True)),
    )
    # A mismatch is open once; when it comes back after it was closed, that is a new line.
    op.create_index(
        "hatinh_register_finding_open",
        "hatinh_register_finding",
        ["key"],
        unique=True,
        postgresql_where=sa.text("closed IS NULL"),
    )
    op.create_table(
        "hatinh_register_run",
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("open", sa.Integer, nullable=False),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("closed", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop everything again."""
    for table in ("run", "finding", "calls"):
        op.drop_table(f"hatinh_register_{table}")
