"""The rules that a table is checked by, one small function each.

A rule looks at one :class:`Subject` and gives :class:`Finding` values: how many places it could
judge and which of them break it. Its id is the code of the problem it makes. To add a rule, write
its function and add a line to :data:`TABLE_RULES` (whole tables) or :data:`VALUE_RULES` (cells),
a text to ``schemas/problems.yaml`` and a weight to ``schemas/quality.yaml``.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import repeat

from hatinh.dictionary.model import CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, SumRule, TableSchema
from hatinh.errors import SchemaError
from hatinh.tabular.numbers import Notation, notation, number
from hatinh.tabular.table import Row, Table
from hatinh.text import clean, fold, parse_date

_PERIOD = re.compile(r"\d{4}([1-4]|0[1-9]|1[0-2])?")
_URL = re.compile(r"https?://\S+")
_BOOLEANS = frozenset({"true", "false", "1", "0", "co", "khong"})
_NUMBERS = frozenset({Datatype.INTEGER, Datatype.DECIMAL})


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
        return notation(self.counts.elements(), self.usual, whole=whole)

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


# -- the table as a whole ---------------------------------------------------------------------


def columns_missing(subject: Subject) -> Iterator[Finding]:
    """A promised column is not in the file (REQ-19)."""
    promised = subject.schema.columns
    missing = (column.name for column in promised if column.name not in subject.bound)
    yield Finding("column-missing", len(promised), map(Violation, missing))


def columns_unexpected(subject: Subject) -> Iterator[Finding]:
    """The file has a column that nobody promised, or one name twice."""
    if not subject.schema.columns:
        return
    left = Counter(subject.table.header) - Counter(clean(c.name) for c in subject.schema.columns)
    yield Finding("column-unexpected", len(subject.table.header), map(Violation, left.elements()))


def columns_unbound(subject: Subject) -> Iterator[Finding]:
    """A column is bound to no data element, so nobody can say what it means."""
    names = [(c.name, c.element) for c in subject.schema.columns]
    names = names or [(name, "") for name in subject.table.header]
    free = (name for name, element in names if not element)
    yield Finding("column-unbound", len(names), map(Violation, free))


def elements_unknown(subject: Subject) -> Iterator[Finding]:
    """A column is bound to an element that this edition of the dictionary does not have."""
    named = [column for column in subject.schema.columns if column.element]
    unknown = (c for c in named if c.element not in subject.dictionary.elements)
    yield Finding("element-unknown", len(named), (Violation(c.name, 0, c.element) for c in unknown))


def personal_columns(subject: Subject) -> Iterator[Finding]:
    """A column holds an identifier of persons that is never published (REQ-70)."""
    known = [bound for bound in subject.bound.values() if bound.element]
    forbidden = (b for b in known if b.element and b.element.publish_forbidden and b.counts)
    yield Finding(
        "personal-data-column",
        len(known),
        (Violation(b.column.name, 0, b.column.element) for b in forbidden),
    )


def required_cells(subject: Subject) -> Iterator[Finding]:
    """A required cell is blank."""
    for name, bound in subject.bound.items():
        if bound.column.required and not bound.column.key:
            yield Finding("cell-empty", len(bound.values), _blanks(name, bound))


def key_cells(subject: Subject) -> Iterator[Finding]:
    """A cell of the key is blank, so its row cannot be named."""
    for name, bound in subject.bound.items():
        if bound.column.key:
            yield Finding("key-empty", len(bound.values), _blanks(name, bound))


def _blanks(name: str, bound: Bound) -> Iterator[Violation]:
    return (Violation(name, row) for row, value in enumerate(bound.values, 1) if value is None)


def keys_unique(subject: Subject) -> Iterator[Finding]:
    """Two rows have the same key; the later ones break the rule."""
    key = subject.schema.key
    if not key or any(name not in subject.bound for name in key):
        return
    parts = [subject.bound[name] for name in key]
    rows = list(zip(*(bound.values for bound in parts), strict=True))
    whole = sum(None not in row for row in rows)
    yield Finding("key-duplicated", whole, _repeated(rows, parts))


def _repeated(rows: list[Row], parts: list[Bound]) -> Iterator[Violation]:
    first: dict[Row, int] = {}
    for at, row in enumerate(rows, 1):
        if None in row:
            continue
        if (earlier := first.setdefault(row, at)) != at:
            shown = (bound.show(value or "") for bound, value in zip(parts, row, strict=True))
            yield Violation(
                parts[0].column.name, at, " · ".join(filter(None, shown)), {"first": earlier}
            )


def text_unclean(subject: Subject) -> Iterator[Finding]:
    """A cell holds control characters, or letters that are not composed (NFC)."""
    columns = zip(*subject.table.rows, strict=True)
    for name, cells in zip(subject.table.header, columns, strict=False):
        bound = subject.bound.get(name)
        dirty = {cell for cell in set(cells) if cell and not _is_clean(cell)}
        places = (
            Violation(name, row, bound.show(cell) if bound else cell)
            for row, cell in enumerate(cells, 1)
            if cell in dirty and cell is not None
        )
        yield Finding("text-unclean", len(cells) - cells.count(None), places)


def _is_clean(cell: str) -> bool:
    """Whether a cell is composed and printable; line breaks inside a cell are fine."""
    return unicodedata.is_normalized("NFC", cell) and all(
        (c.isprintable() and c != "\ufffd") or c in "\n\r\t\u00a0" for c in cell
    )


def sums(subject: Subject) -> Iterator[Finding]:
    """A stated total differs from the sum of its parts (REQ-40)."""
    for rule in subject.schema.sums:
        total, parts = _rows_of_sum(subject, rule)
        if len(total) != 1 or not parts:
            yield Finding("sum-row-missing", 1, [Violation(rule.column, 0, _words(rule.total))])
            continue
        yield Finding("sum-row-missing", 1)
        values = _sum_values(subject, rule.column, [*total, *parts])
        if None in values:
            continue  # a blank is not a zero: the cell's own rule speaks
        stated, *summands = [value for value in values if value is not None]
        yield Finding("sum-differs", 1, _difference(rule, total[0], stated, sum(summands)))


def _difference(
    rule: SumRule, row: int, stated: Decimal, expected: Decimal | int
) -> Iterator[Violation]:
    if stated != expected:
        params = {"expected": f"{expected:f}", "total": _words(rule.total)}
        yield Violation(rule.column, row + 1, f"{stated:f}", params)


def _rows_of_sum(subject: Subject, rule: SumRule) -> tuple[list[int], list[int]]:
    """Indexes of the rows that are the total, and of those that are its parts."""
    total = _matching(subject, rule.total)
    return total, [row for row in _matching(subject, rule.parts) if row not in total]


def _matching(subject: Subject, wanted: Mapping[str, str]) -> list[int]:
    columns = [(subject.cells.get(clean(name)), clean(value)) for name, value in wanted.items()]
    if any(cells is None for cells, _ in columns):
        return []
    tests = [(cells, value) for cells, value in columns if cells is not None]
    rows = range(len(subject.table.rows))
    return [row for row in rows if all(cells[row] == value for cells, value in tests)]


def _sum_values(subject: Subject, column: str, rows: list[int]) -> list[Decimal | None]:
    cells = subject.cells.get(clean(column))
    if cells is None:
        return [None]
    usual = Notation.PLAIN if subject.table.typed else Notation.LOCAL
    bound = subject.bound.get(column)
    written = bound.notation if bound else notation(filter(None, cells), usual)
    return [number(cells[row] or "", written) for row in rows]


def _words(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in cells.items())


# -- one value --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueRule:
    """A rule on single values: whether it applies to an element, and what breaks it.

    ``breaks`` gives the parameters of the problem's text, or ``None`` when the value is right.
    """

    id: str
    applies: Callable[[Element], bool]
    breaks: Callable[[str, Bound, Element, Subject], Mapping[str, object] | None]


def wrong_type(
    value: str, bound: Bound, element: Element, subject: Subject
) -> Mapping[str, object] | None:
    """The value is not written as its datatype is (REQ-42)."""
    return None if _is_type(value, element.datatype, bound) else {"datatype": element.datatype}


def _is_type(value: str, datatype: Datatype, bound: Bound) -> bool:
    match datatype:
        case Datatype.INTEGER | Datatype.DECIMAL:
            found = number(value, bound.notation)
            return found is not None and (datatype is Datatype.DECIMAL or found == int(found))
        case Datatype.DATE:
            return parse_date(value) is not None
        case Datatype.PERIOD:
            return _PERIOD.fullmatch(value) is not None
        case Datatype.BOOLEAN:
            return fold(value) in _BOOLEANS
        case Datatype.URL:
            return _URL.fullmatch(value) is not None
    return True


def wrong_pattern(
    value: str, bound: Bound, element: Element, subject: Subject
) -> Mapping[str, object] | None:
    """The value does not have the element's form."""
    return None if re.search(element.pattern, value) else {"pattern": element.pattern}


