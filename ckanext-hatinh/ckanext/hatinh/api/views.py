"""The document of the API, its page, and the files of Swagger UI."""

import json
from hashlib import sha256
from pathlib import Path

import ckan.plugins.toolkit as tk
import flask_swagger_ui
from ckan.types import Response
from flask import Blueprint, make_response, request, send_from_directory

from ckanext.hatinh.api import guarding, table

__all__ = ["hatinh_api"]

hatinh_api = Blueprint("hatinh_api", __name__, url_prefix="/api")
hatinh_api.before_app_request(guarding.refuse_odd_calls)

LANGUAGES = ("vi", "en")
DIST = Path(flask_swagger_ui.__file__).parent / "dist"
SERVED = frozenset({"swagger-ui-bundle.js", "swagger-ui.css"})
DAY = 86_400
FIVE_MINUTES = 300


@hatinh_api.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document in ``?lang=``, else in the language of the address."""
    body = json.dumps(table.of_this_portal(_language()), ensure_ascii=False)
    answer = make_response(body)
    answer.mimetype = "application/json"
    answer.cache_control.public = True
    answer.cache_control.max_age = FIVE_MINUTES
    answer.set_etag(sha256(body.encode()).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


@hatinh_api.get("/docs")
def docs() -> str:
    """The page on which people read of the actions and try them."""
    lang = _language()
    document = tk.url_for("hatinh_api.openapi", lang=lang)
    return tk.render("hatinh_api/docs.html", {"document": document, "document_lang": lang})


@hatinh_api.get("/docs/<name>")
def swagger_ui(name: str) -> Response:
    """A file of Swagger UI; those that the page needs, no other."""
    if name not in SERVED:
        tk.abort(404)
    return send_from_directory(DIST, name, max_age=DAY)


def _language() -> str:
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    current = tk.h.lang()
    return current if current in LANGUAGES else LANGUAGES[0]
