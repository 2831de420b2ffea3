"""Workbooks (XLSX, ODS, XLS): the first sheet that can be seen, cells as text.

The reader sets aside memory for the whole rectangle of a sheet before it gives a cell, so one
far-away cell in a file of a few kilobytes would end the process. The rectangle is therefore
measured first, in the archive.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from hatinh.errors import UnreadableTableError
from hatinh.tabular.table import Limits, Table, table, too_many_cells

Cell = int | float | str | bool | time | date | datetime | timedelta

_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["']""")
_XLSX_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_XLSX_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ODS_ROW = re.compile(rb"<table:table-row[\s/>]")
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ROW_REPEAT = re.compile(rb"""number-rows-repeated\s*=\s*["'](\d+)""")
_COLUMN_REPEAT = re.compile(rb"""number-columns-repeated\s*=\s*["'](\d+)""")


def read_workbook(name: str, body: bytes, limits: Limits, limit_rows: int | None) -> Table:
    """The table on the first visible sheet of a workbook."""
    return table(name, sheet_rows(name, body, limits), limits, limit_rows, typed=True)


def sheet_rows(name: str, body: bytes, limits: Limits) -> Iterator[list[str | None]]:
    """The rows of the first visible sheet. Raises :class:`UnreadableTableError`."""
    if body.startswith(b"PK"):
        _guard(name, body, limits)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(body)) as book:
            for row in _first_sheet(name, book).iter_rows():
                yield [_text(cell) for cell in row]
    except (CalamineError, ValueError, OSError) as err:
        raise UnreadableTableError(name, f"no workbook: {err}") from err


def _first_sheet(name: str, book: CalamineWorkbook) -> CalamineSheet:
    for sheet in book.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return book.get_sheet_by_name(sheet.name)
    raise UnreadableTableError(name, "no visible sheet")


def _text(cell: Cell) -> str | None:
    """A cell as text: whole numbers without a decimal point, dates and times in ISO 8601."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) or None


def _guard(name: str, body: bytes, limits: Limits) -> None:
    """Refuse an archive that unfolds too far.

    Reading a member checks its length and checksum, so the sizes it declares can be believed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if unpacked > limits.unpacked or unpacked > limits.ratio * max(len(body), 10_000):
                raise UnreadableTableError(name, f"unpacks to {unpacked} bytes")
            for member in members:
                if _extent(archive.read(member)) > 2 * limits.cells:
                    raise too_many_cells(name, limits)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as err:
        raise UnreadableTableError(name, f"no workbook: {err}") from err


def _extent(member: bytes) -> int:
    """At most so many cells span the sheet in this member of the archive; 0 when it is none."""
    if _ODS_ROW.search(member):
        return sum(map(_ods_row_cells, _ODS_ROW.split(member)[1:]))
    rows = _XLSX_ROW.split(member)
    if len(rows) == 1:
        return 0
    references = _REFERENCE.findall(member)
    height = len(rows) + max((int(digits) for _, digits in references), default=0)
    named = max((_column_number(letters) for letters in {ref[0] for ref in references}), default=0)
    return height * max(named, *(len(_XLSX_CELL.findall(row)) for row in rows))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _ods_row_cells(row: bytes) -> int:
    """Cells that a row of an ODS sheet unfolds to, repetitions included; blank tails are free."""
    cells = list(_ODS_CELL.finditer(row))
    while cells and cells[-1][1].endswith(b"/") and b"value" not in cells[-1][1]:
        cells.pop()
    return _repeat(_ROW_REPEAT, row) * sum(_repeat(_COLUMN_REPEAT, cell[1]) for cell in cells)


def _repeat(pattern: re.Pattern[bytes], text: Sequence[int] | bytes) -> int:
    match = pattern.search(bytes(text))
    return int(match[1]) if match else 1
