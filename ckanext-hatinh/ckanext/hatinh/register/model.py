"""The tables of the register: counts of calls, findings from run to run, and the runs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hatinh.register import CallCount, Calls, Counted, Finding


class RegisterCalls(tk.BaseModel):
    """Calls of one service on one day, as the gateway names it; ``source`` is where it was told."""

    __tablename__ = "hatinh_register_calls"

    service: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(sa.BigInteger)
    source: Mapped[str]


class RegisterFinding(tk.BaseModel):
    """A mismatch from the run that found it to the run that missed it, which closed it."""

    __tablename__ = "hatinh_register_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    kind: Mapped[str]
    reason: Mapped[str]
    owner: Mapped[str]
    subject: Mapped[str]
    others: Mapped[Any] = mapped_column(JSONB)
    about: Mapped[str]
    words: Mapped[Any] = mapped_column(JSONB)
    first_seen: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    last_seen: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    closed: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))


class RegisterRun(tk.BaseModel):
    """One reconciliation: when, and how many findings it opened, closed and left open."""

    __tablename__ = "hatinh_register_run"

    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True), primary_key=True)
    open: Mapped[int]
    opened: Mapped[int]
    closed: Mapped[int]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a run changed."""

    open: int
    opened: int
    closed: int


_SEEN = """
WITH seen AS (
    INSERT INTO hatinh_register_finding
        (key, kind, reason, owner, subject, others, about, words, first_seen, last_seen)
    SELECT key, kind, reason, owner, subject, others, about, words, :now, :now
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS found(
        key text, kind text, reason text, owner text, subject text, others jsonb, about text,
        words jsonb)
    ON CONFLICT (key) WHERE closed IS NULL DO UPDATE
        SET last_seen = excluded.last_seen, owner = excluded.owner, words = excluded.words
    RETURNING first_seen
)
SELECT count(*), count(*) FILTER (WHERE first_seen = :now) FROM seen
"""
_CLOSE = """
WITH shut AS (
    UPDATE hatinh_register_finding SET closed = :now
    WHERE closed IS NULL AND last_seen < :now RETURNING 1
)
SELECT count(*) FROM shut
"""


def alone() -> None:
    """Wait until no other process reconciles; until the end of the transaction nobody else does."""
    key = "hatinh_register"
    model.Session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})


def save(findings: Iterable[Finding], now: datetime) -> Changed:
    """Keep what a run found: open what is new, close what is mended; three statements."""
    rows = json.dumps([asdict(found) | {"key": found.key} for found in findings])
    seen = model.Session.execute(sa.text(_SEEN), {"rows": rows, "now": now}).one()
    closed = model.Session.execute(sa.text(_CLOSE), {"now": now}).scalar_one()
    changed = Changed(open=seen[0], opened=seen[1], closed=closed)
    model.Session.execute(sa.insert(RegisterRun).values(at=now, **asdict(changed)))
    return changed


def last_run() -> datetime | None:
    """When the findings were last looked for."""
    return model.Session.scalar(sa.select(sa.func.max(RegisterRun.at)))


def findings(*, kind: str = "", owner: str = "", closed: bool | None = None) -> Sequence[Any]:
    """Findings, open ones first, then by office and kind."""
    row = RegisterFinding
    query = sa.select(row).order_by(row.closed.desc().nulls_first(), row.owner, row.kind, row.id)
    if kind:
        query = query.where(row.kind == kind)
    if owner:
        query = query.where(row.owner == owner)
    if closed is not None:
        query = query.where(row.closed.is_not(None) if closed else row.closed.is_(None))
    return list(model.Session.scalars(query))


def counted(days: int) -> Counted:
    """The calls of the last so many days that were counted, and the span of all counts."""
    row = RegisterCalls
    first, last = model.Session.execute(
        sa.select(sa.func.min(row.day), sa.func.max(row.day))
    ).one()  # fmt: skip
    if last is None:
        return Counted()
    since = last - timedelta(days=days - 1)
    called = sa.func.max(row.day).filter(row.count > 0)
    query = (
        sa.select(row.service, sa.func.sum(row.count), called)
        .where(row.day >= since)
        .group_by(row.service)
        .order_by(row.service)
    )
    services = [
        Calls(service, int(count), day) for service, count, day in model.Session.execute(query)
    ]
    return Counted(max(first, since), last, tuple(services))


def keep_calls(counts: Iterable[CallCount], source: str) -> int:
    """Keep counts, in place of earlier ones of the same service and day; gives how many."""
    rows = [
        {"service": found.service, "day": found.day.isoformat(), "count": found.count}
        for found in counts
    ]
    statement = sa.text(
        "INSERT INTO hatinh_register_calls (service, day, count, source)"
        " SELECT service, day, count, :source FROM jsonb_to_recordset(CAST(:rows AS jsonb))"
        " AS told(service text, day date, count bigint)"
        " ON CONFLICT (service, day) DO UPDATE"
        " SET count = excluded.count, source = excluded.source"
    )
    model.Session.execute(statement, {"rows": json.dumps(rows), "source": source})
    return len(rows)
