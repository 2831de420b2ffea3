"""Who may do what: a score is as public as its dataset; only the portal itself saves scores."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = [
    "hatinh_mend_list",
    "hatinh_score_history",
    "hatinh_score_list",
    "hatinh_score_places",
    "hatinh_score_save",
    "hatinh_score_show",
]


@tk.auth_allow_anonymous_access
def hatinh_score_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset."""
    tk.check_access("package_show", context, data_dict)
    return {"success": True}


@tk.auth_allow_anonymous_access
def hatinh_score_places(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset."""
    return hatinh_score_show(context, data_dict)


@tk.auth_allow_anonymous_access
def hatinh_score_history(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset."""
    return hatinh_score_show(context, data_dict)


@tk.auth_allow_anonymous_access
def hatinh_mend_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the dataset; of organisations anyone, as with their scores."""
    return hatinh_score_show(context, data_dict) if data_dict.get("id") else {"success": True}


@tk.auth_allow_anonymous_access
def hatinh_score_list(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone; the action leaves out what the reader may not see."""
    return {"success": True}


def hatinh_score_save(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Only sysadmins, whom CKAN lets through before this is asked."""
    return {"success": False, "msg": tk._("Only the portal itself saves scores")}
