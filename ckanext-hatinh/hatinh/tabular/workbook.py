"""Workbooks (XLSX, ODS, XLS): the first sheet that can be seen, cells as text.

The library that reads them ends the whole process on some broken files, and sets aside memory for
the whole rectangle of a sheet before it gives a cell. So the rectangle is measured first, in the
archive, and the sheet is opened in a process of its own (:mod:`hatinh.tabular.workbook_process`),
which has limits of memory and time and hands over the cells as a file.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hatinh.confined import Allowance, Confined
from hatinh.errors import UnreadableTableError
from hatinh.problem import Problem, warning
from hatinh.tabular import workbook_process
from hatinh.tabular.archive import Contents, contents, guard
from hatinh.tabular.delimited import csv_rows
from hatinh.tabular.old_text import mend
from hatinh.tabular.table import Limits, Stream, stream
from hatinh.tabular.workbook_process import NO_SHEET

_READER = workbook_process.__file__
_MEMORY = 3 << 29
_FILE = 2 << 30


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cells of a sheet, waiting in a file, and what else the workbook holds."""

    cells: Path
    hidden: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    old_encoding: str = ""


def workbook_stream(name: str, file: BinaryIO, limits: Limits, stack: ExitStack) -> Stream:
    """The table on the first visible sheet of a workbook."""
    cells, remarks = workbook_cells(name, file, limits, stack)
    return stream(name, _rows(name, cells, stack), limits, typed=True, remarks=remarks)


def workbook_cells(
    name: str, file: BinaryIO, limits: Limits, stack: ExitStack, sheet: str = ""
) -> tuple[Path, tuple[Problem, ...]]:
    """A visible sheet, the first unless one is named, as a CSV file that goes with ``stack``.

    And remarks. Raises :class:`UnreadableTableError`.
    """
    opened, found = _opened(name, file, limits, stack, sheet)
    return opened.cells, tuple(_remarks(opened, found))


def sheet_rows(
    name: str, file: BinaryIO, limits: Limits, stack: ExitStack, sheet: str = ""
) -> Iterator[Sequence[str | None]]:
    """The rows of a visible sheet, the first unless one is named, as they lie.

    Raises :class:`UnreadableTableError`.
    """
    opened, _ = _opened(name, file, limits, stack, sheet)
    return _rows(name, opened.cells, stack)


def _opened(
    name: str, file: BinaryIO, limits: Limits, stack: ExitStack, sheet: str = ""
) -> tuple[Sheet, Contents]:
    """Let the reader's process write the cells to a file, and look into the archive meanwhile."""
    guard(name, file, limits)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hatinh-sheet-")))
    book, cells = folder / "book", folder / "cells.csv"
    file.seek(0)
    with book.open("wb") as out:
        shutil.copyfileobj(file, out, 1 << 20)
    allowance = Allowance(_MEMORY, limits.seconds, _FILE)
    with Confined([_READER, str(book), str(cells), sheet], allowance) as reader:
        found = contents(name, file, limits)
        told = _told(name, reader, limits, sheet)
    return Sheet(cells, tuple(told["hidden"]), tuple(told["others"]), mend(name, cells)), found


def _told(name: str, reader: Confined, limits: Limits, sheet: str) -> dict[str, list[str]]:
    """What the reader says at its end. Raises :class:`UnreadableTableError` where it failed."""
    code, told = reader.ended(2 * limits.seconds)
    if code == NO_SHEET:
        raise UnreadableTableError(name, f"no visible sheet {sheet}", "sheet-missing")
    if code:
        why = told.decode("utf-8", "replace") or f"its reader ended: {code}"
        raise UnreadableTableError(name, f"no workbook: {why}", "workbook-broken")
    return json.loads(told)


def _rows(name: str, cells: Path, stack: ExitStack) -> Iterator[list[str]]:
    return csv_rows(name, stack.enter_context(cells.open(encoding="utf-8", newline="")))


def _remarks(sheet: Sheet, contents: Contents) -> Iterator[Problem]:
    """What a reader of the workbook may see and we do not, or the other way round."""
    if contents.macros:
        yield warning("workbook-macros", "$")
    if contents.formulas:
        yield warning("workbook-formulas", "$", contents.first_formula, count=contents.formulas)
    if contents.merged:
        yield warning("workbook-merged", "$", contents.merged)
    if sheet.old_encoding:
        yield warning("old-encoding", "$", sheet.old_encoding)
    if sheet.hidden:
        yield warning("sheets-hidden", "$", ", ".join(sheet.hidden))
    if sheet.others:
        yield warning("sheets-unread", "$", ", ".join(sheet.others))
