"""Evidence to score from again, what each record's score was, and what is due to be scored."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARD = """
CREATE OR REPLACE FUNCTION hatinh_quality_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the score of % on % is history and cannot be changed', OLD.package_id, OLD.day
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hatinh_quality_noted
    BEFORE UPDATE OR DELETE ON hatinh_quality_history
    FOR EACH ROW EXECUTE FUNCTION hatinh_quality_noted();
"""

FIRST = """
INSERT INTO hatinh_quality_history (package_id, formula, day, total, dimensions)
SELECT package_id, formula, day, total, dimensions FROM hatinh_quality_score ORDER BY package_id
"""


def upgrade() -> None:
    """Make the tables. The scores of today begin the history; all of them are measured anew."""
    _extend_scores()
    _make_evidence()
    _make_history()
    _make_due()
    op.execute(GUARD)
    op.execute(FIRST)


def _extend_scores() -> None:
    """A run that is undone puts back rows of before; those have no day until they are measured."""
    op.add_column("hatinh_quality_score", sa.Column("day", sa.Date))
    op.add_column("hatinh_quality_score", sa.Column("moves_on", sa.Date))
    op.execute(
        "UPDATE hatinh_quality_score SET moves_on = 'epoch',"
        " day = (measured_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date"
    )
    op.create_index("hatinh_quality_score_moves_on", "hatinh_quality_score", ["moves_on"])


def _make_evidence() -> None:
    op.create_table(
        "hatinh_quality_evidence",
        sa.Column(
            "package_id",
            sa.UnicodeText,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("problems", JSONB, nullable=False),
        sa.Column("files", JSONB, nullable=False),
    )


def _make_history() -> None:
    """Without a foreign key: what a record scored stays true when the record is purged."""
    op.create_table(
        "hatinh_quality_history",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("formula", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("total", sa.Float),
        sa.Column("dimensions", JSONB, nullable=False),
    )
    op.create_index("hatinh_quality_history_of", "hatinh_quality_history", ["package_id", "id"])


def _make_due() -> None:
    op.create_table(
        "hatinh_quality_due",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("not_before", sa.DateTime(timezone=True)),
    )


def downgrade() -> None:
    """Drop what was added; the newest scores stay."""
    for table in ("due", "history", "evidence"):
        op.drop_table(f"hatinh_quality_{table}")
    op.execute("DROP FUNCTION hatinh_quality_noted()")
    op.drop_index("hatinh_quality_score_moves_on", "hatinh_quality_score")
    op.drop_column("hatinh_quality_score", "moves_on")
    op.drop_column("hatinh_quality_score", "day")
