"""Permanent addresses of elements, lists and codes (REQ-45): to the page, RDF or JSON Schema."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from ckanext.dcat.utils import check_access_header
from ckanext.hatinh.dictionary.editions import current
from ckanext.hatinh.dictionary.logic.schema import day
from ckanext.hatinh.shared.vocabulary import today
from hatinh.dictionary.export.json_schema import entities
from hatinh.dictionary.export.uris import code_uri, resolve
from hatinh.dictionary.model import Code, CodeList

hatinh_dictionary_id = Blueprint("hatinh_dictionary_id", __name__, url_prefix="/id")

FORMS = ("ttl", "jsonld")
JSON_SCHEMA = "application/schema+json"


@hatinh_dictionary_id.get("/element/<element_id>")
def element(element_id: str) -> Response:
    """From an element to its page."""
    if element_id not in current().elements:
        tk.abort(404, tk._("The dictionary has no element {id}").format(id=element_id))
    if _wants_schema():
        return _led("hatinh_dictionary.element_json_schema", element_id=element_id)
    return _see("element", element_id=element_id)


@hatinh_dictionary_id.get("/entity/<entity>")
def entity(entity: str) -> Response:
    """From an entity to the list of its elements, or to its JSON Schema."""
    if entity not in entities(current()):
        tk.abort(404, tk._("No element describes the entity {entity}").format(entity=entity))
    if _wants_schema():
        return _led("hatinh_dictionary.entity_json_schema", entity=entity)
    return _led("hatinh_dictionary.index", **{"thuc-the": entity})


@hatinh_dictionary_id.get("/edition/<number>")
def edition(number: str) -> Response:
    """From an edition to its page, its RDF or its JSON Schema."""
    form = "schema.json" if _wants_schema() else check_access_header()
    name = f"{number}.{form}" if form in (*FORMS, "schema.json") else number
    return _led("hatinh_dictionary.edition", number=name)


@hatinh_dictionary_id.get("/code/<list_id>")
def code_list(list_id: str) -> Response:
    """From a code list to its page."""
    return _see("code_list", list_id=_list(list_id).id)


@hatinh_dictionary_id.get("/code/<list_id>/<code>")
@hatinh_dictionary_id.get("/code/<list_id>/<code>/<since>")
def code(list_id: str, code: str, since: str = "") -> Response:
    """From a code to its row.

    Where codes are used again, the address without a day leads to the entry of today, or ``?at=``.
    """
    found = _list(list_id)
    entry = resolve(found, code, since, _day())
    if entry is None:
        tk.abort(404, tk._("The list {list} has no code {code}").format(list=list_id, code=code))
    if found.dated and not since:
        return redirect(urlsplit(code_uri(found, entry)).path, 303)
    return _see("code", list_id=list_id, code=code, **_when(entry, found))


def _when(entry: Code, code_list: CodeList) -> dict[str, str]:
    """The day that an entry is shown on: its own where others have had the code, else today."""
    own = code_list.dated or not entry.valid(today())
    day = (entry.valid_from or entry.valid_to) if own else None
    return {"at": day.isoformat()} if day else {}


def _see(page: str, **values: Any) -> Response:
    """The address of the page, or of its RDF when a program asks for that."""
    form = check_access_header()
    if form in FORMS:
        return _led(f"hatinh_dictionary.{page}_rdf", form=form, **values)
    return _led(f"hatinh_dictionary.{page}", **values)


def _led(endpoint: str, **values: Any) -> Response:
    """To where the thing is told in the form that was asked for."""
    answer = redirect(tk.url_for(endpoint, **values), 303)
    answer.vary.add("Accept")
    return answer


def _wants_schema() -> bool:
    """Whether a program says that JSON Schema is what it likes best."""
    return request.accept_mimetypes.best == JSON_SCHEMA


def _list(list_id: str) -> CodeList:
    found = current().code_lists.get(list_id)
    if found is None:
        tk.abort(404, tk._("There is no code list {id}").format(id=list_id))
    return found


def _day() -> date:
    try:
        return day(request.args.get("at"))
    except tk.Invalid as err:
        tk.abort(400, err.error)
