"""How far a sheet reaches is told before it is opened, however its markup is written."""

import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator

import pytest
import xlsxwriter
from opendocument import CELL, document

from hatinh.errors import UnreadableTableError
from hatinh.tabular import Limits, read_table
from hatinh.tabular.archive import contents, guard

ROWS, COLUMNS = 40, 10
SECONDS = 15
CELL_AT = re.compile(rb'<c r="(\w+)"')
ROW_AT = re.compile(rb'<row r="(\d+)"')

Rewrite = Callable[[bytes], bytes]
REWRITES: dict[str, Rewrite] = {
    "as it is": lambda sheet: sheet,
    "cells with their place last": lambda sheet: CELL_AT.sub(rb'<c s="0" r="\1"', sheet),
    "rows with their place last": lambda sheet: ROW_AT.sub(rb'<row spans="1:9" r="\1"', sheet),
    "single quotes": lambda sheet: CELL_AT.sub(rb"<c r='\1'", sheet),
    "spaces": lambda sheet: CELL_AT.sub(rb'<c r = "\1"', sheet),
    "lines": lambda sheet: CELL_AT.sub(rb'<c\n\tr="\1"', sheet),
    "small letters": lambda sheet: CELL_AT.sub(lambda found: found[0].lower(), sheet),
    "a mark of an end before the place": lambda s: CELL_AT.sub(rb'<c x="/>" r="\1"', s),
    "a place within a value": lambda s: CELL_AT.sub(rb'<c x=" r=&quot;A1&quot;" r="\1"', s),
    "cells without place": lambda sheet: CELL_AT.sub(b"<c", sheet),
    "rows without place": lambda sheet: ROW_AT.sub(b"<row", sheet),
    "no places at all": lambda sheet: CELL_AT.sub(b"<c", ROW_AT.sub(b"<row", sheet)),
    "rows upside down": lambda sheet: b"<row" + b"<row".join(sheet.split(b"<row")[:0:-1]),
    "a prefix": lambda sheet: re.sub(rb"<(/?)(row|c)\b", rb"<\1x:\2", sheet),
}
UNREAD = {"rows upside down", "a prefix"}
"""What is measured, but no file that the reader takes."""


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """No archive may hold us up."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < SECONDS


def book(rewrite: Rewrite = lambda sheet: sheet) -> bytes:
    """A workbook of 40 rows and 10 columns, its sheet written anew."""
    first, out = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(first) as made:
        sheet = made.add_worksheet()
        for row in range(ROWS):
            sheet.write_row(row, 0, [f"{row}-{column}" for column in range(COLUMNS)])
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            body = old.read(member)
            is_sheet = "worksheets/" in member.filename
            new.writestr(member.filename, rewrite(body) if is_sheet else body)
    return out.getvalue()


def measured(sheet: bytes, limits: Limits | None = None, name: str = "xl/sheet1.xml") -> str:
    """Why a sheet is refused; blank when it is not."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(name, sheet)
    try:
        contents("x", out, limits or Limits())
    except UnreadableTableError as err:
        return err.reason
    return ""


@pytest.mark.parametrize("name", REWRITES)
def test_the_extent_of_a_sheet_is_exact(name: str) -> None:
    """Whatever the order of attributes, and where places are left out: not a row more or less."""
    body = io.BytesIO(book(REWRITES[name]))
    assert contents("x", body, Limits(cells=ROWS * COLUMNS // 2)) is not None
    with pytest.raises(UnreadableTableError) as caught:
        contents("x", body, Limits(cells=ROWS * COLUMNS // 2 - 1))
    assert caught.value.reason == "too-many-cells"


@pytest.mark.parametrize("name", sorted(REWRITES.keys() - UNREAD))
def test_a_sheet_is_read_however_it_is_written(name: str) -> None:
    """The same rows come out."""
    assert read_table("x", "XLSX", book(REWRITES[name])) == read_table("x", "XLSX", book())


@pytest.mark.parametrize(
    "sheet",
    [
        b'<row r="1"><c r="A1"/></row><row spans="1:9" r="9000"><c s="1" r="ZZ9000"/></row>',
        b'<row r="1"><c r="A1"/></row><row r="99999999"><c r="B99999999"/></row>',
        b'<row r="1"><c r="ZZ1"/></row><row r="9999"></row><row r="2"></row>',
        b'<row r="1"><c r="A1"/><c x=">" r="ZZ9999"/></row>',
        b'<row r="9000"><c r="ZY1"/><c/></row>',
        b'<row r="9000"/>' + b"<row/>" * 9000 + b'<c r="HR1"/>',
        b'<row r="1"><c r="' + b"A" * 2_000_000 + b'1"/></row>',
        b'<row r="1"/>' + b'<c r="A1"/>' * 200_000 + b'<c x="" r="ZZ9000"/>',
    ],
    ids=["order", "digits", "row back", "mark", "cell after", "rows after", "letters", "far"],
)
def test_a_far_place_is_found(sheet: bytes) -> None:
    """Wherever it stands, whatever stands before it."""
    assert measured(sheet) in {"too-many-cells", "too-many-columns"}


@pytest.mark.parametrize(
    "sheet",
    [
        b'<c r="A0000000001"/>' * 9,
        b"".join(b'<c r="A%d"/>' % row for row in range(1, 200_000)),
        b"<c " + b' r="A1"' * 150_000 + b"><v>1</v></c><f>",
        b"<mergeCell " * 90_000,
        b"<c " * 300_000,
        b"<c x='" * 150_000,
        b"<row" * 250_000,
    ],
    ids=["zeros", "rising", "places", "merged", "open", "quotes", "rows"],
)
def test_markup_that_leads_nowhere_takes_no_time(sheet: bytes) -> None:
    """Broken markup is left to the reader; it costs no more than its length."""
    assert measured(sheet) == ""


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ('<table:table-cell table:number-columns-repeated="9999"><text:p>x</text:p>', ""),
        ('<table:table-cell x="/>" table:number-columns-repeated="99999999"><text:p>', "too"),
        ("<table:table-cell " * 60_000, ""),
        ("<table:table-row " * 60_000, ""),
    ],
    ids=["few", "mark", "open cells", "open rows"],
)
def test_an_ods_is_measured_by_its_tags(rows: str, reason: str) -> None:
    """Repetitions count wherever they are said; broken markup is left to the reader."""
    sheet = f"<table:table-row>{rows}".encode()
    assert measured(sheet, name="content.xml") == (reason and "too-many-cells")


def test_rows_of_an_ods_beyond_one_piece_are_all_counted() -> None:
    """A file that is looked through piece by piece has the cells that it has."""
    row = f"<table:table-row>{CELL.format('', 'x' * 500)}</table:table-row>"
    body = io.BytesIO(document(row * 5000))
    assert contents("x", body, Limits(cells=2500)) is not None
    with pytest.raises(UnreadableTableError):
        contents("x", body, Limits(cells=2499))


def test_an_archive_behind_other_bytes_is_an_archive() -> None:
    """A bomb with a word before it is refused like any other."""
    out = io.BytesIO(b"word")
    out.seek(4)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    with pytest.raises(UnreadableTableError, match="unpacks to"):
        guard("x", out, Limits())
