"""The tables of auditors, of what they read, and of use. A trigger chains and keeps the log."""

from collections.abc import Iterator
from datetime import date, datetime

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import Mapped, mapped_column

from hatinh.audit.chain import COLUMNS, Reading


class Auditor(tk.BaseModel):
    """That an account is an auditor for a time, by which decision, and who said so."""

    __tablename__ = "hatinh_audit_auditor"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    account: Mapped[str]
    since: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    until: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    decision: Mapped[str]
    appointed_by: Mapped[str]
    dismissed_by: Mapped[str]


class AuditReading(tk.BaseModel):
    """One answer that an auditor was given; the database fills in number, previous and hash."""

    __tablename__ = "hatinh_audit_reading"

    number: Mapped[int] = mapped_column(
        sa.BigInteger, sa.FetchedValue(), primary_key=True, autoincrement=False
    )
    at: Mapped[str]
    account: Mapped[str]
    method: Mapped[str]
    address: Mapped[str]
    asked: Mapped[str]
    status: Mapped[int]
    previous: Mapped[str]
    hash: Mapped[str]


class UseDay(tk.BaseModel):
    """How often a dataset was used on one day."""

    __tablename__ = "hatinh_use_day"

    package_id: Mapped[str] = mapped_column(
        sa.ForeignKey("package.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int]
    downloads: Mapped[int]
    calls: Mapped[int]


class UseBatch(tk.BaseModel):
    """Counters that were added to :class:`UseDay`, so that nothing is added twice."""

    __tablename__ = "hatinh_use_batch"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


def holds(user: str, now: datetime) -> bool:
    """Whether an active account (name or id) holds the role; a sysadmin never does."""
    account, role = model.User, Auditor
    query = sa.select(role.id).join(account, account.id == role.user_id)
    query = query.where(
        sa.or_(account.name == user, account.id == user),
        account.state == model.State.ACTIVE,
        sa.not_(sa.func.coalesce(account.sysadmin, False)),
        _lasts(now),
    )
    return bool(model.Session.scalar(sa.select(query.exists())))


def lasting(user_id: str, now: datetime) -> list[Auditor]:
    """The appointments of an account that last."""
    query = sa.select(Auditor).where(Auditor.user_id == user_id, _lasts(now))
    return list(model.Session.scalars(query))


def appointments() -> list[Auditor]:
    """Every appointment there was, the latest first."""
    return list(model.Session.scalars(sa.select(Auditor).order_by(Auditor.id.desc())))


def note(reading: dict[str, str | int]) -> None:
    """Add a line to the log, in a transaction of its own and by one statement."""
    with model.Session.get_bind().engine.begin() as connection:
        connection.execute(sa.insert(AuditReading.__table__).values(reading))


def readings(account: str, limit: int, offset: int) -> list[Reading]:
    """Lines of the log, the latest first; of one account if it is named."""
    query = _lines(account).order_by(AuditReading.number.desc()).limit(limit).offset(offset)
    return [Reading(*row) for row in model.Session.execute(query)]


def count(account: str) -> int:
    """How many lines the log has."""
    lines = _lines(account).subquery()
    return model.Session.scalar(sa.select(sa.func.count()).select_from(lines)) or 0


def every_reading() -> Iterator[Reading]:
    """The whole log from its first line on, read piece by piece."""
    query = _lines("").order_by(AuditReading.number).execution_options(yield_per=1000)
    for row in model.Session.execute(query):
        yield Reading(*row)


def _lines(account: str) -> sa.Select:
    query = sa.select(*(getattr(AuditReading, name) for name in COLUMNS))
    return query.where(AuditReading.account == account) if account else query


def _lasts(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Auditor.since <= now, sa.or_(Auditor.until.is_(None), Auditor.until > now))
