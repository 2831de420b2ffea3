"""A page of rows: what is shown, and where its links lead."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from ckanext.hatinh.rows.asked import Asked, linked
from ckanext.hatinh.rows.catalogue import rows_in
from ckanext.hatinh.rows.question import count_of, order_of, rows_of
from ckanext.hatinh.rows.reading import read
from ckanext.hatinh.rows.tables import Table
from ckanext.hatinh.rows.words import comparisons, meaning_of, said_in, said_of_filter
from hatinh.rows.column import Column, Kind, Row, written

ROWS = 50
"""Rows of a page."""
FIRST_ROWS = 10
"""Rows on the page of the file itself."""
DEEPEST = 100_000
"""A page further on would be read past so many rows: sorting or a filter leads there faster."""
MOST_LETTERS = 400


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of a column with the address that sorts by it. ``way``: how it is sorted now."""

    column: Column
    sorts: str
    way: str

    @property
    def number(self) -> bool:
        """Whether numbers stand below it."""
        return _is_number(self.column)

    @property
    def meaning(self) -> str:
        """What the dictionary calls the column, if otherwise."""
        return meaning_of(self.column)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value in words; ``link`` when it is an address of the web."""

    words: str
    link: str
    number: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address of the page without it."""

    column: str
    compared: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class TablePage:
    """Some rows of a set, of all rows that there are. ``number`` counts from 1."""

    address: str
    asked: Asked
    table: Table
    rows: Sequence[Row]
    total: int
    number: int = 1

    @property
    def headings(self) -> Iterator[Heading]:
        """The columns; sorting by one that is sorted upwards turns it round."""
        name, down, _nulls = order_of(self.asked.sort) or ("", False, "")
        for column in self.table.shown:
            is_sorted = column.id == name
            sort = f"{column.id} desc nulls last" if is_sorted and not down else column.id
            way = ("descending" if down else "ascending") if is_sorted else "none"
            yield Heading(column, self._linked(replace(self.asked, sort=sort)), way)

    @property
    def cells(self) -> Iterator[list[Cell]]:
        """The rows in words."""
        for row in self.rows:
            yield [_cell(*pair) for pair in zip(self.table.shown, row, strict=True)]

    @property
    def chips(self) -> Iterator[Chip]:
        """The filters that are on."""
        for at, one in enumerate(self.asked.filters):
            rest = (*self.asked.filters[:at], *self.asked.filters[at + 1 :])
            without = self._linked(replace(self.asked, filters=rest))
            column = self.table.get(one.column)
            label, value = column.label if column else one.column, said_of_filter(column, one.value)
            yield Chip(label, comparisons()[one.compared], value, without)

    @property
    def last(self) -> int:
        """Number of the last page that can be asked for."""
        return max(ceil(min(self.total, DEEPEST) / ROWS), 1)

    @property
    def around(self) -> list[int]:
        """Numbers of the pages to go to: the first, the last, and those beside this one."""
        beside = range(self.number - 1, self.number + 2)
        return sorted({1, self.last} | {n for n in beside if 1 <= n <= self.last})

    @property
    def span(self) -> tuple[int, int]:
        """Numbers of the first and the last row of this page."""
        first = (self.number - 1) * ROWS
        return first + min(len(self.rows), 1), first + len(self.rows)

    def page(self, number: int) -> str:
        """Address of a page of the same set."""
        return linked(self.address, self.asked.address(), page=str(number) if number > 1 else "")

    def _linked(self, asked: Asked) -> str:
        return linked(self.address, asked.address())


def first_rows(address: str, table: Table) -> TablePage:
    """The first rows of a table."""
    asked = Asked()
    rows = read(rows_of(table, asked.question(limit=FIRST_ROWS)))
    return TablePage(address, asked, table, rows, total_of(table, asked))


def total_of(table: Table, asked: Asked) -> int:
    """Number of rows of a set; of a whole table CKAN keeps it."""
    if asked.q or asked.filters:
        return read(count_of(table, asked.question()))[0][0]
    return rows_in(table.name)


def page_of(address: str, table: Table, asked: Asked, number: int) -> TablePage:
    """One page of a set. Raises ``ValidationError``."""
    found = TablePage(address, asked, table, (), total_of(table, asked))
    number = min(max(number, 1), found.last)
    rows = read(rows_of(table, asked.question(limit=ROWS, offset=(number - 1) * ROWS)))
    return replace(found, rows=rows, number=number)


def _cell(column: Column, value: object) -> Cell:
    words = said_in(column, value)
    is_link = words.startswith(("https://", "http://")) and " " not in words
    link = written(value) if is_link else ""
    short = words if len(words) <= MOST_LETTERS else words[:MOST_LETTERS] + "…"
    return Cell(short, link, _is_number(column))


def _is_number(column: Column) -> bool:
    return column.kind is Kind.NUMBER and not column.is_code
