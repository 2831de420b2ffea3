"""The page that says how a file became a table, or why it did not."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request

from ckanext.hatinh.shared.csrf import ask_for_token

__all__ = ["hatinh_datastore"]

hatinh_datastore = Blueprint(
    "hatinh_datastore", __name__, url_prefix="/dataset/<name>/resource/<resource_id>/nap"
)
hatinh_datastore.before_request(ask_for_token)


@hatinh_datastore.get("")
def read(name: str, resource_id: str) -> str:
    """Steps, counts and reasons; for those who may change the file, bad rows and choices."""
    package, resource = _found(name, resource_id)
    load = tk.get_action("hatinh_load_show")({}, {"resource_id": resource_id})
    may_change = tk.h.check_access("resource_update", {"id": resource_id})
    asked = {"resource_id": resource_id}
    problems = tk.get_action("hatinh_load_problems")({}, asked) if may_change else []
    return tk.render(
        "hatinh_datastore/load.html",
        {
            "pkg_dict": package,
            "dataset_type": package["type"],
            "resource": resource,
            "load": load,
            "problems": problems,
            "may_change": may_change,
        },
    )


@hatinh_datastore.post("")
def change(name: str, resource_id: str) -> Response:
    """Choose how the file is loaded, or load it again."""
    _found(name, resource_id)
    given: dict[str, Any] = {"resource_id": resource_id}
    try:
        if "policy" in request.form:
            chosen = {key: request.form.get(key, "") for key in ("policy", "sheet")}
            tk.get_action("hatinh_load_choose")({}, given | chosen)
        force = "force" in request.form
        tk.get_action("hatinh_load_start")({}, given | {"force": force})
    except tk.NotAuthorized:
        tk.abort(403, tk._("Only those who may change the file choose how it is loaded"))
    except tk.ValidationError as err:
        tk.h.flash_error(" ".join(str(words) for words in err.error_summary.values()))
    return tk.redirect_to("hatinh_datastore.read", name=name, resource_id=resource_id)


def _found(name: str, resource_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Dataset and resource. Whoever may not see them is told that there are none."""
    try:
        package = tk.get_action("package_show")({}, {"id": name})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("Dataset not found"))
    resource = next((r for r in package["resources"] if r["id"] == resource_id), None)
    if resource is None:
        tk.abort(404, tk._("Resource not found"))
    return package, resource
