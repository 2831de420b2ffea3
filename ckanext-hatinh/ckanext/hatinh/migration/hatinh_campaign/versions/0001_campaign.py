"""Campaigns and their parts, frozen by the database with their snapshot; reminders sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GUARDS = """
CREATE OR REPLACE FUNCTION hatinh_campaign_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'chot' AND NEW.state = 'dong' AND
       (NEW.number, NEW.title, NEW.day, NEW.units_before, NEW.province_before, NEW.units,
        NEW.questions, NEW.frozen, NEW.hash)
       IS NOT DISTINCT FROM
       (OLD.number, OLD.title, OLD.day, OLD.units_before, OLD.province_before, OLD.units,
        OLD.questions, OLD.frozen, OLD.hash)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'campaign % is frozen and cannot be changed', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hatinh_campaign_frozen
    BEFORE UPDATE OR DELETE ON hatinh_campaign_campaign
    FOR EACH ROW WHEN (OLD.state IN ('chot', 'dong'))
    EXECUTE FUNCTION hatinh_campaign_frozen();

-- What belongs to a campaign: parts, evidence and the files of its snapshot.
CREATE OR REPLACE FUNCTION hatinh_campaign_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM hatinh_campaign_campaign
               WHERE number IN (OLD.campaign, NEW.campaign) AND state IN ('chot', 'dong')) THEN
        RAISE EXCEPTION 'campaign % is frozen and so is all that belongs to it',
            coalesce(OLD.campaign, NEW.campaign)
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER hatinh_campaign_kept
    BEFORE INSERT OR UPDATE OR DELETE ON hatinh_campaign_part
    FOR EACH ROW EXECUTE FUNCTION hatinh_campaign_kept();
CREATE TRIGGER hatinh_campaign_kept
    BEFORE INSERT OR UPDATE OR DELETE ON hatinh_campaign_evidence
    FOR EACH ROW EXECUTE FUNCTION hatinh_campaign_kept();
CREATE TRIGGER hatinh_campaign_kept
    BEFORE INSERT OR UPDATE OR DELETE ON hatinh_campaign_file
    FOR EACH ROW EXECUTE FUNCTION hatinh_campaign_kept();
"""


def upgrade() -> None:
    """Make the tables and the guards."""
    _make_campaigns()
    _make_parts()
    _make_evidence()
    _make_files()
    op.execute(GUARDS)


def _make_campaigns() -> None:
    op.create_table(
        "hatinh_campaign_campaign",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("units_before", sa.Date, nullable=False),
        sa.Column("province_before", sa.Date, nullable=False),
        sa.Column("units", JSONB, nullable=False),
        sa.Column("questions", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("sent", sa.Date),
        sa.Column("frozen", sa.Date),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("steps", JSONB, nullable=False),
        sa.CheckConstraint(
            "state IN ('nhap', 'mo') OR (frozen IS NOT NULL AND hash <> '')",
            name="hatinh_campaign_hashed",
        ),
    )


def _make_parts() -> None:
    op.create_table(
        "hatinh_campaign_part",
        _campaign(),
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("subjects", JSONB, nullable=False),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("steps", JSONB, nullable=False),
    )
    op.create_table(
        "hatinh_campaign_reminder",
        _campaign(),
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("days", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sent", sa.DateTime(timezone=True), nullable=False),
    )


def _make_evidence() -> None:
    op.create_table(
        "hatinh_campaign_evidence",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "campaign",
            sa.Integer,
            sa.ForeignKey("hatinh_campaign_campaign.number", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("size", sa.Integer),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary),
    )
    op.create_index("hatinh_campaign_evidence_of", "hatinh_campaign_evidence", ["campaign", "unit"])


def _make_files() -> None:
    op.create_table(
        "hatinh_campaign_file",
        _campaign(),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def _campaign() -> sa.Column:
    return sa.Column(
        "campaign",
        sa.Integer,
        sa.ForeignKey("hatinh_campaign_campaign.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


def downgrade() -> None:
    """Drop everything again."""
    for table in ("file", "evidence", "reminder", "part", "campaign"):
        op.drop_table(f"hatinh_campaign_{table}")
    op.execute("DROP FUNCTION hatinh_campaign_frozen()")
    op.execute("DROP FUNCTION hatinh_campaign_kept()")
