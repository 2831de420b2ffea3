"""Who may call the actions of the catalogue."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

__all__ = ["hatinh_catalogue_dump_show"]

OF_A_DATASET = ("activity_data_show", "activity_diff", "resource_view_show")
"""Rights to things of a dataset, which whoever asks may not know."""


@tk.auth_allow_anonymous_access
def hatinh_catalogue_dump_show(_context: Context, _data_dict: dict[str, Any]) -> AuthResult:
    """Everybody: there is nothing in a dump that not everybody may see."""
    return {"success": True}


@tk.chained_auth_function
@tk.auth_allow_anonymous_access
def without_words(
    next_auth: Callable[..., AuthResult], context: Context, data_dict: "DataDict | None"
) -> AuthResult:
    """CKAN's decision; the words of its refusal name the dataset or the file."""
    return {"success": next_auth(context, data_dict).get("success", False)}
