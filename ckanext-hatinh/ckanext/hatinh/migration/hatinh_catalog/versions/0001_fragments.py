"""The description of each public record, ready for the dump of the catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of fragments; a purged record takes its fragment along."""
    op.create_table(
        "hatinh_catalog_fragment",
        sa.Column(
            "package_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("uri", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("nt", sa.Text, nullable=False),
        sa.Column("plain", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the fragments; they can be made again."""
    op.drop_table("hatinh_catalog_fragment")
