"""API of the reports."""

from datetime import date, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.hatinh.report import reports
from ckanext.hatinh.shared.seeing import sees_private
from hatinh.local_time import LOCAL_TIME
from hatinh.report import Cell, Report
from hatinh.text import Text

__all__ = ["hatinh_report_list", "hatinh_report_show"]


@tk.side_effect_free
def hatinh_report_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Every report: ``id``, ``title`` in two languages, ``formats`` of its files."""
    tk.check_access("hatinh_report_list", context, data_dict)
    return [
        {"id": name, "title": reports.texts(name).title.as_dict(), "formats": list(reports.WRITERS)}
        for name in reports.MAKERS
    ]


@tk.side_effect_free
def hatinh_report_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One report: ``columns``, ``rows``, ``totals``, ``notes`` and ``generated_at``.

    Parameters: ``id`` (``inventory``); ``organization``, a name, to count only its records.
    Private records are counted for sysadmins, and for an organisation's members in its own
    report. As files the same reports are at ``/bao-cao/<id>.csv`` and ``.xlsx``.
    """
    return as_dict(make(context, data_dict))


def make(context: Context, data_dict: DataDict) -> Report:
    """The report that :func:`hatinh_report_show` gives as JSON."""
    tk.check_access("hatinh_report_show", context, data_dict)
    maker = reports.MAKERS.get(tk.get_or_bust(data_dict, "id"))
    if maker is None:
        raise tk.ObjectNotFound(tk._("No such report"))
    organization = data_dict.get("organization") or None
    group = model.Group.get(organization) if organization else None
    if organization and (group is None or not group.is_organization):
        raise tk.ObjectNotFound(tk._("No such organisation"))
    return maker(
        group.name if group else None,
        with_private=sees_private(context, group),
        now=datetime.now(LOCAL_TIME),
    )


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
        "notes": [note.as_dict() for note in report.notes],
        "generated_at": report.generated_at.isoformat(timespec="seconds"),
    }


def _plain(cell: Cell | Text) -> Any:
    if isinstance(cell, Text):
        return cell.as_dict()
    return cell.isoformat() if isinstance(cell, date) else cell
