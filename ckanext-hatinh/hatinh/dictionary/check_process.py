"""A check of a file that anybody sent, in a process of its own with limits of memory and time.

The portal's own processes neither wait longer than the limit nor fall with the file. Nothing is
kept but what the caller is given: the report, and a marked copy where he named a place for it.
"""

import json
import pickle
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hatinh.dictionary.check import Standard, as_problem, check_file
from hatinh.dictionary.file_report import FileReport, Words
from hatinh.dictionary.markup import write_marked
from hatinh.dictionary.table_subject import Violation
from hatinh.errors import UnreadableTableError
from hatinh.messages import describe
from hatinh.tabular.table import LIMITS

SECONDS = 60
"""How long one check may take, and how much of a processor's time it may use."""

MEMORY = 3 << 30
"""Bytes of address space."""

EXAMPLES = 3
"""Places that are told of each cause."""

_PARENT = Path(__file__).parents[2]
_LIMITS = replace(LIMITS, seconds=20)


@dataclass(frozen=True, slots=True)
class Job:
    """What to check, by what, and in whose words; ``marked`` is where a marked copy goes."""

    path: Path
    name: str
    format: str
    standard: Standard
    words: Words
    listed: int
    marked: Path | None = None


def checked(job: Job, seconds: int = SECONDS) -> dict[str, Any]:
    """The report of a job with ``causes``. Raises :class:`UnreadableTableError`.

    A cause is one rule broken in one column: how often, and the first places.
    """
    command = [sys.executable, "-m", __name__, str(seconds)]
    try:
        done = subprocess.run(
            command, cwd=_PARENT, input=pickle.dumps(job), capture_output=True,
            timeout=seconds, check=True,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as err:
        raise UnreadableTableError(job.name, f"its check ended: {err}", "too-heavy") from err
    told = json.loads(done.stdout)
    if "reason" in told:
        raise UnreadableTableError(job.name, told["why"], told["reason"])
    return told


@dataclass
class _Causes:
    """Counts every violation and keeps the first ones, of each cause and altogether."""

    listed: int
    count: int = 0
    kept: list[Violation] = field(default_factory=list)
    by_cause: dict[tuple[str, str], list[Violation]] = field(default_factory=dict)
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, violation: Violation) -> None:
        """Take in one violation."""
        cause = (violation.rule, violation.column)
        self.count += 1
        self.counts[cause] = self.counts.get(cause, 0) + 1
        if self.count <= self.listed:
            self.kept.append(violation)
        if self.counts[cause] <= EXAMPLES:
            self.by_cause.setdefault(cause, []).append(violation)


def _main(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    job: Job = pickle.load(sys.stdin.buffer)
    try:
        told = _told(job)
    except UnreadableTableError as err:
        told = {"reason": err.reason, "why": err.why}
    json.dump(told, sys.stdout)


def _told(job: Job) -> dict[str, Any]:
    found = _Causes(job.listed)
    with job.path.open("rb") as file:
        check = check_file(job.name, job.format, file, job.standard, found.note, _LIMITS)
    found.kept.sort(key=lambda violation: violation.row)
    elements = {column.name: column.element for column in job.standard.schema.columns}
    report = FileReport(job.name, job.standard.at, check, found.kept, elements, found.count)
    if job.marked:
        write_marked(job.marked, job.path, job.format, report, job.words, _LIMITS)
    return report.as_dict(job.words) | {"causes": _causes(found, report, job.words)}


def _causes(found: _Causes, report: FileReport, words: Words) -> list[dict[str, Any]]:
    """Each cause with its count and first places, the commonest first."""
    causes = (
        _cause(found.counts[cause], violations, report, words)
        for cause, violations in found.by_cause.items()
    )
    return sorted(causes, key=lambda cause: -cause["count"])


def _cause(
    count: int, violations: list[Violation], report: FileReport, words: Words
) -> dict[str, Any]:
    first = violations[0]
    problem = as_problem(first, "$")
    title, _ = describe(replace(problem, value="…") if problem.value else problem,
                        words.lang, words.texts)  # fmt: skip
    examples: list[Mapping[str, Any]] = [report.told(one, words) for one in violations]
    return {
        "rule": first.rule,
        "column": first.column,
        "element": report.elements.get(first.column, ""),
        "count": count,
        "fault": title,
        "mend": examples[0]["mend"],
        "examples": [{key: one[key] for key in ("row", "value", "fault")} for one in examples],
    }


if __name__ == "__main__":
    _main(int(sys.argv[1]))
