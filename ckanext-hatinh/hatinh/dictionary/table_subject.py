"""A table under check: its columns bound to what was promised for them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from hatinh.dictionary.model import CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.errors import SchemaError
from hatinh.tabular.numbers import Notation, notation
from hatinh.tabular.table import LEAD, Row
from hatinh.text import clean

NULL_CODES = "null_codes"
"""The code list of words that say why there is no value; they are no values."""

NO_PARAMS: Mapping[str, object] = {}


class Violation(NamedTuple):
    """One place that breaks a rule. ``row`` counts from 1 below the header; 0 is the table."""

    rule: str
    column: str
    row: int = 0
    value: str = ""
    params: Mapping[str, object] = NO_PARAMS


class Judged(NamedTuple):
    """So many places were judged by a rule, right or wrong.

    ``column`` is where the rule tells of those it breaks; empty if that is in no one column.
    """

    rule: str
    checked: int
    column: str = ""


Event = Violation | Judged
Tell = Callable[[Violation], None]


@dataclass(frozen=True)
class Bound:
    """A promised column that the table has, with its element if the dictionary knows it."""

    index: int
    column: Column
    element: Element | None
    codes: CodeList | None
    notation: Notation
    at: date

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
    """What is known of a table before its rows are judged, and what they are judged by.

    ``lead`` are its first rows: they settle how the numbers of a column are written.
    ``implied`` are columns that the format makes and nobody needs to promise.
    """

    header: tuple[str, ...]
    lead: Sequence[Row]
    typed: bool
    schema: TableSchema
    dictionary: Dictionary
    at: date
    implied: frozenset[str] = frozenset()

    @cached_property
    def bound(self) -> Mapping[str, Bound]:
        """The promised columns that are there, by name."""
        return {
            column.name: self._bound(column, index)
            for column in self.schema.columns
            if (index := self.index(column.name)) is not None
        }

    @cached_property
    def null_codes(self) -> frozenset[str]:
        """Words that stand for a value that is not there."""
        codes = self.dictionary.code_lists.get(NULL_CODES)
        return frozenset(code.code for code in codes.at(self.at)) if codes else frozenset()

    @cached_property
    def _indexes(self) -> Mapping[str, int]:
        """Places of the columns; of equal names the first counts."""
        return {name: index for index, name in reversed(list(enumerate(self.header)))}

    def index(self, name: str) -> int | None:
        """The place of a column in each row."""
        return self._indexes.get(clean(name))

    def notation(self, index: int, *, whole: bool = False) -> Notation:
        """How the numbers of a column are written, by its first rows."""
        usual = Notation.PLAIN if self.typed else Notation.LOCAL
        return notation(self._lead_values(index), usual, whole=whole)

    def _lead_values(self, index: int) -> Iterable[str]:
        cells = (row[index] for row in islice(self.lead, LEAD))
        return filter(None, map(clean, filter(None, cells)))

    def _bound(self, column: Column, index: int) -> Bound:
        element = self.dictionary.elements.get(column.element)
        whole = element is not None and element.datatype is Datatype.INTEGER
        numeric = whole or (element is not None and element.datatype is Datatype.DECIMAL)
        written = self.notation(index, whole=whole) if numeric else Notation.LOCAL
        return Bound(index, column, element, self._codes(element), written, self.at)

    def _codes(self, element: Element | None) -> CodeList | None:
        if element is None or not element.code_list:
            return None
        codes = self.dictionary.code_lists.get(element.code_list)
        if codes is None:
            what = f"code list {element.code_list} is not in the dictionary"
            raise SchemaError(element.id, what)
        return codes
