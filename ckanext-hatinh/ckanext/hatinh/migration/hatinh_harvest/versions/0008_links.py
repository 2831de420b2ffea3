"""Addresses of files that lie elsewhere: when each was visited, and when it is next."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LINK, HOST = "hatinh_harvest_link", "hatinh_harvest_link_host"


def upgrade() -> None:
    """Make the tables of links and of their hosts."""
    op.create_table(
        LINK,
        sa.Column(
            "resource_id",
            sa.UnicodeText,
            sa.ForeignKey("resource.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("there", sa.Integer, nullable=False, server_default="0"),
        sa.Column("away", sa.Integer, nullable=False, server_default="0"),
        sa.Column("told", sa.Text, nullable=False, server_default=""),
        sa.Column("visited", sa.DateTime(timezone=True)),
        sa.Column("next_visit", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(f"{LINK}_due", LINK, ["next_visit"])
    op.create_table(
        HOST,
        sa.Column("host", sa.Text, primary_key=True),
        sa.Column("troubles", sa.Integer, nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Forget what was visited."""
    op.drop_table(HOST)
    op.drop_table(LINK)
