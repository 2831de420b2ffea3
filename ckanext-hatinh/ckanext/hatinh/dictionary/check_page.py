"""The page on which anybody has a table checked; nothing that is sent stays."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.dictionary import checking, editions, shown, wishes
from ckanext.hatinh.dictionary.checking import MOST_BYTES
from ckanext.hatinh.dictionary.logic import schema
from ckanext.hatinh.dictionary.wishes import Wish
from ckanext.hatinh.shared.parameters import checked
from ckanext.hatinh.shared.vocabulary import today
from hatinh.dictionary.check import Standard
from hatinh.dictionary.export import FORMATS
from hatinh.text import slug

hatinh_dictionary_check = Blueprint("hatinh_dictionary_check", __name__, url_prefix="/tu-dien")

LISTED = 1_000
"""Faults that the marked workbook lists on its first sheet."""


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was found in a table."""

    report: dict[str, Any]
    head: checking.Head
    name: str


@hatinh_dictionary_check.get("/kiem-tra")
def page() -> str:
    """The form."""
    return _page({})


@hatinh_dictionary_check.post("/kiem-tra")
def check() -> str:
    """The form with what was found."""
    try:
        upload = _upload()
        with checking.turn() as place:
            found = _checked(upload, place, None)
    except tk.ValidationError as err:
        return _page({"errors": list(err.error_summary.values())})
    return _page({"report": found.report, "head": found.head, "name": found.name})


@hatinh_dictionary_check.post("/kiem-tra/danh-dau.xlsx")
def marked() -> Response | str:
    """The table as a workbook whose faulty cells are coloured and commented."""
    try:
        upload = _upload()
        with checking.turn() as place:
            found = _checked(upload, place, place / "marked.xlsx")
            body = (place / "marked.xlsx").read_bytes()
    except tk.ValidationError as err:
        return _page({"errors": list(err.error_summary.values())})
    name = f"{slug(Path(found.name).stem) or 'bang'}-danh-dau.xlsx"
    answer = Response(body, mimetype=FORMATS["xlsx"].mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _upload() -> FileStorage:
    """The table, come whole before anything waits for it."""
    tk.check_access("hatinh_table_check", {"user": ""}, {})
    upload = request.files.get("upload")
    if not upload or not upload.filename:
        words = tk._("Choose a table first")
        raise tk.ValidationError({"upload": [words]}, error_summary={"upload": words})
    return upload


def _checked(upload: FileStorage, place: Path, marked: Path | None) -> _Checked:
    edition = editions.current()
    wish = wishes.read(_asked(), edition)
    sent = checking.uploaded(upload, "", place)
    head = checking.head_of(sent, edition)
    bound = checking.bound(head, _ours(wish, head), sent.promise)
    keys = request.form.getlist("key")
    bound = replace(bound, columns=tuple(replace(c, key=c.name in keys) for c in bound.columns))
    report = checking.check(sent, Standard(bound, edition.dictionary, wish.at), LISTED, marked)
    return _Checked(shown.table_check(report, bound, head, edition), head, sent.name)


def _asked() -> dict[str, Any]:
    chosen = zip(request.form.getlist("column"), request.form.getlist("element"), strict=False)
    asked = checked({"at": request.form.get("at")}, schema.table_check())
    return asked | {"elements": dict(chosen) or []}


def _ours(wish: Wish, head: checking.Head) -> Wish:
    """The wish, unless its columns are those of another table that was sent before."""
    fits = wish.columns is None or set(wish.columns) <= set(head.names)
    return wish if fits else replace(wish, columns=None)


def _page(found: Mapping[str, Any]) -> str:
    facts = {"at": request.form.get("at") or today().isoformat(), "most": MOST_BYTES // 2**20}
    return tk.render("hatinh_dictionary/check.html", {**facts, **found})
