"""Keeps from shared caches what is for one reader.

CKAN says of every answer that it is public, unless a page was rendered for somebody who is signed
in; calls of the API, rows and files of theirs were public, too.
"""

import ckan.plugins.toolkit as tk
from ckan.types import Response
from flask import request

_NO_CACHE, _BY_COOKIE = "__no_cache__", "__limit_cache_by_cookie__"
"""Marks of a request by which CKAN writes the headers of its answer."""

_DATA = frozenset({"api", "hatinh_rows"})
"""Blueprints whose answers no page makes, yet a session changes."""
_SAME_FOR_ALL = frozenset(
    {"static", "webassets.index", "hatinh_api.openapi", "hatinh_api.swagger_ui"}
)
"""Routes that give everybody the same, whoever asks."""


def mark() -> None:
    """Mark a request of whoever is known, or wants to be."""
    if request.endpoint in _SAME_FOR_ALL:
        return
    if tk.current_user.is_authenticated or _header() in request.headers:
        request.environ[_NO_CACHE] = True
    if request.blueprint in _DATA:
        request.environ[_BY_COOKIE] = True


def tell(response: Response) -> Response:
    """Say by what an answer differs; CKAN writes the rest by the marks, after this."""
    if request.endpoint not in _SAME_FOR_ALL:
        response.vary.add(_header())
    if response.cache_control.no_store:
        request.environ[_NO_CACHE] = True
    if _NO_CACHE in request.environ:
        response.cache_control.public = False
    return response


def _header() -> str:
    return tk.config["apitoken_header_name"]
