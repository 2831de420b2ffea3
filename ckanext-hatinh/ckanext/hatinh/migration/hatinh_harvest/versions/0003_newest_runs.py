"""The newest runs of a source by an index; columns that nothing read are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RUN, SOURCE = "hatinh_harvest_run", "hatinh_harvest_source"
OF_SOURCE, NEWEST = f"ix_{RUN}_source", f"{RUN}_newest"


def upgrade() -> None:
    """Index runs by source and time, which serves what the index by source alone did."""
    op.create_index(NEWEST, RUN, ["source", "queued"])
    op.drop_index(OF_SOURCE, RUN)
    for name in ("created_by", "deleted_at"):
        op.drop_column(SOURCE, name)


def downgrade() -> None:
    """Back to 0002; who made a source, and when it was retired, is told by the log alone."""
    made_by = sa.Column("created_by", sa.String, nullable=False, server_default="")
    op.add_column(SOURCE, made_by)
    op.add_column(SOURCE, sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.create_index(OF_SOURCE, RUN, ["source"])
    op.drop_index(NEWEST, RUN)