def too_long(
    value: str, bound: Bound, element: Element, subject: Subject
) -> Mapping[str, object] | None:
    """The value is longer than the element allows."""
    limit = element.max_length or 0
    return None if len(value) <= limit else {"limit": limit, "length": len(value)}


def out_of_range(
    value: str, bound: Bound, element: Element, subject: Subject
) -> Mapping[str, object] | None:
    """The number is below the least or above the greatest that the element can have."""
    found = number(value, bound.notation)
    low, high = element.minimum, element.maximum
    if found is None or ((low is None or found >= low) and (high is None or found <= high)):
        return None
    return {"minimum": _bound_text(low), "maximum": _bound_text(high)}


def _bound_text(limit: float | None) -> str:
    return "…" if limit is None else f"{limit:g}"


def code_unknown(
    value: str, bound: Bound, element: Element, subject: Subject
) -> Mapping[str, object] | None:
    """The code was never in the list."""
    codes = _codes(element, subject)
    return None if codes.known(value) else {"list": element.code_list}


def code_not_valid(
    value: str, bound: Bound, element: Element, subject: Subject
) -> Mapping[str, object] | None:
    """The code was not in force on the day of the data (REQ-35)."""
    codes = _codes(element, subject)
    if codes.get(value, subject.at):
        return None
    return {"list": element.code_list, "at": subject.at.isoformat()}


