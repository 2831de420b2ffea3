"""Pages of the dictionary for everybody, and its downloads."""

import json
from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from ckanext.hatinh.dictionary import binding, described, editions, frictionless, looking, shown
from ckanext.hatinh.dictionary.logic import schema
from ckanext.hatinh.shared.actors import actor_of
from ckanext.hatinh.shared.vocabulary import organizations, today
from hatinh.dictionary.export import FORMATS, Source, rdf
from hatinh.dictionary.export.json_schema import element_schema, entities, entity_schema
from hatinh.dictionary.export.uris import resolve
from hatinh.dictionary.workbook_form import write_template
from hatinh.dictionary.workflow import allowed

hatinh_dictionary = Blueprint("hatinh_dictionary", __name__, url_prefix="/tu-dien")
hatinh_dictionary_tables = Blueprint("hatinh_dictionary_tables", __name__)

ENDINGS = {f".{form.extension}": name for name, form in FORMATS.items()} | {".csv": "csv"}
ENDINGS = dict(sorted(ENDINGS.items(), key=lambda pair: -len(pair[0])))
"""Endings of the files of an edition, the longer ones before those that end alike."""
RDF = {"ttl": ("turtle", "text/turtle"), "jsonld": ("json-ld", "application/ld+json")}
JSON_SCHEMA = FORMATS["jsonschema"].mimetype
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@hatinh_dictionary.get("/")
def index() -> str:
    """Elements and code lists, all or those that words fit."""
    words, edition = request.args.get("q", ""), editions.current()
    entity = request.args.get("thuc-the", "")
    found = [e for e in edition.elements.values() if entity in ("", e.entity)]
    return tk.render(
        "hatinh_dictionary/index.html",
        {
            "q": words,
            "entity": entity,
            "entities": entities(edition),
            "edition": edition,
            "elements": looking.elements(words, found),
            "code_lists": [] if entity else looking.code_lists(words, edition.code_lists.values()),
        },
    )


@hatinh_dictionary.get("/thuat-ngu/<element_id>")
def element(element_id: str) -> str:
    """One element."""
    found = _asked("hatinh_element_show", id=element_id)
    edition = editions.current()
    return tk.render(
        "hatinh_dictionary/element.html",
        {
            "element": found,
            "edition": edition,
            "official": edition.elements[element_id],
            "sections": described.sections(edition.elements[element_id], edition),
        },
    )


@hatinh_dictionary.get("/thuat-ngu/<element_id>.<any(ttl, jsonld):form>")
def element_rdf(element_id: str, form: str) -> Response:
    """One element in RDF."""
    _asked("hatinh_element_show", id=element_id)
    return _graph(rdf.element_graph(editions.current(), element_id, _guide()), form)


@hatinh_dictionary.get("/thuat-ngu/<element_id>.schema.json")
def element_json_schema(element_id: str) -> Response:
    """The values of one element as JSON Schema, its codes as of today or ``?at=``."""
    _asked("hatinh_element_show", id=element_id)
    return _schema(element_schema(editions.current(), element_id, _guide(), _at() or today()))


@hatinh_dictionary.get("/thuc-the/<entity>.schema.json")
def entity_json_schema(entity: str) -> Response:
    """A record of one entity as JSON Schema."""
    edition = editions.current()
    if entity not in entities(edition):
        tk.abort(404, tk._("No element describes the entity {entity}").format(entity=entity))
    return _schema(entity_schema(edition, entity, _guide(), _at() or today()))


@hatinh_dictionary.get("/danh-muc/<list_id>")
def code_list(list_id: str) -> str:
    """One code list on a day: today, or the one asked for."""
    at = _at() or today()
    found = _asked("hatinh_codelist_show", id=list_id, at=at)
    edition = editions.current()
    return tk.render(
        "hatinh_dictionary/code_list.html",
        {
            "list": found,
            "at": at.isoformat(),
            "official": edition.code_lists[list_id],
            "used": [e for e in edition.elements.values() if e.code_list == list_id],
        },
    )


@hatinh_dictionary.get("/danh-muc/<list_id>.<any(ttl, jsonld):form>")
def code_list_rdf(list_id: str, form: str) -> Response:
    """One code list in SKOS."""
    _asked("hatinh_codelist_show", id=list_id)
    return _graph(rdf.code_list_graph(editions.current(), list_id, _guide()), form)


@hatinh_dictionary.get("/danh-muc/<list_id>/<code>")
def code(list_id: str, code: str) -> AnyResponse:
    """The row of a code in its list."""
    found = editions.current().code_lists.get(list_id)
    if found is None or not found.known(code):
        tk.abort(404, tk._("The list {list} has no code {code}").format(list=list_id, code=code))
    at = {"at": request.args["at"]} if "at" in request.args else {}
    return redirect(tk.url_for(".code_list", list_id=list_id, _anchor=f"code-{code}", **at))


