"""CKAN's own actions, where they answer 500 to a question that is wrong."""

import json
from collections.abc import Callable
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
    """CKAN's search of rows; it falls over a condition without an operator, which is refused, and
    over a list of no filters, which is none."""
    filters = _read(data_dict.get("filters"))
    parts = filters if isinstance(filters, list) else [filters]
    conditions = [value for part in parts if isinstance(part, dict) for value in part.values()]
    if _has_blank(conditions):
        raise tk.ValidationError({"filters": [tk._("A condition is empty")]})
    if isinstance(filters, list) and not any(filters):
        data_dict = {**data_dict, "filters": {}}
    return next_action(context, data_dict)


def _read(filters: Any) -> Any:
    """Filters that came as JSON; what is none, CKAN refuses."""
    if not isinstance(filters, str):
        return filters
    try:
        return json.loads(filters)
    except (ValueError, RecursionError):
        return None


def _has_blank(condition: Any) -> bool:
    if isinstance(condition, dict):
        return not condition or any(_has_blank(value) for value in condition.values())
    return isinstance(condition, list) and any(_has_blank(value) for value in condition)
