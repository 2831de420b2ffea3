"""Large CSV files, by segments of some megabytes: rows in which nothing can be wrong are counted.

Every row is first put to one question, whether nothing can be wrong with it
(:mod:`hatinh.dictionary.right_rows`). All others are judged by the same rules as any row. So there
is one definition of each rule, and this module can make a check faster but not different.

    file ─▶ segment ─▶ right rows ─▶ counts ─┐
                └────▶ doubtful rows ────────┴─▶ Inspection
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import re2

from hatinh.dictionary.inspection import Inspection
from hatinh.dictionary.right_rows import Found, RightRows
from hatinh.errors import UnreadableTableError
from hatinh.tabular.delimited import Delimited, Segment, row_at, segments
from hatinh.tabular.table import fitted, width_of

BULK = 1_000_000
"""Bytes from which a CSV file is checked in bulk."""

SEGMENT = 1_000_000
THREADS = 2
"""Segments that are read at a time."""


def check_bulk(found: Delimited, inspection: Inspection) -> None:
    """Put the rows of a file to an inspection, in order."""
    reader = RightRows(found, inspection)
    taking = _Taking(found, inspection)
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            offset: int | None = found.body
            while offset is not None:
                offset = _read_from(offset, reader, taking, pool)
    finally:
        re2.purge()  # else the library keeps the pattern, with all states that it has met


def _read_from(
    offset: int, reader: RightRows, taking: "_Taking", pool: ThreadPoolExecutor
) -> int | None:
    """Take segments until the last; or until one is cut within a row, which gives its offset."""
    for segment, told in _read_ahead(taking.found, offset, reader, pool):
        read = told.result()
        if not read.end:
            raise UnreadableTableError(taking.found.name, "a row without end", "line-too-long")
        taking.take(segment, read)
        if read.end != segment.stop:
            return segment.offset + read.end
    return None


def _read_ahead(
    found: Delimited, offset: int, reader: RightRows, pool: ThreadPoolExecutor
) -> Iterator[tuple[Segment, "Future[Found]"]]:
    """Segments in order, while those after them are being read."""
    parts = segments(found, offset, SEGMENT)
    started = ((part, pool.submit(reader.find, part)) for part in parts)
    waiting = deque(islice(started, THREADS + 1))
    while waiting:
        yield waiting.popleft()
        waiting.extend(islice(started, 1))


class _Taking:
    """Hands over to an inspection what was found; blank rows only when others follow."""

    def __init__(self, found: Delimited, inspection: Inspection) -> None:
        self.found = found
        self._inspection = inspection
        self._width = len(inspection.judges)
        self._rows = self._blank = 0
        inspection.keys.read = self._key_at

    def take(self, segment: Segment, read: Found) -> None:
        """The rows of the next segment."""
        first, inspection = self._rows + 1, self._inspection
        self._rows += read.rows
        filled = [number for number, row in read.doubtful if any(row)]
        last = max([*filled[-1:], *read.numbers[-1:].tolist()], default=-1)
        if last >= 0:
            self._blank_until(first)
        for number, row in read.doubtful:
            if number > last:
                self._blank += 1
            else:
                inspection.row(first + number, fitted(row, max(self._width, width_of(row))))
        if len(read.numbers):
            inspection.passed(len(read.numbers), read.filled, read.seen)
            if inspection.key:
                rows, offsets = read.numbers + first, read.offsets + segment.offset
                inspection.keys.note(read.hashes, rows, offsets)

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
