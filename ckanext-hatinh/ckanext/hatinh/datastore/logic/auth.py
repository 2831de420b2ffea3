"""Who may do what: loads are as public as their files; bad values are for those who mend them."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = [
    "hatinh_column_list",
    "hatinh_load_choose",
    "hatinh_load_list",
    "hatinh_load_problems",
    "hatinh_load_show",
    "hatinh_load_start",
]


@tk.auth_allow_anonymous_access
def hatinh_load_show(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the file."""
    return _as("resource_show", context, data_dict)


@tk.auth_allow_anonymous_access
def hatinh_column_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the file."""
    return _as("resource_show", context, data_dict)


@tk.auth_allow_anonymous_access
def hatinh_load_list(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone; the action leaves out what the reader may not see."""
    return {"success": True}


def hatinh_load_problems(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may change the file: values are told that are not in the table."""
    return _as("resource_update", context, data_dict)


def hatinh_load_start(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may change the file."""
    return _as("resource_update", context, data_dict)


def hatinh_load_choose(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may change the file."""
    return _as("resource_update", context, data_dict)


def _as(name: str, context: Context, data_dict: DataDict) -> AuthResult:
    tk.check_access(name, tk.fresh_context(context), {"id": data_dict.get("resource_id")})
    return {"success": True}
