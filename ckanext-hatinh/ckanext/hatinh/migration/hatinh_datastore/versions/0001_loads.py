"""The loads of files into tables, and what was chosen for a file."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ENDED = "('done', 'refused', 'failed', 'superseded')"


def _resource(*, key: bool) -> sa.Column:
    foreign = sa.ForeignKey("resource.id", ondelete="CASCADE")
    return sa.Column("resource_id", sa.UnicodeText, foreign, nullable=False, primary_key=key)


def upgrade() -> None:
    """Make both tables; a purged resource takes its rows along."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "hatinh_datastore_load",
        sa.Column("id", sa.Text, primary_key=True, server_default=sa.text("gen_random_uuid()")),
        _resource(key=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        *(
            sa.Column(name, JSONB, nullable=False, server_default="[]")
            for name in ("steps", "causes", "remarks", "columns", "profile")
        ),
        sa.Column("reason", JSONB),
        *(sa.Column(name, sa.BigInteger) for name in ("rows", "kept", "bad")),
        sa.Column("worker", sa.Text, nullable=False, server_default=""),
        sa.Column("lease_until", moment),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created", moment, nullable=False, server_default=sa.func.now()),
        sa.Column("finished", moment),
    )
    op.create_index(
        "hatinh_datastore_load_open",
        "hatinh_datastore_load",
        ["resource_id"],
        unique=True,
        postgresql_where=sa.text(f"state NOT IN {ENDED}"),
    )
    op.create_index(
        "hatinh_datastore_load_newest", "hatinh_datastore_load", ["resource_id", "created"]
    )
    op.create_table(
        "hatinh_datastore_choice",
        _resource(key=True),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("sheet", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop both; the tables of the DataStore stay."""
    op.drop_table("hatinh_datastore_choice")
    op.drop_table("hatinh_datastore_load")
