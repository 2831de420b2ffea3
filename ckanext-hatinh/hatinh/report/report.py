"""What every report is: columns, rows, totals and notes, in two languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hatinh.report.official import Official
from hatinh.text import Text

Cell = str | int | float | None
"""A blank figure is ``None``: not measured is not zero."""


class ColumnType(StrEnum):
    """How the cells of a column are shown. ``PERCENT`` and ``SCORE`` run from 0 to 100.

    A ``DAY`` is its ISO text.
    """

    TEXT = "text"
    DAY = "day"
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
    title and table, ``notes`` below it. ``official`` makes an administrative document of it.
    """

    id: str
    title: Text
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell | Text, ...]]
    generated_at: datetime
    totals: tuple[Cell | Text, ...] = ()
    notes: tuple[Text, ...] = ()
    preamble: tuple[Text, ...] = ()
    official: Official | None = None

    @property
    def lines(self) -> Sequence[tuple[Cell | Text, ...]]:
        """The rows, and below them the totals."""
        return [*self.rows, self.totals] if self.totals else self.rows


def in_language(value: Cell | Text, language: str) -> Cell:
    """A cell as it is shown in ``vi`` or ``en``; Vietnamese where there is no English."""
    return value.said(language) if isinstance(value, Text) else value


def printed(cell: Cell | Text, column: Column, language: str, *, official: bool) -> str:
    """A cell as it stands in a document; an official one writes numbers and days as people do."""
    value = in_language(cell, language)
    if value is None:
        return ""
    if not official or column.type is ColumnType.TEXT:
        return str(value)
    if isinstance(value, str):
        return "/".join(reversed(value.split("-")))
    places = 0 if column.type is ColumnType.INTEGER else 2
    written = f"{value:,.{places}f}"
    return written if language == "en" else written.translate(_VIETNAMESE)


_VIETNAMESE = str.maketrans(",.", ".,")
