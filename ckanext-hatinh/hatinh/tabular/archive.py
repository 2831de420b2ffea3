"""Looks into the archive that an XLSX or ODS file is, before anything opens it."""

import re
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import BinaryIO

from hatinh.errors import UnreadableTableError
from hatinh.tabular.table import Limits, too_many_cells

_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["']""")
_XLSX_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_XLSX_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_XLSX_FORMULA = re.compile(rb"""<(?:\w+:)?c [^>]*?\br=["'](\w+)["'][^>]*><(?:\w+:)?f[\s/>]""")
_XLSX_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell [^>]*?ref=["']([A-Z0-9:]+)["']""")
_USUAL_ROW = re.compile(rb'<row r="([0-9]{1,7})"')
_ODS_ROW = re.compile(rb"<table:table-row[\s/>]")
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ROW_REPEAT = re.compile(rb"""number-rows-repeated\s*=\s*["'](\d+)""")
_COLUMN_REPEAT = re.compile(rb"""number-columns-repeated\s*=\s*["'](\d+)""")
_ZIP = b"PK"
_BROKEN = (
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a workbook holds beside values."""

    macros: bool = False
    formulas: int = 0
    first_formula: str = ""
    merged: str = ""


def guard(name: str, file: BinaryIO, limits: Limits) -> Contents:
    """Refuse an archive that unfolds too far, and tell what it holds.

    Reading a member checks its length and checksum, so the sizes it declares can be believed.
    """
    file.seek(0)
    if file.read(2) != _ZIP:
        return Contents()
    size = file.seek(0, 2)
    try:
        with zipfile.ZipFile(file) as archive:
            _guard_size(name, archive, size, limits)
            return _contents(name, archive, limits)
    except _BROKEN as err:
        raise UnreadableTableError(name, f"no workbook: {err}", "workbook-broken") from err


def _guard_size(name: str, archive: zipfile.ZipFile, size: int, limits: Limits) -> None:
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > limits.unpacked or unpacked > limits.ratio * max(size, 10_000):
        raise UnreadableTableError(name, f"unpacks to {unpacked} bytes", "unpacks-too-far")


def _contents(name: str, archive: zipfile.ZipFile, limits: Limits) -> Contents:
    found = Contents()
    for member in archive.infolist():
        if member.filename.endswith("vbaProject.bin"):
            found = replace(found, macros=True)
        if not member.filename.endswith(".xml"):
            continue
        body = archive.read(member)
        columns, rows = _extent(body)
        if columns > limits.columns:
            why = f"{columns} columns, more than {limits.columns}"
            raise UnreadableTableError(name, why, "too-many-columns")
        if columns * rows > 2 * limits.cells:
            raise too_many_cells(name, limits)
        if rows:
            found = _told(found, body)
    return found


def _told(found: Contents, body: bytes) -> Contents:
    formulas = _XLSX_FORMULA.findall(body) if b"<f" in body or b":f" in body else []
    merged = _XLSX_MERGED.search(body) if b"mergeCell " in body else None
    return replace(
        found,
        formulas=found.formulas + len(formulas),
        first_formula=found.first_formula or (formulas[0].decode() if formulas else ""),
        merged=found.merged or (merged[1].decode() if merged else ""),
    )


def _extent(member: bytes) -> tuple[int, int]:
    """Columns and rows that the sheet in this member spans at most; none when it is no sheet."""
    if b"<table:table-row" in member:
        return 1, sum(map(_ods_row_cells, _ODS_ROW.split(member)[1:]))
    cells = member.count(b"<c ")
    if cells and cells == member.count(b'<c r="'):
        return _usual_extent(member)
    rows = _XLSX_ROW.split(member)
    if len(rows) == 1:
        return 0, 0
    references = _REFERENCE.findall(member)
    height = max(len(rows) - 1, max((int(digits) for _, digits in references), default=0))
    named = max((_column_number(letters) for letters in {ref[0] for ref in references}), default=0)
    return max(named, *(len(_XLSX_CELL.findall(row)) for row in rows)), height


def _usual_extent(member: bytes) -> tuple[int, int]:
    """The extent of a sheet whose cells all say where they are; ten times faster."""
    height = max((int(row[1]) for row in _USUAL_ROW.finditer(member)), default=1)
    beyond = re.compile(rb'<c r="[A-Z]+([0-9]{%d,7})"' % (len(str(height)) + 1))
    height = max((int(row[1]) for row in beyond.finditer(member)), default=height)
    for letters in (3, 2):
        named = {ref[1] for ref in re.finditer(rb'<c r="([A-Z]{%d})[0-9]' % letters, member)}
        if named:
            return max(map(_column_number, named)), height
    return _last_letter(member), height


def _last_letter(member: bytes) -> int:
    """The number of the last column of a sheet that has 26 at most."""
    low, high = 1, 26
    while low < high:
        middle = (low + high) // 2
        beyond = re.search(rb'<c r="[%c-Z]' % (65 + middle), member)
        low, high = (middle + 1, high) if beyond else (low, middle)
    return low


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


def _repeat(pattern: re.Pattern[bytes], text: bytes) -> int:
    match = pattern.search(text)
    return int(match[1]) if match else 1
