"""Looks into the archive that an XLSX or ODS file is, before anything opens it."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import BinaryIO, Protocol

import re2

from hatinh.errors import UnreadableTableError
from hatinh.tabular.table import Limits, too_many_cells


def _compiled(pattern: str) -> "re2._Regexp":
    """A pattern of bytes whose time grows with the text alone, whatever the text is."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(pattern.encode(), options)


# Python's engine gives many finds faster; possessive repeats keep its time linear too.
_ATTRIBUTES = rb"""((?:[\s/](?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)?)"""
_XLSX_TAG = re.compile(rb"<(?:\w++:)?(row|c)" + _ATTRIBUTES + b">")
_OTHERS = rb"""(?:(?!r\s*+=)[^\s="']++\s*+=\s*+(?:"[^"]*+"|'[^']*+')\s*+)*+"""
_XLSX_PLACE = re.compile(rb"\s*+" + _OTHERS + rb"""r\s*+=\s*+["']([A-Za-z]*+)([0-9]++)["']""")
_ODS_TAG = re.compile(rb"<table:(?:covered-)?table-(row|cell)" + _ATTRIBUTES + b">")
_ODS_REPEAT = re.compile(rb"""number-(?:row|column)s-repeated\s*+=\s*+["']([0-9]++)""")
_USUAL_ROW = re.compile(rb'<row r="([0-9]++)"')
_XLSX_FORMULA = _compiled(r"""<(?:\w+:)?c [^<>]*?\br=["'](\w+)["'][^<>]*><(?:\w+:)?f[\s/>]""")
_XLSX_MERGED = _compiled(r"""<(?:\w+:)?mergeCell [^<>]*?ref=["']([A-Z0-9:]+)["']""")
_PIECE = 1 << 20
_STEPS = 2_000
"""Cells that may go beyond all before them, until a sheet is no usual one."""

_LETTERS = 8
"""Of a column; more make it no more beyond all limits."""

_ODS = "content.xml"
_OLE = b"\xd0\xcf\x11\xe0"
"""How an XLS begins; what does not is an archive, whatever stands before it."""

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
    if _is_ole(file):
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
    if _is_ole(file):
        return Contents()
    with _opened(name, file) as archive:
        return _contents(name, archive, limits)


