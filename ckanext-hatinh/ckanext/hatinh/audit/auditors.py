"""Who is an auditor: appointed by a sysadmin, for a time, by a decision that is named."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core
from flask import g, has_request_context

from ckanext.hatinh.audit import model
from ckanext.hatinh.audit.model import Auditor
from hatinh.local_time import LOCAL_TIME


def holds(user: str) -> bool:
    """Whether an account (name or id) is an auditor now; asked once for each request."""
    if not has_request_context():
        return model.holds(user, datetime.now(UTC))
    known: dict[str, bool] = g.setdefault("hatinh_auditors", {})
    if user not in known:
        known[user] = model.holds(user, datetime.now(UTC))
    return known[user]


def appoint(account: core.User, decision: str, until: date | None, by: str) -> Auditor:
    """Make an account an auditor from now on, ``until`` the end of that day in the province.

    Up to but without the commit. Raises ``ValidationError`` for a sysadmin, whom nothing would
    keep from changing things, and for an account that is one already.
    """
    now = datetime.now(UTC)
    if account.sysadmin:
        raise _refused("id", tk._("A sysadmin cannot be an auditor: auditors change nothing"))
    if model.lasting(account.id, now):
        raise _refused("id", tk._("{name} is an auditor already").format(name=account.name))
    ends = _end_of(until) if until else None
    if ends is not None and ends <= now:
        raise _refused("until", tk._("This day is over"))
    made = Auditor(
        user_id=account.id, account=account.name, since=now, until=ends, decision=decision,
        appointed_by=by, dismissed_by="",
    )  # fmt: skip
    core.Session.add(made)
    core.Session.flush()
    return made


def dismiss(account: core.User, by: str) -> list[Auditor]:
    """End the role of an account now, up to but without the commit.

    Raises ``ValidationError`` for an account that is no auditor.
    """
    now = datetime.now(UTC)
    found = model.lasting(account.id, now)
    if not found:
        raise _refused("id", tk._("{name} is no auditor").format(name=account.name))
    for role in found:
        role.until, role.dismissed_by = now, by
    return found


def told(role: Auditor) -> dict[str, Any]:
    """An appointment in its JSON form; ``active`` as long as it has effect."""
    now = datetime.now(UTC)
    lasts = role.until is None or role.until > now
    return {
        "account": role.account,
        "active": lasts and model.holds(role.user_id, now),
        "since": _moment(role.since),
        "until": _moment(role.until) if role.until else None,
        "decision": role.decision,
        "appointed_by": role.appointed_by,
        "dismissed_by": role.dismissed_by or None,
    }


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), LOCAL_TIME)


def _moment(value: datetime) -> str:
    return value.astimezone(LOCAL_TIME).isoformat(timespec="seconds")


def _refused(field: str, words: str) -> tk.ValidationError:
    return tk.ValidationError({field: [words]})
