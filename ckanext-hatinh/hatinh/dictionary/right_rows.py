"""Finds the rows of a segment in which nothing can be wrong, without reading them one by one.

A pattern of RE2 says what a right line is: the forms of its cells one after the other. It runs over
the bytes and stops at a line that it cannot vouch for; that row is read by itself. What a pattern
cannot say (lengths of long texts, rules on several cells) is then asked of all its rows at once.

    segment ─▶ pattern ─▶ right lines ─▶ what no pattern says ─▶ right rows, counted
                  └─▶ rows to be judged ◀──────┘
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import re2
from numpy.typing import NDArray

from hatinh.dictionary.cell_form import ALL, Form
from hatinh.dictionary.inspection import Inspection
from hatinh.dictionary.lookup import Lookup
from hatinh.dictionary.receiver import Receiver
from hatinh.dictionary.row_rules import Seen
from hatinh.tabular.cells import Cells, Mask, Places, Words
from hatinh.tabular.delimited import SHORT, Delimited, Segment, row_at, rows_from
from hatinh.tabular.table import Row, blank_to_none

Offsets = NDArray[np.uint32]

_MEMORY = 1 << 26
"""Bytes that a pattern may take with the states that it has met."""

_SAMPLE = 50
_BLANK_CELL = '(?:"")?'


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a segment, small enough to be sent. Rows are counted from 0 within it.

    It begins at the byte ``start`` of the file, and ``end`` is the byte behind its last whole row;
    ``whole`` if all its rows are. There are so many ``right`` rows; ``filled`` are their cells with
    a value by column, ``seen`` what the row rules made of them, ``hashes`` those of their keys, and
    ``offsets`` where each begins behind ``start``. ``doubtful`` are all other rows, to be judged.
    For a receiver ``runs`` are right rows that follow each other: the number of the first, its byte
    in the file, and the byte behind the last; and ``looked`` is what it saw in them.
    """

    start: int
    end: int
    whole: bool
    right: int
    filled: Sequence[int]
    seen: Sequence[Seen]
    hashes: Words
    offsets: Offsets
    runs: Places | None
    looked: Any
    doubtful: Sequence[tuple[int, Row]]

    @property
    def rows(self) -> int:
        """All rows."""
        return self.right + len(self.doubtful)

    @property
    def numbers(self) -> Places:
        """The right rows."""
        return np.delete(np.arange(self.rows), [number for number, _ in self.doubtful])


class RightRows:
    """Reads segments of one file."""

    def __init__(
        self, found: Delimited, inspection: Inspection, receiver: Receiver | None = None
    ) -> None:
        self._found = found
        self._inspection = inspection
        self._receiver = receiver
        self.width = _usual_width(found)
        self._forms = [judge.form for judge in inspection.judges[: self.width]]
        self._looked_at = {
            *inspection.key,
            *(at for rule in inspection.rules for at in rule.columns),
        }
        self._lookups = {
            at: Lookup(inspection.judges[at]) for at, form in enumerate(self._forms) if form.asked
        }
        self._pattern = self._compiled()

    def find(self, segment: Segment) -> Found:
        """What is in a segment. Raises :class:`UnreadableTableError`."""
        spans, odd, end = self._parted(segment)
        view = memoryview(segment.body)
        parts = (view[start:stop] for start, stop in spans)
        cells = Cells.of(parts, self._found.delimiter, self.width)
        seen = [rule.right(cells) for rule in self._inspection.rules] if spans else []
        right = self._right(cells, seen)
        numbers, offsets = _placed(cells, spans, [before for before, _ in odd])
        doubtful = [*self._doubted(cells, right, numbers), *_numbered(cells, odd)]
        key = self._inspection.key
        chosen = slice(None) if right.all() else right
        return Found(
            start=segment.offset,
            end=segment.offset + end,
            whole=end == segment.stop,
            right=int(right.sum()),
            filled=self._filled(cells, right),
            seen=[each.only(right) for each in seen],
            hashes=cells.hashes(key)[chosen] if key else np.empty(0, np.uint64),
            offsets=offsets[chosen].astype(np.uint32),
            runs=_runs(numbers, offsets + segment.offset, cells, right) if self._receiver else None,
            looked=self._receiver.look(cells, right) if self._receiver else None,
            doubtful=sorted(doubtful, key=lambda pair: pair[0]),
        )

    def pass_over(self, read: Found) -> None:
        """Let the rules know that these right rows will not be seen."""
        self._inspection.passed(read.right, read.filled, read.seen)

    def _parted(
        self, segment: Segment
    ) -> tuple[list[tuple[int, int]], list[tuple[int, list[str]]], int]:
        """Spans of right lines; other rows, with the right bytes before them; and the end."""
        spans: list[tuple[int, int]] = []
        odd: list[tuple[int, list[str]]] = []
        at, before, body, stop = 0, 0, segment.body, segment.stop
        while at < stop:
            match = self._pattern.match(body, at, stop) if self._pattern else None
            if match:
                spans.append((at, match.end()))
                before += match.end() - at
                at = match.end()
                if at >= stop:
                    break
            taken = row_at(self._found, body, at, last=segment.last)
            if taken is None:
                break
            row, at = taken
            odd.append((before, row))
        return spans, odd, at

    def _right(self, cells: Cells, seen: Sequence[Seen]) -> Mask:
        """The rows that everything vouches for."""
        right = cells.row_ends - cells.row_starts < SHORT
        for at, form in enumerate(self._forms):
            if form.length is not None:
                right &= cells.span(at)[1] <= form.length
            if form.words:
                right &= ~cells.among(at, form.words)
            if form.loose and (form.tidy or at in self._looked_at):
                right &= ~cells.untidy(at)
            if at in self._lookups:
                right &= self._lookups[at].right(cells, at)
        for each in seen:
            right &= each.right
        if not any(judge.needed for judge in self._inspection.judges):
            right &= ~_all_blank(cells)
        return right

    def _doubted(self, cells: Cells, right: Mask, numbers: Places) -> Iterator[tuple[int, Row]]:
        """The rows that the pattern took and something else did not."""
        for at in np.flatnonzero(~right):
            taken = row_at(self._found, cells.row(int(at)), 0, last=True)
            if taken:
                yield int(numbers[at]), next(blank_to_none([taken[0]]))

    def _filled(self, cells: Cells, right: Mask) -> list[int]:
        """Cells with a value in right rows."""
        count = int(right.sum())
        return [
            0 if at >= self.width
            else count if judge.needed
            else count - int((cells.blank(at) & right).sum())
            for at, judge in enumerate(self._inspection.judges)
        ]  # fmt: skip

    def _compiled(self) -> "re2._Regexp | None":
        """The pattern of right lines; nothing where it is too large or no row can be right."""
        judges = self._inspection.judges
        if any(judge.needed for judge in judges[self.width :]):
            return None
        if any(at >= self.width for at in self._looked_at):
            return None
        options = re2.Options()
        options.max_mem, options.log_errors = _MEMORY, False
        options.longest_match, options.never_capture = True, True
        cells = [
            _cell(judge.form, self._found.delimiter, needed=judge.needed)
            for judge in judges[: self.width]
        ]
        cells += [_BLANK_CELL] * (self.width - len(cells))
        line = re2.escape(self._found.delimiter).join(cells)
        try:
            return re2.compile(f"(?:{line}\\r?\\n)+", options)
        except re2.error:
            return None


