"""Who may call the actions: what is withdrawn is told to everybody."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = ["hatinh_withdrawn_list", "hatinh_withdrawn_show"]


@tk.auth_allow_anonymous_access
def _anyone(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone."""
    return {"success": True}


hatinh_withdrawn_list = _anyone
hatinh_withdrawn_show = _anyone
