"""What a load gives: columns with their types, rows for a sink, and what became of the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from hatinh.dictionary.check import TableCheck
from hatinh.problem import Problem


class PgType(StrEnum):
    """The type of a column, by its name in PostgreSQL."""

    TEXT = "text"
    BIGINT = "bigint"
    NUMERIC = "numeric"
    DATE = "date"
    BOOLEAN = "boolean"
    DOUBLE = "double precision"


class Written(StrEnum):
    """How the texts of a column become values; a blank is always NULL.

    No other text comes through than those named here, so a cast by these words never fails.
    """

    AS_IS = "as-is"
    """Text: nothing is done."""
    PLAIN = "plain"
    """``-1234.5``, spaces around it at most: the cast of PostgreSQL reads it."""
    LOCAL = "local"
    """``1.234,5``: points are taken out, then the comma is a point."""
    DAY = "day"
    """``2025-12-31``, and ``31/12/2025`` (two digits for day and month)."""
    BOOLEAN = "boolean"
    """True is one of :data:`TRUE_WORDS`, everything else is false."""


class Words(StrEnum):
    """How the words of a text are told that a search finds its row by."""

    PROSE = "prose"
    """By the parser of the database."""
    ONE = "one"
    """A number, a code of digits, an e-mail address: the text is the word, spaces around it at
    most. A comma in a number (:attr:`Written.LOCAL`) stands between two words."""
    PARTS = "parts"
    """The same, and codes of ASCII letters with underscores between their words: ``mot_lan``."""
    DAY = "day"
    """``2025-12-31``: the words ``2025``, ``-12`` and ``-31``, as the parser tells them."""


TRUE_WORDS = ("true", "TRUE", "1", "có", "Có")


class Policy(StrEnum):
    """What bad rows mean for a load: rows that break a rule on values, or lack what they need."""

    WHOLE = "whole"
    """One bad row refuses the file."""
    GOOD_ROWS = "good_rows"
    """Bad rows are left out, unless they are too many."""


@dataclass(frozen=True, slots=True)
class LoadColumn:
    """One column of a table: ``id`` is its name there, ``label`` the header as it was written.

    ``element`` is that of the dictionary, nothing while unbound. The values of a ``personal``
    column are never shown one by one. ``words`` say how it is searched.
    """

    id: str
    label: str
    element: str
    type: PgType
    written: Written
    personal: bool
    words: Words = Words.PROSE


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What was counted in a column of the rows kept; values are told apart as they are written.

    ``distinct`` is exact up to a limit; where there are ``more``, it is that limit.
    """

    id: str
    missing: int
    distinct: int
    more: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file.

    ``rows`` are those read, ``kept`` those given to the sink, ``bad`` those left out for their
    faults; rows without any value are neither. Where it is ``refused`` the sink has seen only a
    part of the rows, and nothing of it may be published. ``faults`` are the first of those that
    made a row bad, in order of rows.
    """

    columns: tuple[LoadColumn, ...]
    rows: int
    kept: int
    bad: int
    check: TableCheck
    refused: Problem | None
    faults: tuple[Problem, ...]
    profile: tuple[ColumnProfile, ...]


class Sink(Protocol):
    """Who takes the rows."""

    def begin(self, ids: Sequence[str], delimiter: str) -> None:
        """The columns, before the first row."""

    def write(self, csv: bytes) -> None:
        r"""Some whole lines of CSV: UTF-8, each ended by ``\n``, quotes doubled in quoted cells."""
