"""The newest runs of all sources by an index."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

RUN = "hatinh_harvest_run"
BY_TIME = f"{RUN}_time"


def upgrade() -> None:
    """Index runs by time."""
    op.create_index(BY_TIME, RUN, ["queued"])


def downgrade() -> None:
    """Back to 0005."""
    op.drop_index(BY_TIME, RUN)
