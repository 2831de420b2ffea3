"""Pages of CKAN that fall over a question, or that are only for who writes CKAN's styles."""

from typing import NoReturn

import ckan.plugins.toolkit as tk
from ckan.types import CKANApp, Response
from flask import current_app
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

SAMPLES = ("util.primer", "util.custom_form_fields")
"""Pages of samples, one of which CKAN itself cannot show."""


def answer_refusals(app: CKANApp) -> None:
    """Let a page without an answer of its own say what an action refuses, instead of 500."""
    app.register_error_handler(tk.ObjectNotFound, _not_found)
    app.register_error_handler(tk.NotAuthorized, _not_authorized)
    app.view_functions.update(dict.fromkeys(SAMPLES, _absent))


def _not_found(_refusal: tk.ObjectNotFound) -> Response:
    return _page(NotFound())


def _not_authorized(_refusal: tk.NotAuthorized) -> Response:
    return _page(Forbidden(tk._("Not authorized to see this page")))


def _page(error: HTTPException) -> Response:
    return current_app.make_response(current_app.handle_http_exception(error))


def _absent() -> NoReturn:
    tk.abort(404)
