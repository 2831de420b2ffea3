"""A table under check, laid out so that rules can be short."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import repeat

from hatinh.dictionary.model import Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.tabular.numbers import Notation, notation
from hatinh.tabular.table import Row, Table
from hatinh.text import clean


@dataclass(frozen=True, slots=True)
class Violation:
    """One place that breaks a rule. ``row`` counts from 1 below the header; 0 is the table."""

    column: str
    row: int = 0
    value: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says: places judged, and those that break it."""

    rule: str
    checked: int
    violations: Iterable[Violation] = ()


@dataclass(frozen=True)
class Bound:
    """A promised column that the table has, with its element if the dictionary knows it.

    ``values`` are the cleaned cells, ``None`` where blank.
    """

    column: Column
    element: Element | None
    values: tuple[str | None, ...]
    usual: Notation

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each value stands in the column."""
        return Counter(value for value in self.values if value is not None)

    @cached_property
    def notation(self) -> Notation:
        """How the column's numbers are written."""
        whole = self.element is not None and self.element.datatype is Datatype.INTEGER
        return notation(self.counts, self.usual, whole=whole)

    @property
    def personal(self) -> bool:
        """Whether its values must not be repeated in a problem."""
        return self.element is not None and (
            self.element.publish_forbidden or self.element.personal_data != "none"
        )

    def show(self, value: str) -> str:
        """The value as a problem may name it."""
        return "" if self.personal else value


@dataclass(frozen=True)
class Subject:
    """One table under check, and what it is checked by."""

    table: Table
    schema: TableSchema
    dictionary: Dictionary
    at: date

    @cached_property
    def bound(self) -> Mapping[str, Bound]:
        """The promised columns that are there, by name."""
        usual = Notation.PLAIN if self.table.typed else Notation.LOCAL
        return {
            column.name: Bound(column, self.dictionary.elements.get(column.element), values, usual)
            for column in self.schema.columns
            if (values := self.cells.get(clean(column.name))) is not None
        }

    @cached_property
    def cells(self) -> Mapping[str, tuple[str | None, ...]]:
        """Cleaned cells by column name; of equal names the first counts."""
        blank: Row = ()
        columns = zip(*self.table.rows, strict=True) if self.table.rows else repeat(blank)
        named = list(zip(self.table.header, columns, strict=False))
        return {name: _cleaned(column) for name, column in reversed(named)}


def _cleaned(column: Row) -> Row:
    clean_of = {cell: clean(cell) or None for cell in set(column)}
    return tuple(clean_of[cell] for cell in column)
