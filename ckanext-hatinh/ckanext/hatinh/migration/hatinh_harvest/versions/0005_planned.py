"""What is still to be done of a run by an index: several workers ask for it, batch by batch."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OUTCOME = "hatinh_harvest_outcome"
PLANNED = f"{OUTCOME}_planned"


def upgrade() -> None:
    """Index the planned outcomes alone, which are none most of the time."""
    planned = sa.text("state = 'planned'")
    op.create_index(PLANNED, OUTCOME, ["run_id", "position"], postgresql_where=planned)


def downgrade() -> None:
    """Back to 0004."""
    op.drop_index(PLANNED, OUTCOME)
