"""Asks of every request with a token, before anything else does, whether it may come in."""

from collections.abc import Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Response
from flask import jsonify, request

from ckanext.hatinh.access.tokens import narrowed, presented, scopes
from hatinh.access.scopes import Grant

UNKNOWN, OVER, OVER_SCOPE = "token-unknown", "token-over", "token-scope"
"""By which programs know the refusals."""

_ENDPOINT = "api.action"


def refuse() -> Response | None:
    """Answer 401 or 403 in words; nothing when the request may go on."""
    found = presented()
    if found is None and not _is_for_us():
        return None
    if found and found.is_over:
        return _unauthorised(OVER, tk._("This token is over."))
    if found is None or tk.current_user.is_anonymous:
        return _unauthorised(UNKNOWN, tk._("This token is not known here."))
    return _over_scope(found.grant)


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


def _is_for_us() -> bool:
    """Whether a header in which CKAN knew no token was meant as one.

    Words after a scheme (Basic, Bearer) are for others. The text tells it only here: CKAN reads a
    token past spaces and other letters in its signature, so one that it knew is asked whatever it
    looks like.
    """
    header = request.headers.get(tk.config["apitoken_header_name"], "").strip()
    scheme, _, words = header.partition(" ")
    return bool(header) and not (words and "." not in scheme)


def _over_scope(grant: Grant) -> Response | None:
    if request.endpoint == _ENDPOINT and request.view_args:
        return _action(grant, request.view_args["logic_function"])
    page = request.endpoint or ""
    if scopes().allow_page(grant, request.method, page):
        return None
    words = tk._("A token changes nothing on pages.")
    mend = tk._("Call the action of the API, or sign in and use the page.")
    return _forbidden(words, mend, scopes().for_page(page))


def _action(grant: Grant, name: str) -> Response | None:
    try:
        reads = getattr(tk.get_action(name), "side_effect_free", False)
    except KeyError:
        return None  # CKAN tells that there is no such action
    if scopes().allow_action(grant, name, reads=reads):
        return None
    words = tk._("This token may not call {action}.").format(action=name)
    mend = tk._("No token may. Sign in and use the pages.")
    return _forbidden(words, mend, scopes().for_action(name))


def _unauthorised(code: str, words: str) -> Response:
    mend = tk._(
        "Make a new one on the page of your account, API Tokens. Public data need no token."
    )
    answer = _answer(401, {"code": code, "message": words, "mend": mend})
    answer.headers["WWW-Authenticate"] = 'Token realm="api"'
    return answer


def _forbidden(words: str, mend: str, needed: Sequence[str]) -> Response:
    """``mend`` is for what no scope opens."""
    if needed:
        mend = tk._("Make a token with the scope {scopes}.").format(scopes=", ".join(needed))
    error = {"code": OVER_SCOPE, "message": words, "mend": mend, "needs": list(needed)}
    return _answer(403, error)


def _answer(status: int, error: dict[str, Any]) -> Response:
    body = {"success": False, "error": {"__type": "Authorization Error", **error}}
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer
