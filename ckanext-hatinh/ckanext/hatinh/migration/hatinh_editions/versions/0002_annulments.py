"""Annulments of issued editions, frozen by the database once they are settled."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARD = """
CREATE OR REPLACE FUNCTION hatinh_editions_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'de_nghi' AND
       (NEW.id, NEW.kind, NEW.number, NEW.decision, NEW.decided, NEW.reason)
       IS NOT DISTINCT FROM
       (OLD.id, OLD.kind, OLD.number, OLD.decision, OLD.decided, OLD.reason)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'annulment % of edition % of % cannot be changed', OLD.id, OLD.number, OLD.kind
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hatinh_editions_settled
    BEFORE UPDATE OR DELETE ON hatinh_editions_annulment
    FOR EACH ROW EXECUTE FUNCTION hatinh_editions_settled();
"""


def upgrade() -> None:
    """Make the table and its guard."""
    op.create_table(
        "hatinh_editions_annulment",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("decided", sa.Date, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("steps", JSONB, nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "number"], ["hatinh_editions_edition.kind", "hatinh_editions_edition.number"]
        ),
    )
    # An edition is annulled once; what was refused may be asked for again.
    op.create_index(
        "hatinh_editions_one_annulment",
        "hatinh_editions_annulment",
        ["kind", "number"],
        unique=True,
        postgresql_where=sa.text("state <> 'tu_choi'"),
    )
    op.execute(GUARD)


def downgrade() -> None:
    """Drop everything again."""
    op.drop_table("hatinh_editions_annulment")
    op.execute("DROP FUNCTION hatinh_editions_settled()")
