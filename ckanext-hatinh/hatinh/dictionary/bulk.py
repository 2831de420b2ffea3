"""Large CSV files, by segments of some megabytes: rows in which nothing can be wrong are counted.

Every row is first put to one question, whether nothing can be wrong with it
(:mod:`hatinh.dictionary.right_rows`). All others are judged by the same rules as any row. So there
is one definition of each rule, and this module can make a check faster but not different.

    file ─▶ segment ─▶ right rows ─▶ counts ─┐
                └────▶ doubtful rows ────────┴─▶ Inspection
"""

from collections.abc import Iterable

import numpy as np
import re2

from hatinh.dictionary.inspection import Inspection
from hatinh.dictionary.lanes import in_lanes, in_order
from hatinh.dictionary.right_rows import Found, RightRows
from hatinh.tabular.delimited import Delimited, row_at
from hatinh.tabular.table import fitted, width_of

BULK = 1_000_000
"""Bytes from which a CSV file is checked in bulk."""

SEGMENT = 1_000_000


def check_bulk(found: Delimited, inspection: Inspection) -> None:
    """Put the rows of a file to an inspection, in order. Raises :class:`UnreadableTableError`."""
    reader = RightRows(found, inspection)
    taking = _Taking(found, inspection)
    try:
        taking.take_all(in_lanes(found, reader, SEGMENT))
        size = found.size
        while taking.offset < size:
            taking.take_all(in_order(found, reader, taking.segment, taking.offset))
    finally:
        re2.purge()  # else the library keeps the pattern, with all states that it has met


class _Taking:
    """Hands over to an inspection what was found; blank rows only when others follow."""

    def __init__(self, found: Delimited, inspection: Inspection) -> None:
        self.found = found
        self._inspection = inspection
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
        for number, row in read.doubtful:
            if number > last:
                self._blank += 1
            else:
                inspection.row(first + number, fitted(row, max(self._width, width_of(row))))
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
