"""Runs, outcomes, records and the outbox of the index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the four tables of the ledger."""
    op.create_table(
        "hatinh_harvest_run",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("source", sa.String, nullable=False, index=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("error", JSONB),
    )
    op.create_table(
        "hatinh_harvest_outcome",
        sa.Column(
            "run_id",
            sa.String,
            sa.ForeignKey("hatinh_harvest_run.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("guid", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("problems", JSONB, nullable=False),
    )
    op.create_table(
        "hatinh_harvest_record",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("guid", sa.String, primary_key=True),
        sa.Column("package_id", sa.String, nullable=False, unique=True),
        sa.Column("hash", sa.String, nullable=False),
    )
    op.create_table(
        "hatinh_harvest_outbox",
        sa.Column("package_id", sa.String, primary_key=True),
    )


def downgrade() -> None:
    """Drop the ledger; the packages stay."""
    for table in ("outbox", "record", "outcome", "run"):
        op.drop_table(f"hatinh_harvest_{table}")
