"""A record as a visitor sees it."""

from typing import Any

import ckan.plugins.toolkit as tk


def shown(kind: str, name: str) -> dict[str, Any]:
    """A record of a kind; a private one is not there for others."""
    try:
        package = tk.get_action("package_show")({}, {"id": name})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("Not found"))
    if package["type"] != kind:
        tk.abort(404, tk._("Not found"))
    return package
