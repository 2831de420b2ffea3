"""The program that opens one workbook, in a process of its own. It imports nothing of ours.

Arguments are the workbook, the file for its cells (CSV), and the name of a sheet (blank: the first
that can be seen). It says which sheets were left out, or why the file is no workbook.
"""

import csv
import gc
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

Cell = int | float | str | bool | time | date | datetime | timedelta

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REMEMBERED = 50_000

NO_SHEET = 3
"""Exit code: the workbook has no visible sheet of that name."""


def main(book: str, cells: str, sheet: str) -> int:
    """Write the cells of one visible sheet."""
    gc.disable()  # rows come and go by the million, and refer to nothing
    try:
        with CalamineWorkbook.from_path(book) as opened:
            told = _write(opened, Path(cells), sheet, is_old=_is_old(Path(book)))
    except LookupError:
        return NO_SHEET
    except (CalamineError, ValueError, OSError, MemoryError) as err:
        sys.stdout.write(f"{err or type(err).__name__}")
        return 1
    json.dump(told, sys.stdout)
    return 0


def _is_old(book: Path) -> bool:
    """Whether it is an XLS; the cells of others are XML, where a zero cannot stand."""
    with book.open("rb") as file:
        return file.read(len(_OLE)) == _OLE


def _write(
    book: CalamineWorkbook, cells: Path, wanted: str, *, is_old: bool
) -> dict[str, list[str]]:
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    seen = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    if not seen:
        raise ValueError("no visible sheet")
    if wanted and wanted not in seen:
        raise LookupError(wanted)
    read = wanted or seen[0]
    with cells.open("w", encoding="utf-8", newline="") as out:
        # Rows end with CR LF, so that a cell with either of them is quoted.
        rows = _grid(book.get_sheet_by_name(read))
        csv.writer(_NoZeros(out) if is_old else out).writerows(rows)
    left = (name for name in seen if name != read)
    others = [name for name in left if book.get_sheet_by_name(name).total_height]
    return {"hidden": [s.name for s in sheets if s.name not in seen], "others": others}


class _NoZeros:
    """Leaves out zero letters, which old programs fill cells of an XLS with; they are no text."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, row: str) -> None:
        """Write a row."""
        self._out.write(row.replace("\0", "") if "\0" in row else row)


def _grid(sheet: CalamineSheet) -> Iterator[list[str]]:
    numbers = _Numbers()
    for row in sheet.iter_rows():
        yield [
            cell
            if isinstance(cell, str)
            else numbers[cell]
            if isinstance(cell, float)
            else _text(cell)
            for cell in row
        ]


class _Numbers(dict[float, str]):
    """Numbers as text; most of them stand in a sheet many times."""

    def __missing__(self, number: float) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        text = self[number] = _number(number)
        return text


def _number(number: float) -> str:
    if number.is_integer():
        return str(int(number))
    short = repr(number)
    return format(Decimal(short), "f") if "e" in short else short


def _text(cell: Cell) -> str:
    """A cell that is no number as text: dates and times in ISO 8601."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
