"""The newest score of each dataset."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of scores; a purged dataset takes its score along."""
    op.create_table(
        "hatinh_quality_score",
        sa.Column(
            "package_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("formula", sa.Text, nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Float),
        sa.Column("band", sa.Text, nullable=False),
        sa.Column("dimensions", JSONB, nullable=False),
        sa.Column("losses", JSONB, nullable=False),
        sa.Column("problems", JSONB, nullable=False),
    )


def downgrade() -> None:
    """Drop the scores; they can be measured again."""
    op.drop_table("hatinh_quality_score")
