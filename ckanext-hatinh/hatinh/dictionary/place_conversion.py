"""Brings a table from the communes of one day to those of another, and never guesses in silence.

Sums are conserved to the last digit over mergers. A divided unit is refused, or estimated by
shares that are named. The way back from a merged unit does not exist. Averages and rates cannot
be added. Whatever is not exact is a problem or a note, and marked in its row.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any, Literal

from hatinh.dictionary.model import Code
from hatinh.dictionary.places import BY_LAW, PART, Gazetteer, Share
from hatinh.problem import Problem, error, refuses, warning
from hatinh.tabular.numbers import Notation, notation, number
from hatinh.text import clean, fold

RATE_WORDS = (
    "%", "ty le", "ti le", "ty trong", "binh quan", "trung binh", "mat do", "toc do", "he so",
    "chi so", "xep hang", "thu hang", "nang suat", "rate", "ratio", "average", "density", "index",
    "percent", "ty suat", "ti suat", "per capita", "dau nguoi",
)  # fmt: skip
"""Folded words in a column's name that say that its values cannot be added."""

Split = Literal["refuse", "estimate"]
Row = Mapping[str, Any]
Key = tuple[str, tuple[str, ...]]


class Status(StrEnum):
    """How far the sums of a row can be trusted."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    """A part comes from a divided unit, by shares that a note names."""
    INCOMPLETE = "incomplete"
    """A part is missing, because its row was refused."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to convert, and how.

    ``value_columns`` hold amounts to add. Of the other columns those with the names of the
    places are rewritten, and a running number is dropped; ``by`` names the columns that keep
    rows apart (year, sex…), all the rest when it is ``None``. ``area_columns`` are amounts of
    natural area, whose shares a law may fix. ``averaged`` gives for a rate the value column that
    weighs it; ``additive`` names columns that only look like rates.
    """

    from_date: date
    to_date: date
    code_column: str
    value_columns: Sequence[str]
    split: Split = "refuse"
    by: Sequence[str] | None = None
    area_columns: Collection[str] = ()
    averaged: Mapping[str, str] = field(default_factory=dict)
    additive: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class ConvertedRow:
    """One row of the answer; ``sources`` are the codes whose rows were added."""

    cells: Mapping[str, Any]
    status: Status
    sources: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: amounts as numbers, or as text where a number would lose digits."""
        cells = {name: _plain(value) for name, value in self.cells.items()}
        return {"cells": cells, "status": self.status.value, "sources": list(self.sources)}


