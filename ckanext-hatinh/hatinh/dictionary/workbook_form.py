"""An edition as a workbook that people can fill in (mẫu nhập từ điển).

    row 1   headers in Vietnamese, a comment with the help on each
    row 2   hidden: the keys by which the file is read again
    row 3…  one element, list or code each; the first column says what to do with it

The first sheet explains; a hidden one holds the choices of the cells.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from hatinh.dictionary.attributes import (
    LISTS_OF_EDITION,
    Attributes,
    Column,
    Guide,
    Sheet,
    edition_flags,
    flags,
    written,
)
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.model import Code, CodeList, Element
from hatinh.text import Text

ACTION, FLAGS = "_action", "_flags"
"""Keys of the first column (what to do with a row) and of the last (what it is not)."""

FIRST_ROW = 3
"""Row of the first thing, from 1."""

SPARE_ROWS = 500
"""Rows below the last one in which cells still offer their choices."""

_CHOICES = "_lua_chon"
_WIDE, _NARROW = 44, 18
_WIDE_PARTS = ("definition", "source", "synonyms", "name", "note", "description", "usage_context")


@dataclass(frozen=True, slots=True)
class Choices:
    """Where the choices of a column stand in the hidden sheet."""

    ranges: Mapping[str, str]

    def of(self, column: Column) -> dict[str, object] | None:
        """The validation of the column's cells."""
        source = list(column.choices) if column.choices else self.ranges.get(column.list)
        if source is None:
            return None
        return {"validate": "list", "source": source, "ignore_blank": True}


def write_workbook(edition: Edition, attributes: Attributes, offices: CodeList) -> bytes:
    """The workbook of an edition. Every cell is text, so none can run as a formula."""
    return _book(edition, _rows(edition, attributes.guide), attributes, offices)


def write_template(edition: Edition, attributes: Attributes, offices: CodeList) -> bytes:
    """The same without rows; cells offer the choices of this edition."""
    return _book(edition, {}, attributes, offices)


def things(edition: Edition, sheet: str) -> Iterator[Element | CodeList | tuple[CodeList, Code]]:
    """What stands in a sheet of an edition, in the order of ids and lists."""
    if sheet == "elements":
        yield from (edition.elements[key] for key in sorted(edition.elements))
        return
    for key in sorted(edition.code_lists):
        found = edition.code_lists[key]
        yield from [found] if sheet == "code_lists" else ((found, entry) for entry in found)


def cells(thing: Element | CodeList | tuple[CodeList, Code], sheet: Sheet) -> list[str]:
    """The cells of one thing; a code begins with the id of its list."""
    if isinstance(thing, tuple):
        code_list, entry = thing
        return [code_list.id, *list(written(entry, sheet))[1:]]
    return list(written(thing, sheet))


def flag(thing: Element | CodeList | tuple[CodeList, Code], guide: Guide) -> str:
    """The flags of one thing as a cell; a code has those of its list."""
    flagged = thing[0] if isinstance(thing, tuple) else thing
    return "; ".join(words.vi for words in flags(flagged, guide))


_Rows = Mapping[str, Sequence[tuple[Element | CodeList | tuple[CodeList, Code], str]]]


def _rows(edition: Edition, guide: Guide) -> _Rows:
    return {
        sheet: [(thing, flag(thing, guide)) for thing in things(edition, sheet)]
        for sheet in ("elements", "code_lists", "codes")
    }


def _book(edition: Edition, rows: _Rows, attributes: Attributes, offices: CodeList) -> bytes:
    # The day of the edition, so that equal editions give equal bytes.
    created = datetime.combine(edition.date, time())
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": f"{edition.number}", "created": created})
        _explain(book, edition, attributes)
        sheets = [(s, book.add_worksheet(s.title.vi)) for s in attributes.sheets.values()]
        choices = _choices(book.add_worksheet(_CHOICES), edition, attributes, offices)
        for sheet, page in sheets:
            _fill(book, page, sheet, rows.get(sheet.key, ()), attributes.guide)
            _offer(page, sheet, choices, len(rows.get(sheet.key, ())))
    return out.getvalue()


def _explain(book: Workbook, edition: Edition, attributes: Attributes) -> None:
    guide = attributes.guide
    page = book.add_worksheet(guide.title.vi)
    page.set_column(0, 0, 110)
    bold = book.add_format({"bold": True, "font_size": 14})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    alarm = book.add_format({"bold": True, "font_color": "#9C0006", "text_wrap": True})
    page.write_string(0, 0, guide.title.vi, bold)
    lines: list[tuple[Text, Format]] = [(words, alarm) for words in edition_flags(edition, guide)]
    lines += [(words, wrap) for words in (*guide.lines, guide.action_help)]
    for at, (words, form) in enumerate(lines, 2):
        page.write_string(at, 0, f"{words.vi}\n{words.en}", form)


def _choices(
    page: Worksheet, edition: Edition, attributes: Attributes, offices: CodeList
) -> Choices:
    page.hide()
    found = {"organizations": [entry.code for entry in offices if entry.valid(edition.date)]}
    found[LISTS_OF_EDITION] = sorted(edition.code_lists)
    for name in dict.fromkeys(c.list for s in attributes.sheets.values() for c in s.columns):
        if codes := edition.code_lists.get(name):
            found[name] = [entry.code for entry in codes.at(edition.date)]
    ranges = {}
    for at, (name, codes) in enumerate(found.items()):
        page.write_column(0, at, [name, *codes])
        letter = xl_col_to_name(at)
        ranges[name] = f"={_CHOICES}!${letter}$2:${letter}${max(2, len(codes) + 1)}"
    return Choices(ranges)


def _fill(
    book: Workbook,
    page: Worksheet,
    sheet: Sheet,
    rows: Sequence[tuple[Element | CodeList | tuple[CodeList, Code], str]],
    guide: Guide,
) -> None:
    _head(book, page, sheet, guide)
    red = book.add_format({"font_color": "#9C0006", "num_format": "@"})
    for at, (thing, flagged) in enumerate(rows, FIRST_ROW - 1):
        for column, cell in enumerate(cells(thing, sheet), 1):
            if cell:
                page.write_string(at, column, cell)
        if flagged:
            page.write_string(at, len(sheet.columns) + 1, flagged, red)


def _head(book: Workbook, page: Worksheet, sheet: Sheet, guide: Guide) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    text = book.add_format({"num_format": "@", "valign": "top"})
    for at, (key, label, help_, width) in enumerate(_headers(sheet.columns, guide)):
        page.set_column(at, at, width, text)
        page.write_string(0, at, label, head)
        page.write_comment(0, at, help_, {"x_scale": 2})
        page.write_string(1, at, key)
    page.set_row(1, None, None, {"hidden": True})
    page.freeze_panes(FIRST_ROW - 1, 2)


def _headers(columns: Iterable[Column], guide: Guide) -> Iterator[tuple[str, str, str, int]]:
    """Key, header, comment and width of every column."""
    yield ACTION, guide.action.vi, guide.action_help.vi, _NARROW
    for column in columns:
        star = " *" if column.required else ""
        width = _WIDE if column.field in _WIDE_PARTS else _NARROW
        yield column.key, column.label.vi + star, f"{column.help.vi}\n{column.help.en}", width
    yield FLAGS, guide.notice.vi, guide.notice_help.vi, _WIDE


def _offer(page: Worksheet, sheet: Sheet, choices: Choices, rows: int) -> None:
    last = FIRST_ROW + rows + SPARE_ROWS
    for at, column in enumerate(sheet.columns, 1):
        if validation := choices.of(column):
            page.data_validation(FIRST_ROW - 1, at, last, at, validation)
