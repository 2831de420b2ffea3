"""Asks of every request with a token, before anything else does, whether it may come in."""

from collections.abc import Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Response
from flask import jsonify, request

from ckanext.hatinh.access.tokens import narrowed, presented, scopes

_ENDPOINT = "api.action"
_STANDS_FOR = {"hatinh_upload": "resource_update"}
"""Blueprints that are no pages, by the action that needs the same right."""


def refuse() -> Response | None:
    """Answer 401 or 403 in words; nothing when the request may go on."""
    header = request.headers.get(tk.config["apitoken_header_name"], "").strip()
    if not header or " " in header:
        return None  # words with a scheme before them (Basic, Bearer) are for others
    found = presented()
    if found is None or tk.current_user.is_anonymous:
        return _unauthorised(
            "token-over" if found else "token-unknown",
            tk._("This token is over.") if found else tk._("This token is not known here."),
        )
    if request.endpoint == _ENDPOINT and request.view_args:
        return _action(request.view_args["logic_function"])
    if action := _STANDS_FOR.get(request.blueprint or ""):
        return _action(action)
    if scopes().allow_page(found.grant, request.method, request.endpoint or ""):
        return None
    return _forbidden(
        tk._("A token changes nothing on pages."),
        tk._("Call the action of the API, or sign in and use the page."),
    )


def explain(answer: Response) -> Response:
    """Tell a program that was refused for its offices which those are."""
    found = narrowed()
    if found is None or answer.status_code != 403 or not answer.is_json:
        return answer
    told = answer.get_json()
    if isinstance(told, dict) and isinstance(told.get("error"), dict):
        told["error"].setdefault("organizations", sorted(found.grant.organizations))
        words = tk._("This token reaches the offices named here only, and never as administrator.")
        told["error"].setdefault("mend", words)
        answer.set_data(jsonify(told).get_data())
    return answer


def _action(name: str) -> Response | None:
    found = presented()
    try:
        reads = getattr(tk.get_action(name), "side_effect_free", False)
    except KeyError:
        return None  # CKAN tells that there is no such action
    if found is None or scopes().allow_action(found.grant, name, reads=reads):
        return None
    needed = scopes().for_action(name)
    words = tk._("This token may not call {action}.").format(action=name)
    if not needed:
        return _forbidden(words, tk._("No token may. Sign in and use the pages."))
    mend = tk._("Make a token with the scope {scopes}.").format(scopes=", ".join(needed))
    return _forbidden(words, mend, needed)


def _unauthorised(code: str, words: str) -> Response:
    mend = tk._(
        "Make a new one on the page of your account, API Tokens. Public data need no token."
    )
    answer = _answer(401, {"code": code, "message": words, "mend": mend})
    answer.headers["WWW-Authenticate"] = 'Token realm="api"'
    return answer


def _forbidden(words: str, mend: str, needed: Sequence[str] = ()) -> Response:
    error = {"code": "token-scope", "message": words, "mend": mend, "needs": list(needed)}
    return _answer(403, error)


def _answer(status: int, error: dict[str, Any]) -> Response:
    body = {"success": False, "error": {"__type": "Authorization Error", **error}}
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
