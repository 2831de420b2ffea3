"""Looks into the archive that an XLSX or ODS file is, before anything opens it."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import BinaryIO

import re2

from hatinh.errors import UnreadableTableError
from hatinh.tabular.table import Limits, too_many_cells

_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,7})["']""")
_XLSX_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_XLSX_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_XLSX_FORMULA = re.compile(rb"""<(?:\w+:)?c [^>]*?\br=["'](\w+)["'][^>]*><(?:\w+:)?f[\s/>]""")
_XLSX_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell [^>]*?ref=["']([A-Z0-9:]+)["']""")
_ODS_ROW = re.compile(rb"<table:table-row[\s/>]")
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ROW_REPEAT = re.compile(rb"""number-rows-repeated\s*=\s*["'](\d+)""")
_COLUMN_REPEAT = re.compile(rb"""number-columns-repeated\s*=\s*["'](\d+)""")
_LAST_ROW = re.compile(rb'<row r="([0-9]{1,7})"')
_PREFIXED = r"<\w+:(?:row|c|table-row)[\s/>]"
_PIECE = 1 << 20
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


def guard(name: str, file: BinaryIO, limits: Limits) -> None:
    """Refuse an archive that says itself that it unfolds too far; nothing is unfolded yet."""
    if not _is_zip(file):
        return
    size = file.seek(0, 2)
    with _opened(name, file) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > limits.unpacked or unpacked > limits.ratio * max(size, 10_000):
        raise UnreadableTableError(name, f"unpacks to {unpacked} bytes", "unpacks-too-far")


def contents(name: str, file: BinaryIO, limits: Limits) -> Contents:
    """What a workbook holds; refuses sheets that span too many cells.

    Reading a member checks its length and checksum, so the sizes it declares can be believed.
    """
    if not _is_zip(file):
        return Contents()
    with _opened(name, file) as archive:
        return _contents(name, archive, limits)


def _is_zip(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(2) == _ZIP


@contextmanager
def _opened(name: str, file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except _BROKEN as err:
        raise UnreadableTableError(name, f"no workbook: {err}", "workbook-broken") from err


def _contents(name: str, archive: zipfile.ZipFile, limits: Limits) -> Contents:
    found = Contents()
    for member in archive.infolist():
        if member.filename.endswith("vbaProject.bin"):
            found = replace(found, macros=True)
        if not member.filename.endswith(".xml"):
            continue
        extent = _Extent(limits.columns)
        for piece in _pieces(archive, member):
            extent.add(piece)
            found = _told(found, piece)
        columns, rows = extent.columns, extent.rows
        if not extent.usual:
            columns, rows = _extent(archive.read(member))
        if columns > limits.columns:
            why = f"{columns} columns, more than {limits.columns}"
            raise UnreadableTableError(name, why, "too-many-columns")
        if columns * rows > 2 * limits.cells:
            raise too_many_cells(name, limits)
    return found


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member by some megabytes, cut before a cell where there is one."""
    held = b""
    with archive.open(member) as unfolded:
        while chunk := unfolded.read(_PIECE):
            held += chunk
            end = held.rfind(b"<c ")
            if end > 0:
                yield held[:end]
                held = held[end:]
            elif len(held) > _PIECE:
                yield held
                held = b""
    yield held


class _Extent:
    """The extent of a sheet whose cells all say where they are, found piece by piece.

    ``usual`` says that they do; else the sheet must be read whole.
    """

    def __init__(self, most: int) -> None:
        self.columns = self.rows = 0
        self.usual = True
        self._most = most

    def add(self, piece: bytes) -> None:
        """Go on with the next piece."""
        row = _LAST_ROW.search(piece, piece.rfind(b"<row r="))
        self.rows = max(self.rows, int(row[1]) if row else 0)
        at = 0
        while self.usual and self.columns <= self._most:
            beyond = _beyond(_column_letters(self.columns), len(str(self.rows)))
            found = beyond.search(piece, at)
            if found is None:
                return
            at = found.start()
            letters, number = found[1] or found[3], found[2] or found[4]
            self.usual = letters is not None
            self.columns = max(self.columns, _column_number(letters or b""))
            self.rows = max(self.rows, int(number or 0))


@lru_cache(maxsize=32)
def _beyond(letters: str, digits: int) -> "re2._Regexp":
    """Cells to the right of a column, or whose row has more digits, or that are not usual."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    right = [f"[A-Z]{{{len(letters) + 1},}}"]
    right += [
        f"{letters[:at]}[{chr(ord(letter) + 1)}-Z][A-Z]{{{len(letters) - at - 1}}}"
        for at, letter in enumerate(letters)
        if letter != "Z"
    ]
    cell = rf'({"|".join(right)})([0-9]+)"|([A-Z]+)([0-9]{{{digits + 1},}})"'
    unusual = r'<c (?:[^r]|r[^=]|r=[^"]|r="(?:[^A-Z]|[A-Z]+[^A-Z0-9]))|<c[\t\r\n/>]'
    pattern = rf'<c r="(?:{cell})|{unusual}|{_PREFIXED}'
    return re2.compile(pattern.encode(), options)


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
    rows = _XLSX_ROW.split(member)
    if len(rows) == 1:
        return 0, 0
    references = _REFERENCE.findall(member)
    height = max(len(rows) - 1, max((int(digits) for _, digits in references), default=0))
    named = max((_column_number(letters) for letters in {ref[0] for ref in references}), default=0)
    return max(named, *(len(_XLSX_CELL.findall(row)) for row in rows)), height


def _column_letters(number: int) -> str:
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


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
