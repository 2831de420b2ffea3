"""A report as a workbook: numbers as numbers, frozen header, filters, notes below."""

import io
from collections.abc import Sequence
from datetime import datetime, time

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from hatinh.report.report import Cell, ColumnType, Report, in_language
from hatinh.text import Text, parse_date

_HEADER = 3
"""Row of the header, from 0: above it stand the title, the time and the preamble."""

_NUMBER_FORMATS = {
    ColumnType.TEXT: "@",
    ColumnType.DAY: "dd/mm/yyyy",
    ColumnType.INTEGER: "#,##0",
    ColumnType.PERCENT: "0.0",
    ColumnType.SCORE: "0.00",
}
_WIDEST, _NARROWEST = 60, 10
_LONGEST = 31
"""Letters that the name of a sheet may have."""


def to_xlsx(report: Report, language: str = "vi") -> bytes:
    """The workbook; equal reports give equal bytes.

    Texts are stored as texts, so none of them can run as a formula.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        made = report.generated_at.replace(tzinfo=None)
        book.set_properties({"title": report.title.said(language), "created": made})
        _fill(book, book.add_worksheet(report.id[:_LONGEST]), report, language)
    return out.getvalue()


def _fill(book: Workbook, sheet: Worksheet, report: Report, language: str) -> None:
    bold = book.add_format({"bold": True, "font_size": 14})
    between = "; ".join(line.said(language) for line in report.preamble)
    sheet.write_string(0, 0, report.title.said(language), bold)
    sheet.write_string(1, 0, f"{report.generated_at:%d/%m/%Y %H:%M}")
    sheet.write_string(2, 0, between)
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    for at, column in enumerate(report.columns):
        sheet.write_string(_HEADER, at, column.label.said(language), heading)
        sheet.set_column(at, at, _width(report, at, language))
    _table(book, sheet, report, language)
    below = _HEADER + len(report.rows) + 3
    for at, note in enumerate(report.notes):
        sheet.write_string(below + at, 0, note.said(language))
    sheet.freeze_panes(_HEADER + 1, 1)
    if report.rows:
        sheet.autofilter(_HEADER, 0, _HEADER + len(report.rows), len(report.columns) - 1)


def _table(book: Workbook, sheet: Worksheet, report: Report, language: str) -> None:
    types = [column.type for column in report.columns]
    plain = [(kind, book.add_format({"num_format": _NUMBER_FORMATS[kind]})) for kind in types]
    strong = [
        (kind, book.add_format({"num_format": _NUMBER_FORMATS[kind], "bold": True, "top": 1}))
        for kind in types
    ]
    for at, row in enumerate(report.rows, _HEADER + 1):
        _row(sheet, at, row, plain, language)
    if report.totals:
        _row(sheet, _HEADER + 1 + len(report.rows), report.totals, strong, language)


def _row(
    sheet: Worksheet,
    at: int,
    row: Sequence[Cell | Text],
    forms: Sequence[tuple[ColumnType, Format]],
    language: str,
) -> None:
    for column, (cell, (kind, form)) in enumerate(zip(row, forms, strict=True)):
        value = in_language(cell, language)
        if value is None:
            sheet.write_blank(at, column, None, form)
        elif kind is ColumnType.DAY and (day := parse_date(str(value))):
            sheet.write_datetime(at, column, datetime.combine(day, time()), form)
        elif isinstance(value, str):
            sheet.write_string(at, column, value, form)
        else:
            sheet.write_number(at, column, value, form)


def _width(report: Report, at: int, language: str) -> int:
    longest = max(
        (len(str(in_language(row[at], language) or "")) for row in report.rows), default=0
    )
    label = max(map(len, report.columns[at].label.said(language).split()), default=0)
    return max(_NARROWEST, min(_WIDEST, max(longest, label) + 2))
