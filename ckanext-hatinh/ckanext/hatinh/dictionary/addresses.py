"""Permanent addresses of elements, lists and codes (REQ-45): to the page, or to RDF."""

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from ckanext.dcat.utils import check_access_header
from ckanext.hatinh.dictionary.editions import current
from ckanext.hatinh.dictionary.logic.schema import day
from hatinh.dictionary.model import Code, CodeList

hatinh_dictionary_id = Blueprint("hatinh_dictionary_id", __name__, url_prefix="/id")

FORMS = ("ttl", "jsonld")
FIRST = "first"
"""In an address, the day of an entry that was always in force."""


@hatinh_dictionary_id.get("/element/<element_id>")
def element(element_id: str) -> Response:
    """From an element to its page."""
    if element_id not in current().elements:
        tk.abort(404, tk._("The dictionary has no element {id}").format(id=element_id))
    return _see("element", element_id=element_id)


@hatinh_dictionary_id.get("/code/<list_id>")
def code_list(list_id: str) -> Response:
    """From a code list to its page."""
    return _see("code_list", list_id=_list(list_id).id)


@hatinh_dictionary_id.get("/code/<list_id>/<code>")
def code(list_id: str, code: str) -> Response:
    """From a code to its row; where codes are used again, to the entry of a day (today)."""
    found = _list(list_id)
    if not found.known(code):
        tk.abort(404, tk._("The list {list} has no code {code}").format(list=list_id, code=code))
    if not found.dated:
        return _see("code", list_id=list_id, code=code)
    entry = found.get(code, _day())
    if entry is None:
        tk.abort(404, tk._("The code {code} is not in force on that day").format(code=code))
    return redirect(tk.url_for(".entry", list_id=list_id, code=code, since=_since(entry)), 303)


@hatinh_dictionary_id.get("/code/<list_id>/<code>/<since>")
def entry(list_id: str, code: str, since: str) -> Response:
    """From one of the meanings that a code has had to its row."""
    found = next((e for e in _list(list_id).entries(code) if _since(e) == since), None)
    if found is None:
        tk.abort(404, tk._("The list {list} has no code {code}").format(list=list_id, code=code))
    at = (found.valid_from or found.valid_to or _day()).isoformat()
    return _see("code", list_id=list_id, code=code, at=at)


def _see(page: str, **values: Any) -> Response:
    """The address of the page, or of its RDF when a program asks for that."""
    form = check_access_header()
    if form in FORMS:
        answer = redirect(tk.url_for(f"hatinh_dictionary.{page}_rdf", form=form, **values), 303)
    else:
        answer = redirect(tk.url_for(f"hatinh_dictionary.{page}", **values), 303)
    answer.vary.add("Accept")
    return answer


def _list(list_id: str) -> CodeList:
    found = current().code_lists.get(list_id)
    if found is None:
        tk.abort(404, tk._("There is no code list {id}").format(id=list_id))
    return found


def _since(entry: Code) -> str:
    return entry.valid_from.isoformat() if entry.valid_from else FIRST


def _day() -> Any:
    try:
        return day(request.args.get("at"))
    except tk.Invalid as err:
        tk.abort(400, err.error)
