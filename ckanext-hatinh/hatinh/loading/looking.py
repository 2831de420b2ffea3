"""What is to be known of right rows that nobody reads one by one, asked of all of them at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import re2

from hatinh.loading.distinct import Distinct
from hatinh.loading.kinds import PATTERNS, Kind, kind_of
from hatinh.tabular.cells import Cells, Mask, Words, distinct

_LINE_FEED = 10


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen in some rows, by column.

    ``missing`` cells; the ``kinds`` of values where only these tell them; letters of the
    ``longest``; hashes of ``distinct`` texts, ``None`` for a column that has too many.
    """

    missing: Sequence[int]
    kinds: Sequence[Kind]
    longest: Sequence[int]
    distinct: Sequence[Words | None]


class Looker:
    """Looks at the right rows of one segment after the other.

    ``free`` are the columns of which only their values tell what they look like.
    """

    def __init__(self, columns: int, free: frozenset[int], most: int) -> None:
        self._columns = columns
        self._free = free
        self._kinds = [Kind.NOTHING] * columns
        self._distinct = [Distinct(most) for _ in range(columns)]

    def look(self, cells: Cells, right: Mask) -> Looked:
        """What is in the right ones of these rows."""
        places = range(min(self._columns, cells.width))
        lengths = [cells.span(at)[1][right] for at in places]
        beyond = self._columns - len(places)
        nobody = np.empty(0, np.uint64)
        return Looked(
            missing=[int((each == 0).sum()) for each in lengths] + [int(right.sum())] * beyond,
            kinds=[self._kind(cells, right, at) for at in places] + [Kind.NOTHING] * beyond,
            longest=[int(each.max(initial=0)) for each in lengths] + [0] * beyond,
            distinct=[self._different(cells, right, at) for at in places] + [nobody] * beyond,
        )

    def _different(self, cells: Cells, right: Mask, column: int) -> Words | None:
        known = self._distinct[column]
        if known.full:
            return None
        found = distinct(cells.hashes([column])[right & ~cells.blank(column)])
        known.note(found)
        return found

    def _kind(self, cells: Cells, right: Mask, column: int) -> Kind:
        """The kinds that a column has so far; of a column of texts there is nothing to find out."""
        known = self._kinds[column]
        if column not in self._free or Kind.OTHER in known:
            return known
        lines = _lines(cells, right, column)
        if lines and not _all_of(known, lines):
            self._kinds[column] = known = _together(known, lines)
        return known


def _lines(cells: Cells, right: Mask, column: int) -> bytes:
    """The texts of a column, each with a line feed."""
    starts, lengths = (each[right & ~cells.blank(column)] for each in cells.span(column))
    sizes = lengths + 1
    places = np.cumsum(sizes) - sizes
    found = cells.letters[np.repeat(starts - places, sizes) + np.arange(sizes.sum())]
    found[places + lengths] = _LINE_FEED
    return found.tobytes()


def _all_of(known: Kind, lines: bytes) -> bool:
    """Whether a pattern says that all values are of known kinds."""
    return bool(known) and bool(_pattern(known)(lines))


def _pattern(kinds: Kind) -> Callable[[bytes], object]:
    either = "|".join(PATTERNS[kind] for kind in kinds)
    return re2.compile(f"(?:(?:{either})\\n)+").fullmatch


def _together(known: Kind, lines: bytes) -> Kind:
    """The kinds of values, up to the first text."""
    for value in set(lines[:-1].split(b"\n")):
        known |= kind_of(value.decode())
        if Kind.OTHER in known:
            break
    return known
