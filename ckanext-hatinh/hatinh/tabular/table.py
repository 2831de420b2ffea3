"""The one shape of a table, whatever file it came from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from hatinh.errors import UnreadableTableError
from hatinh.text import clean

Row = tuple[str | None, ...]

_LEAD = 30
"""Rows looked at to find the header below the title rows that offices put above a table."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may unfold to before it is refused (REQ-78).

    ``cells`` counts rows times columns, ``unpacked`` the bytes of an archive's members,
    ``ratio`` unpacked bytes per packed byte.
    """

    cells: int = 2_000_000
    unpacked: int = 300_000_000
    ratio: int = 200


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and rows of text.

    A blank cell is ``None``, never ``""`` and never zero (REQ-42). Cells keep what was written,
    faults included; column names are cleaned. Every row is as wide as the header.
    ``typed`` says that the file itself knows what a number is, so its numbers are given with a
    decimal point; without it ``1.234`` may well mean one thousand two hundred and thirty-four.
    """

    header: tuple[str, ...]
    rows: Sequence[Row]
    typed: bool = False


def table(
    name: str,
    grid: Iterable[Sequence[str | None]],
    limits: Limits,
    limit_rows: int | None,
    *,
    typed: bool = False,
) -> Table:
    """The table that stands in a grid of cells, title rows skipped and blank ends cut off."""
    lines = iter(_blank_to_none(grid))
    lead = list(islice(lines, _LEAD))
    at = _header_at(lead)
    if at is None:
        raise UnreadableTableError(name, "no cell has a value")
    body = chain(lead[at + 1 :], lines)
    rows = _counted(name, body if limit_rows is None else islice(body, limit_rows), limits)
    while rows and not any(rows[-1]):
        rows.pop()
    width = max(map(_width, chain([lead[at]], rows)))
    if width * len(rows) > limits.cells:
        raise too_many_cells(name, limits)
    header = tuple(clean(cell) for cell in _fitted(lead[at], width))
    return Table(header, [_fitted(row, width) for row in rows], typed)


def too_many_cells(name: str, limits: Limits) -> UnreadableTableError:
    """The refusal of a table that is too large."""
    return UnreadableTableError(name, f"more than {limits.cells} cells")


def _blank_to_none(grid: Iterable[Sequence[str | None]]) -> Iterator[Row]:
    for line in grid:
        yield tuple(cell if cell and not cell.isspace() else None for cell in line)


def _header_at(lead: Sequence[Row]) -> int | None:
    """The first row that fills over half of the columns in use, else the first with a value."""
    width = max(map(_width, lead), default=0)
    filled = {n: len(row) - row.count(None) for n, row in enumerate(lead)}
    wide = (n for n, count in filled.items() if count * 2 > width)
    return next(wide, next((n for n, count in filled.items() if count), None))


def _width(row: Row) -> int:
    return next((n for n in range(len(row), 0, -1) if row[n - 1] is not None), 0)


def _counted(name: str, lines: Iterable[Row], limits: Limits) -> list[Row]:
    rows: list[Row] = []
    cells = 0
    for row in lines:
        cells += len(row)
        if cells > limits.cells:
            raise too_many_cells(name, limits)
        rows.append(row)
    return rows


def _fitted(row: Row, width: int) -> Row:
    return row[:width] + (None,) * (width - len(row))
