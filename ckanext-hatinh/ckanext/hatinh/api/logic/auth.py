"""Who may do what: a call shows no more than its file."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = ["hatinh_example_list"]


@tk.auth_allow_anonymous_access
def hatinh_example_list(context: Context, data_dict: DataDict) -> AuthResult:
    """Whoever may see the file."""
    tk.check_access("resource_show", context, {"id": data_dict["resource_id"]})
    return {"success": True}
