"""Calls of described actions are held to their description before CKAN's action sees them."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Response
from flask import jsonify, request

from ckanext.hatinh.api.table import api, present
from hatinh.openapi.asking import MISSING, POST_ONLY, UNPRINTABLE, Wrong, faults

_ENDPOINT = "api.action"


def refuse_odd_calls() -> Response | None:
    """Answer 409, as CKAN's own validation does; nothing when the call is in order."""
    if request.endpoint != _ENDPOINT or not request.view_args or request.method == "OPTIONS":
        return None  # a browser asks whether another site's script may call
    name = request.view_args["logic_function"]
    given = _given()
    if name not in present() or given is None:
        return None
    wrong = list(faults(api().actions[name], given, by_get=request.method == "GET"))
    return _refusal(name, wrong) if wrong else None


def _given() -> dict[str, Any] | None:
    """The parameters as CKAN reads them; nothing where it reads none and answers 400."""
    if request.method == "GET":
        return _mixed(request.args)
    if request.form or request.files:
        return _mixed(request.form) | dict.fromkeys(request.files, "")
    found = request.get_json(silent=True) if request.data else {}
    return found if isinstance(found, dict) else None


def _mixed(values: Any) -> dict[str, Any]:
    listed = values.to_dict(flat=False)
    return {name: found[0] if len(found) == 1 else found for name, found in listed.items()}


def _refusal(name: str, wrong: list[Wrong]) -> Response:
    error = {one.name: [_words(one)] for one in wrong} | {"__type": "Validation Error"}
    told = tk.url_for("api.action", logic_function="help_show", ver=3, name=name, _external=True)
    answer = jsonify({"help": told, "success": False, "error": error})
    answer.status_code = 409
    return answer


def _words(wrong: Wrong) -> str:
    wanted = ", ".join(map(str, wrong.wanted)) if isinstance(wrong.wanted, list) else wrong.wanted
    said = {
        MISSING: tk._("Missing value"),
        UNPRINTABLE: tk._("Has characters that no text may have"),
        POST_ONLY: tk._("Can be given by POST only"),
        "type": tk._("Must be of the type {wanted}"),
        "enum": tk._("Must be one of: {wanted}"),
        "minimum": tk._("Must be at least {wanted}"),
        "maximum": tk._("Must be at most {wanted}"),
        "maxLength": tk._("Must have at most {wanted} characters"),
        "maxItems": tk._("Must have at most {wanted} values"),
        "pattern": tk._("Must be written like {wanted}"),
    }
    return said.get(wrong.rule, tk._("Must be as the document of the API says")).format(
        wanted=wanted
    )
