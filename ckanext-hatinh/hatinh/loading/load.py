"""One file into one sink: every row is checked, and those that may be loaded go on."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import getitem

from hatinh.dictionary.check import REFUSING, Source, Standard, TableCheck, as_problem, check_source
from hatinh.dictionary.inspection import Inspection
from hatinh.dictionary.receiver import Lines
from hatinh.dictionary.table_subject import Tell, Violation
from hatinh.dictionary.value_rules import VALUE_RULES
from hatinh.loading.columns import MOST, column_ids
from hatinh.loading.distinct import limit
from hatinh.loading.looking import Looked, Looker
from hatinh.loading.model import ColumnProfile, LoadColumn, Loaded, PgType, Policy, Sink
from hatinh.loading.texts import Texts, special
from hatinh.problem import Problem, error
from hatinh.tabular.cells import Cells, Mask
from hatinh.tabular.table import Row

MOST_BAD = 0.5
"""The share of bad rows from which on a file is refused, whatever the policy."""

FAULTS = 1_000
"""Faults of bad rows that are told one by one."""

MAKING_BAD = frozenset({"key-empty", "cell-empty", "cell-surplus", *(r.id for r in VALUE_RULES)})
"""Rules whose breach keeps a row out of the table."""

_AT_ONCE = 1 << 18

_LONE_END = re.compile(rb"^\\\.$", re.MULTILINE)
_QUOTED_END = rb'"\\."'
"""A line that older servers take for the end of all rows, and how it is a value."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a file is checked and loaded.

    ``wishes`` are types that a steward set for columns by their id. They win over a guess where
    all values fit, never over an element. ``tell`` is called for every violation.
    """

    standard: Standard
    policy: Policy = Policy.WHOLE
    wishes: Mapping[str, PgType] = field(default_factory=dict)
    tell: Tell | None = None


def load(source: Source, terms: Terms, sink: Sink) -> Loaded:
    """Read a file once, check it and give its rows to a sink.

    Bad data is told in what is given back. Raises :class:`UnreadableTableError` when the file is
    no table, perhaps after some rows were given to the sink.
    """
    limits = replace(source.limits, columns=min(source.limits.columns, MOST))
    rows = _Rows(terms, sink)
    check = check_source(replace(source, limits=limits), terms.standard, rows.note, rows)
    return rows.loaded(check)


class _Rows:
    """Takes the rows of a file, each after what was told of it."""

    def __init__(self, terms: Terms, sink: Sink) -> None:
        self._terms = terms
        self._sink = sink
        self._held: list[bytes] = []
        self._size = 0
        self._faults: list[Problem] = []
        self._bad = self._bad_row = self._kept = 0
        self._closed = False

    def note(self, violation: Violation) -> None:
        """Something is wrong; most of what can be wrong makes no row bad."""
        if self._terms.tell:
            self._terms.tell(violation)
        if violation.rule not in MAKING_BAD or not violation.row:
            return
        if violation.row != self._bad_row:
            self._bad += 1
            self._bad_row = violation.row
            self._closed |= self._terms.policy is Policy.WHOLE
        if len(self._faults) < FAULTS:
            self._faults.append(as_problem(violation, self._terms.standard.path))

    def begin(self, inspection: Inspection, delimiter: str) -> None:
        """Make the columns known to the sink."""
        subject = inspection.subject
        self._inspection = inspection
        self._delimiter = delimiter
        self._ids = column_ids(subject.header)
        quoted, most = special(delimiter), limit(len(self._ids))
        self._texts = [
            Texts(judge, quoted, most, implied=name in subject.implied)
            for name, judge in zip(subject.header, inspection.judges, strict=True)
        ]
        self._forbidden = [
            at
            for at, judge in enumerate(inspection.judges)
            if judge.bound and judge.bound.element and judge.bound.element.publish_forbidden
        ]
        free = frozenset(at for at, texts in enumerate(self._texts) if texts.free)
        self._looker = Looker(len(self._ids), free, most)
        self._sink.begin(self._ids, delimiter)

    def row(self, number: int, row: Row) -> None:
        """Give on a row, unless it is bad, blank, or of a file that is refused."""
        self._closed |= any(self._inspection.judges[at].value(row[at]) for at in self._forbidden)
        if self._closed or number == self._bad_row or not any(row):
            return
        texts = list(map(getitem, self._texts, row))
        for column, text in zip(self._texts, texts, strict=True):
            column.missing += not text
        self._kept += 1
        self._hold(f"{self._delimiter.join(texts)}\n".encode())

    def look(self, cells: Cells, right: Mask) -> Looked:
        """See to rows that will come as lines."""
        return self._looker.look(cells, right)

    def seen(self, what: Looked, rows: int) -> None:
        """Rows that will come as lines."""
        self._closed |= any(what.missing[at] < rows for at in self._forbidden)
        for at, column in enumerate(self._texts):
            column.note(what.missing[at], what.kinds[at], what.longest[at], what.distinct[at])

    def lines(self, lines: Lines) -> None:
        """Give on lines, unless the file is refused."""
        if self._closed:
            return
        self._kept += lines.rows
        lone = len(self._ids) == 1
        self._hold(_LONE_END.sub(_QUOTED_END, lines.text) if lone else lines.text)

    def _hold(self, csv: bytes) -> None:
        self._held.append(csv)
        self._size += len(csv)
        if self._size >= _AT_ONCE:
            self._give()

    def _give(self) -> None:
        if self._held:
            self._sink.write(b"".join(self._held))
        self._held, self._size = [], 0

    def loaded(self, check: TableCheck) -> Loaded:
        """What became of the file, once all rows have been seen."""
        self._give()
        return Loaded(
            columns=self._columns(),
            rows=check.facts.rows,
            kept=self._kept,
            bad=self._bad,
            check=check,
            refused=self._refused(check),
            faults=tuple(self._faults),
            profile=self._profile(),
        )

    def _columns(self) -> tuple[LoadColumn, ...]:
        subject = self._inspection.subject
        parts = zip(self._ids, subject.header, self._inspection.judges, self._texts, strict=True)
        found = []
        for name, label, judge, texts in parts:
            wish = self._terms.wishes.get(name)
            bound = judge.bound
            element = bound.element.id if bound and bound.element else ""
            kind = texts.type(wish, typed=subject.typed)
            personal = bound is not None and bound.personal
            found.append(LoadColumn(name, label, element, *kind, personal, texts.words))
        return tuple(found)

    def _refused(self, check: TableCheck) -> Problem | None:
        """Why nothing is loaded, if so."""
        for problem in check.problems:
            if problem.code in REFUSING:
                return problem
        rows, path = check.facts.rows, self._terms.standard.path
        if self._bad > rows * MOST_BAD:
            return error("load-mostly-bad", path, bad=self._bad, rows=rows)
        if self._bad and self._terms.policy is Policy.WHOLE:
            return error("load-bad-rows", path, bad=self._bad, rows=rows)
        return None

    def _profile(self) -> tuple[ColumnProfile, ...]:
        return tuple(
            ColumnProfile(name, texts.missing, texts.distinct.count, texts.distinct.full)
            for name, texts in zip(self._ids, self._texts, strict=True)
        )
