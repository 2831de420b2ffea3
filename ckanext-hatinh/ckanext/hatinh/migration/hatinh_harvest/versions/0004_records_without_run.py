"""The run that last touched a record, which nothing read, is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RECORD = "hatinh_harvest_record"


def upgrade() -> None:
    """Drop the column; outcomes tell what each run did with a record."""
    op.drop_column(RECORD, "last_run")


def downgrade() -> None:
    """Back to 0003, as if no run had touched a record yet."""
    op.add_column(RECORD, sa.Column("last_run", sa.String, nullable=False, server_default=""))
