"""Template helpers: how the file of a resource became a table."""

from typing import Any

import ckan.plugins.toolkit as tk

__all__ = ["hatinh_load"]


def hatinh_load(resource_id: str) -> dict[str, Any] | None:
    """The load of a file as the reader may see it; nothing where it is no table."""
    try:
        found = tk.get_action("hatinh_load_show")({}, {"resource_id": resource_id})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    return found if found["loadable"] or found["table"] else None