def _codes(element: Element, subject: Subject) -> CodeList:
    codes = subject.dictionary.code_lists.get(element.code_list)
    if codes is None:
        raise SchemaError(element.id, f"code list {element.code_list} is not in the dictionary")
    return codes


def _has_range(element: Element) -> bool:
    bounded = element.minimum is not None or element.maximum is not None
    return bounded and element.datatype in _NUMBERS


VALUE_RULES: tuple[ValueRule, ...] = (
    ValueRule("cell-type", lambda element: element.datatype not in _FREE, wrong_type),
    ValueRule("cell-pattern", lambda element: bool(element.pattern), wrong_pattern),
    ValueRule("cell-too-long", lambda element: element.max_length is not None, too_long),
    ValueRule("cell-out-of-range", _has_range, out_of_range),
    ValueRule("cell-code-unknown", lambda element: bool(element.code_list), code_unknown),
    ValueRule("cell-code-not-valid", lambda element: bool(element.code_list), code_not_valid),
)
"""In this order; a value is judged up to the first rule that it breaks."""

_FREE = frozenset({Datatype.STRING, Datatype.CODE})


def values(subject: Subject) -> Iterator[Finding]:
    """Every value of a bound column against the rules of its element."""
    for bound in subject.bound.values():
        if element := bound.element:
            rules = [rule for rule in VALUE_RULES if rule.applies(element)]
            yield from _column_findings(bound, element, rules, subject)


def _column_findings(
    bound: Bound, element: Element, rules: list[ValueRule], subject: Subject
) -> Iterator[Finding]:
    open_values = dict(bound.counts)
    for rule in rules:
        broken = {
            value: params
            for value in open_values
            if (params := rule.breaks(value, bound, element, subject)) is not None
        }
        yield Finding(rule.id, sum(open_values.values()), _places(bound, broken))
        open_values = {v: n for v, n in open_values.items() if v not in broken}


def _places(bound: Bound, broken: Mapping[str, Mapping[str, object]]) -> Iterator[Violation]:
    if not broken:
        return
    for row, value in enumerate(bound.values, 1):
        if value in broken:
            yield Violation(bound.column.name, row, bound.show(value), broken[value])


TABLE_RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    columns_missing,
    columns_unexpected,
    columns_unbound,
    elements_unknown,
    personal_columns,
    required_cells,
    key_cells,
    keys_unique,
    text_unclean,
    values,
    sums,
)
