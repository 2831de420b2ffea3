"""Since when the index refuses documents."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OUTBOX = "hatinh_harvest_outbox"
REFUSED = f"{OUTBOX}_refused"


def upgrade() -> None:
    """Note it beside each document, and find the earliest at once."""
    op.add_column(OUTBOX, sa.Column("refused_since", sa.DateTime(timezone=True)))
    where = sa.text("refused_since IS NOT NULL")
    op.create_index(REFUSED, OUTBOX, ["refused_since"], postgresql_where=where)


def downgrade() -> None:
    """Back to 0006."""
    op.drop_index(REFUSED, OUTBOX)
    op.drop_column(OUTBOX, "refused_since")
