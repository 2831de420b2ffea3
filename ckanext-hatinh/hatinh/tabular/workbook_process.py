"""The program that opens one workbook, in a process of its own. It imports nothing of ours.

Arguments are the workbook, the file for its cells (CSV), the seconds it may take, and the name of
a sheet (blank: the first that can be seen). It writes
which sheets were left out to standard output, or why the file is no workbook to standard error.
"""

import csv
import gc
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

Cell = int | float | str | bool | time | date | datetime | timedelta

MEMORY = 3 << 29
"""Bytes of address space that the process may have."""

FILE = 2 << 30

_REMEMBERED = 50_000

NO_SHEET = 3
"""Exit code: the workbook has no visible sheet of that name."""


def main(book: str, cells: str, seconds: str, sheet: str) -> int:
    """Write the cells of one visible sheet."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # rows come and go by the million, and refer to nothing
    try:
        with CalamineWorkbook.from_path(book) as opened:
            told = _write(opened, Path(cells), sheet)
    except LookupError:
        return NO_SHEET
    except (CalamineError, ValueError, OSError, MemoryError) as err:
        sys.stderr.write(f"{err or type(err).__name__}\n")
        return 1
    json.dump(told, sys.stdout)
    return 0


def _write(book: CalamineWorkbook, cells: Path, wanted: str) -> dict[str, list[str]]:
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    seen = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    if not seen:
        raise ValueError("no visible sheet")
    if wanted and wanted not in seen:
        raise LookupError(wanted)
    with cells.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(
            _grid(book.get_sheet_by_name(wanted or seen[0]))
        )
    others = [name for name in seen[1:] if book.get_sheet_by_name(name).total_height]
    return {"hidden": [s.name for s in sheets if s.name not in seen], "others": others}


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
