"""The one shape of a table, whatever file it came from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from hatinh.errors import UnreadableTableError
from hatinh.problem import Problem
from hatinh.text import clean

Row = tuple[str | None, ...]

_TITLES = 30
"""Rows looked at to find the header below the title rows that offices put above a table."""

LEAD = 5000
"""Rows by which the width of a table and the notation of its numbers are told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may unfold to before it is refused (REQ-78).

    ``cells`` counts rows times columns of what is held in memory, ``unpacked`` the bytes of an
    archive's members, ``ratio`` unpacked bytes per packed byte, ``line`` the letters of one line,
    ``seconds`` the time to open a workbook.
    """

    cells: int = 2_000_000
    unpacked: int = 300_000_000
    ratio: int = 200
    columns: int = 4_000
    line: int = 1_000_000
    seconds: int = 120


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of text.

    A blank cell is ``None``, never ``""`` and never zero (REQ-42). Cells keep what was written,
    faults included; column names are cleaned. Every row is as wide as the header.
    ``typed`` says that the file itself knows what a number is, so its numbers are given with a
    decimal point; without it ``1.234`` may well mean one thousand two hundred and thirty-four.
    ``remarks`` are problems of the file that are no fault of a cell, such as macros.
    """

    header: tuple[str, ...]
    rows: Sequence[Row]
    typed: bool = False
    remarks: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """A table whose rows are read once, from first to last, and not kept.

    ``lead`` are its first rows, at most :data:`LEAD`; ``rest`` are those that follow, each at
    least as wide as the header, a wider one as it is. Blank rows at the end are left out.
    ``implied`` are columns that the format itself makes, so nobody needs to promise them.
    """

    header: tuple[str, ...]
    lead: Sequence[Row]
    rest: Iterator[Row]
    typed: bool = False
    remarks: tuple[Problem, ...] = ()
    implied: frozenset[str] = frozenset()

    @property
    def rows(self) -> Iterator[Row]:
        """All rows."""
        return chain(self.lead, self.rest)


def stream(
    name: str,
    grid: Iterable[Sequence[str | None]],
    limits: Limits,
    *,
    typed: bool = False,
    remarks: tuple[Problem, ...] = (),
) -> Stream:
    """The table that stands in a grid of cells, title rows skipped and blank ends cut off."""
    lines = iter(blank_to_none(grid))
    titles, at = headed(name, lines)
    rows = without_blank_tail(chain(titles[at + 1 :], lines))
    lead = list(islice(rows, LEAD))
    width = max(map(width_of, chain([titles[at]], lead)))
    if width > limits.columns:
        why = f"{width} columns, more than {limits.columns}"
        raise UnreadableTableError(name, why, "too-many-columns")
    return Stream(
        header=tuple(clean(cell) for cell in fitted(titles[at], width)),
        lead=[fitted(row, width) for row in lead],
        rest=(fitted(row, max(width, width_of(row))) for row in rows),
        typed=typed,
        remarks=remarks,
    )


def table(name: str, source: Stream, limits: Limits, limit_rows: int | None) -> Table:
    """A stream kept in memory. Raises :class:`UnreadableTableError` when it is too large."""
    rows: list[Row] = []
    cells = 0
    for row in islice(source.rows, limit_rows):
        cells += len(row)
        if cells > limits.cells:
            raise too_many_cells(name, limits)
        rows.append(row)
    width = max(map(len, rows), default=len(source.header))
    header = source.header + ("",) * (width - len(source.header))
    return Table(header, [fitted(row, width) for row in rows], source.typed, source.remarks)


def too_many_cells(name: str, limits: Limits) -> UnreadableTableError:
    """The refusal of a table that is too large."""
    return UnreadableTableError(name, f"more than {limits.cells} cells", "too-many-cells")


def blank_to_none(grid: Iterable[Sequence[str | None]]) -> Iterator[Row]:
    """Rows whose blank cells are ``None``."""
    for line in grid:
        yield tuple([cell if cell and not cell.isspace() else None for cell in line])


def without_blank_tail(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows up to the last that has a value; no more than their number is kept meanwhile."""
    blank = 0
    for row in rows:
        if any(row):
            yield from ((),) * blank
            blank = 0
            yield row
        else:
            blank += 1


def headed(name: str, lines: Iterable[Row]) -> tuple[list[Row], int]:
    """The first rows, and which of them is the header.

    Raises :class:`UnreadableTableError` when none has a value.
    """
    titles = list(islice(lines, _TITLES))
    at = header_at(titles)
    if at is None:
        raise UnreadableTableError(name, "no cell has a value", "file-empty")
    return titles, at


def header_at(titles: Sequence[Row]) -> int | None:
    """The first row that fills over half of the columns in use, else the first with a value."""
    width = max(map(width_of, titles), default=0)
    filled = {n: len(row) - row.count(None) for n, row in enumerate(titles)}
    wide = (n for n, count in filled.items() if count * 2 > width)
    return next(wide, next((n for n, count in filled.items() if count), None))


def width_of(row: Row) -> int:
    """Cells of a row up to its last value."""
    if row and row[-1] is not None:
        return len(row)
    return next((n for n in range(len(row), 0, -1) if row[n - 1] is not None), 0)


def fitted(row: Row, width: int) -> Row:
    """The row cut or filled to a width."""
    if len(row) == width:
        return row
    return row[:width] + (None,) * (width - len(row))
