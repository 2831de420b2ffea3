"""Checks a table against what was promised for it and what the dictionary says.

    Table + TableSchema + Dictionary ──check_table()──▶ TableCheck(problems, facts)

Problems are for people and are cut short; facts are exact and are what the score is made from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

from hatinh.dictionary.model import Dictionary
from hatinh.dictionary.table_rules import TABLE_RULES
from hatinh.dictionary.table_schema import TableSchema
from hatinh.dictionary.table_subject import Finding, Subject, Violation
from hatinh.problem import Problem, error, warning
from hatinh.tabular.table import Table

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
class TableFacts:
    """What the score knows of a table: its size, and an exact tally for each rule.

    A rule that had nothing to judge has no tally: not measured is not the same as right.
    """

    rows: int
    columns: int
    bound_columns: int
    tallies: Mapping[str, Tally] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableCheck:
    """Problems to show, and facts to score."""

    problems: tuple[Problem, ...]
    facts: TableFacts


def check_table(
    table: Table, schema: TableSchema, dictionary: Dictionary, at: date, path: str
) -> TableCheck:
    """Check a table by every rule.

    ``at`` is the day that the data speaks of: codes must be valid then (REQ-35). ``path`` is the
    place of the file in its record, such as ``$.resources[0]``.
    """
    subject = Subject(table, schema, dictionary, at)
    problems: list[Problem] = []
    tallies: dict[str, Tally] = {}
    for finding in (found for rule in TABLE_RULES for found in rule(subject)):
        listed, tally = _summary(finding, path)
        problems.extend(listed)
        tallies[finding.rule] = _added(tallies.get(finding.rule, Tally()), tally)
    facts = TableFacts(
        rows=len(table.rows),
        columns=len(table.header),
        bound_columns=sum(bound.element is not None for bound in subject.bound.values()),
        tallies={rule: tally for rule, tally in tallies.items() if tally.checked},
    )
    return TableCheck(tuple(problems), facts)


def _summary(finding: Finding, path: str) -> tuple[list[Problem], Tally]:
    """The problems listed for a finding, and its exact tally."""
    violations = iter(finding.violations)
    problems = [_problem(finding.rule, found, path) for found in islice(violations, LISTED)]
    more = sum(1 for _ in violations)
    if more:
        problems[-1] = replace(problems[-1], count=more + 1)
    first = problems[0].path if problems else ""
    return problems, Tally(finding.checked, len(problems) + more, first)


def _problem(rule: str, violation: Violation, path: str) -> Problem:
    place = f"rows[{violation.row}]" if violation.row else "columns"
    make = error if rule in REFUSING else warning
    return make(rule, f"{path}.{place}.{violation.column}", violation.value, **violation.params)


def _added(one: Tally, other: Tally) -> Tally:
    return Tally(one.checked + other.checked, one.failed + other.failed, one.first or other.first)
