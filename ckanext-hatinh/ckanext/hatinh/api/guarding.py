"""Calls of described actions are held to their description before CKAN's action sees them."""

import ckan.plugins.toolkit as tk
from ckan.types import Response
from ckan.views.api import _get_request_data
from flask import jsonify, request

from ckanext.hatinh.api.table import api, present
from hatinh.openapi.asking import DEEP, DEPTH, MISSING, POST_ONLY, UNPRINTABLE, Wrong, faults

_ENDPOINT = "api.action"


def refuse_odd_calls() -> Response | None:
    """Answer 409, as CKAN's own validation does; nothing when the call is in order."""
    if request.endpoint != _ENDPOINT or not request.view_args or request.method == "OPTIONS":
        return None  # a browser asks whether another site's script may call
    name = request.view_args["logic_function"]
    wrong = _wrong(name)
    return _refusal(name, wrong) if wrong else None


def _wrong(name: str) -> list[Wrong]:
    """What is wrong with the call; nothing where CKAN reads no parameters and answers 400.

    They are read by CKAN's own function, which leaves the request as it is: whatever one reads
    otherwise than CKAN is either refused wrongly or not looked at.
    """
    try:
        reads = getattr(tk.get_action(name), "side_effect_free", False)
    except KeyError:
        return []  # CKAN tells that there is no such action
    try:
        given = _get_request_data(try_url_params=reads)
    except ValueError:
        return []
    except RecursionError:  # CKAN's view would fall over it as well
        return [Wrong("parameter", DEEP, DEPTH)]
    if name not in present():
        return []
    return list(faults(api().actions[name], given, by_get=_is_by_address(reads)))


def _is_by_address(reads: bool) -> bool:
    """Whether the parameters are text of the address; CKAN takes that of a POST before its body."""
    if request.method in ("GET", "HEAD"):
        return True
    return reads and bool(request.args) and not request.form


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
        DEEP: tk._("Must have at most {wanted} levels of values within values"),
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
