"""The rules that a table is checked by, one small function each.

A rule looks at one :class:`Subject` and gives :class:`Finding` values: how many places it could
judge and which of them break it. Its id is the code of the problem it makes. To add a rule, write
its function and add a line to :data:`TABLE_RULES` here (whole tables) or ``VALUE_RULES`` in
:mod:`hatinh.dictionary.value_rules` (single values), a text to ``schemas/problems.yaml`` and a
weight to ``schemas/quality.yaml``.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from hatinh.dictionary.table_schema import SumRule
from hatinh.dictionary.table_subject import Bound, Finding, Subject, Violation
from hatinh.dictionary.value_rules import values
from hatinh.tabular.numbers import Notation, notation, number
from hatinh.tabular.table import Row
from hatinh.text import clean


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
