"""API of the reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.hatinh.report import reports, tables
from ckanext.hatinh.shared.seeing import sees_private
from hatinh.figures import columns_of
from hatinh.local_time import LOCAL_TIME
from hatinh.report import Cell, Report
from hatinh.report.files import FORMS
from hatinh.text import Text

__all__ = ["hatinh_figure_tables", "hatinh_report_list", "hatinh_report_show"]


@tk.side_effect_free
def hatinh_figure_tables(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """The plain tables that all figures are made of, with private records: ``day``, ``tables``.

    A table has ``columns`` (name → TEXT or INTEGER) and ``rows``; what is empty is ``""``.
    Parameters: ``organization``, a name, for the records of one office; ``tables``, names of
    those that are wanted, else all. For auditors, and for the portal itself.
    """
    tk.check_access("hatinh_figure_tables", context, data_dict)
    office = _office(data_dict)
    known = columns_of(tables.definitions())
    names = data_dict.get("tables") or list(known)
    names = [names] if isinstance(names, str) else names
    if unknown := set(names) - set(known):
        raise tk.ValidationError({"tables": [tk._("No such table: {}").format(min(unknown))]})
    asked = tables.Asked(office.name if office else "", everything=True)
    found = tables.read({name: known[name] for name in names}, asked)
    return {
        "day": asked.on.isoformat(),
        "tables": {
            name: {"columns": known[name], "rows": [_filled(row) for row in rows]}
            for name, rows in found.items()
        },
    }


def _filled(row: Sequence[Any]) -> list[Any]:
    return ["" if cell is None else cell for cell in row]


def _office(data_dict: DataDict) -> model.Group | None:
    """The office that is asked for, if one is."""
    name = data_dict.get("organization") or None
    group = model.Group.get(name) if name else None
    if name and (group is None or not group.is_organization):
        raise tk.ObjectNotFound(tk._("No such organisation"))
    return group


@tk.side_effect_free
def hatinh_report_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Every report: ``id``, ``title`` and ``formula`` in two languages, ``formats`` of its files.

    ``source`` and ``grade`` say what asks for it and how well that is known; ``unverified`` is
    true below grade B.
    """
    tk.check_access("hatinh_report_list", context, data_dict)
    return [
        {
            "id": name,
            "title": figure.title.as_dict(),
            "formula": figure.formula.as_dict(),
            "source": figure.source,
            "grade": figure.grade,
            "unverified": figure.unverified,
            "formats": list(FORMS),
        }
        for name, figure in reports.figures().items()
    ]


@tk.side_effect_free
def hatinh_report_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One report: ``columns``, ``rows``, ``totals``, ``preamble``, ``notes``, ``generated_at``.

    Parameters: ``id``; ``organization``, a name, to count only its records (a report that
    compares offices, such as ``ranking``, takes no notice of it). Private records are
    counted for sysadmins and auditors, and for an organisation's members in its own report. As
    files the same reports are at ``/bao-cao/<id>.csv``, ``.xlsx``, ``.docx`` and ``.pdf``.
    """
    return as_dict(make(context, data_dict))


def make(context: Context, data_dict: DataDict) -> Report:
    """The report that :func:`hatinh_report_show` gives as JSON."""
    tk.check_access("hatinh_report_show", context, data_dict)
    figure = reports.figures().get(tk.get_or_bust(data_dict, "id"))
    if figure is None:
        raise tk.ObjectNotFound(tk._("No such report"))
    group = _office(data_dict) if not figure.compares else None
    asked = tables.Asked(group.name if group else "", everything=sees_private(context, group))
    return reports.make(figure, asked, datetime.now(LOCAL_TIME))


def as_dict(report: Report) -> dict[str, Any]:
    """A report as JSON: texts as ``{"vi": …, "en": …}``, days as ISO 8601."""
    return {
        "id": report.id,
        "title": report.title.as_dict(),
        "columns": [
            {"id": column.id, "label": column.label.as_dict(), "type": column.type.value}
            for column in report.columns
        ],
        "rows": [[_plain(cell) for cell in row] for row in report.rows],
        "totals": [_plain(cell) for cell in report.totals],
        "preamble": [line.as_dict() for line in report.preamble],
        "notes": [note.as_dict() for note in report.notes],
        "generated_at": report.generated_at.isoformat(timespec="seconds"),
    }


def _plain(cell: Cell | Text) -> Any:
    return cell.as_dict() if isinstance(cell, Text) else cell
