"""Who may do what: everybody reads the register; the actions show each reader what is for him."""

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = ["hatinh_register_coverage", "hatinh_register_findings", "hatinh_register_show"]


@tk.auth_allow_anonymous_access
def _anyone(_context: Context, _data_dict: DataDict) -> AuthResult:
    """Anyone."""
    return {"success": True}


hatinh_register_coverage = _anyone
hatinh_register_findings = _anyone
hatinh_register_show = _anyone
