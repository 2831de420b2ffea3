"""What a check of one file found, in words: for the command line, JSON and the marked workbook."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from hatinh.dictionary.check import Standard, TableCheck, as_problem, check_file
from hatinh.dictionary.table_subject import Violation
from hatinh.errors import SchemaError
from hatinh.messages import Texts, describe
from hatinh.tabular.table import LIMITS, Limits
from hatinh.text import Text

LISTED = 1_000
"""Violations that are told one by one."""

EXAMPLES = 3
"""Places that are told of each cause."""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of problems and the headings of a report, in one language."""

    texts: Texts
    headings: Mapping[str, str]
    lang: str

    @classmethod
    def load(cls, root: Path, texts: Texts, lang: str) -> "Words":
        """Read ``checking.yaml`` below ``root``. Raises :class:`SchemaError`."""
        path = root / "checking.yaml"
        try:
            entries = yaml.safe_load(path.read_text(encoding="utf-8"))
            return cls(texts, {key: entry[lang] for key, entry in entries.items()}, lang)
        except (OSError, KeyError, TypeError, yaml.YAMLError) as err:
            raise SchemaError(path.name, str(err)) from err

    def rule(self, rule: str) -> str:
        """The title of a rule's problem, its blanks left open."""
        known = self.texts.problems.get(rule)
        title = known.title if known else Text(rule)
        return title.said(self.lang)


@dataclass
class Cause:
    """One rule broken in one column: how often, and the first places."""

    count: int = 0
    first: list[Violation] = field(default_factory=list)


@dataclass
class FileReport:
    """A checked file: the exact counts, and the first violations, one by one and by cause."""

    name: str
    at: date
    check: TableCheck
    violations: list[Violation]
    elements: Mapping[str, str]
    causes: list[Cause]

    @cached_property
    def by_row(self) -> Mapping[int, list[Violation]]:
        """The violations that are listed, by row."""
        rows: dict[int, list[Violation]] = defaultdict(list)
        for violation in self.violations:
            rows[violation.row].append(violation)
        return rows

    @cached_property
    def failed(self) -> int:
        """All violations, listed or not."""
        return sum(cause.count for cause in self.causes)

    @property
    def faulty(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.failed)

    def told(self, violation: Violation, words: Words) -> dict[str, Any]:
        """A violation as a reader needs it."""
        problem = as_problem(violation, "$")
        title, mend = describe(problem, words.lang, words.texts)
        return {
            "row": violation.row,
            "column": violation.column,
            "element": self.elements.get(violation.column, ""),
            "rule": violation.rule,
            "value": problem.value,
            "fault": title,
            "mend": mend,
        }

    def as_dict(self, words: Words) -> dict[str, Any]:
        """The report as JSON."""
        facts = self.check.facts
        remarks = (problem for problem in self.check.problems if problem.path == "$")
        return {
            "file": self.name,
            "day": self.at.isoformat(),
            "rows": facts.rows,
            "columns": facts.columns,
            "bound_columns": facts.bound_columns,
            "faulty_places": self.failed,
            "rules": {
                rule: {"judged": tally.checked, "failed": tally.failed}
                for rule, tally in facts.tallies.items()
            },
            "remarks": [
                {"code": problem.code, "fault": title, "mend": mend}
                for problem in remarks
                for title, mend in [describe(problem, words.lang, words.texts)]
            ],
            "violations": [self.told(violation, words) for violation in self.violations],
            "causes": [self._cause(cause, words) for cause in self.causes],
        }

    def _cause(self, cause: Cause, words: Words) -> dict[str, Any]:
        first = cause.first[0]
        problem = as_problem(first, "$")
        shown = replace(problem, value="…") if problem.value else problem
        title, _ = describe(shown, words.lang, words.texts)
        examples = [self.told(one, words) for one in cause.first]
        return {
            "rule": first.rule,
            "column": first.column,
            "element": self.elements.get(first.column, ""),
            "count": cause.count,
            "fault": title,
            "mend": examples[0]["mend"],
            "examples": [{key: one[key] for key in ("row", "value", "fault")} for one in examples],
        }


def report_file(
    path: Path,
    format: str,
    standard: Standard,
    listed: int = LISTED,
    limits: Limits = LIMITS,
    name: str = "",
) -> FileReport:
    """Check a file and keep what a report of it needs. Raises :class:`UnreadableTableError`.

    ``name`` is what the file is called in it; that of the path if blank.
    """
    kept: list[Violation] = []
    causes: defaultdict[tuple[str, str], Cause] = defaultdict(Cause)

    def tell(violation: Violation) -> None:
        cause = causes[violation.rule, violation.column]
        cause.count += 1
        if cause.count <= EXAMPLES:
            cause.first.append(violation)
        if len(kept) < listed:
            kept.append(violation)

    name = name or path.name
    with path.open("rb") as file:
        check = check_file(name, format, file, standard, tell, limits)
    elements = {column.name: column.element for column in standard.schema.columns}
    kept.sort(key=lambda violation: violation.row)
    commonest = sorted(causes.values(), key=lambda cause: -cause.count)
    return FileReport(name, standard.at, check, kept, elements, commonest)