@dataclass(frozen=True, slots=True)
class Conversion:
    """The rows, the problems that refuse something, and the notes to be shown beside the table.

    A row that lacks a refused part is there with the status ``incomplete``.
    """

    rows: tuple[ConvertedRow, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing was refused."""
        return not self.problems


def convert(places: Gazetteer, rows: Sequence[Row], request: Request) -> Conversion:
    """Convert a table. Never raises for what stands in it."""
    columns = tuple(_column_problems(rows, request))
    if refuses(columns):
        return Conversion((), columns, ())
    work = _Work(_Columns(places, rows, request))
    result = work.rows_out()
    said = [*columns, *work.said]
    return Conversion(
        result,
        tuple(problem for problem in said if refuses([problem])),
        tuple(problem for problem in said if not refuses([problem])),
    )


def _column_problems(rows: Sequence[Row], request: Request) -> Iterator[Problem]:
    known = set(chain.from_iterable(rows))
    needed = [request.code_column, *request.value_columns, *request.averaged, *(request.by or ())]
    for column in dict.fromkeys([*needed, *request.averaged.values()]):
        if rows and column not in known:
            yield error("place-column-missing", f"$.{column}", column)
    for column in request.value_columns:
        if column not in request.additive and _is_rate(column):
            yield error("place-rate-not-additive", f"$.{column}", column)
    for weight in request.averaged.values():
        if weight not in request.value_columns:
            yield error("place-column-missing", f"$.{weight}", weight)


def _is_rate(column: str) -> bool:
    words = f" {fold(column.replace('_', ' '))} "
    return any(f" {word} " in words or (word == "%" and word in words) for word in RATE_WORDS)


SERIAL_WORDS = frozenset({"stt", "tt", "so tt", "so thu tu", "thu tu", "no", "no."})
"""Folded names of a column that only counts the rows."""


@dataclass(frozen=True)
class _Columns:
    """What each column of the table is to the conversion."""

    places: Gazetteer
    rows: Sequence[Row]
    request: Request

    @cached_property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(chain.from_iterable(self.rows)))

    @cached_property
    def amounts(self) -> tuple[str, ...]:
        return (*self.request.value_columns, *self.request.averaged)

    @cached_property
    def notations(self) -> Mapping[str, Notation]:
        """How the written numbers of each column of amounts are written."""
        texts = {
            column: [value for row in self.rows if isinstance(value := row.get(column), str)]
            for column in self.amounts
        }
        return {column: notation(texts[column], Notation.LOCAL) for column in self.amounts}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Columns that hold the name of the row's place."""
        return tuple(column for column in self._others if self._are_names(column, self.entry))

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """Columns that hold the name or code of the place above."""
        rest = (column for column in self._others if column not in self.names)
        return tuple(column for column in rest if self._are_names(column, self._parent_of_row))

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """Columns that keep rows apart."""
        if self.request.by is not None:
            return tuple(self.request.by)
        places = {*self.names, *self.parents}
        rest = (column for column in self._others if column not in places)
        return tuple(column for column in rest if fold(column) not in SERIAL_WORDS)

    @cached_property
    def dropped(self) -> tuple[str, ...]:
        """Columns that the answer does not have."""
        has = {*self.kept, *self.names, *self.parents}
        return tuple(column for column in self._others if column not in has)

    def entry(self, row: Row) -> Code | None:
        """The unit that a row is about."""
        return self.places.units.get(self.code(row), self.request.from_date)

    def code(self, row: Row) -> str:
        """The code of a row; spreadsheets keep whole numbers with a fraction of zero."""
        return clean(row.get(self.request.code_column)).removesuffix(".0")

    def parent(self, entry: Code) -> Code | None:
        """The unit above, while this one is in force."""
        day = entry.valid_from or entry.valid_to or self.request.from_date
        return self.places.units.get(entry.parent, day)

    def _parent_of_row(self, row: Row) -> Code | None:
        entry = self.entry(row)
        return self.parent(entry) if entry else None

    @cached_property
    def _others(self) -> tuple[str, ...]:
        used = {self.request.code_column, *self.amounts}
        return tuple(column for column in self.all if column not in used)

    def _are_names(self, column: str, unit: Callable[[Row], Code | None]) -> bool:
        pairs = [(unit(row), clean(row.get(column))) for row in self.rows]
        known = [(entry, words) for entry, words in pairs if entry and words]
        return bool(known) and all(entry in self.places.entries(words) for entry, words in known)


@dataclass
class _Group:
    """The rows that become one."""

    entry: Code
    kept: Mapping[str, Any]
    sums: dict[str, Decimal] = field(default_factory=dict)
    sources: dict[str, None] = field(default_factory=dict)
    status: Status = Status.EXACT


@dataclass
class _Work:
    columns: _Columns
    said: list[Problem] = field(default_factory=list)
    groups: dict[Key, _Group] = field(default_factory=dict)
    refused: set[Key] = field(default_factory=set)

    @property
    def places(self) -> Gazetteer:
        return self.columns.places

    @property
    def request(self) -> Request:
        return self.columns.request

    def rows_out(self) -> tuple[ConvertedRow, ...]:
        for count, row in enumerate(self.columns.rows, 1):
            self._take(row, f"$.rows[{count}]")
        for key in self.refused & set(self.groups):
            self.groups[key].status = Status.INCOMPLETE
        for column in self.columns.dropped:
            self.said.append(warning("place-column-dropped", f"$.{column}", column))
        self.said += self._absent_parts()
        return tuple(self._row(group) for group in self.groups.values())

    def _absent_parts(self) -> Iterator[Problem]:
        """Units whose sums lack former units that the table does not have at all."""
        given = {self.columns.code(row) for row in self.columns.rows}
        units = {group.entry.code: group.entry for group in self.groups.values()}
        for entry in (e for e in units.values() if not e.valid(self.request.from_date)):
            former = [change.old_code for change in self.places.predecessors(entry)]
            absent = [code for code in former if code not in given]
            if absent and len(absent) < len(former):
                yield self._absence(entry, absent, len(former))

    def _absence(self, entry: Code, absent: Sequence[str], count: int) -> Problem:
        units = [(code, self.places.units.get(code, self.request.from_date)) for code in absent]
        named = ", ".join(_named(code, unit.name.vi) for code, unit in units if unit)
        path = f"$.{self.request.code_column}"
        return warning(
            "place-parts-absent", path, entry.code, name=entry.name.vi, absent=named, count=count
        )

    # -- one row in ---------------------------------------------------------------------------

    def _take(self, row: Row, path: str) -> None:
        code = self.columns.code(row)
        targets = self._targets(code, f"{path}.{self.request.code_column}")
        if not targets:
            return
        amounts = self._amounts(row, path)
        if len(targets) == 1:
            self._add(targets[0], row, code, amounts)
        elif self.request.split == "estimate":
            self._divide(targets, row, amounts, path)
        else:
            self.refused.update(self._key(target, row) for target in targets)
            self.said.append(self._refusal(targets, code, path))

    def _targets(self, code: str, path: str) -> Sequence[Code]:
        """The units that a code's row goes to; none when a problem was said."""
        start, end = self.request.from_date, self.request.to_date
        entry = self.places.units.get(code, start)
        if entry is None:
            self.said.append(unknown(self.places, code, start, path))
            return []
        if entry.valid(end):
            return [entry]
        found = self._forward(entry) if end > start else self._back(entry)
        if not found:
            self.said.append(self._no_way(entry, path))
        return found

    def _no_way(self, entry: Code, path: str) -> Problem:
        start, end = self.request.from_date, self.request.to_date
        name, at = entry.name.vi, end.isoformat()
        if end > start:
            return error("place-ended", path, entry.code, name=name, at=at)
        count = len(self.places.predecessors(entry))
        return error("place-cannot-divide", path, entry.code, name=name, at=at, count=count)

    def _forward(self, entry: Code) -> list[Code]:
        changes = self.places.successors(entry)
        found = [self.places.units.get(change.new_code, change.day) for change in changes]
        return [unit for unit in found if unit and unit.valid(self.request.to_date)]

    def _back(self, entry: Code) -> list[Code]:
        """The one unit that became this one and nothing else, if there is such a unit."""
        changes = self.places.predecessors(entry)
        if len(changes) != 1 or changes[0].extent == PART:
            return []
        former = self.places.units.get(changes[0].old_code, self.request.to_date)
        return [former] if former else []

    def _amounts(self, row: Row, path: str) -> dict[str, Decimal]:
        amounts: dict[str, Decimal] = {}
        for column in self.columns.amounts:
            value = row.get(column)
            found = _amount(value, self.columns.notations[column])
            if found is not None:
                amounts[column] = found
            elif clean(value):
                self.said.append(error("place-value-unreadable", f"{path}.{column}", value))
            else:
                self.said.append(warning("place-value-missing", f"{path}.{column}", column=column))
        return amounts

    # -- into the groups ----------------------------------------------------------------------

    def _add(self, entry: Code, row: Row, code: str, amounts: Mapping[str, Decimal]) -> _Group:
        kept = {column: row.get(column) for column in self.columns.kept}
        group = self.groups.setdefault(self._key(entry, row), _Group(entry, kept))
        group.sources[code] = None
        for column in self.request.value_columns:
            if column in amounts:
                group.sums[column] = group.sums.get(column, Decimal(0)) + amounts[column]
        for rate, weight in self.request.averaged.items():
            if rate in amounts and weight in amounts:
                product = amounts[rate] * amounts[weight]
                group.sums[rate] = group.sums.get(rate, Decimal(0)) + product
        return group

    def _divide(
        self, targets: Sequence[Code], row: Row, amounts: Mapping[str, Decimal], path: str
    ) -> None:
        code = self.columns.code(row)
        parts: list[dict[str, Decimal]] = [dict(amounts) for _ in targets]
        guessed = False
        for column in (c for c in self.request.value_columns if c in amounts):
            shares = self._shares(code, targets, column)
            values = divide(amounts[column], [share.weight for share in shares])
            for part, value in zip(parts, values, strict=True):
                part[column] = value
            self._say_shares(code, shares, f"{path}.{column}")
            guessed |= any(share.method != BY_LAW for share in shares)
        for entry, part in zip(targets, parts, strict=True):
            group = self._add(entry, row, code, part)
            group.status = Status.ESTIMATED if guessed else group.status

    def _shares(self, code: str, targets: Sequence[Code], column: str) -> list[Share]:
        measure = "area" if column in self.request.area_columns else "any"
        known = {
            (share.new_code, share.measure): share
            for share in self.places.shares
            if share.old_code == code
        }
        equal = [Share(code, entry.code, "any", 1, "equal", "") for entry in targets]
        return [
            known.get((share.new_code, measure)) or known.get((share.new_code, "any")) or share
            for share in equal
        ]

    def _key(self, entry: Code, row: Row) -> Key:
        return entry.code, tuple(clean(row.get(column)) for column in self.columns.kept)

    # -- words --------------------------------------------------------------------------------

    def _refusal(self, targets: Sequence[Code], code: str, path: str) -> Problem:
        entry = self.places.units.get(code, self.request.from_date)
        name = entry.name.vi if entry else code
        into = ", ".join(_named(target.code, target.name.vi) for target in targets)
        column = f"{path}.{self.request.code_column}"
        return error("place-split-refused", column, code, name=name, into=into)

    def _say_shares(self, code: str, shares: Sequence[Share], path: str) -> None:
        total = sum(share.weight for share in shares)
        parts = ", ".join(f"{share.new_code}: {share.weight / total:.1%}" for share in shares)
        method = shares[0].method
        self.said.append(warning("place-split-estimated", path, code, method=method, shares=parts))

    # -- one row out --------------------------------------------------------------------------

    def _row(self, group: _Group) -> ConvertedRow:
        parent = self.columns.parent(group.entry)
        own = {self.request.code_column: group.entry.code}
        own |= dict.fromkeys(self.columns.names, group.entry.name.vi)
        own |= dict.fromkeys(self.columns.parents, parent.name.vi if parent else None)
        cells = {**own, **group.kept, **self._sums(group)}
        ordered = {column: cells[column] for column in self.columns.all if column in cells}
        return ConvertedRow(ordered, group.status, tuple(group.sources))

    def _sums(self, group: _Group) -> Mapping[str, Any]:
        sums = {column: group.sums.get(column) for column in self.request.value_columns}
        return sums | {
            rate: _mean(group.sums.get(rate), sums[weight])
            for rate, weight in self.request.averaged.items()
        }


def unknown(places: Gazetteer, code: str, at: date, path: str) -> Problem:
    """The problem of a code that named nothing on a day, with what may be meant."""
    near = ", ".join(_named(place.code, place.name.vi) for place in places.suggest(code, at, 3))
    return error("place-code-unknown", path, code, at=at.isoformat(), near=near or "—")


def divide(amount: Decimal, weights: Sequence[float]) -> list[Decimal]:
    """Parts of an amount by weights, whose sum is the amount (method of largest remainders).

    The parts have no more decimals than the amount: people are divided into whole people.
    """
    exponent = int(amount.as_tuple().exponent)
    unit = Decimal(1).scaleb(min(exponent, 0))
    count = amount / unit
    total = sum(map(Decimal, weights))
    ideal = [count * Decimal(weight) / total for weight in weights]
    parts = [part.to_integral_value(ROUND_FLOOR) for part in ideal]
    left = int(count - sum(parts))
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - ideal[i], i))
    for index in order[:left]:
        parts[index] += 1
    return [part * unit for part in parts]


def _mean(products: Decimal | None, weights: Decimal | None) -> Decimal | None:
    if products is None or not weights:
        return None
    return round(products / weights, 2)


def _amount(value: Any, written: Notation) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float | Decimal):
        found = Decimal(str(value))
        return found if found.is_finite() else None
    return number(clean(value), written)


def _plain(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    return number if Decimal(repr(number)) == value else f"{value:f}"


def _named(code: str, name: str) -> str:
    return f"{code} ({name})"
