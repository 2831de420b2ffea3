"""Who may do what: reports count what is public, so anyone may read them."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

from ckanext.hatinh.shared.auditors import audits

__all__ = ["hatinh_figure_tables", "hatinh_report_list", "hatinh_report_show"]


@tk.auth_disallow_anonymous_access
def hatinh_figure_tables(context: Context, _data_dict: DataDict) -> AuthResult:
    """Auditors, and sysadmins, whom CKAN lets through before this is asked."""
    if audits(context.get("user") or ""):
        return {"success": True}
    return {"success": False, "msg": tk._("The tables hold private records; they are for auditors")}


@tk.auth_allow_anonymous_access
def hatinh_report_list(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def hatinh_report_show(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone; the report counts only what the reader may see."""
    return {"success": True}
