"""Who may do what: loads are as public as their files; bad values are for those who mend them."""

from collections.abc import Callable

import ckan.plugins.toolkit as tk
from ckan import authz, model
from ckan.types import AuthResult, Context, DataDict

__all__ = [
    "hatinh_column_list",
    "hatinh_load_choose",
    "hatinh_load_list",
    "hatinh_load_problems",
    "hatinh_load_show",
    "hatinh_load_start",
    "resource_show",
]


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def resource_show(
    next_auth: Callable[..., AuthResult], context: Context, data_dict: "DataDict | None"
) -> AuthResult:
    """As CKAN says, which looks at the dataset only: a file that was taken out of it, whose table
    waits for being taken back, is for those who may do that.
    """
    # Held until the next right asks for it: the session then has it without another statement.
    found = model.Resource.get((data_dict or {}).get("id", ""))
    if found is None or found.state == model.State.ACTIVE:
        return next_auth(context, data_dict)
    asked = {"id": found.package_id}
    if authz.is_authorized_boolean("package_update", tk.fresh_context(context), asked):
        return next_auth(context, data_dict)
    return {"success": False, "msg": tk._("Resource not found")}


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
