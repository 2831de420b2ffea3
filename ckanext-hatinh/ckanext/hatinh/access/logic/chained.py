"""CKAN's own actions of tokens, with what we add."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.hatinh.access.tokens import note_end

__all__ = ["api_token_revoke"]


@tk.chained_action
def api_token_revoke(original: Callable[..., Any], context: Context, data_dict: DataDict) -> Any:
    """Log who revoked which token."""
    token = model.ApiToken.get(data_dict.get("jti"))
    answer = original(context, data_dict)
    if token is not None:
        note_end(token, context.get("user") or "the server")
    return answer
