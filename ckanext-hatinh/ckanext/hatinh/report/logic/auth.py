"""Who may do what: reports count what is public, so anyone may read them."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = ["hatinh_report_list", "hatinh_report_show"]


@tk.auth_allow_anonymous_access
def hatinh_report_list(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def hatinh_report_show(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone; the report counts only what the reader may see."""
    return {"success": True}
