"""Who may do what. How the harvest is, everybody may know (REQ-54); whatever says more about a
source, or does something with it, is for the officers of its owner. Sysadmins may all of it.
"""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.hatinh.harvest.access import looks_after
from ckanext.hatinh.harvest.model.run import run_by_id
from ckanext.hatinh.harvest.model.source import owner_of
from ckanext.hatinh.shared.editors import offices_of

__all__ = [
    "hatinh_notice_list",
    "hatinh_notice_seen",
    "hatinh_run_approve",
    "hatinh_run_cancel",
    "hatinh_run_list",
    "hatinh_run_problems",
    "hatinh_run_records",
    "hatinh_run_rollback",
    "hatinh_run_show",
    "hatinh_run_start",
    "hatinh_source_create",
    "hatinh_source_delete",
    "hatinh_source_list",
    "hatinh_source_mapping",
    "hatinh_source_preview",
    "hatinh_source_show",
    "hatinh_source_test",
    "hatinh_source_update",
]


@tk.auth_allow_anonymous_access
def _anyone(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone."""
    return {"success": True}


def _officers(context: Context, _data_dict: DataDict) -> AuthResult:
    """Editors and admins of any office."""
    words = tk._("Only editors of an office look after sources")
    return _answer(bool(offices_of(_user(context))), words)


def _source_officers(context: Context, data_dict: DataDict) -> AuthResult:
    """Editors and admins of the office that owns the source, or of one above it.

    One out of use stays theirs, with its runs; one that never was is nobody's.
    """
    return _owner(context, owner_of(str(data_dict.get("id") or "")))


def hatinh_run_start(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who look after the source."""
    return _source_officers(context, {"id": data_dict.get("source")})


def _run_officers(context: Context, data_dict: DataDict) -> AuthResult:
    """Those who look after the source of the run."""
    run = run_by_id(str(data_dict.get("id") or ""))
    return _source_officers(context, {"id": run.source if run else ""})


def hatinh_source_create(context: Context, data_dict: DataDict) -> AuthResult:
    """Officers, for their own office; asked without an office: whether they may at all."""
    if not data_dict.get("owner"):
        return _officers(context, data_dict)
    return _owner(context, str(data_dict["owner"]))


def hatinh_source_update(context: Context, data_dict: DataDict) -> AuthResult:
    """Officers of the source, and of the office to which it is handed over."""
    asked = _source_officers(context, data_dict)
    if not asked.get("success") or not data_dict.get("owner"):
        return asked
    return _owner(context, str(data_dict["owner"]))


def _owner(context: Context, owner: str) -> AuthResult:
    words = tk._("Only editors of the office that owns the source may do this")
    return _answer(bool(owner) and looks_after(_user(context), owner), words)


def _answer(allowed: bool, words: str) -> AuthResult:
    return {"success": True} if allowed else {"success": False, "msg": words}


def _user(context: Context) -> str:
    return context.get("user") or ""


hatinh_run_list = _anyone
hatinh_run_show = _anyone
hatinh_source_list = _anyone
hatinh_source_show = _anyone

hatinh_notice_list = _officers
hatinh_notice_seen = _officers

hatinh_source_delete = _source_officers
hatinh_source_mapping = _source_officers
hatinh_source_preview = _source_officers
hatinh_source_test = _source_officers

hatinh_run_approve = _run_officers
hatinh_run_cancel = _run_officers
hatinh_run_problems = _run_officers
hatinh_run_records = _run_officers
hatinh_run_rollback = _run_officers
