"""The rules on the columns of a table, before a row is read; one small function each."""

from collections import Counter
from collections.abc import Callable, Iterator

from hatinh.dictionary.model import Datatype, Element
from hatinh.dictionary.places import crossing, gazetteer_of
from hatinh.dictionary.table_subject import Bound, Judged, Subject, Violation
from hatinh.text import clean

PLACES = "admin_units"
PLACE_NAME = "TenDonViHanhChinh"
SAYS_DAY = frozenset({"NgayHieuLuc", "NgayHetHieuLuc"})

Findings = Iterator[Violation | Judged]


def columns_missing(subject: Subject) -> Findings:
    """A promised column is not in the file (REQ-19)."""
    promised = subject.schema.columns
    yield Judged("column-missing", len(promised))
    for column in promised:
        if column.name not in subject.bound:
            yield Violation("column-missing", column.name)


def columns_unexpected(subject: Subject) -> Findings:
    """The file has a column that nobody promised, or one name twice."""
    if not subject.schema.columns:
        return
    yield Judged("column-unexpected", len(subject.header))
    left = Counter(subject.header) - Counter(clean(c.name) for c in subject.schema.columns)
    for name in left.elements():
        yield Violation("column-unexpected", name)


def columns_unbound(subject: Subject) -> Findings:
    """A column is bound to no data element, so nobody can say what it means."""
    names = [(c.name, c.element) for c in subject.schema.columns]
    names = names or [(name, "") for name in subject.header]
    yield Judged("column-unbound", len(names))
    for name, element in names:
        if not element:
            yield Violation("column-unbound", name)


def elements_unknown(subject: Subject) -> Findings:
    """A column is bound to an element that this edition of the dictionary does not have."""
    named = [column for column in subject.schema.columns if column.element]
    yield Judged("element-unknown", len(named))
    for column in named:
        if column.element not in subject.dictionary.elements:
            yield Violation("element-unknown", column.name, 0, column.element)


def places_cross(subject: Subject) -> Findings:
    """A column of commune codes mixes days before and after the reform of 1 July 2025.

    It is seen in the first rows. A table that has the day of its codes in a column says so.
    """
    codes = _first_bound(subject, lambda element: element.code_list == PLACES)
    if codes is None or _first_bound(subject, lambda element: element.id in SAYS_DAY):
        return
    name = _first_bound(subject, lambda element: element.id == PLACE_NAME)
    period = _first_bound(subject, lambda element: element.datatype is Datatype.PERIOD)
    pairs = {
        (row[codes.index] or "", row[name.index] or "" if name else "") for row in subject.lead
    }
    found = crossing(
        gazetteer_of(subject.dictionary),
        [code for code, _ in sorted(pairs)],
        names=[words for _, words in sorted(pairs)],
        periods=sorted({row[period.index] or "" for row in subject.lead}) if period else (),
    )
    yield Judged("place-codes-cross-reform", 1)
    if found:
        yield Violation("place-codes-cross-reform", codes.column.name, 0, "", found.params)


def _first_bound(subject: Subject, wanted: Callable[[Element], bool]) -> Bound | None:
    bound = subject.bound.values()
    return next((known for known in bound if known.element and wanted(known.element)), None)


COLUMN_RULES: tuple[Callable[[Subject], Findings], ...] = (
    columns_missing,
    columns_unexpected,
    columns_unbound,
    elements_unknown,
    places_cross,
)
