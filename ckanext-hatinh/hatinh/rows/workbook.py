"""A set of rows as a workbook: numbers as numbers, days as days, texts that cannot run."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from hatinh.rows.column import Column, Kind, Row, Value, written

MOST_LETTERS = 32_767
"""A cell of a workbook holds no more; what is longer is cut, and is whole in the other forms."""
_DIGITS = 15
_EXACT = 10**_DIGITS
"""Numbers of more digits would lose some as numbers of a workbook: they are kept as texts."""
_FIRST_DAY = date(1900, 3, 1)
"""Earlier days are shown wrongly by Excel's calendar: they are kept as texts."""
_WIDTHS = {Kind.TEXT: 28, Kind.NUMBER: 14, Kind.DATE: 12, Kind.MOMENT: 18}
_FORMS = {Kind.DATE: "dd/mm/yyyy", Kind.MOMENT: "dd/mm/yyyy hh:mm:ss"}


def to_xlsx(
    out: BinaryIO, columns: Sequence[Column], rows: Iterable[Row], notes: Mapping[str, str]
) -> None:
    """Write the workbook: a sheet of rows, and one that says where they come from."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        _rows(book, book.add_worksheet("Du lieu"), columns, rows)
        about = book.add_worksheet("Nguon")
        about.set_column(0, 0, 24)
        about.set_column(1, 1, 90)
        for at, (name, words) in enumerate(notes.items()):
            about.write_string(at, 0, name)
            about.write_string(at, 1, words[:MOST_LETTERS])


def _rows(book: Workbook, sheet: Worksheet, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    forms = [_form(book, column) for column in columns]
    for at, column in enumerate(columns):
        sheet.set_column(at, at, _WIDTHS.get(column.kind, 16))
        sheet.write_string(0, at, column.label[:MOST_LETTERS], heading)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for at, (value, form) in enumerate(zip(row, forms, strict=True)):
            if value is not None:
                _write(sheet, number, at, value, form)


def _form(book: Workbook, column: Column) -> Format | None:
    words = _FORMS.get(column.kind)
    return book.add_format({"num_format": words}) if words else None


def _write(sheet: Worksheet, row: int, at: int, value: Value, form: Format | None) -> None:
    match value:
        case str():
            sheet.write_string(row, at, value[:MOST_LETTERS])
        case bool():
            sheet.write_boolean(row, at, value)
        case int() | float() if abs(value) < _EXACT:
            sheet.write_number(row, at, value)
        case Decimal() if _is_exact(value):
            sheet.write_number(row, at, float(value))
        case date() if _day(value) >= _FIRST_DAY:
            sheet.write_datetime(row, at, _moment(value), form)
        case _:
            sheet.write_string(row, at, written(value)[:MOST_LETTERS])


def _is_exact(value: Decimal) -> bool:
    """Whether a workbook keeps the number; zeros at its end say nothing."""
    if not value.is_finite() or abs(value) >= _EXACT:
        return False
    digits = value.as_tuple().digits
    return len(digits) <= _DIGITS or not any(digits[_DIGITS:])


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _moment(value: date) -> datetime:
    """A workbook knows no time zones."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime.combine(value, time())
