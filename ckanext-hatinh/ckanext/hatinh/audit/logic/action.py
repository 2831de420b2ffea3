"""API of auditors, of what they read, and of use."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core
from ckan.types import Context, DataDict

from ckanext.hatinh.audit import auditors, model, use
from ckanext.hatinh.audit.logic import schema
from ckanext.hatinh.shared.parameters import checked
from ckanext.hatinh.shared.vocabulary import today
from hatinh.audit.use import KINDS

__all__ = [
    "hatinh_audit_reading_list",
    "hatinh_auditor_appoint",
    "hatinh_auditor_dismiss",
    "hatinh_auditor_list",
    "hatinh_use_show",
]

YEAR = timedelta(days=365)


def hatinh_auditor_appoint(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Make an account an auditor from now on.

    Parameters: ``id`` (name or id of the account), ``decision`` (number and day of the paper that
    says so), ``until`` (the last day; none: until dismissed). Gives the appointment.
    """
    tk.check_access("hatinh_auditor_appoint", context, data_dict)
    given = checked({"id": "", "decision": "", **data_dict}, schema.appointed())
    account = _account(given["id"])
    made = auditors.appoint(account, given["decision"], given.get("until"), _user(context))
    core.Session.commit()
    return auditors.told(made)


def hatinh_auditor_dismiss(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """End the role of an auditor now. Parameter: ``id``. Gives the appointment that ended."""
    tk.check_access("hatinh_auditor_dismiss", context, data_dict)
    account = _account(checked({"id": "", **data_dict}, schema.dismissed())["id"])
    ended = auditors.dismiss(account, _user(context))
    core.Session.commit()
    return auditors.told(ended[0])


@tk.side_effect_free
def hatinh_auditor_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Every appointment there was, the latest first.

    ``account``, ``active``, ``since``, ``until``, ``decision``, ``appointed_by``, ``dismissed_by``.
    """
    tk.check_access("hatinh_auditor_list", context, data_dict)
    return [auditors.told(role) for role in model.appointments()]


@tk.side_effect_free
def hatinh_audit_reading_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """What auditors read, the latest first: ``count`` and ``results``.

    A line is ``number``, ``at``, ``account``, ``method``, ``address``, ``asked`` (parameters of an
    action), ``status``, ``previous``, ``hash``. Parameters: ``account``; ``limit`` (100, at most
    1000); ``offset``.
    """
    tk.check_access("hatinh_audit_reading_list", context, data_dict)
    asked = checked(data_dict, schema.readings())
    account = asked.get("account", "")
    found = model.readings(account, asked["limit"], asked["offset"])
    return {"count": model.count(account), "results": [asdict(line) for line in found]}


@tk.side_effect_free
def hatinh_use_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How often a dataset was used: ``days`` (``day``, ``views``, ``downloads``, ``calls``; days
    without use are left out) and ``totals``.

    Parameters: ``id`` of the dataset; ``since`` and ``until``, days (the last year). Nothing is
    known of who used it.
    """
    given = checked({"id": "", **data_dict}, schema.used())
    package = core.Package.get(given["id"])
    if package is None:
        raise tk.ObjectNotFound(tk._("Not found"))
    tk.check_access("hatinh_use_show", context, {"id": package.id})
    until = given.get("until") or today()
    since = given.get("since") or until - YEAR
    days = use.shown(package.id, since, until)
    return {
        "package_id": package.id,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "days": days,
        "totals": {kind: sum(day[kind] for day in days) for kind in KINDS},
    }


def _account(name: str) -> core.User:
    found = core.User.get(name)
    if found is None or found.state != core.State.ACTIVE:
        raise tk.ObjectNotFound(tk._("No such account"))
    return found


def _user(context: Context) -> str:
    return context.get("user") or ""
