"""Keeps other sites from sending our forms in somebody's name."""

from flask import current_app, g


def ask_for_token() -> None:
    """Refuse a form without the token of its page; for a blueprint's ``before_request``.

    CKAN asks for the token too, but not from visitors and programs, and once one of them has called
    a page its process asks nobody there any more.
    """
    if current_app.config["WTF_CSRF_ENABLED"] and not g.get("login_via_auth_header"):
        current_app.extensions["csrf"].protect()
