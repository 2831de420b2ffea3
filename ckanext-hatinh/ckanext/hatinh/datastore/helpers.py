"""Template helpers: how the file of a resource became a table."""

from datetime import UTC, datetime
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.datastore.model import read_at

__all__ = ["hatinh_load", "hatinh_table_read"]


def hatinh_load(resource_id: str) -> dict[str, Any] | None:
    """The load of a file as the reader may see it; nothing where it is no table."""
    try:
        found = tk.get_action("hatinh_load_show")({}, {"resource_id": resource_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    return found if found["loadable"] or found["table"] else None


def hatinh_table_read(resource_id: str) -> datetime | None:
    """When the file was read that the rows of a table are from, in UTC as CKAN keeps moments;
    nothing where no file was."""
    found = read_at(resource_id)
    return found.astimezone(UTC).replace(tzinfo=None) if found else None
