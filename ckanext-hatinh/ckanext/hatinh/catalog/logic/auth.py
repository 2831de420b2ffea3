"""Who may call the actions of the catalogue."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import AuthResult, Context, DataDict

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


def auth_functions() -> dict[str, Any]:
    """Our own rights, and CKAN's to things of a dataset."""
    own = {"hatinh_catalogue_dump_show": hatinh_catalogue_dump_show}
    return own | dict.fromkeys(OF_A_DATASET, without_words)
