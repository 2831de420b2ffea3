"""Checks a table against what was promised for it and what the dictionary says.

    file + TableSchema + Dictionary ──▶ TableCheck(problems, facts)

Problems are for people and are cut short; facts are exact and are what the score is made from.
Whoever wants every single violation gives ``tell``. Each row is judged once and by the same
rules whatever the size; for large CSV files :mod:`hatinh.dictionary.bulk` passes over the rows of
which nothing can be wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from hatinh.dictionary.bulk import BULK, check_bulk
from hatinh.dictionary.column_facts import ColumnFacts, column_facts
from hatinh.dictionary.inspection import Inspection
from hatinh.dictionary.model import Dictionary
from hatinh.dictionary.receiver import Receiver
from hatinh.dictionary.runs import Runs
from hatinh.dictionary.table_schema import TableSchema
from hatinh.dictionary.table_subject import Event, Judged, Subject, Tell, Violation
from hatinh.problem import Problem, error, warning
from hatinh.tabular.delimited import Delimited, delimited_stream, open_cells, open_delimited
from hatinh.tabular.reader import DELIMITED, WORKBOOKS, open_table
from hatinh.tabular.table import LIMITS, Limits, Stream
from hatinh.tabular.workbook import workbook_cells

LISTED = 20
"""Problems listed for one rule in one column. When there are more places, the last problem listed
stands for itself and all that follow, so the counts always add up to the number of places."""

REFUSING = frozenset({"personal-data-column"})
"""Rules whose breach refuses the record; all others lower its score."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One rule on one table: places judged, places that break it, and the first of these."""

    checked: int = 0
    failed: int = 0
    first: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """The places in one column that break one rule, in the form of :mod:`hatinh.dictionary.runs`.

    Without ``rows`` it is the column itself. ``whole`` is false where there are too many to name.
    """

    rule: str
    column: str
    rows: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What the score knows of a table: its size, and for each rule an exact tally and its places.

    A rule that had nothing to judge has no tally: not measured is not the same as right.
    ``by_column`` parts the tallies by column; what was kept before it was counted has none.
    """

    rows: int
    columns: int
    bound_columns: int
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    places: tuple[Places, ...] = ()
    by_column: tuple[ColumnFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class TableCheck:
    """Problems to show, and facts to score."""

    problems: tuple[Problem, ...]
    facts: TableFacts


@dataclass(frozen=True, slots=True)
class Standard:
    """What a table is checked by.

    ``at`` is the day that the data speaks of: codes must be valid then (REQ-35). ``path`` is the
    place of the file in its record, such as ``$.resources[0]``.
    """

    schema: TableSchema
    dictionary: Dictionary
    at: date
    path: str = "$"


@dataclass(frozen=True, slots=True)
class Source:
    """A file with a table.

    ``name`` is used in messages only. ``sheet`` names one of a workbook's visible sheets; without
    it the first is taken.
    """

    name: str
    format: str
    file: BinaryIO
    limits: Limits = LIMITS
    sheet: str = ""


def check_file(
    name: str,
    format: str,
    file: BinaryIO,
    standard: Standard,
    tell: Tell | None = None,
    limits: Limits = LIMITS,
) -> TableCheck:
    """Check a file of any size by every rule.

    ``tell`` is called for every violation. Raises :class:`UnreadableTableError`.
    """
    return check_source(Source(name, format, file, limits), standard, tell)


def check_source(
    source: Source, standard: Standard, tell: Tell | None = None, receiver: Receiver | None = None
) -> TableCheck:
    """Like :func:`check_file`; ``receiver`` is given the rows, each after what is told of it."""
    with ExitStack() as stack:
        found, remarks = _as_delimited(source, stack)
        if found is None:
            name, format, file, limits = source.name, source.format, source.file, source.limits
            stream = stack.enter_context(open_table(name, format, file, limits))
            return _checked(standard, stream, tell, receiver)
        typed = source.format.upper() in WORKBOOKS
        stream = delimited_stream(found)
        stream = replace(stream, typed=typed, remarks=(*remarks, *stream.remarks))
        bulk = found if found.size >= BULK else None
        return _checked(standard, stream, tell, receiver, bulk)


def _as_delimited(source: Source, stack: ExitStack) -> tuple[Delimited | None, tuple[Problem, ...]]:
    """The file as CSV where it is one, or where its reader makes one; and remarks of the reader."""
    name, file, limits = source.name, source.file, source.limits
    if source.format.upper() in DELIMITED:
        return open_delimited(name, file, limits, stack), ()
    if source.format.upper() not in WORKBOOKS:
        return None, ()
    path, remarks = workbook_cells(name, file, limits, stack, source.sheet)
    cells = stack.enter_context(path.open("rb"))
    return open_cells(name, cells, limits), remarks


def _checked(
    standard: Standard,
    stream: Stream,
    tell: Tell | None = None,
    receiver: Receiver | None = None,
    found: Delimited | None = None,
) -> TableCheck:
    """The check of a table; ``found`` is its file, where it is to be checked in bulk."""
    inspection, summary = _begun(standard, stream, tell)
    if receiver:
        receiver.begin(inspection, found.delimiter if found else ",")
    with closing(inspection.keys):
        if found:
            check_bulk(found, inspection, receiver)
        else:
            _check_each(stream, inspection, receiver)
        return summary.ended(inspection, stream)


def _check_each(stream: Stream, inspection: Inspection, receiver: Receiver | None) -> None:
    for number, row in enumerate(stream.rows, 1):
        inspection.row(number, row)
        if receiver:
            receiver.row(number, row)


def _begun(standard: Standard, stream: Stream, tell: Tell | None) -> tuple[Inspection, "_Summary"]:
    """The inspection of a table whose columns have been judged, and its rows not yet."""
    subject = Subject(
        stream.header, stream.lead, stream.typed,
        standard.schema, standard.dictionary, standard.at, stream.implied,
    )  # fmt: skip
    summary = _Summary(standard.path, tell)
    inspection = Inspection(subject, summary.note)
    for event in inspection.columns():
        summary.note(event)
    return inspection, summary


@dataclass
class _Group:
    """What is listed of one rule in one column."""

    listed: list[Problem] = field(default_factory=list)
    count: int = 0
    rows: Runs = field(default_factory=Runs)
    columns: list[str] = field(default_factory=list)

    def note(self, violation: Violation) -> None:
        self.count += 1
        if violation.row:
            self.rows.add(violation.row)
        else:
            self.columns.append(violation.column)

    def places(self, rule: str, column: str) -> list[Places]:
        rows = str(self.rows)
        found = [Places(rule, column, rows, self.rows.whole)] if rows else []
        return [*found, *(Places(rule, name) for name in self.columns)]

    def problems(self) -> list[Problem]:
        more = self.count - len(self.listed)
        last = self.listed[-1]
        return [*self.listed[:-1], replace(last, count=more + 1)] if more else self.listed


class _Summary:
    """Collects what is found: exact counts, and the first places of each kind."""

    def __init__(self, path: str, tell: Tell | None) -> None:
        self._path = path
        self._tell = tell
        self._groups: defaultdict[tuple[str, str], _Group] = defaultdict(_Group)
        self._judged: Counter[tuple[str, str]] = Counter()

    def note(self, event: Event) -> None:
        """Take in a violation, or how many places were judged."""
        if isinstance(event, Judged):
            self._judged[event.rule, event.column] += event.checked
            return
        group = self._groups[event.rule, event.column if event.row else ""]
        group.note(event)
        if len(group.listed) < LISTED:
            group.listed.append(as_problem(event, self._path))
        if self._tell:
            self._tell(event)

    def ended(self, inspection: Inspection, stream: Stream) -> TableCheck:
        """The result, once all rows have been seen."""
        for event in inspection.end():
            self.note(event)
        remarks = [replace(remark, path=self._path) for remark in stream.remarks]
        listed = [problem for group in self._groups.values() for problem in group.problems()]
        facts = TableFacts(
            rows=inspection.rows,
            columns=len(stream.header),
            bound_columns=inspection.bound_columns,
            tallies=self._tallies(),
            places=self._places(),
            by_column=column_facts(inspection.subject, self._judged, self._broken()),
        )
        return TableCheck((*remarks, *listed), facts)

    def _places(self) -> tuple[Places, ...]:
        """In an order that does not depend on how the table was read."""
        found = (p for key, group in self._groups.items() for p in group.places(*key))
        return tuple(sorted(found, key=lambda place: (place.rule, place.column)))

    def _broken(self) -> Counter[tuple[str, str]]:
        """Places that break a rule, by rule and column."""
        found: Counter[tuple[str, str]] = Counter()
        for (rule, column), group in self._groups.items():
            if column:
                found[rule, column] += group.count
            found.update((rule, name) for name in group.columns)
        return found

    def _tallies(self) -> dict[str, Tally]:
        judged: Counter[str] = Counter()
        for (rule, _), checked in self._judged.items():
            judged[rule] += checked
        failed: Counter[str] = Counter()
        first: dict[str, str] = {}
        for (rule, _), group in self._groups.items():
            failed[rule] += group.count
            first.setdefault(rule, group.listed[0].path)
        return {
            rule: Tally(checked, failed[rule], first.get(rule, ""))
            for rule, checked in judged.items()
            if checked
        }


def as_problem(violation: Violation, path: str) -> Problem:
    """A violation as a problem of the file at ``path``."""
    place = f"rows[{violation.row}]" if violation.row else "columns"
    make = error if violation.rule in REFUSING else warning
    where = f"{path}.{place}.{violation.column}"
    return make(violation.rule, where, violation.value, **violation.params)
