"""Pages of the boards, and their tables as files."""

from datetime import datetime

import ckan.plugins.toolkit as tk
from ckan import model
from flask import Blueprint, Response

from ckanext.hatinh.quality.boards import SHOWN, Office, Province
from ckanext.hatinh.quality.mends import remedies
from ckanext.hatinh.shared.asking import reader
from ckanext.hatinh.shared.report_files import sent
from ckanext.hatinh.shared.vocabulary import LOCAL_TIME
from hatinh.quality.mends import Remedy
from hatinh.report import Report

hatinh_boards = Blueprint("hatinh_boards", __name__, url_prefix="/chat-luong")


@hatinh_boards.get("/")
def province() -> str:
    """How the offices stand."""
    board = Province(reader(), _now())
    tables = {name: make() for name, make in board.tables.items()}
    return tk.render("hatinh_quality/province.html", {"tables": tables})


@hatinh_boards.get("/<office>")
def office(office: str) -> str:
    """How one office stands, and what it does first."""
    group = _office(office)
    board, whole = Office(reader(), group, _now()), Province(reader(), _now())
    return tk.render(
        "hatinh_quality/office.html",
        {
            "office": group.name,
            "board": board,
            "place": whole.places.get(group.name),
            "of": len(whole.places),
            "tables": {name: make() for name, make in board.tables.items()},
            "shown": SHOWN,
        },
    )


@hatinh_boards.get("/bang/<table>.<any(csv, xlsx):form>")
def province_file(table: str, form: str) -> Response:
    """A table of the province's board as a file, in the reader's language."""
    return _file(Province(reader(), _now()), table, form)


@hatinh_boards.get("/<office>/bang/<table>.<any(csv, xlsx):form>")
def office_file(office: str, table: str, form: str) -> Response:
    """A table of an office's board as a file, in the reader's language."""
    return _file(Office(reader(), _office(office), _now()), table, form, f"{office}-")


@hatinh_boards.get("/<office>/viec/<rule>")
def mend(office: str, rule: str) -> str:
    """The records of an office in which one mend is to be made."""
    group = _office(office)
    remedy = _remedy(rule)
    table = Office(reader(), group, _now()).mend(rule)
    given = {"office": group.name, "rule": rule, "remedy": remedy, "tables": {"mend": table}}
    return tk.render("hatinh_quality/mend.html", given)


@hatinh_boards.get("/<office>/viec/<rule>.<any(csv, xlsx):form>")
def mend_file(office: str, rule: str, form: str) -> Response:
    """The records in which one mend is to be made, as a file."""
    board = Office(reader(), _office(office), _now())
    _remedy(rule)
    return _sent(board.mend(rule).report, f"{office}-{rule}", form)


def _remedy(rule: str) -> Remedy:
    if rule not in remedies().rules:
        tk.abort(404, tk._("No such rule"))
    return remedies().of(rule)


def _office(name: str) -> model.Group:
    found = model.Group.by_name(name) or model.Group.get(name)
    if found is None or not found.is_organization or found.state != "active":
        tk.abort(404, tk._("No such organisation"))
    return found


def _file(board: Province | Office, table: str, form: str, whose: str = "") -> Response:
    make = board.tables.get(table)
    if make is None:
        tk.abort(404, tk._("No such table"))
    return _sent(make().report, f"{whose}{table}", form)


def _sent(report: Report, name: str, form: str) -> Response:
    return sent(report, f"{name}-{report.generated_at:%Y%m%d}", form)


def _now() -> datetime:
    return datetime.now(LOCAL_TIME)
