"""Editions of the dictionary, closed by the database once approved; bindings of columns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GUARD = """
CREATE OR REPLACE FUNCTION hatinh_dictionary_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'edition % is approved and cannot be changed', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hatinh_dictionary_closed
    BEFORE UPDATE OR DELETE ON hatinh_dictionary_edition
    FOR EACH ROW WHEN (OLD.state = 'phe_duyet')
    EXECUTE FUNCTION hatinh_dictionary_closed();
"""


def upgrade() -> None:
    """Make both tables and the guard."""
    op.create_table(
        "hatinh_dictionary_edition",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("based_on", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("proposer", sa.Text, nullable=False),
        sa.Column("approver", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("elements", sa.Integer, nullable=False),
        sa.Column("code_lists", sa.Integer, nullable=False),
        sa.Column("document", JSONB, nullable=False),
    )
    op.create_table(
        "hatinh_dictionary_binding",
        sa.Column("resource_id", sa.Text, primary_key=True),
        sa.Column("column", sa.Text, primary_key=True),
        sa.Column("element", sa.Text, nullable=False, index=True),
    )
    op.execute(GUARD)


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("hatinh_dictionary_binding")
    op.drop_table("hatinh_dictionary_edition")
    op.execute("DROP FUNCTION hatinh_dictionary_closed()")
