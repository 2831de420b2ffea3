"""The page of one's own tokens. It takes the place of CKAN's, at the same address."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, Response
from flask import Blueprint, make_response, request

from ckanext.hatinh.access.offices import memberships
from ckanext.hatinh.access.tokens import longest, scopes
from ckanext.hatinh.shared.csrf import ask_for_token

__all__ = ["hatinh_access"]

hatinh_access = Blueprint("hatinh_access", __name__, url_prefix="/user/<user>/api-tokens")
hatinh_access.before_request(ask_for_token)

FIELDS = ("name", "expires_in_days")


@hatinh_access.get("")
def tokens(user: str) -> Response:
    """One's tokens, and the form of a new one."""
    return _page(user)


@hatinh_access.post("")
def create(user: str) -> Response:
    """Make a token and show it, this once."""
    _myself(user)
    given: dict[str, Any] = {name: request.form.get(name, "") for name in FIELDS}
    given |= {name: request.form.getlist(name) for name in ("scopes", "organizations")}
    try:
        made = tk.get_action("hatinh_token_create")(_reader(), dict(given))
    except tk.ValidationError as err:
        return _page(user, given=given, errors=err.error_summary)
    return _page(user, made=made)


@hatinh_access.post("/revoke")
def revoke(user: str) -> Response:
    """Revoke one token; one that is gone already stays gone."""
    _myself(user)
    try:
        tk.get_action("hatinh_token_revoke")(_reader(), {"id": request.form.get("id", "")})
        tk.h.flash_success(tk._("The token is revoked."))
    except (tk.NotAuthorized, tk.ValidationError):
        tk.h.flash_error(tk._("There is no such token of yours."))
    return tk.redirect_to("hatinh_access.tokens", user=user)


def _page(user: str, **shown: Any) -> Response:
    account = _myself(user)
    values = {
        "user_dict": account,
        "is_myself": True,
        "tokens": tk.get_action("hatinh_token_list")(_reader(), {}),
        "scopes": scopes().by_id,
        "offices": memberships(account["id"]),
        "longest": longest(),
        "given": {},
        "errors": {},
        **shown,
    }
    answer = make_response(tk.render("hatinh_access/tokens.html", values))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _myself(user: str) -> dict[str, Any]:
    """The account of the page, which must be the reader's own."""
    if tk.current_user.is_anonymous or user not in (tk.current_user.name, tk.current_user.id):
        tk.abort(403, tk._("Tokens are shown to their owner only"))
    return tk.get_action("user_show")(
        _reader(), {"id": tk.current_user.id, "include_num_followers": True}
    )


def _reader() -> Context:
    return Context(user=tk.current_user.name, auth_user_obj=tk.current_user)
