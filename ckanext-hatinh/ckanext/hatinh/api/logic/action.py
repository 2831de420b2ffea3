"""Ready calls."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.api import calls

__all__ = ["hatinh_example_list"]


@tk.side_effect_free
def hatinh_example_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Ready calls that fetch the rows of a table, or else the file: ``language``, ``title``,
    ``code``. Parameter: ``resource_id``."""
    resource_id = tk.get_or_bust(data_dict, "resource_id")
    tk.check_access("hatinh_example_list", context, {"resource_id": resource_id})
    resource = tk.get_action("resource_show")(context, {"id": resource_id})
    return [example.as_dict() for example in calls.examples(resource)]
