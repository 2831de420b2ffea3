"""Large CSV files, by segments of some megabytes: rows in which nothing can be wrong are counted.

Every row is first put to one question, whether nothing can be wrong with it
(:mod:`hatinh.dictionary.right_rows`). All others are judged by the same rules as any row. So there
is one definition of each rule, and this module can make a check faster but not different.

    file ─▶ segment ─▶ right rows ─▶ counts ─┐
                └────▶ doubtful rows ────────┴─▶ Inspection
"""

import re
from collections import deque
from collections.abc import Iterable

import numpy as np
import re2

from hatinh.dictionary.inspection import Inspection
from hatinh.dictionary.lanes import in_lanes, in_order
from hatinh.dictionary.receiver import Lines, Receiver
from hatinh.dictionary.right_rows import Found, RightRows
from hatinh.tabular.delimited import Delimited, row_at
from hatinh.tabular.table import Row, fitted, width_of

BULK = 1_000_000
"""Bytes from which a CSV file is checked in bulk."""

SEGMENT = 1_000_000


def check_bulk(found: Delimited, inspection: Inspection, receiver: Receiver | None = None) -> None:
    """Put the rows of a file to an inspection, in order; and give them to a receiver.

    Raises :class:`UnreadableTableError`.
    """
    reader = RightRows(found, inspection, receiver)
    giving = _Giving(found, reader.width, len(inspection.judges), receiver) if receiver else None
    taking = _Taking(found, inspection, giving)
    try:
        taking.take_all(in_lanes(found, reader, SEGMENT))
        size = found.size
        while taking.offset < size:
            taking.take_all(in_order(found, reader, taking.segment, taking.offset))
    finally:
        re2.purge()  # else the library keeps the pattern, with all states that it has met


class _Taking:
    """Hands over to an inspection what was found; blank rows only when others follow."""

    def __init__(self, found: Delimited, inspection: Inspection, giving: "_Giving | None") -> None:
        self.found = found
        self._inspection = inspection
        self._giving = giving
        self._width = len(inspection.judges)
        self._rows = self._blank = 0
        self.offset = found.body
        self.segment = SEGMENT
        inspection.keys.read = self._key_at

    def take_all(self, reads: Iterable[Found]) -> None:
        """The rows of segments, up to the first that is cut within a row."""
        for read in reads:
            if read.end == read.start:
                self.segment *= 2
                return
            self._take(read)
            self.offset, self.segment = read.end, SEGMENT
            if not read.whole:
                return

    def _take(self, read: Found) -> None:
        first, inspection = self._rows + 1, self._inspection
        self._rows += read.rows
        filled = [number for number, row in read.doubtful if any(row)]
        numbers = read.numbers
        last = max([*filled[-1:], *numbers[-1:].tolist()], default=-1)
        if last >= 0:
            self._blank_until(first)
        if self._giving:
            self._giving.begin(read)
        for number, row in read.doubtful:
            if number > last:
                self._blank += 1
                continue
            judged = fitted(row, max(self._width, width_of(row)))
            inspection.row(first + number, judged)
            if self._giving:
                self._giving.row(number, first + number, judged)
        if self._giving:
            self._giving.end()
        if read.right:
            inspection.passed(read.right, read.filled, read.seen)
            if inspection.key:
                offsets = read.offsets.astype(np.uint64) + np.uint64(read.start)
                inspection.keys.note(read.hashes, numbers + first, offsets)

    def _blank_until(self, row: int) -> None:
        """Judge the blank rows that were waiting, which stand right before a row."""
        for number in range(row - self._blank, row):
            self._inspection.row(number, (None,) * self._width)
        self._blank = 0

    def _key_at(self, offset: int) -> tuple[str, ...]:
        """The key of the right row that begins at a byte of the file."""
        self.found.file.seek(offset)
        line = self.found.file.readline()
        row, _ = row_at(self.found, line, 0, last=True) or ([], 0)
        return tuple(row[at] for at in self._inspection.key)


class _Giving:
    """Gives the rows of segments to a receiver: right ones as lines, others when judged."""

    def __init__(self, found: Delimited, cells: int, columns: int, receiver: Receiver) -> None:
        self._file = found.file
        self._receiver = receiver
        self._end, self._wanted = _line_ends(found.delimiter, cells, columns)
        self._runs: deque[tuple[int, bytes, int]] = deque()

    def begin(self, read: Found) -> None:
        """A segment whose rows follow."""
        self._receiver.seen(read.looked, read.right)
        self._file.seek(read.start)
        body = self._file.read(read.end - read.start)
        runs = np.empty((0, 3), np.int64) if read.runs is None else read.runs
        rows = np.diff(np.append(np.searchsorted(read.numbers, runs[:, 0]), read.right))
        for (number, start, stop), count in zip(runs.tolist(), rows.tolist(), strict=True):
            self._runs.append((number, body[start - read.start : stop - read.start], count))

    def row(self, place: int, number: int, row: Row) -> None:
        """A row that was judged, by its place in the segment; the lines before it come first."""
        while self._runs and self._runs[0][0] < place:
            self._lines()
        self._receiver.row(number, row)

    def end(self) -> None:
        """The lines that are left."""
        while self._runs:
            self._lines()

    def _lines(self) -> None:
        _, text, rows = self._runs.popleft()
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        if self._end:
            text = self._end.sub(self._wanted, text)
        self._receiver.lines(Lines(text, rows))


def _line_ends(delimiter: str, cells: int, columns: int) -> tuple[re.Pattern[bytes] | None, bytes]:
    """How right lines of so many cells end where they are to have another number of them.

    What they have too much is blank.
    """
    surplus = max(cells - columns, 0)
    if cells == columns:
        return None, b""
    end = rf'(?:{re.escape(delimiter)}(?:"")?){{{surplus}}}\n'
    return re.compile(end.encode()), delimiter.encode() * max(columns - cells, 0) + b"\n"
