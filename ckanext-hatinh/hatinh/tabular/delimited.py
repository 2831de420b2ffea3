"""CSV as it is really sent: four delimiters, any encoding that offices use.

A file is read in one of two ways that give the same rows: line by line here, or by
:func:`segments` of some megabytes for an engine that takes them apart much faster.
"""

import csv
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import StringIO
from itertools import islice
from typing import BinaryIO

from hatinh.errors import UnreadableTableError
from hatinh.problem import warning
from hatinh.tabular.encoding import OLD, as_utf8
from hatinh.tabular.table import Limits, Stream, blank_to_none, headed, stream

_DELIMITERS = ",;\t|"
_SAMPLE = 50
"""Rows on which a delimiter is tried."""

SHORT = 100_000
"""Bytes of a line whose cells are surely not too long."""

_SAMPLE_BYTES = 1 << 16


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


def open_delimited(name: str, file: BinaryIO, limits: Limits, stack: ExitStack) -> Delimited:
    """Find out encoding, delimiter and header. Raises :class:`UnreadableTableError`."""
    text, encoding = as_utf8(name, file, limits.line, stack)
    start = text.tell()
    delimiter = delimiter_of(text.read(_SAMPLE_BYTES).decode("utf-8", "ignore"))
    found = Delimited(name, text, encoding, delimiter, start, start, limits)
    return replace(found, body=_below_header(found))


def open_cells(name: str, file: BinaryIO, limits: Limits) -> Delimited:
    """The cells of a workbook as its reader wrote them; whatever they begin with, this is CSV."""
    found = Delimited(name, file, "utf-8", ",", 0, 0, limits)
    return replace(found, body=_below_header(found))


def delimited_stream(found: Delimited) -> Stream:
    """The table of a CSV or TSV file, row by row."""
    rows = rows_from(found, found.start)
    old = (warning("old-encoding", "$", found.encoding),) if found.encoding in OLD else ()
    return stream(found.name, rows, found.limits, remarks=old)


def rows_from(found: Delimited, offset: int) -> Iterator[list[str]]:
    """The rows from a byte on. Raises :class:`UnreadableTableError` while they are taken."""
    found.file.seek(offset)
    return csv_rows(found.name, _Lines(found), found.delimiter)


def csv_rows(name: str, lines: Iterable[str], delimiter: str = ",") -> Iterator[list[str]]:
    """The rows that stand in lines. Raises :class:`UnreadableTableError` while they are taken."""
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error as err:
        raise _refusal(name, err) from err


def row_at(found: Delimited, body: bytes, at: int, *, last: bool) -> tuple[list[str], int] | None:
    """The row that begins at a byte of ``body``, and its end; ``None`` when it ends beyond.

    ``last`` says that nothing follows ``body``.
    """
    end = body.find(b"\n", at) + 1
    line = body[at:end]
    if 0 < len(line) < SHORT and not (b'"' in line or b"\r" in line[:-2]):
        return _text(found, line).rstrip("\r\n").split(found.delimiter), end
    lines = _HeldLines(found, body, at, last)
    try:
        row = next(csv.reader(lines, delimiter=found.delimiter))
    except StopIteration:
        return None
    except csv.Error as err:
        raise _refusal(found.name, err) from err
    return None if lines.short else (row, lines.at)


@dataclass(frozen=True, slots=True)
class Segment:
    """Some megabytes of a file that begin with a row.

    The rows that begin before ``stop`` are its own, if the line that ends there ends a row.
    ``last`` says that nothing follows ``body``.
    """

    offset: int
    body: bytes
    stop: int
    last: bool


def segments(found: Delimited, offset: int, size: int) -> Iterator[Segment]:
    """The file from the row at ``offset`` on.

    Where a quoted cell goes over a stop, the segments after it begin in the midst of a row. Who
    reads the rows sees that, and begins anew where the row ends.
    """
    longest = found.limits.line
    while True:
        found.file.seek(offset)
        body = found.file.read(size)
        last = len(body) < size
        stop = len(body) if last else body.rfind(b"\n") + 1
        if stop:
            yield Segment(offset, body, stop, last)
        elif size > longest:
            raise UnreadableTableError(found.name, "a line without end", "line-too-long")
        if last:
            return
        offset, size = offset + stop, size if stop else size * 2


def _below_header(found: Delimited) -> int:
    found.file.seek(found.start)
    lines = _Lines(found)
    ends: list[int] = []

    def rows() -> Iterator[list[str]]:
        for row in csv_rows(found.name, lines, found.delimiter):
            ends.append(found.start + lines.taken)
            yield row

    _, at = headed(found.name, blank_to_none(rows()))
    return ends[at]


class _Lines(Iterator[str]):
    """The lines of a UTF-8 file with their ends, and the bytes taken so far."""

    def __init__(self, found: Delimited) -> None:
        self._found = found
        self.taken = 0

    def __next__(self) -> str:
        line = self._found.file.readline(self._found.limits.line + 1)
        if not line:
            raise StopIteration
        self.taken += len(line)
        return _text(self._found, line)


class _HeldLines(Iterator[str]):
    """The lines of bytes in memory from a place on; ``short`` when one was wanted that is not."""

    def __init__(self, found: Delimited, body: bytes, at: int, last: bool) -> None:
        self._found, self._body, self._last = found, body, last
        self.at = at
        self.short = False

    def __next__(self) -> str:
        end = self._body.find(b"\n", self.at) + 1
        if not end:
            self.short = not self._last
            end = len(self._body)
            if self.short or self.at == end:
                raise StopIteration
        line = self._body[self.at : end]
        self.at = end
        return _text(self._found, line)


def _text(found: Delimited, line: bytes) -> str:
    """A line as text. Raises :class:`UnreadableTableError` for what is no line of a table."""
    if len(line) > found.limits.line:
        raise UnreadableTableError(found.name, "a line without end", "line-too-long")
    if b"\0" in line:
        raise UnreadableTableError(found.name, "not text: it has zero bytes", "file-binary")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as err:
        why = f"broken UTF-8: {err}"
        raise UnreadableTableError(found.name, why, "encoding-unknown") from err


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


def _refusal(name: str, err: csv.Error) -> UnreadableTableError:
    code = "line-too-long" if "limit" in str(err) else "not-a-table"
    return UnreadableTableError(name, str(err), code)
