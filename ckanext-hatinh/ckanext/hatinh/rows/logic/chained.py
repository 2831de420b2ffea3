"""CKAN's own actions that are answered here."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.rows import search

__all__ = ["datastore_search"]


@tk.chained_action
@tk.side_effect_free
def datastore_search(
    next_action: Callable[[Context, DataDict], dict[str, Any]],
    context: Context,
    data_dict: DataDict,
) -> dict[str, Any]:
    """CKAN's search of rows, in fewer statements."""
    found = search.answer(context, data_dict)
    return next_action(context, data_dict) if found is None else found
