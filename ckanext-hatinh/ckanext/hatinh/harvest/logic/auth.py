"""Who may do what: the account of the harvest is public (REQ-54), starting it is not."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = [
    "hatinh_run_list",
    "hatinh_run_records",
    "hatinh_run_show",
    "hatinh_run_start",
    "hatinh_source_list",
]


def _anyone(_context: Context, _data_dict: DataDict) -> AuthResult:
    return {"success": True}


hatinh_source_list = tk.auth_allow_anonymous_access(_anyone)
hatinh_run_list = tk.auth_allow_anonymous_access(_anyone)
hatinh_run_show = tk.auth_allow_anonymous_access(_anyone)
hatinh_run_records = tk.auth_allow_anonymous_access(_anyone)


def hatinh_run_start(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Only sysadmins, whom CKAN lets through before this is asked."""
    return {"success": False, "msg": tk._("Only administrators may start a harvest")}
