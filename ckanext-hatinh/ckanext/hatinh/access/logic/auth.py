"""Who may do what: everybody with an account looks after his or her own tokens."""

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import AuthResult, Context, DataDict

__all__ = ["hatinh_token_create", "hatinh_token_list", "hatinh_token_revoke"]


def _oneself(context: Context, _data_dict: DataDict) -> AuthResult:
    """Whoever has signed in; the actions look at nobody else's tokens.

    CKAN asks here of visitors, too: its API gives them a user object without a name.
    """
    return {"success": bool(model.User.get(context.get("user") or ""))}


hatinh_token_create = _oneself
hatinh_token_list = _oneself


def hatinh_token_revoke(context: Context, data_dict: DataDict) -> AuthResult:
    """The owner of the token."""
    tk.check_access("api_token_revoke", context, {"jti": data_dict["id"]})
    return {"success": True}
