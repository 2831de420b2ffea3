"""What a token was given, kept beside it, and the token of the request at hand."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from flask import g, has_request_context

import schemas
from hatinh.access.scopes import Grant, Scopes, load_scopes

log = logging.getLogger(__name__)

KEPT = "hatinh"
"""Our place in the ``plugin_extras`` of a token."""


@dataclass(frozen=True, slots=True)
class Presented:
    """A token of ours that came with a request: whose it is, and what it was given."""

    id: str
    user_id: str
    grant: Grant
    is_over: bool


@cache
def scopes() -> Scopes:
    """All scopes there are."""
    return load_scopes(schemas.ROOT)


def longest() -> int:
    """The days that a token lives at most."""
    return tk.config["ckanext.hatinh.access.token_days"]


def presented() -> Presented | None:
    """The token of the request; nothing where there is none, or none that is ours."""
    return g.get("hatinh_token") if has_request_context() else None


def narrowed() -> Presented | None:
    """The token of the request when it may do less than its account."""
    found = presented()
    return None if found is None or scopes().is_whole(found.grant) else found


def keep(id_: str, given: Mapping[str, Any]) -> None:
    """Write beside a new token what it was given (validated parameters)."""
    ends = datetime.now(UTC) + timedelta(days=given["expires_in_days"])
    grant = Grant(frozenset(given["scopes"]), frozenset(given["organizations"]), ends)
    token = model.ApiToken.get(id_)
    if token is None:
        raise tk.ObjectNotFound(id_)
    token.set_extra(KEPT, grant.as_dict(), commit=True)
    log.info("Token made: %s of user %s, %s", token.name, token.user_id, grant.as_dict())


def note_end(token: model.ApiToken, by: str) -> None:
    """Log that a token was revoked, and by whom."""
    log.info("Token revoked: %s of user %s, by %s", token.name, token.user_id, by)


def grant_of(token: model.ApiToken) -> Grant | None:
    """What a token was given; nothing for one that was made without our plugin."""
    kept = (token.plugin_extras or {}).get(KEPT)
    return Grant.read(kept) if kept else None


def recognise(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Note the token of the request. One that is over, or that nobody limited, opens nothing."""
    token = model.ApiToken.get(data.get("jti"))
    grant = grant_of(token) if token else None
    if token is None or grant is None or not token.user_id:
        return {}
    is_over = grant.expires <= datetime.now(UTC)
    g.hatinh_token = Presented(token.id, token.user_id, grant, is_over)
    return {} if is_over else data
