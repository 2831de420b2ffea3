"""What every report is: columns, rows, totals and notes, in two languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hatinh.text import Text

Cell = str | int | float | None
"""A blank figure is ``None``: not measured is not zero."""


class ColumnType(StrEnum):
    """How the cells of a column are shown. ``PERCENT`` and ``SCORE`` run from 0 to 100."""

    TEXT = "text"
    INTEGER = "integer"
    PERCENT = "percent"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report."""

    id: str
    label: Text
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. Rows have one cell for each column, and so have totals if there are any.

    A cell that names something in each language is a :class:`Text`. ``preamble`` stands between
    title and table, ``notes`` below it.
    """

    id: str
    title: Text
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell | Text, ...]]
    generated_at: datetime
    totals: tuple[Cell | Text, ...] = ()
    notes: tuple[Text, ...] = ()
    preamble: tuple[Text, ...] = ()

    @property
    def lines(self) -> Sequence[tuple[Cell | Text, ...]]:
        """The rows, and below them the totals."""
        return [*self.rows, self.totals] if self.totals else self.rows


def in_language(value: Cell | Text, language: str) -> Cell:
    """A cell as it is shown in ``vi`` or ``en``; Vietnamese where there is no English."""
    if isinstance(value, Text):
        return (value.en if language == "en" else "") or value.vi
    return value


def words(text: Text, language: str) -> str:
    """A text in one language; Vietnamese where there is no English."""
    return str(in_language(text, language))
