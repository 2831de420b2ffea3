"""Pages and files of rows."""

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, redirect, request, send_file
from werkzeug.wrappers import Response as Answer

from ckanext.datastore.backend import DatastoreBackend
from ckanext.hatinh.rows import charts, profiles
from ckanext.hatinh.rows.asked import Asked, asked_of_page, is_plain, linked, question_of_api
from ckanext.hatinh.rows.boundaries import boundaries_file
from ckanext.hatinh.rows.catalogue import storable
from ckanext.hatinh.rows.exports import FORMS, WORKBOOK, file_of
from ckanext.hatinh.rows.maps import map_of
from ckanext.hatinh.rows.pages import page_of
from ckanext.hatinh.rows.reading import WAIT, TooBusyError
from ckanext.hatinh.rows.resources import Shown, needed_table, shown
from ckanext.hatinh.rows.shading import shading_of
from ckanext.hatinh.rows.tables import Table
from ckanext.hatinh.rows.words import comparisons, kinds, measures

hatinh_rows = Blueprint("hatinh_rows", __name__)

_HERE = "/dataset/<name>/resource/<resource_id>"


@hatinh_rows.get(f"{_HERE}/rows.<form>")
def rows(name: str, resource_id: str, form: str) -> Response:
    """A filtered, sorted set of rows as a file."""
    found = shown(name, resource_id)
    if form not in (*FORMS, WORKBOOK):
        tk.abort(404, tk._("Rows are not given in this form"))
    try:
        return file_of(found, form, question_of_api(request.args))
    except tk.ValidationError as err:
        tk.abort(400, _words(err))
    except TooBusyError:
        return Response(
            tk._("Many files are being read; please try again in a few seconds"),
            status=503,
            mimetype="text/plain",
            headers={"Retry-After": str(WAIT)},
        )


@hatinh_rows.get("/datastore/dump/<resource_id>")
def dump(resource_id: str) -> Answer:
    """CKAN's address of a whole table: to ours, which keeps spreadsheets from running cells."""
    form = request.args.get("format", "csv")
    _there, real = DatastoreBackend.get_active_backend().resource_id_from_alias(resource_id)
    try:
        resource = tk.get_action("resource_show")({}, {"id": real or resource_id})
        package = tk.get_action("package_show")({}, {"id": resource["package_id"]})
    except (tk.ObjectNotFound, tk.NotAuthorized):
        tk.abort(404, tk._("DataStore resource not found"))
    kept = [pair for pair in request.args.items(multi=True) if pair[0] not in ("format", "bom")]
    address = tk.url_for(
        ".rows", name=package["name"], resource_id=resource["id"], form=form, locale="default"
    )
    return redirect(linked(address, kept), 302)


@hatinh_rows.get(f"{_HERE}/bang")
def table(name: str, resource_id: str) -> str | Answer:
    """The rows as a table that is sorted, filtered and paged by the server."""
    found, held = _opened(name, resource_id)
    address = found.address(".table")
    asked, fault = _asked(held)
    if not fault and not is_plain(request.args, asked):
        return redirect(linked(address, asked.address()), 302)
    number = request.args.get("page", 1, int)
    page, fault = _tried(lambda: page_of(address, held, asked, number), fault)
    page = page or page_of(address, held, Asked(), 1)
    return _page("table", found, held, page=page, fault=fault, comparisons=comparisons())


@hatinh_rows.get(f"{_HERE}/bieu-do")
def chart(name: str, resource_id: str) -> str:
    """The rows as a chart."""
    found, held = _opened(name, resource_id)
    wish = charts.wish_of(held, request.args)
    if wish is None:
        tk.abort(404, tk._("No column of this table can be drawn"))
    asked, fault = _asked(held)
    question = asked.question()
    drawing, fault = _tried(lambda: charts.drawn(held, wish, question.filters, question.q), fault)
    choices = {"names": charts.names_of(held), "numbers": charts.numbers_of(held)}
    return _page(
        "chart", found, held,
        wish=wish, drawing=drawing, fault=fault, asked=asked, kinds=kinds(),
        measures=measures(), **choices,
    )  # fmt: skip


@hatinh_rows.get(f"{_HERE}/ban-do")
def map_(name: str, resource_id: str) -> str:
    """The rows as points of a map, and communes in the colour of their values."""
    found, held = _opened(name, resource_id)
    asked, fault = _asked(held)
    drawing, fault = _tried(lambda: map_of(found, held, asked), fault)
    if drawing is None and not fault:
        tk.abort(404, tk._("No column of this table says where its things lie"))
    shading = None if fault else shading_of(held, request.args, asked)
    known = {"drawing": drawing, "shading": shading, "measures": measures()}
    return _page("map", found, held, fault=fault, asked=asked, **known)


@hatinh_rows.get("/ban-do/dia-gioi.geojson")
def borders() -> Response:
    """The borders of communes that maps are drawn on."""
    path = boundaries_file()
    if path is None or not path.is_file():
        tk.abort(404, tk._("Not found"))
    return send_file(path, mimetype="application/geo+json", conditional=True, max_age=3600)


@hatinh_rows.get(f"{_HERE}/cot/<path:column>")
def column(name: str, resource_id: str, column: str) -> str:
    """One column: what it means, and what its values are like."""
    found, held = _opened(name, resource_id)
    profile = profiles.profile_of(found, held, column)
    if profile is None:
        tk.abort(404, tk._("Not found"))
    return _page("column", found, held, profile=profile)


def _opened(name: str, resource_id: str) -> tuple[Shown, Table]:
    found = shown(name, resource_id)
    return found, needed_table(found)


def _page(template: str, found: Shown, held: Table, **more: Any) -> str:
    package, resource = found.package, found.resource
    known = {"shown": found, "pkg": package, "pkg_dict": package, "res": resource, "table": held}
    return tk.render(f"hatinh_rows/{template}.html", {**known, **more})


def _asked(held: Table) -> tuple[Asked, str]:
    """What the form asks; else nothing, and what of it cannot be read."""
    asked, fault = _tried(lambda: asked_of_page(request.args, held))
    return asked or Asked(), fault


def _tried(make: Callable[[], Any], fault: str = "") -> tuple[Any, str]:
    """What is made, or why it cannot be; nothing is tried where that is known."""
    if fault:
        return None, fault
    try:
        return make(), ""
    except tk.ValidationError as err:
        return None, _words(err)


def _words(err: tk.ValidationError) -> str:
    """What is told; it may repeat what was sent, which need not be whole letters."""
    told: Mapping[str, Any] = err.error_dict
    return storable(" ".join(str(one) for words in told.values() for one in _listed(words)))


def _listed(words: Any) -> list[Any]:
    return words if isinstance(words, list) else [words]
