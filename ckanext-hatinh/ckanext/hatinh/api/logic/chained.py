"""CKAN's own actions, where they answer 500 to a question that is wrong."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

__all__ = ["datastore_search"]


@tk.chained_action
@tk.side_effect_free
def datastore_search(
    next_action: Callable[[Context, DataDict], dict[str, Any]],
    context: Context,
    data_dict: DataDict,
) -> dict[str, Any]:
    """CKAN's search of rows; conditions without an operator are refused, not fallen over."""
    if _has_blank(list(_conditions(data_dict.get("filters")))):
        raise tk.ValidationError({"filters": [tk._("A condition is empty")]})
    return next_action(context, data_dict)


def _conditions(filters: Any) -> Iterator[Any]:
    """The conditions within filters, which may come as JSON; what is no filter, CKAN refuses."""
    if isinstance(filters, str):
        try:
            filters = json.loads(filters)
        except (ValueError, RecursionError):
            return
    for part in filters if isinstance(filters, list) else [filters]:
        if isinstance(part, dict):
            yield from part.values()


def _has_blank(condition: Any) -> bool:
    if isinstance(condition, dict):
        return not condition or any(_has_blank(value) for value in condition.values())
    return isinstance(condition, list) and any(_has_blank(value) for value in condition)
