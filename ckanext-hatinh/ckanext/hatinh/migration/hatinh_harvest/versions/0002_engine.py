"""Sources, planned outcomes, leases, states of records, back-off of the outbox, notices."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RUN, OUTCOME = "hatinh_harvest_run", "hatinh_harvest_outcome"
RECORD, OUTBOX = "hatinh_harvest_record", "hatinh_harvest_outbox"
SOURCE, NOTICE = "hatinh_harvest_source", "hatinh_harvest_notice"
TOKEN = "hatinh_harvest_token"
ONE_WORKED_ON, ONE_QUEUED = "hatinh_harvest_run_worked_on", "hatinh_harvest_run_queued"
BY_GUID = "hatinh_harvest_record_guid"


def _text(name: str, default: str = "") -> sa.Column[Any]:
    return sa.Column(name, sa.String, nullable=False, server_default=default)


def _flag(name: str, *, default: bool = False) -> sa.Column[Any]:
    standing = sa.text("true" if default else "false")
    return sa.Column(name, sa.Boolean, nullable=False, server_default=standing)


def _json(name: str, default: str) -> sa.Column[Any]:
    return sa.Column(name, JSONB, nullable=False, server_default=default)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _now(name: str) -> sa.Column[Any]:
    moment = sa.DateTime(timezone=True)
    return sa.Column(name, moment, nullable=False, server_default=sa.func.now())


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _drop(table: str, *names: str) -> None:
    for name in names:
        op.drop_column(table, name)


def upgrade() -> None:
    """Widen the ledger; what it holds stays."""
    _make_sources()
    _widen_runs()
    _widen_outcomes()
    _widen_records()
    _add(
        OUTBOX,
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        _moment("not_before"),
        _text("error"),
    )
    _make_notices()


def _make_sources() -> None:
    op.create_table(
        SOURCE,
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        _json("title", "{}"),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False, index=True),
        _flag("allow_private"),
        _json("defaults", "{}"),
        _json("options", "{}"),
        _text("secrets"),
        _text("schedule"),
        _text("policy", "source-wins"),
        _json("local_fields", "[]"),
        _text("approval", "guard"),
        _flag("active", default=True),
        _text("origin", "page"),
        _now("created"),
        _now("modified"),
        _text("created_by"),
        _moment("next_run"),
        _moment("last_full"),
        _json("visited", "{}"),
        _text("state", "live"),
        _moment("deleted_at"),
    )


def _widen_runs() -> None:
    _add(
        RUN,
        _text("trigger", "command"),
        _text("requested_by"),
        _now("queued"),
        sa.Column("token", sa.BigInteger, nullable=False, server_default="0"),
        _text("worker"),
        _moment("lease_until"),
        _flag("full"),
        _flag("not_modified"),
        sa.Column("total", sa.Integer),
        _json("guard", "[]"),
        _text("approved_by"),
        _flag("cancel_requested"),
        _json("stats", "{}"),
    )
    op.execute(f"CREATE SEQUENCE {TOKEN} OWNED BY {RUN}.token")
    op.execute(f"UPDATE {RUN} SET queued = started")
    op.execute(
        f"UPDATE {RUN} SET state = 'interrupted', finished = coalesce(finished, now())"
        " WHERE state = 'running'"
    )
    op.alter_column(RUN, "started", nullable=True)
    worked_on = sa.text("state IN ('gathering', 'applying', 'rolling-back')")
    op.create_index(ONE_WORKED_ON, RUN, ["source"], unique=True, postgresql_where=worked_on)
    queued = sa.text("state = 'queued'")
    op.create_index(ONE_QUEUED, RUN, ["source"], unique=True, postgresql_where=queued)


def _widen_outcomes() -> None:
    _add(
        OUTCOME,
        _text("state", "done"),
        _text("hash"),
        _text("raw_hash"),
        sa.Column("dataset", JSONB),
        sa.Column("score", JSONB),
        _json("files", "{}"),
        _json("diff", "[]"),
        sa.Column("before", JSONB),
        sa.Column("package_id", sa.String),
    )
    op.create_index(f"{OUTCOME}_package", OUTCOME, ["package_id"])


def _widen_records() -> None:
    _add(
        RECORD,
        _text("title"),
        _text("raw_hash"),
        _json("problems", "[]"),
        _text("state", "live"),
        _moment("gone_since"),
        _moment("written"),
        _text("last_run"),
    )
    op.alter_column(RECORD, "package_id", nullable=True)
    op.create_index(BY_GUID, RECORD, ["guid"])


def _make_notices() -> None:
    op.create_table(
        NOTICE,
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("source", sa.String, nullable=False, index=True),
        sa.Column(
            "run_id", sa.String, sa.ForeignKey(f"{RUN}.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("kind", sa.String, nullable=False),
        _now("created"),
        _json("seen", "[]"),
        _moment("mailed"),
        sa.UniqueConstraint("run_id", "kind"),
    )


def downgrade() -> None:
    """Back to the ledger of 0001; what it cannot say is dropped, the packages stay."""
    op.drop_table(NOTICE)
    _drop(OUTBOX, "attempts", "not_before", "error")
    op.drop_index(BY_GUID, RECORD)
    op.execute(f"DELETE FROM {RECORD} WHERE package_id IS NULL")
    op.alter_column(RECORD, "package_id", nullable=False)
    _drop(
        RECORD, "title", "raw_hash", "problems", "state", "gone_since", "written", "last_run"
    )  # fmt: skip
    op.drop_index(f"{OUTCOME}_package", OUTCOME)
    _drop(
        OUTCOME, "state", "hash", "raw_hash", "dataset", "score", "files", "diff", "before",
        "package_id",
    )  # fmt: skip
    op.drop_index(ONE_WORKED_ON, RUN)
    op.drop_index(ONE_QUEUED, RUN)
    op.execute(f"DELETE FROM {RUN} WHERE started IS NULL")
    op.alter_column(RUN, "started", nullable=False)
    _drop(
        RUN, "trigger", "requested_by", "queued", "token", "worker", "lease_until", "full",
        "not_modified", "total", "guard", "approved_by", "cancel_requested", "stats",
    )  # fmt: skip
    op.drop_table(SOURCE)
