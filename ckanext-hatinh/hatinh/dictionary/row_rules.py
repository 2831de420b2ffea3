"""The rules that look at several cells of a row, or at several rows.

Each sees every row once, in order, and says at the end what it judged. Of a large table it looks at
many rows at once (``right``) and then only sees those that it could not vouch for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Protocol

import numpy as np

from hatinh.dictionary.cell_judge import CellJudge
from hatinh.dictionary.model import Datatype
from hatinh.dictionary.table_schema import Order, RowSum, SumRule
from hatinh.dictionary.table_subject import Judged, Subject, Violation
from hatinh.dictionary.value_rules import NUMBERS
from hatinh.tabular.cells import Cells, Mask, Places, Words
from hatinh.tabular.numbers import Notation, number
from hatinh.tabular.table import Row
from hatinh.text import clean, parse_day

Judges = Sequence[CellJudge]

_Way = Callable[[Cells, int], tuple[Places, Mask]]

_ADDED = 10**12
"""Numbers below this are added up many at once without overflow."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows that a rule has looked at together.

    It vouches for those that are ``right``, and of these it has ``judged`` some; ``values`` are
    what it will want to know of them.
    """

    right: Mask
    judged: Mask
    values: Words | Places | None = None

    def only(self, rows: Mask) -> "Seen":
        """The same of some rows."""
        return replace(self, right=rows, judged=self.judged & rows)

    @property
    def count(self) -> int:
        """Rows that were judged."""
        return int(self.judged.sum())


class RowRule(Protocol):
    """A rule that sees rows."""

    @property
    def columns(self) -> Sequence[int]:
        """Places of the cells that it looks at."""
        ...

    def right(self, cells: Cells) -> Seen:
        """The rows that it need not see, of rows whose cells are tidy."""
        ...

    def see(self, number: int, row: Row) -> Iterable[Violation]:
        """What one row breaks."""
        ...

    def passed(self, seen: Seen) -> None:
        """These rows are right by everything and will not be seen."""
        ...

    def end(self) -> Iterator[Violation | Judged]:
        """What can be said after the last row."""
        ...


@dataclass
class InOrder:
    """Of two days, periods or numbers of a row the first is not the greater."""

    order: Order
    cells: tuple[CellJudge, CellJudge]
    places: tuple[int, int]
    kinds: tuple["_Kind", "_Kind"]
    judged: int = 0

    @property
    def columns(self) -> Sequence[int]:
        return self.places

    def right(self, cells: Cells) -> Seen:
        judged = ~(cells.blank(self.places[0]) | cells.blank(self.places[1]))
        right = ~judged
        for written in self._ways():
            first, plain = written(cells, self.places[0])
            last, also_plain = written(cells, self.places[1])
            right |= plain & also_plain & (first <= last)
        return Seen(right, judged)

    def _ways(self) -> tuple[_Way, ...]:
        """The ways of writing that are compared many at once."""
        if all(kind.notation for kind in self.kinds):
            return (Cells.digits,)
        return (Cells.days, _years) if all(kind.dated for kind in self.kinds) else ()

    def see(self, number: int, row: Row) -> Iterable[Violation]:
        values = [judge.value(row[at]) for judge, at in zip(self.cells, self.places, strict=True)]
        first, last = (kind.parsed(value) for kind, value in zip(self.kinds, values, strict=True))
        if first is None or last is None or isinstance(first, Decimal) != isinstance(last, Decimal):
            return
        self.judged += 1
        if first > last:  # type: ignore[operator]
            show = self.cells[1].bound
            shown = values if show is None or not show.personal else ["", ""]
            params = {"first": self.order.first, "start": shown[0] or ""}
            yield Violation("order-reversed", self.order.last, number, shown[1] or "", params)

    def passed(self, seen: Seen) -> None:
        self.judged += seen.count

    def end(self) -> Iterator[Violation | Judged]:
        yield Judged("order-reversed", self.judged, self.order.last)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the values of a column are compared; ``dated`` if its rules let nothing but days pass."""

    notation: Notation | None
    dated: bool

    def parsed(self, value: str | None) -> date | Decimal | None:
        if value is None:
            return None
        return number(value, self.notation) if self.notation else _day(value)


