"""The rule on commune codes: before or after the reform of 1 July 2025, not both in one column."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter

import numpy as np

from hatinh.dictionary.model import Datatype, Element
from hatinh.dictionary.places import Crossing, Gazetteer, gazetteer_of
from hatinh.dictionary.row_rules import RowRule, Seen
from hatinh.dictionary.table_subject import Bound, Judged, Subject, Violation
from hatinh.tabular.cells import Cells
from hatinh.tabular.table import Row

PLACES = "admin_units"
PLACE_NAME = "TenDonViHanhChinh"
SAYS_DAY = frozenset({"NgayHieuLuc", "NgayHetHieuLuc"})

_KNOWN = 1 << 16
"""Places for the hashes of what has been seen; a newer one takes the place of an older."""

_REMEMBERED = 20_000


def place_rules(subject: Subject) -> Iterator[RowRule]:
    """The rule, for a table that has commune codes and no column with their day."""
    codes = _first_bound(subject, lambda element: element.code_list == PLACES)
    if codes and not _first_bound(subject, lambda element: element.id in SAYS_DAY):
        name = _first_bound(subject, lambda element: element.id == PLACE_NAME)
        period = _first_bound(subject, lambda element: element.datatype is Datatype.PERIOD)
        yield OneSide(subject, codes, name, period)


def _first_bound(subject: Subject, wanted: Callable[[Element], bool]) -> Bound | None:
    bound = subject.bound.values()
    return next((known for known in bound if known.element and wanted(known.element)), None)


class OneSide:
    """All codes of a column, and names and periods beside them, are of one side of the reform."""

    def __init__(
        self, subject: Subject, codes: Bound, name: Bound | None, period: Bound | None
    ) -> None:
        self._column = codes.column.name
        self._places = codes.index, name.index if name else None, period.index if period else None
        places = gazetteer_of(subject.dictionary)
        self._crossing = Crossing(places)
        self._blind = name is None and period is None and _are_blind(places, subject)
        self._cells = itemgetter(*self.columns)
        self._seen: set[object] = set()
        self._known = np.zeros(_KNOWN, np.uint64)

    @property
    def columns(self) -> Sequence[int]:
        return [at for at in self._places if at is not None]

    def right(self, cells: Cells) -> Seen:
        """Rows whose code, name and period have been seen together; one of each other is new.

        Codes alone, where none that is valid tells its day, need not be seen.
        """
        if self._blind:
            return Seen(np.ones(cells.rows, np.bool_), np.zeros(cells.rows, np.bool_))
        hashes = cells.hashes(self.columns)
        right = self._known[hashes >> np.uint64(48)] == hashes
        new = np.flatnonzero(~right)
        new = new[np.argsort(hashes[new], kind="stable")]
        ordered = hashes[new]
        right[new[1:]] = ordered[1:] == ordered[:-1]
        return Seen(right, np.zeros(cells.rows, np.bool_), ordered)

    def passed(self, seen: Seen) -> None:
        """What was new in a segment has been seen."""
        if seen.values is not None:
            hashes = seen.values.astype(np.uint64)
            self._known[hashes >> np.uint64(48)] = hashes

    def see(self, number: int, row: Row) -> Iterable[Violation]:
        cells = self._cells(row)
        if cells not in self._seen:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen.add(cells)
            code, name, period = ("" if at is None else row[at] or "" for at in self._places)
            self._crossing.add(code, name)
            self._crossing.add_period(period)
        return ()

    def end(self) -> Iterator[Violation | Judged]:
        yield Judged("place-codes-cross-reform", 1, self._column)
        if found := self._crossing.problem(""):
            yield Violation("place-codes-cross-reform", self._column, 0, "", found.params)


def _are_blind(places: Gazetteer, subject: Subject) -> bool:
    """Whether no valid code tells by itself on which side of the reform it is."""
    valid = Crossing(places)
    for code in places.units.at(subject.at):
        valid.add(code.code, "")
    return valid.blind
