"""Editions of the catalogues, frozen by the database once issued; register of sending; subjects."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GUARDS = """
CREATE OR REPLACE FUNCTION hatinh_editions_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'edition % of % is issued and cannot be changed', OLD.number, OLD.kind
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hatinh_editions_frozen
    BEFORE UPDATE OR DELETE ON hatinh_editions_edition
    FOR EACH ROW WHEN (OLD.state = 'ban_hanh')
    EXECUTE FUNCTION hatinh_editions_frozen();

CREATE OR REPLACE FUNCTION hatinh_editions_registered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.receipt = '' AND
       (NEW.id, NEW.kind, NEW.number, NEW.sent, NEW.letter, NEW.package_hash, NEW.sender)
       IS NOT DISTINCT FROM
       (OLD.id, OLD.kind, OLD.number, OLD.sent, OLD.letter, OLD.package_hash, OLD.sender)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'letter % is in the register of sending and cannot be changed', OLD.letter
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hatinh_editions_registered
    BEFORE UPDATE OR DELETE ON hatinh_editions_sending
    FOR EACH ROW EXECUTE FUNCTION hatinh_editions_registered();
"""


def upgrade() -> None:
    """Make the tables and the guards."""
    _make_editions()
    _make_register()
    _make_subjects()
    op.execute(GUARDS)


def _make_editions() -> None:
    op.create_table(
        "hatinh_editions_edition",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("decided", sa.Date),
        sa.Column("based_on", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("entries", JSONB, nullable=False),
        sa.Column("dropped", JSONB, nullable=False),
        sa.Column("steps", JSONB, nullable=False),
        sa.Column("dcat", sa.Text, nullable=False),
        sa.CheckConstraint(
            "state <> 'ban_hanh' OR (decision <> '' AND decided IS NOT NULL AND hash <> '')",
            name="hatinh_editions_decided",
        ),
    )
    # One open draft of a kind: who drafts sees what others have drafted.
    op.create_index(
        "hatinh_editions_one_draft",
        "hatinh_editions_edition",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("state = 'du_thao'"),
    )


def _make_register() -> None:
    op.create_table(
        "hatinh_editions_sending",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("sent", sa.Date, nullable=False),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
        sa.Column("package_hash", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["kind", "number"], ["hatinh_editions_edition.kind", "hatinh_editions_edition.number"]
        ),
        sa.UniqueConstraint("kind", "number", "letter"),
    )


def _make_subjects() -> None:
    op.create_table(
        "hatinh_editions_subject",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column(
            "package_id",
            sa.Text,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
    )


def downgrade() -> None:
    """Drop everything again."""
    for table in ("subject", "sending", "edition"):
        op.drop_table(f"hatinh_editions_{table}")
    op.execute("DROP FUNCTION hatinh_editions_frozen()")
    op.execute("DROP FUNCTION hatinh_editions_registered()")