def _day(value: str) -> date | None:
    """The first day of a day, month, quarter (``20254``) or year."""
    if len(value) == 5 and value.isdigit() and value[4] in "1234":
        return parse_day(f"{value[:4]}-{int(value[4]) * 3 - 2:02d}")
    return parse_day(value)


@dataclass
class RowAdds:
    """A cell is the sum of others in its row, such as men and women."""

    rule: RowSum
    judges: Judges
    total: int
    parts: tuple[int, ...]
    notations: Mapping[int, Notation]
    judged: int = 0

    @property
    def columns(self) -> Sequence[int]:
        return (self.total, *self.parts)

    def right(self, cells: Cells) -> Seen:
        judged = np.ones(cells.rows, np.bool_)
        for at in self.columns:
            judged &= ~cells.blank(at)
        stated, plain = cells.digits(self.total)
        for at in self.parts:
            part, also_plain = cells.digits(at)
            plain &= also_plain
            stated = stated - part
        return Seen(~judged | (plain & (stated == 0)), judged)

    def see(self, number: int, row: Row) -> Iterable[Violation]:
        stated = self._number(row, self.total)
        parts = [self._number(row, at) for at in self.parts]
        known = [part for part in parts if part is not None]
        if stated is None or len(known) < len(parts):
            return  # a blank is not a zero: the cell's own rule speaks
        self.judged += 1
        if stated != sum(known):
            params = {"expected": f"{sum(known):f}", "parts": " + ".join(self.rule.parts)}
            shown = _shown(self.judges[self.total], stated)
            yield Violation("row-sum-differs", self.rule.total, number, shown, params)

    def _number(self, row: Row, at: int) -> Decimal | None:
        return number(self.judges[at].value(row[at]) or "", self.notations[at])

    def passed(self, seen: Seen) -> None:
        self.judged += seen.count

    def end(self) -> Iterator[Violation | Judged]:
        yield Judged("row-sum-differs", self.judged, self.rule.total)


@dataclass
class Adds:
    """A stated total is the sum of its parts in other rows (REQ-40)."""

    rule: SumRule
    judges: Judges
    column: int | None
    notation: Notation
    total: Mapping[int, str] | None
    parts: Mapping[int, str] | None
    totals: list[int] = field(default_factory=list)
    stated: Decimal | None = None
    expected: Decimal = Decimal(0)
    summands: int = 0
    blank: bool = False

    @property
    def columns(self) -> Sequence[int]:
        wanted = {*(self.total or ()), *(self.parts or ())}
        return sorted(wanted if self.column is None else {*wanted, self.column})

    def right(self, cells: Cells) -> Seen:
        total, part = _having(cells, self.total), _having(cells, self.parts)
        if self.column is None:
            return Seen(~total & ~part, np.zeros(cells.rows, np.bool_))
        values, plain = cells.digits(self.column)
        plain &= values < _ADDED
        return Seen(~total & (~part | plain), part & ~total, values)

    def see(self, number: int, row: Row) -> Iterable[Violation]:
        if self._matches(row, self.total):
            self.totals = [*self.totals[:1], number]
            self.stated = self._number(row)
        elif self._matches(row, self.parts):
            found = self._number(row)
            self.summands += 1
            self.blank = self.blank or found is None
            self.expected += found or 0
        return ()

    def _matches(self, row: Row, wanted: Mapping[int, str] | None) -> bool:
        return wanted is not None and all(
            (clean(row[at]) or None) == value for at, value in wanted.items()
        )

    def _number(self, row: Row) -> Decimal | None:
        if self.column is None:
            return None
        return number(self.judges[self.column].value(row[self.column]) or "", self.notation)

    def passed(self, seen: Seen) -> None:
        """Rows that it has not seen are plain parts, or neither part nor total."""
        self.summands += seen.count
        if seen.values is not None:
            self.expected += int(seen.values[seen.judged].sum())

    def end(self) -> Iterator[Violation | Judged]:
        yield Judged("sum-row-missing", 1, self.rule.column)
        if len(self.totals) != 1 or not self.summands:
            yield Violation("sum-row-missing", self.rule.column, 0, _words(self.rule.total))
        elif self.stated is not None and not self.blank:
            yield Judged("sum-differs", 1, self.rule.column)
            if self.stated != self.expected:
                params = {"expected": f"{self.expected:f}", "total": _words(self.rule.total)}
                row = self.totals[0]
                value = _shown(self.judges[self.column or 0], self.stated)
                yield Violation("sum-differs", self.rule.column, row, value, params)


