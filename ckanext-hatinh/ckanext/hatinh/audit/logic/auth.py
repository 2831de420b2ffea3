"""Who may do what: sysadmins appoint auditors; auditors see who they are and what they read."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.hatinh.shared.auditors import audits

__all__ = [
    "hatinh_audit_reading_list",
    "hatinh_auditor_appoint",
    "hatinh_auditor_dismiss",
    "hatinh_auditor_list",
    "hatinh_use_show",
]


def _sysadmins(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Only sysadmins, whom CKAN lets through before this is asked."""
    return {"success": False, "msg": tk._("Only sysadmins appoint and dismiss auditors")}


def _auditors(context: Context, _data_dict: DataDict) -> AuthResult:
    """Auditors, and sysadmins as above."""
    if audits(context.get("user") or ""):
        return {"success": True}
    return {"success": False, "msg": tk._("Only auditors and sysadmins see this")}


hatinh_auditor_appoint = _sysadmins
hatinh_auditor_dismiss = _sysadmins
hatinh_auditor_list = _auditors
hatinh_audit_reading_list = _auditors


@tk.auth_allow_anonymous_access
def hatinh_use_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset."""
    tk.check_access("package_show", context, {"id": data_dict.get("id")})
    return {"success": True}
