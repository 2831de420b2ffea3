"""CSV as it is really sent: four delimiters, any encoding that offices use.

A file is read in one of two ways that give the same rows: line by line here, or by
:func:`segments` of some megabytes for an engine that takes them apart much faster.
"""

import csv
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import BytesIO, StringIO
from itertools import islice
from typing import BinaryIO

from hatinh.errors import UnreadableTableError
from hatinh.tabular.encoding import as_utf8
from hatinh.tabular.table import Limits, Stream, blank_to_none, header_at, stream

_DELIMITERS = ",;\t|"
_SAMPLE = 50
"""Rows on which a delimiter is tried."""

_SAMPLE_BYTES = 1 << 16
_TITLES = 30


@dataclass(frozen=True, slots=True)
class Delimited:
    """A CSV file ready to be read: UTF-8, its delimiter known.

    ``body`` is the offset of the first byte below the header.
    """

    name: str
    file: BinaryIO
    encoding: str
    delimiter: str
    start: int
    body: int
    limits: Limits

    @property
    def size(self) -> int:
        """Bytes of the file; the place in it is left as it is."""
        here = self.file.tell()
        size = self.file.seek(0, 2)
        self.file.seek(here)
        return size


def open_delimited(
    name: str, file: BinaryIO, limits: Limits, stack: ExitStack, delimiter: str = ""
) -> Delimited:
    """Find out encoding, delimiter and header. Raises :class:`UnreadableTableError`."""
    text, encoding = as_utf8(name, file, limits.line, stack)
    start = text.tell()
    parted = delimiter or delimiter_of(text.read(_SAMPLE_BYTES).decode("utf-8", "ignore"))
    found = Delimited(name, text, encoding, parted, start, start, limits)
    return replace(found, body=_below_header(found))


def delimited_stream(found: Delimited) -> Stream:
    """The table of a CSV or TSV file, row by row."""
    return stream(found.name, rows_from(found, found.start), found.limits)


def rows_from(found: Delimited, offset: int) -> Iterator[list[str]]:
    """The rows from a byte on. Raises :class:`UnreadableTableError` while they are taken."""
    found.file.seek(offset)
    lines = _Lines(found)
    return _guarded(found.name, csv.reader(lines, delimiter=found.delimiter))


def rows_of(found: Delimited, body: bytes) -> Iterator[list[str]]:
    """The rows of a whole segment."""
    lines = _Lines(replace(found, file=BytesIO(body)))
    return _guarded(found.name, csv.reader(lines, delimiter=found.delimiter))


def segments(found: Delimited, size: int) -> Iterator[tuple[int, bytes]]:
    """The rows below the header as (offset, bytes), each of about ``size``, cut between rows.

    A row ends at a line end before which the quotes are even in number. Where quotes are used
    freely that may be wrong, and the segment is then no well-formed CSV. Blank lines at the end
    of the file are left out.
    """
    found.file.seek(found.body)
    offset, held = found.body, b""
    while chunk := found.file.read(size):
        held += chunk
        end = _row_end(held)
        if end:
            blank = _blank_tail(held, end, found.delimiter)
            if blank:
                yield offset, held[:blank]
            offset, held = offset + blank, held[blank:]
        if len(held) > size + found.limits.line:
            raise UnreadableTableError(found.name, "a row without end", "line-too-long")
    last = _blank_tail(held, len(held), found.delimiter)
    if last:
        yield offset, held[:last]


def _row_end(held: bytes) -> int:
    """The offset behind the last row that is whole; 0 when none is."""
    end = held.rfind(b"\n") + 1
    quotes = held.count(b'"', 0, end)
    while end and quotes % 2:
        before = held.rfind(b"\n", 0, end - 1) + 1
        quotes -= held.count(b'"', before, end)
        end = before
    return end


def _blank_tail(held: bytes, end: int, delimiter: str) -> int:
    """``end`` moved before the blank lines that stand there."""
    blank = b" \t\r\n" + delimiter.encode()
    kept = len(held[:end].rstrip(blank))
    line_end = held.find(b"\n", kept, end) + 1
    return (line_end or end) if kept else 0


def _below_header(found: Delimited) -> int:
    found.file.seek(found.start)
    lines = _Lines(found)
    ends: list[int] = []
    titles = []
    for row in islice(_guarded(found.name, csv.reader(lines, delimiter=found.delimiter)), _TITLES):
        titles.append(row)
        ends.append(found.start + lines.taken)
    at = header_at(list(blank_to_none(titles)))
    if at is None:
        raise UnreadableTableError(found.name, "no cell has a value", "file-empty")
    return ends[at]


class _Lines(Iterator[str]):
    """The lines of a UTF-8 file with their ends, and the bytes taken so far."""

    def __init__(self, found: Delimited) -> None:
        self._found = found
        self.taken = 0

    def __next__(self) -> str:
        limit = 4 * self._found.limits.line
        line = self._found.file.readline(limit)
        if not line:
            raise StopIteration
        if len(line) == limit:
            raise UnreadableTableError(self._found.name, "a line without end", "line-too-long")
        self.taken += len(line)
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as err:
            why = f"broken UTF-8: {err}"
            raise UnreadableTableError(self._found.name, why, "encoding-unknown") from err


def delimiter_of(sample: str) -> str:
    """The delimiter that gives the most rows of one width, and the wider one of equals."""
    return max(_DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    rows = csv.reader(StringIO(sample, newline=""), delimiter=delimiter)
    try:
        widths = [len(row) for row in islice(rows, _SAMPLE) if row]
    except csv.Error:
        return 0, 0
    usual = max(set(widths), key=widths.count, default=0)
    if usual < 2:
        return 0, 0
    return widths.count(usual) / len(widths), usual


def _guarded(name: str, rows: Iterable[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error as err:
        code = "line-too-long" if "limit" in str(err) else "not-a-table"
        raise UnreadableTableError(name, str(err), code) from err
