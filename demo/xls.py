"""Excel 97 workbooks (.xls), as old systems export them: one sheet of texts and numbers.

Written by hand, for no library that is still kept writes them: a compound file whose only stream
is the workbook, and in it the few records without which there is no sheet.
"""

import struct
from collections.abc import Iterator, Sequence

SECTOR = 512
LEAST = 4096
"""Bytes from which a stream has sectors of its own."""

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
BOF, EOF, SHEET, CODEPAGE, DIMENSIONS, NUMBER, LABEL = (
    0x0809, 0x000A, 0x0085, 0x0042, 0x0200, 0x0203, 0x0204,
)  # fmt: skip

Cell = str | int | float | None


def xls(sheet: str, rows: Sequence[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet; numbers are number cells, ``None`` and blanks are no cells."""
    cells = b"".join(_cells(rows))
    width = max(map(len, rows), default=0)
    extent = _record(DIMENSIONS, struct.pack("<LLHHH", 0, len(rows), 0, width, 0))
    page = _begin(0x0010) + extent + cells + _record(EOF)
    start = len(_globals(sheet, 0))
    return _compound(_globals(sheet, start) + page)


def _globals(sheet: str, start: int) -> bytes:
    """The records of the workbook; the sheet begins at byte ``start``."""
    name = sheet.encode("utf-16-le")
    pointer = struct.pack("<LBBBB", start, 0, 0, len(name) // 2, 1) + name
    coded = _record(CODEPAGE, struct.pack("<H", 1200))
    return _begin(0x0005) + coded + _record(SHEET, pointer) + _record(EOF)


def _begin(kind: int) -> bytes:
    return _record(BOF, struct.pack("<HHHHLL", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _cells(rows: Sequence[Sequence[Cell]]) -> Iterator[bytes]:
    for row, line in enumerate(rows):
        for column, cell in enumerate(line):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(cell, int | float):
                yield _record(NUMBER, place + struct.pack("<d", cell))
            elif cell:
                words = cell.encode("utf-16-le")
                yield _record(LABEL, place + struct.pack("<HB", len(words) // 2, 1) + words)


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(stream: bytes) -> bytes:
    """The stream in a compound file: its sectors, the directory, the table of sectors."""
    padded = stream.ljust(max(LEAST, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(padded) // SECTOR
    tables = 1
    while tables * SECTOR // 4 < count + 1 + tables:
        tables += 1
    chain = [*range(1, count), END, END, *[FAT] * tables]
    chain += [FREE] * (tables * SECTOR // 4 - len(chain))
    listed = [count + 1 + number for number in range(tables)]
    head = struct.pack(
        "<8s16xHHHHH6xLLLLLLLLL", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, count, 0, LEAST, END, 0, END, 0,
    )  # fmt: skip
    head += struct.pack("<109L", *listed, *[FREE] * (109 - tables))
    directory = _entry("Root Entry", 5, END, 0, 1) + _entry("Workbook", 2, 0, len(padded), FREE)
    return head + padded + directory.ljust(SECTOR, b"\0") + struct.pack(f"<{len(chain)}L", *chain)


def _entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    words = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBLLL16xL8x8xLQ", words, len(words), kind, 1, FREE, FREE, child, 0, start, size
    )
