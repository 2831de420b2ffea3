"""How a CSV file is really written: its encoding, delimiter, header, and what each column holds.

A description that only repeats a promise is wrong wherever the file breaks it; so the file is
looked at, and what is not true of every cell is not said of the column.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, islice
from typing import BinaryIO

from hatinh.tabular.delimited import Delimited, open_delimited, rows_from
from hatinh.tabular.encoding import OLD
from hatinh.tabular.table import LEAD, LIMITS, blank_to_none, headed

MOST_ROWS = 100_000
"""Rows that are looked at; of a longer file its first ones."""


class Written(StrEnum):
    """Ways of writing a value, the narrowest first."""

    WHOLE = "whole"
    GROUPED = "grouped"  # 1.234
    DECIMAL = "decimal"
    LOCAL = "local"  # 1.234,5
    ISO_DAY = "iso-day"
    LOCAL_DAY = "local-day"
    BOOLEAN = "boolean"


_DAY = r"(?:0[1-9]|[12][0-9]|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_FORMS = {
    Written.WHOLE: r"[+-]?[0-9]+",
    Written.GROUPED: r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})*",
    Written.DECIMAL: r"[+-]?[0-9]+(?:\.[0-9]+)?",
    Written.LOCAL: r"[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})*|[0-9]+)(?:,[0-9]+)?",
    Written.ISO_DAY: rf"[0-9]{{4}}-{_MONTH}-{_DAY}",
    Written.LOCAL_DAY: rf"{_DAY}/{_MONTH}/[0-9]{{4}}",
    Written.BOOLEAN: r"true|false|1|0",
}
_PATTERNS = {written: re.compile(form) for written, form in _FORMS.items()}


@dataclass(frozen=True)
class ObservedColumn:
    """A column: its header as it stands, ways that fit every cell, whether a cell is blank."""

    header: str
    written: frozenset[Written]
    blank: bool


@dataclass(frozen=True)
class Observed:
    """A CSV file. ``above`` counts the lines over the header; ``ragged`` rows miss the width."""

    encoding: str
    delimiter: str
    above: int
    columns: tuple[ObservedColumn, ...]
    ragged: bool
    unique: frozenset[tuple[str, ...]] = field(default_factory=frozenset)

    @property
    def has_known_encoding(self) -> bool:
        """Whether programs elsewhere know the encoding by its name."""
        return self.encoding not in OLD


def observe(name: str, file: BinaryIO, key: Sequence[str] = ()) -> Observed:
    """Look at a file; ``key`` are headers that may identify a row together.

    Raises :class:`hatinh.errors.UnreadableTableError`.
    """
    with ExitStack() as stack:
        found = open_delimited(name, file, LIMITS, stack)
        above, header, rows = _below_title(found)
        columns = [_Column() for _ in header]
        keys = _Keys(header, key)
        ragged = False
        for row in islice(rows, MOST_ROWS):
            ragged |= len(row) != len(header)
            for column, cell in zip(columns, row, strict=False):
                column.take(cell)
            keys.take(row)
    return Observed(
        encoding=found.encoding,
        delimiter=found.delimiter,
        above=above,
        columns=tuple(
            ObservedColumn(title, column.ways(), column.blank)
            for title, column in zip(header, columns, strict=True)
        ),
        ragged=ragged,
        unique=keys.unique(),
    )


def _below_title(found: Delimited) -> tuple[int, list[str], Iterator[list[str]]]:
    """Rows over the header, the header as it stands, and the rows below it."""
    rows = rows_from(found, found.start)
    first = list(islice(rows, LEAD))
    _, at = headed(found.name, blank_to_none(iter(first)))
    return at, first[at], chain(first[at + 1 :], rows)


class _Column:
    """What fits every cell of a column so far; each distinct value is tried once."""

    def __init__(self) -> None:
        self._possible = set(_FORMS)
        self._tried: set[str] = set()
        self.blank = False

    def take(self, cell: str) -> None:
        if not cell:
            self.blank = True
        elif self._possible and cell not in self._tried:
            self._possible = {way for way in self._possible if _PATTERNS[way].fullmatch(cell)}
            if len(self._tried) < LEAD:
                self._tried.add(cell)

    def ways(self) -> frozenset[Written]:
        return frozenset(self._possible)


class _Keys:
    """Whether the key tells every two rows apart."""

    def __init__(self, header: Sequence[str], key: Sequence[str]) -> None:
        self._key = tuple(key)
        is_there = bool(key) and all(header.count(name) == 1 for name in key)
        self._at = [header.index(name) for name in key] if is_there else []
        self._seen: set[tuple[str, ...]] = set()
        self._broken = not is_there

    def take(self, row: Sequence[str]) -> None:
        if self._broken:
            return
        if len(row) <= max(self._at):
            self._broken = True
            return
        value = tuple(row[at] for at in self._at)
        self._broken = value in self._seen or "" in value
        self._seen.add(value)

    def unique(self) -> frozenset[tuple[str, ...]]:
        return frozenset() if self._broken else frozenset({self._key})
