"""Auditors, the chained log of what they read, and counts of use without personal data."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CHAIN = r"""
-- The line of a reading that its hash is made of; hatinh/audit/chain.py makes the same one.
CREATE OR REPLACE FUNCTION hatinh_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last hatinh_audit_reading;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('hatinh_audit_reading'));
    SELECT * INTO last FROM hatinh_audit_reading ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.previous := coalesce(last.hash, '');
    NEW.hash := encode(sha256(convert_to(concat_ws(E'\n', NEW.previous, NEW.number, NEW.at,
        NEW.account, NEW.method, NEW.address, NEW.asked, NEW.status), 'UTF8')), 'hex');
    RETURN NEW;
END $$;
CREATE TRIGGER hatinh_audit_chain
    BEFORE INSERT ON hatinh_audit_reading
    FOR EACH ROW EXECUTE FUNCTION hatinh_audit_chain();

CREATE OR REPLACE FUNCTION hatinh_audit_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'reading % is in the log of auditors and cannot be changed', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER hatinh_audit_kept
    BEFORE UPDATE OR DELETE ON hatinh_audit_reading
    FOR EACH ROW EXECUTE FUNCTION hatinh_audit_kept();
"""


def upgrade() -> None:
    """Make the tables and the chain."""
    _make_auditors()
    _make_readings()
    op.execute(CHAIN)
    _make_use()


def _make_auditors() -> None:
    op.create_table(
        "hatinh_audit_auditor",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("appointed_by", sa.Text, nullable=False),
        sa.Column("dismissed_by", sa.Text, nullable=False),
    )
    op.create_index("hatinh_audit_auditor_user", "hatinh_audit_auditor", ["user_id"])


def _make_readings() -> None:
    texts = ("at", "account", "method", "address", "asked")
    op.create_table(
        "hatinh_audit_reading",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        # A line break within a text could move it into the next one without changing the hash.
        sa.CheckConstraint(
            r"concat_ws('', at, account, method, address, asked) !~ E'\n'",
            name="hatinh_audit_one_line",
        ),
    )
    op.create_index("hatinh_audit_reading_account", "hatinh_audit_reading", ["account", "number"])


def _make_use() -> None:
    counts = ("views", "downloads", "calls")
    op.create_table(
        "hatinh_use_day",
        sa.Column(
            "package_id",
            sa.Text,
            sa.ForeignKey("package.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("day", sa.Date, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in counts),
    )
    op.create_index("hatinh_use_day_day", "hatinh_use_day", ["day"])
    op.create_table(
        "hatinh_use_batch",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop everything again."""
    for table in ("use_batch", "use_day", "audit_reading", "audit_auditor"):
        op.drop_table(f"hatinh_{table}")
    op.execute("DROP FUNCTION hatinh_audit_chain()")
    op.execute("DROP FUNCTION hatinh_audit_kept()")
