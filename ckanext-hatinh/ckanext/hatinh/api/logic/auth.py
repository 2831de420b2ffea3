"""Who may do what: a call shows no more than its file; CKAN's own rules where they fall over."""

from collections.abc import Callable

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = ["hatinh_example_list", "package_collaborator_list"]


@tk.auth_allow_anonymous_access
def hatinh_example_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the file."""
    tk.check_access("resource_show", context, {"id": data_dict["resource_id"]})
    return {"success": True}


@tk.chained_auth_function
def package_collaborator_list(
    next_auth: Callable[..., AuthResult], context: Context, data_dict: "DataDict | None"
) -> AuthResult:
    """As CKAN says, which takes for granted that somebody has logged in."""
    if not context.get("user"):
        return {"success": False, "msg": tk._("Only for those who have logged in")}
    return next_auth(context, data_dict)