def _years(cells: Cells, column: int) -> tuple[Places, Mask]:
    """Cells that are a year of four digits."""
    values, plain = cells.digits(column)
    return values, plain & (values >= 1000) & (cells.span(column)[1] == 4)


def _having(cells: Cells, wanted: Mapping[int, str] | None) -> Mask:
    """The rows that have these cells."""
    found = np.full(cells.rows, wanted is not None)
    for at, value in (wanted or {}).items():
        found &= cells.equal(at, value)
    return found


def _shown(judge: CellJudge, value: Decimal) -> str:
    return judge.bound.show(f"{value:f}") if judge.bound else f"{value:f}"


def _words(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in cells.items())


def row_rules(subject: Subject, judges: Judges) -> list[RowRule]:
    """The rules that the table's schema promises, as far as their columns are there."""
    rules: list[RowRule] = [*_orders(subject, judges), *_row_sums(subject, judges)]
    rules.extend(_adds(subject, judges, rule) for rule in subject.schema.sums)
    return rules


def _orders(subject: Subject, judges: Judges) -> Iterator[RowRule]:
    for order in subject.schema.orders:
        first, last = subject.index(order.first), subject.index(order.last)
        if first is not None and last is not None:
            yield InOrder(
                order,
                (judges[first], judges[last]),
                (first, last),
                (_kind(subject, judges, first), _kind(subject, judges, last)),
            )


def _kind(subject: Subject, judges: Judges, at: int) -> _Kind:
    bound = judges[at].bound
    datatype = bound.element.datatype if bound and bound.element else None
    written = _notation(subject, judges, at) if datatype in NUMBERS else None
    return _Kind(written, datatype in (Datatype.DATE, Datatype.PERIOD))


def _row_sums(subject: Subject, judges: Judges) -> Iterator[RowRule]:
    for rule in subject.schema.row_sums:
        places = [subject.index(name) for name in (rule.total, *rule.parts)]
        known = [at for at in places if at is not None]
        if len(known) == len(places) > 1:
            notations = {at: _notation(subject, judges, at) for at in known}
            yield RowAdds(rule, judges, known[0], tuple(known[1:]), notations)


def _adds(subject: Subject, judges: Judges, rule: SumRule) -> Adds:
    column = subject.index(rule.column)
    written = Notation.PLAIN if column is None else _notation(subject, judges, column)
    total, parts = _wanted(subject, rule.total), _wanted(subject, rule.parts)
    return Adds(rule, judges, column, written, total, parts)


def _wanted(subject: Subject, cells: Mapping[str, str]) -> Mapping[int, str] | None:
    """The cells that a row must have, by place; ``None`` when a column is not there."""
    wanted = {subject.index(name): clean(value) for name, value in cells.items()}
    places = {at: value for at, value in wanted.items() if at is not None}
    return places if len(places) == len(wanted) else None


def _notation(subject: Subject, judges: Judges, at: int) -> Notation:
    bound = judges[at].bound
    return bound.notation if bound and _is_number(bound.element) else subject.notation(at)


def _is_number(element: object) -> bool:
    return getattr(element, "datatype", None) in NUMBERS