def _cell(form: Form, delimiter: str, *, needed: bool) -> str:
    bare = form.pattern(ALL.replace(delimiter, "").replace('"', ""))
    quoted = form.pattern(ALL.replace('"', ""))
    return f'(?:{bare}|"(?:{quoted})")' if needed else f'(?:{bare}|"(?:{quoted})?")?'


def _usual_width(found: Delimited) -> int:
    """Cells of most of the first rows."""
    rows = islice(rows_from(found, found.body), _SAMPLE)
    return max(Counter(map(len, rows)).items(), key=lambda pair: pair[1], default=(1, 0))[0] or 1


def _all_blank(cells: Cells) -> Mask:
    """Rows that have nothing at all."""
    found = np.ones(cells.rows, np.bool_)
    for at in range(cells.width):
        found &= cells.blank(at)
    return found


def _placed(
    cells: Cells, spans: Sequence[tuple[int, int]], before: Sequence[int]
) -> tuple[Places, Places]:
    """The number and the first byte of each right row in its segment.

    ``before`` are the right bytes before each other row.
    """
    starts = np.array([start for start, _ in spans], np.int64)
    sizes = np.array([stop - start for start, stop in spans], np.int64)
    joined = np.cumsum(sizes) - sizes
    rows = np.diff(np.searchsorted(cells.row_starts, [*joined, len(cells.letters)]))
    offsets = cells.row_starts + np.repeat(starts - joined, rows)
    others = np.searchsorted(cells.row_starts, before) + np.arange(len(before))
    return np.delete(np.arange(cells.rows + len(before)), others), offsets


def _runs(numbers: Places, offsets: Places, cells: Cells, right: Mask) -> Places:
    """Where right rows follow each other: the number of the first, where it begins, their end."""
    chosen, starts = numbers[right], offsets[right]
    if not len(chosen):
        return np.empty((0, 3), np.int64)
    ends = starts + (cells.row_ends - cells.row_starts)[right]
    breaks = np.flatnonzero(starts[1:] != ends[:-1])
    firsts, lasts = np.append(0, breaks + 1), np.append(breaks, len(chosen) - 1)
    return np.stack((chosen[firsts], starts[firsts], ends[lasts]), axis=1)


def _numbered(cells: Cells, odd: Sequence[tuple[int, list[str]]]) -> Iterator[tuple[int, Row]]:
    """Rows that the pattern did not take, with their numbers in the segment."""
    right_before = np.searchsorted(cells.row_starts, [before for before, _ in odd])
    rows = blank_to_none(row for _, row in odd)
    for others, (rights, row) in enumerate(zip(right_before, rows, strict=True)):
        yield int(rights) + others, row