@hatinh_dictionary.get("/danh-muc/<list_id>/<code>.<any(ttl, jsonld):form>")
def code_rdf(list_id: str, code: str, form: str) -> Response:
    """One code in SKOS."""
    found = editions.current().code_lists.get(list_id)
    entry = resolve(found, code, "", _at() or today()) if found else None
    if entry is None:
        tk.abort(404, tk._("The list {list} has no code {code}").format(list=list_id, code=code))
    return _graph(rdf.code_graph(editions.current(), list_id, entry, _guide()), form)


@hatinh_dictionary.get("/phien-ban/")
def edition_list() -> str:
    """All editions."""
    return tk.render("hatinh_dictionary/editions.html", {"editions": _asked("hatinh_edition_list")})


@hatinh_dictionary.get("/phien-ban/<number>")
def edition(number: str) -> str | Response:
    """One edition as a page; with the ending of a file, as that file."""
    for ending, name in ENDINGS.items():
        if number.endswith(ending):
            return _file(number.removesuffix(ending), name)
    if not editions.is_number(number):
        tk.abort(404, tk._("There is no edition {number}").format(number=number))
    found = _asked("hatinh_edition_show", number=number, content=False)
    whole = editions.get(number)
    return tk.render(
        "hatinh_dictionary/edition.html",
        {
            "edition": found,
            "whole": whole,
            "current": editions.current().number,
            "formats": FORMATS,
            "steps": sorted(allowed(whole, actor_of(_context()), editions.stewards())),
        },
    )


@hatinh_dictionary.get("/phien-ban/<number>/khac-biet")
def difference(number: str) -> str:
    """What an edition changes, compared with its base or with any other one."""
    other = request.args.get("so-voi", "")
    found = _asked("hatinh_edition_diff", number=number, to=other)
    return tk.render(
        "hatinh_dictionary/difference.html",
        {
            "diff": found,
            "labels": shown.labels(),
            "others": [head.number for head in editions.heads()],
        },
    )


@hatinh_dictionary.get("/mau.xlsx")
def blank() -> Response:
    """An empty workbook to fill in."""
    body = write_template(editions.current(), editions.attributes(), organizations())
    return _attached(body, XLSX, "tu-dien-mau.xlsx")


@hatinh_dictionary_tables.get("/dataset/<name>/resource/<resource_id>/table-schema.json")
def table_schema(name: str, resource_id: str) -> Response:
    """The columns of a table as Table Schema."""
    package = _asked("package_show", id=name)
    resource = next((r for r in package["resources"] if r["id"] == resource_id), None)
    if resource is None:
        tk.abort(404, tk._("Not found"))
    columns = binding.of_resource(resource)
    if not columns:
        tk.abort(404, tk._("Nobody has said what the columns of this file are"))
    told = frictionless.table_schema(columns, editions.current(), today())
    return Response(json.dumps(told, ensure_ascii=False, indent=1), mimetype="application/json")


def _file(number: str, form: str) -> Response:
    try:
        found = editions.get(number)
    except tk.ObjectNotFound as err:
        tk.abort(404, str(err))
    source = Source(found, editions.attributes(), organizations(), today())
    body = FORMATS[form].write(source)
    name = f"tu-dien-{number}.{FORMATS[form].extension}"
    return _attached(body, FORMATS[form].mimetype, name)


def _attached(body: bytes, media_type: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    answer = Response(body, mimetype=media_type, headers={"Content-Disposition": disposition})
    return _tagged(answer)


def _graph(graph: Any, form: str) -> Response:
    syntax, media_type = RDF[form]
    return _tagged(Response(rdf.serialised(graph, syntax), mimetype=media_type))


def _schema(found: dict[str, Any]) -> Response:
    body = json.dumps(found, ensure_ascii=False, indent=1)
    return _tagged(Response(body, mimetype=JSON_SCHEMA))


def _tagged(answer: Response) -> Response:
    """The answer with an ETag, or only 304 to a client that has it already."""
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _guide() -> Any:
    return editions.attributes().guide


def _context() -> Any:
    return {"user": tk.current_user.name if tk.current_user.is_authenticated else ""}


def _asked(action: str, **parameters: Any) -> Any:
    try:
        return tk.get_action(action)(_context(), parameters)
    except (tk.ObjectNotFound, tk.NotAuthorized) as err:
        tk.abort(404, str(err) or tk._("Not found"))
    except tk.ValidationError as err:
        tk.abort(400, " ".join(err.error_summary.values()))


def _at() -> date | None:
    try:
        return schema.optional_day(request.args.get("at"))
    except tk.Invalid as err:
        tk.abort(400, err.error)
