"""The rules on the columns of a table, before a row is read; one small function each."""

from collections import Counter
from collections.abc import Callable, Iterator
from operator import attrgetter

from hatinh.dictionary.table_subject import Judged, Subject, Violation
from hatinh.text import clean

Findings = Iterator[Violation | Judged]


def columns_missing(subject: Subject) -> Findings:
    """A promised column is not in the file (REQ-19)."""
    for column in subject.schema.columns:
        yield Judged("column-missing", 1, column.name)
        if column.name not in subject.bound:
            yield Violation("column-missing", column.name)


def columns_unexpected(subject: Subject) -> Findings:
    """The file has a column that nobody promised, or one name twice."""
    if not subject.schema.columns:
        return
    for name in subject.header:
        yield Judged("column-unexpected", 1, name)
    left = Counter(subject.header) - Counter(clean(c.name) for c in subject.schema.columns)
    for name in left.elements():
        if name not in subject.implied:
            yield Violation("column-unexpected", name)


def columns_unbound(subject: Subject) -> Findings:
    """A column is bound to no data element, so nobody can say what it means."""
    names = [(c.name, c.element) for c in subject.schema.columns]
    names = names or [(name, "") for name in subject.header if name not in subject.implied]
    for name, element in names:
        yield Judged("column-unbound", 1, name)
        if not element:
            yield Violation("column-unbound", name)


def elements_unknown(subject: Subject) -> Findings:
    """A column is bound to an element that this edition of the dictionary does not have."""
    for column in filter(attrgetter("element"), subject.schema.columns):
        yield Judged("element-unknown", 1, column.name)
        if column.element not in subject.dictionary.elements:
            yield Violation("element-unknown", column.name, 0, column.element)


COLUMN_RULES: tuple[Callable[[Subject], Findings], ...] = (
    columns_missing,
    columns_unexpected,
    columns_unbound,
    elements_unknown,
)