def _is_ole(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(len(_OLE)) == _OLE


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
        extent: _Extent = _OdsSheets() if member.filename == _ODS else _UsualSheet(limits.columns)
        for piece in _pieces(archive, member):
            extent.add(piece)
            found = _told(found, piece)
        if not extent.usual:
            extent = _OddSheet()
            for piece in _pieces(archive, member):
                extent.add(piece)
        if extent.columns > limits.columns:
            why = f"{extent.columns} columns, more than {limits.columns}"
            raise UnreadableTableError(name, why, "too-many-columns")
        if extent.cells > 2 * limits.cells:
            raise too_many_cells(name, limits)
    return found


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member by some megabytes, cut before a cell where there is one, else before a tag."""
    held = b""
    with archive.open(member) as unfolded:
        while chunk := unfolded.read(_PIECE):
            held += chunk
            end = held.rfind(b"<c ")
            end = end if end > 0 else held.rfind(b"<")
            end = len(held) if end <= 0 and len(held) > _PIECE else end
            if end > 0:
                yield held[:end]
                held = held[end:]
    yield held


class _Extent(Protocol):
    """How far a sheet reaches, found piece by piece; ``usual`` says that this could be told."""

    usual: bool

    @property
    def columns(self) -> int: ...

    @property
    def cells(self) -> int: ...

    def add(self, piece: bytes) -> None: ...


class _UsualSheet:
    """A sheet of an XLSX whose rows and cells all say first of all where they are.

    Nearly all programs write them so, and then only those that go beyond all before are looked at.
    """

    def __init__(self, most: int) -> None:
        self.columns = self.rows = 0
        self.usual = True
        self._most = most
        self._steps = 0

    @property
    def cells(self) -> int:
        return self.columns * self.rows

    def add(self, piece: bytes) -> None:
        """Go on with the next piece."""
        last = _USUAL_ROW.search(piece, max(0, piece.rfind(b'<row r="')))
        self.rows = max(self.rows, int(last[1]) if last else 0)
        at = 0
        while self.usual and self.columns <= self._most:
            found = _beyond(_column_letters(self.columns), str(self.rows)).search(piece, at)
            if found is None:
                return
            at = found.end()
            self._steps += 1
            letters, number = found[1] or found[3] or b"", found[2] or found[4] or found[5]
            self.usual = number is not None and self._steps < _STEPS
            self.columns = max(self.columns, _column_number(letters))
            self.rows = max(self.rows, int(number or 0))


@lru_cache(maxsize=32)
def _beyond(letters: str, digits: str) -> "re2._Regexp":
    """Cells to the right of a column or below a row, rows below it, and what is not usual."""
    right = _greater(letters, "A", "Z")
    below = _greater(digits, "0", "9")
    place = rf'"({right})([0-9]+)"|"([A-Z]+)({below})"'
    unusual = r"[^r]|r[^=]|r=[^\"]"
    odd_cell = rf'<c (?:{unusual}|r="(?:[^A-Z]|[A-Z]+(?:[^A-Z0-9]|[0-9]+[^0-9"])))'
    odd_row = rf'<row (?:{unusual}|r="(?:[^0-9]|[0-9]+[^0-9"]))'
    return _compiled(
        rf'<c r=(?:{place})|<row r="({below})"|{odd_cell}|{odd_row}'
        r"|<(?:c|row)[\t\r\n/>]|<\w+:(?:c|row)[\s/>]"
    )


def _greater(word: str, first: str, last: str) -> str:
    """A pattern of words that are longer, or as long and later, in the letters between two."""
    any_letter = f"[{first}-{last}]"
    words = [f"{any_letter}{{{len(word) + 1},}}"]
    words += [
        f"{word[:at]}[{chr(ord(letter) + 1)}-{last}]{any_letter}{{{len(word) - at - 1}}}"
        for at, letter in enumerate(word)
        if letter != last
    ]
    return "|".join(words)


class _OddSheet:
    """Any other sheet of an XLSX: places in any order or none, told from all its tags.

    A cell without a place stands behind the one before it, a row below, as the reader has it.
    """

    usual = True

    def __init__(self) -> None:
        self.columns = self.rows = 0
        self._column = self._row = 0

    @property
    def cells(self) -> int:
        return self.columns * self.rows

    def add(self, piece: bytes) -> None:
        """Go on with the next piece."""
        for tag in _XLSX_TAG.finditer(piece):
            place = _XLSX_PLACE.match(tag[2])
            letters, number = place.groups() if place else (b"", b"")
            if tag[1] == b"row":
                self._column, self._row = 0, int(number) if number else self._row + 1
            else:
                self._column = _column_number(letters) if letters else self._column + 1
            self.columns = max(self.columns, self._column)
            self.rows = max(self.rows, self._row, int(number or 0))


class _OdsSheets:
    """All sheets of an ODS: what its rows and cells unfold to, repetitions included.

    Blank cells at the end of a row are free: every sheet ends in a million of them.
    """

    usual = True
    columns = 0

    def __init__(self) -> None:
        self._before = self._rows = self._cells = self._blank = 0

    @property
    def cells(self) -> int:
        return self._before + self._rows * self._cells

    def add(self, piece: bytes) -> None:
        """Go on with the next piece."""
        for tag in _ODS_TAG.finditer(piece):
            repeated = _ODS_REPEAT.search(tag[2])
            times = int(repeated[1]) if repeated else 1
            if tag[1] == b"row":
                self._before, self._rows, self._cells, self._blank = self.cells, times, 0, 0
            elif tag[2].endswith(b"/") and b"value" not in tag[2]:
                self._blank += times
            else:
                self._cells += self._blank + times
                self._blank = 0


def _told(found: Contents, body: bytes) -> Contents:
    formulas = _XLSX_FORMULA.findall(body) if b"<f" in body or b":f" in body else []
    merged = _XLSX_MERGED.search(body) if b"mergeCell " in body else None
    return replace(
        found,
        formulas=found.formulas + len(formulas),
        first_formula=found.first_formula or (formulas[0].decode() if formulas else ""),
        merged=found.merged or ((merged[1] or b"").decode() if merged else ""),
    )


def _column_letters(number: int) -> str:
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:_LETTERS].upper():
        number = number * 26 + letter - ord("A") + 1
    return number
