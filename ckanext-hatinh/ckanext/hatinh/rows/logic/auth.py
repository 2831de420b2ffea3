"""Who may read rows: whoever may see the resource."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = ["hatinh_rows_aggregate"]


@tk.auth_allow_anonymous_access
def hatinh_rows_aggregate(context: Context, data_dict: DataDict) -> AuthResult:
    """The same as for reading the rows themselves."""
    tk.check_access("datastore_search", context, data_dict)
    return {"success": True}
