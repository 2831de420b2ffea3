"""What this plugin adds to actions of CKAN's own."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.datastore.uploads import become_file

__all__ = ["resource_create", "resource_update"]

Action = Callable[[Context, DataDict], Any]


@tk.chained_action
def resource_create(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Take a file that arrived in pieces, named by ``upload_id``."""
    return become_file(next_action, context, data_dict)


@tk.chained_action
def resource_update(next_action: Action, context: Context, data_dict: DataDict) -> Any:
    """Take a file that arrived in pieces, named by ``upload_id``."""
    return become_file(next_action, context, data_dict)
