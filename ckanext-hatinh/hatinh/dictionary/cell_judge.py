"""Judges the cells of one column, each different text once."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from hatinh.dictionary.cell_form import Form, form_of
from hatinh.dictionary.table_subject import NO_PARAMS, Bound, Judged, Subject, Tell, Violation
from hatinh.dictionary.value_rules import VALUE_RULES
from hatinh.text import clean

_REMEMBERED = 20_000
"""Different texts of a column whose verdicts are kept."""

_MANY = 500
"""Different texts from which on a column is worth a pattern."""

Breach = tuple[str, Mapping[str, object]]
"""A rule and the parameters of its problem's text."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a cell; ``empty`` is a blank, or a word for why there is no value."""

    empty: bool
    shown: str = ""
    breaches: tuple[Breach, ...] = ()


class CellJudge(dict[str | None, Verdict | None]):
    """Verdicts by cell; ``None`` for the many values of which nothing is to be said."""

    def __init__(self, name: str, bound: Bound | None, subject: Subject) -> None:
        super().__init__()
        self.name = bound.column.name if bound else name
        self.bound = bound
        self.failed: Counter[str] = Counter()
        self.empty = self.blank = 0
        self._takes: Callable[[str], re.Match[str] | None] | None = None
        self._plain = False
        self.null_codes = subject.null_codes
        element = bound.element if bound else None
        self._rules = [rule for rule in VALUE_RULES if element and rule.applies(element)]
        self._needed = _needed(bound)

    @cached_property
    def form(self) -> Form:
        """What is surely right in this column."""
        return form_of(self.bound, self.null_codes, lambda value: self._verdict(value) is None)

    @property
    def needed(self) -> bool:
        """Whether a blank breaks a rule."""
        return bool(self._needed)

    def __missing__(self, cell: str | None) -> Verdict | None:
        if self._takes is not None and cell is not None:
            match = self._takes(cell)
            if match is not None and (self._plain or self.form.fits(cell)):
                return None
        verdict = self[cell] = self._verdict(cell)
        if len(self) == _MANY:
            self._takes, self._plain = self.form.expression().fullmatch, self.form.plain
        elif len(self) > _REMEMBERED:
            self.clear()
        return verdict

    def tell(self, verdict: Verdict, cell: str | None, row: int, tell: Tell) -> None:
        """Count a cell that has a verdict, and tell what it breaks."""
        self.empty += verdict.empty
        self.blank += cell is None
        for rule, params in verdict.breaches:
            self.failed[rule] += 1
            tell(Violation(rule, self.name, row, verdict.shown, params))

    def value(self, cell: str | None) -> str | None:
        """The clean value of a cell; nothing for a blank and for a word that says why."""
        tidy = cell is not None and cell.isalnum() and cell.isascii()
        value = cell if tidy else clean(cell)
        return None if not value or self._is_null(value) else value

    def judged(self, rows: int) -> Iterator[Judged]:
        """How many cells each rule has judged, of so many rows."""
        if self._needed == "key-empty":
            yield Judged("key-empty", rows, self.name)
        elif self._needed:
            yield Judged("cell-empty", rows, self.name)
        yield Judged("text-unclean", rows - self.blank, self.name)
        left = self.filled(rows)
        for rule in self._rules:
            yield Judged(rule.id, left, self.name)
            left -= self.failed[rule.id]

    def filled(self, rows: int) -> int:
        """Cells with a value, of so many rows."""
        return rows - self.empty

    def _is_null(self, value: str) -> bool:
        if value not in self.null_codes:
            return False
        return self.bound is None or self.bound.codes is None or not self.bound.codes.known(value)

    def _verdict(self, cell: str | None) -> Verdict | None:
        value = clean(cell)
        empty = not value or self._is_null(value)
        breach = (self._needed, NO_PARAMS) if empty else self._breach(value)
        unclean = cell is not None and not is_clean(cell)
        if not empty and breach is None and not unclean:
            return None
        breaches = [("text-unclean", NO_PARAMS)] if unclean else []
        if breach and breach[0]:
            breaches.append(breach)
        shown = self.bound.show(value) if self.bound else cell or ""
        return Verdict(empty, shown, tuple(breaches))

    def _breach(self, value: str) -> Breach | None:
        """The first rule that a value breaks."""
        if self.bound is None or self.bound.element is None:
            return None
        for rule in self._rules:
            params = rule.breaks(value, self.bound, self.bound.element)
            if params is not None:
                return rule.id, params
        return None


def _needed(bound: Bound | None) -> str:
    """The rule that a blank breaks; nothing where blanks are allowed."""
    if bound is not None and bound.column.key:
        return "key-empty"
    return "cell-empty" if bound is not None and bound.column.required else ""


def is_clean(cell: str) -> bool:
    """Whether a cell is composed and printable; line breaks inside a cell are fine."""
    if not unicodedata.is_normalized("NFC", cell) or "\ufffd" in cell:
        return False
    return cell.isprintable() or all(c.isprintable() or c in "\n\r\t\u00a0" for c in cell)
