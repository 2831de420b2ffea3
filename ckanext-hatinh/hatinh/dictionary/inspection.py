"""One reading of a table: every row once, by all rules; what is found is told as it is found."""

from collections.abc import Iterator, Sequence
from operator import getitem
from typing import cast

from hatinh.dictionary.cell_judge import CellJudge
from hatinh.dictionary.keys import Key, Keys
from hatinh.dictionary.place_rules import place_rules
from hatinh.dictionary.row_rules import RowRule, Seen, row_rules
from hatinh.dictionary.table_rules import COLUMN_RULES
from hatinh.dictionary.table_subject import Event, Judged, Subject, Tell, Violation
from hatinh.tabular.table import Row


class Inspection:
    """The state of a reading. Call :meth:`columns`, then :meth:`row` for each, then :meth:`end`."""

    def __init__(self, subject: Subject, tell: Tell) -> None:
        self.subject = subject
        self.rows = 0
        self._tell = tell
        by_index = {bound.index: bound for bound in subject.bound.values()}
        self.judges = [
            CellJudge(name, by_index.get(index), subject)
            for index, name in enumerate(subject.header)
        ]
        self.rules: list[RowRule] = [*row_rules(subject, self.judges), *place_rules(subject)]
        places = [subject.bound.get(name) for name in subject.schema.key]
        self.key = tuple(bound.index for bound in places if bound)
        if len(self.key) < len(places):
            self.key = ()
        self.keys = Keys()

    @property
    def bound_columns(self) -> int:
        """Columns whose element the dictionary knows."""
        return sum(bound.element is not None for bound in self.subject.bound.values())

    def columns(self) -> Iterator[Event]:
        """What the rules on columns say."""
        for rule in COLUMN_RULES:
            yield from rule(self.subject)

    def row(self, number: int, row: Row) -> None:
        """Judge one row by everything."""
        self.rows += 1
        verdicts = list(map(getitem, self.judges, row))
        if verdicts.count(None) < len(verdicts):
            for judge, cell, verdict in zip(self.judges, row, verdicts, strict=False):
                if verdict is not None:
                    judge.tell(verdict, cell, number, self._tell)
        if len(row) > len(self.judges):
            self._tell(Violation("cell-surplus", "", number, row[-1] or ""))
        if self.key:
            self._note_key(number, row)
        for rule in self.rules:
            for violation in rule.see(number, row):
                self._tell(violation)

    def passed(self, rows: int, filled: Sequence[int], seen: Sequence[Seen]) -> None:
        """Rows in which nothing is wrong: how many, and what was counted in them.

        ``filled`` are the cells with a value by column, ``seen`` what each row rule made of them.
        """
        self.rows += rows
        for judge, count in zip(self.judges, filled, strict=True):
            judge.empty += rows - count
            judge.blank += rows - count
        for rule, each in zip(self.rules, seen, strict=True):
            rule.passed(each)

    def end(self) -> Iterator[Event]:
        """What can be said after the last row."""
        yield Judged("cell-surplus", self.rows)
        for judge in self.judges:
            yield from judge.judged(self.rows)
        yield from self._personal_columns()
        if self.key:
            yield from self._repeated_keys()
        for rule in self.rules:
            yield from rule.end()

    def _note_key(self, number: int, row: Row) -> None:
        values = [self.judges[at].value(row[at]) for at in self.key]
        if None not in values:
            self.keys.add(number, cast(Key, tuple(values)))

    def _repeated_keys(self) -> Iterator[Event]:
        """Two rows have the same key; the later ones break the rule."""
        parts = [self.judges[at] for at in self.key]
        yield Judged("key-duplicated", self.keys.whole, parts[0].name)
        for row, first, values in self.keys.repeated():
            shown = (
                judge.bound.show(value) if judge.bound else value
                for judge, value in zip(parts, values, strict=True)
            )
            words = " · ".join(filter(None, shown))
            yield Violation("key-duplicated", parts[0].name, row, words, {"first": first})

    def _personal_columns(self) -> Iterator[Event]:
        """A column holds an identifier of persons that is never published (REQ-70)."""
        known = [judge for judge in self.judges if judge.bound and judge.bound.element]
        yield Judged("personal-data-column", len(known))
        for judge in known:
            element = judge.bound.element if judge.bound else None
            if element and element.publish_forbidden and judge.filled(self.rows):
                yield Violation("personal-data-column", judge.name, 0, element.id)
