"""Who may call the actions of the catalogue."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context

__all__ = ["hatinh_catalogue_dump_show"]


@tk.auth_allow_anonymous_access
def hatinh_catalogue_dump_show(_context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Everybody: there is nothing in a dump that not everybody may see."""
    return {"success": True}
