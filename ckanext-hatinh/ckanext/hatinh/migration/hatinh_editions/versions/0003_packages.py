"""Packages as they were sent: other fonts or programs would make other bytes of them later."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

GUARD = """
CREATE OR REPLACE FUNCTION hatinh_editions_sent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'package % was sent and cannot be changed', OLD.hash
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hatinh_editions_sent
    BEFORE UPDATE OR DELETE ON hatinh_editions_package
    FOR EACH ROW EXECUTE FUNCTION hatinh_editions_sent();
"""


def upgrade() -> None:
    """Make the table and its guard."""
    op.create_table(
        "hatinh_editions_package",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.execute(GUARD)


def downgrade() -> None:
    """Drop everything again."""
    op.drop_table("hatinh_editions_package")
    op.execute("DROP FUNCTION hatinh_editions_sent()")
