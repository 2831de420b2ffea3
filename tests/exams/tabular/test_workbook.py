"""Workbooks: cells as text, and files that would unfold without end."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime

import pytest
import xlsxwriter
import xlwt
from opendocument import CELL, document, sheet, table_row

from hatinh.dictionary import check
from hatinh.dictionary.check import Standard, check_file
from hatinh.dictionary.model import Dictionary
from hatinh.dictionary.table_schema import NO_SCHEMA
from hatinh.errors import UnreadableTableError
from hatinh.tabular import Limits, read_table


def workbook(cells: Mapping[tuple[int, int], object], hide_first: bool = False) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        if hide_first:
            book.add_worksheet().hide()
        sheet = book.add_worksheet()
        sheet.activate()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for (row, column), value in cells.items():
            sheet.write(row, column, value, *([day] if isinstance(value, datetime) else []))
    return out.getvalue()


def test_cells_become_text_as_people_mean_them() -> None:
    """Whole numbers have no point, codes keep their zeros, dates are ISO, blanks are none."""
    head = {(2, n): name for n, name in enumerate(("ma", "so", "ty_le", "ngay", "co", "ghi_chu"))}
    body = {
        (3, 0): "00123",
        (3, 1): 97556,
        (3, 2): 0.1,
        (3, 3): datetime(2025, 3, 4),  # noqa: DTZ001 - workbooks know no zones
        (3, 4): True,
    }
    table = read_table("x.xlsx", "XLSX", workbook({(0, 0): "TIÊU ĐỀ"} | head | body))
    assert table.header == ("ma", "so", "ty_le", "ngay", "co", "ghi_chu")
    assert table.rows == [("00123", "97556", "0.1", "2025-03-04", "true", None)]
    assert table.typed


def xlsx(rows: list[list[str]]) -> bytes:
    cells = ((r, c, cell) for r, row in enumerate(rows) for c, cell in enumerate(row))
    return workbook({(row, column): cell for row, column, cell in cells})


def xls(rows: list[list[str]]) -> bytes:
    out, book = io.BytesIO(), xlwt.Workbook()
    sheet = book.add_sheet("S")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.save(out)
    return out.getvalue()


def ods(rows: list[list[str]]) -> bytes:
    return document("".join(map(table_row, rows)).replace("\r", "&#13;"))


WRITERS = {"XLSX": xlsx, "XLS": xls, "ODS": ods}
CELLS = ["a\rb", "c\nd", "e\r\nf", "\r", "g\r", 'h"i', '"', "k,l", "%PDF", "m\n\nn", "e"]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_line_end_within_a_cell_ends_no_row(kind: str) -> None:
    """Neither does a quote or a comma: cells come as they are written."""
    rows = [["%PDF", "ten"], *([f"{n}", cell] for n, cell in enumerate(CELLS))]
    table = read_table("x", kind, WRITERS[kind](rows))
    blank = {"": None, "\r": None}
    assert [list(row) for row in table.rows] == [[n, blank.get(cell, cell)] for n, cell in rows[1:]]
    assert table.header == ("%PDF", "ten")


@pytest.mark.parametrize("bulk", [0, 1 << 40], ids=["in bulk", "row by row"])
@pytest.mark.parametrize("kind", WRITERS)
def test_a_check_sees_the_rows_of_the_sheet(
    kind: str, bulk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways of a check count the rows that the sheet has."""
    monkeypatch.setattr(check, "BULK", bulk)
    rows = [["%PDF", "ten"], *([f"{n}", cell] for n, cell in enumerate(CELLS))]
    standard = Standard(NO_SCHEMA, Dictionary("1"), date(2026, 1, 1))
    found = check_file("x", kind, io.BytesIO(WRITERS[kind](rows)), standard)
    assert found.facts.rows == len(CELLS)


def test_zero_letters_of_an_old_workbook_are_left_out() -> None:
    """Programs of old fill cells with them."""
    assert read_table("x", "XLS", xls([["ma"], ["01\0\0"]])).rows == [("01",)]


@pytest.mark.parametrize("font", ["", "H\xb5 T\xdcnh"], ids=["unicode", "tcvn3"])
def test_a_cell_without_end_is_refused(font: str) -> None:
    """A cell over the limit of a line has the reason that it has in a text file."""
    body = io.BytesIO(xlsx([["ten", "ghi chu"], [font, "LONG"]]))
    out = io.BytesIO()
    with zipfile.ZipFile(body) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member).replace(b"LONG", b"x " * 70_000))
    with pytest.raises(UnreadableTableError) as caught:
        read_table("x", "XLSX", out.getvalue())
    assert caught.value.reason == "line-too-long"


def test_hidden_sheets_are_not_the_table() -> None:
    """The first sheet that a reader sees is the table."""
    assert read_table("x", "XLSX", workbook({(0, 0): "a", (1, 0): 1}, hide_first=True)).rows == [
        ("1",)
    ]


def test_ods_is_read() -> None:
    """OpenDocument sheets are tables too."""
    assert read_table("x.ods", "ODS", sheet([["ma"], ["01"]])).rows == [("01",)]


def test_a_far_away_cell_is_refused_before_it_takes_memory() -> None:
    """A sheet of two cells whose rectangle is huge never reaches the reader."""
    body = workbook({(0, 0): "a", (9999, 16383): "b"})
    with pytest.raises(UnreadableTableError, match="more than"):
        read_table("x.xlsx", "XLSX", body)


def test_repeated_cells_are_refused_before_they_unfold() -> None:
    """An ODS row that says it stands there a million times is counted as a million rows."""
    cell = CELL.format(' table:number-columns-repeated="16384"', "x")
    many = '<table:table-row table:number-rows-repeated="1048570">{}</table:table-row>'
    with pytest.raises(UnreadableTableError, match="more than"):
        read_table("x.ods", "ODS", document(many.format(cell)))


def test_blank_tails_of_ods_cost_nothing() -> None:
    """Every ODS sheet ends in a million blank rows; they are no reason to refuse it."""
    tail = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
    tail += 'table:number-columns-repeated="16384"/></table:table-row>'
    assert read_table("x", "ODS", document(table_row(["ma"]) + tail)).header == ("ma",)


def test_archives_that_unpack_too_far_are_refused() -> None:
    """The size and the ratio of an archive are limited."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 3_000_000)
    with pytest.raises(UnreadableTableError, match="unpacks to"):
        read_table("x", "XLSX", out.getvalue())


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04broken", b"not a workbook", b"\xd0\xcf\x11\xe0"])
@pytest.mark.parametrize("kind", ["XLSX", "XLS", "ODS"])
def test_broken_workbooks_are_unreadable(body: bytes, kind: str) -> None:
    """Whatever the bytes, the answer is one exception with a reason."""
    with pytest.raises(UnreadableTableError):
        read_table("x", kind, body)


def test_cell_limit_holds_for_workbooks() -> None:
    """A full sheet over the limit is refused."""
    body = workbook({(row, 0): row for row in range(40)})
    with pytest.raises(UnreadableTableError, match="more than 10 cells"):
        read_table("x", "XLSX", body, limits=Limits(cells=10))
