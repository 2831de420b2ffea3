"""A file of a snapshot lies in pieces: a whole one in one statement takes its size many times."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = "hatinh_campaign_file_pkey"


def upgrade() -> None:
    """What was frozen before is in one piece each."""
    op.execute("ALTER TABLE hatinh_campaign_file ADD COLUMN piece integer NOT NULL DEFAULT 0")
    op.drop_constraint(KEY, "hatinh_campaign_file")
    op.create_primary_key(KEY, "hatinh_campaign_file", ["campaign", "path", "piece"])


def downgrade() -> None:
    """Fails while a file lies in more than one piece: nothing of a snapshot is thrown away."""
    op.drop_constraint(KEY, "hatinh_campaign_file")
    op.create_primary_key(KEY, "hatinh_campaign_file", ["campaign", "path"])
    op.execute("ALTER TABLE hatinh_campaign_file DROP COLUMN piece")
