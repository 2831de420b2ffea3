"""The rules that look at the record, one small function each; tables bring their own tallies.

A rule gives :class:`Measure` values: places judged and places lost. To add a rule, write its
function, add it to :data:`RECORD_RULES`, and give it a weight and a text in
``schemas/quality.yaml``, which also says to which dimension it belongs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hatinh.dataset import Dataset
from hatinh.quality.evidence import Evidence
from hatinh.quality.formula import Formula
from hatinh.quality.freshness import days_late
from hatinh.quality.openness import format_level
from hatinh.reading import CODED, PUBLIC
from hatinh.tabular import is_tabular
from hatinh.text import Text


@dataclass(frozen=True, slots=True)
class Measure:
    """What one rule found at one place. ``failed`` may be a part of a place, never more than
    ``checked``. ``problem_code`` names the problem that tells the same, where there is one."""

    rule: str
    checked: float
    failed: float
    path: str = "$"
    problem_code: str = ""


def measures(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """Everything that is known about a record, by rule."""
    for rule in RECORD_RULES:
        yield from rule(evidence, formula)
    yield from _tables(evidence)


def measures_of_files(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """What is known of the files alone: whether they can be used, and what their tables hold."""
    yield from files_usable(evidence, formula)
    yield from _tables(evidence)


def _tables(evidence: Evidence) -> Iterator[Measure]:
    for resource in evidence.resources:
        if resource.facts:
            for code, tally in resource.facts.tallies.items():
                yield Measure(code, tally.checked, tally.failed, tally.first, code)


def fields_filled(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """The fields that a complete record of its kind fills (đủ)."""
    for name in formula.expected_fields.get(evidence.dataset.kind, ()):
        yield Measure("field-empty", 1, not _value(evidence.dataset, name), f"$.{name}")


def _value(dataset: Dataset, name: str) -> object:
    value = getattr(dataset, name, None) or dataset.details.get(name)
    return value.vi if isinstance(value, Text) else value


def has_files(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """A dataset has at least one file or service (đủ)."""
    if evidence.dataset.kind == "dataset":
        missing = not evidence.dataset.resources
        yield Measure("file-missing", 1, missing, "$.resources", "resource-missing")


def updated_in_time(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """The record was updated within its own period and the grace (sống)."""
    dataset, today = evidence.dataset, evidence.today
    modified = dataset.modified or dataset.issued
    if modified and modified > today:
        yield Measure("modified-in-future", 1, 1, "$.modified")
        return
    late = days_late(dataset.frequency, modified, today, formula)
    if late is not None:
        period = formula.cycles[dataset.frequency].days
        yield Measure("update-overdue", 1, min(1.0, late / period), "$.modified")


def words_known(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """The record's words are in the shared lists (thống nhất)."""
    dataset = evidence.dataset
    known = sum(bool(getattr(dataset, name)) for name in CODED)
    yield Measure("word-unknown", known + len(dataset.themes) + len(dataset.places), 0)
    for problem in evidence.problems:
        if problem.code in formula.word_problems:
            yield Measure("word-unknown", problem.count, problem.count, problem.path, problem.code)


def formats_open(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """The dataset is there in an open format (dùng chung; REQ-16)."""
    if evidence.dataset.kind == "dataset":
        target = formula.open_levels.target
        level = format_level((r.format for r in evidence.dataset.resources), formula)
        yield Measure("level-too-low", 1, max(0, target - level) / target, "$.resources")


def licence_open(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """The dataset has an open licence (dùng chung; REQ-17)."""
    if evidence.dataset.kind == "dataset":
        closed = evidence.dataset.licence not in formula.open_levels.licences
        yield Measure("licence-not-open", 1, closed, "$.licence")


def files_usable(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """The files of a public dataset can be fetched, and its tables read (dùng chung; REQ-14)."""
    if evidence.dataset.publication_class != PUBLIC:
        return
    for number, resource in enumerate(evidence.resources):
        path = f"$.resources[{number}]"
        if resource.readable is None:
            continue
        if not resource.readable:
            yield Measure("file-unusable", 1, 1, f"{path}.url", "file-unreachable")
        elif is_tabular(resource.format):
            yield Measure("file-unusable", 1, resource.facts is None, path, "table-unreadable")
        else:
            yield Measure("file-unusable", 1, 0)


def connected(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """A system is connected to the gateway, unless it is lawfully excepted (REQ-50)."""
    details = evidence.dataset.details
    share = formula.lgsp_status.get(details.get("lgsp_status", ""))
    if share is not None and not details.get("lgsp_exception"):
        yield Measure("lgsp-not-connected", 1, 1 - share, "$.lgsp_status")


def endpoint_described(evidence: Evidence, formula: Formula) -> Iterator[Measure]:
    """A data service says how it is called (dùng chung)."""
    if evidence.dataset.kind == "dataservice":
        described = evidence.dataset.details.get("endpoint_description")
        yield Measure("endpoint-undescribed", 1, not described, "$.endpoint_description")


RECORD_RULES: tuple[Callable[[Evidence, Formula], Iterator[Measure]], ...] = (
    fields_filled,
    has_files,
    updated_in_time,
    words_known,
    formats_open,
    licence_open,
    files_usable,
    connected,
    endpoint_described,
)
