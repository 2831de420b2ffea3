"""A record as a visitor sees it, and what he is told while there is none."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Response

RETRY_SECONDS = 60


def shown(kind: str, name: str) -> dict[str, Any]:
    """A record of a kind; a private one is not there for others."""
    try:
        package = tk.get_action("package_show")({}, {"id": name})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("Not found"))
    if package["type"] != kind:
        tk.abort(404, tk._("Not found"))
    return package


def come_again() -> Response:
    """Instead of an empty catalogue, which others would take for the whole."""
    words = tk._("The catalogue is being made; please come again in a minute")
    return Response(words, 503, {"Retry-After": str(RETRY_SECONDS)}, mimetype="text/plain")
