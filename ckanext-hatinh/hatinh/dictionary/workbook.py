"""Reads a filled-in workbook: what it proposes, and each cell that is wrong.

    bytes ──read_proposal──▶ Proposal ──proposed──▶ Edition
                  └────────── dry_run: difference and faulty cells, nothing stored

A row adds a thing or changes it; a thing without a row stays as it is; ``thu_hoi`` in the first
column withdraws it. A column that somebody took out leaves its field as it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from hatinh.dictionary.attributes import Attributes, Sheet
from hatinh.dictionary.edition import Edition, State
from hatinh.dictionary.edition_diff import EditionDiff, code_key, diff
from hatinh.dictionary.edition_rules import Uses, check_change, check_edition
from hatinh.dictionary.model import Code, CodeList
from hatinh.dictionary.workbook_sheet import Content, Fault, read_sheet
from hatinh.errors import UnreadableTableError
from hatinh.problem import Problem, error, refuses
from hatinh.tabular import LIMITS, Limits, read_grid

__all__ = ["DryRun", "Fault", "Proposal", "Surroundings", "dry_run", "proposed", "read_proposal"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a workbook asks for: the content of its sheets by their keys, and what is wrong."""

    sheets: Mapping[str, Content]
    faults: tuple[Fault, ...] = ()

    def found(self, sheet: str) -> Mapping[str, Any]:
        """Things to add or change, by key."""
        return self.sheets[sheet].found if sheet in self.sheets else {}

    def withdrawn(self, sheet: str) -> set[str]:
        """Keys of things to withdraw."""
        return self.sheets[sheet].withdrawn if sheet in self.sheets else set()


@dataclass(frozen=True, slots=True)
class DryRun:
    """The edition that would come of it, its difference to the base, and each faulty cell."""

    edition: Edition
    diff: EditionDiff
    faults: tuple[Fault, ...]

    @property
    def refused(self) -> bool:
        """Whether it cannot be proposed as it is."""
        return refuses(fault.problem for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a proposal is judged by: the current edition and everything around it."""

    base: Edition
    attributes: Attributes
    offices: CodeList
    uses: Uses
    earlier: tuple[Edition, ...] = ()


def dry_run(
    name: str, body: bytes, around: Surroundings, at: date, limits: Limits = LIMITS
) -> DryRun:
    """Read and judge a workbook as an edition of the day ``at``.

    The edition keeps the number of its base; whoever stores it gives it number and proposer.
    Raises :class:`UnreadableTableError` when the bytes are no workbook.
    """
    proposal = read_proposal(name, body, around.base, around.attributes, limits)
    edition = proposed(around.base, proposal, at)
    problems = check_edition(edition, around.offices)
    problems += check_change(around.base, edition, around.uses, around.earlier)
    found = [*proposal.faults, *(_placed(p, proposal, around.attributes) for p in problems)]
    return DryRun(edition, diff(around.base, edition), tuple(_one_of_each_cell(found)))


def read_proposal(
    name: str, body: bytes, base: Edition, attributes: Attributes, limits: Limits = LIMITS
) -> Proposal:
    """Read the sheets of a workbook. A faulty cell counts as blank, so its row is judged too."""
    sheets = {}
    for key, sheet in attributes.sheets.items():
        try:
            grid = read_grid(name, body, limits, sheet=sheet.title.vi)
            sheets[key] = read_sheet(grid, sheet, attributes, base)
        except UnreadableTableError as err:
            if err.reason != "sheet-missing":
                raise
    if not sheets:
        names = ", ".join(sheet.title.vi for sheet in attributes.sheets.values())
        return Proposal({}, (Fault("", "", error("workbook-sheet-missing", "$", names)),))
    faults = [fault for content in sheets.values() for fault in content.faults]
    return Proposal(sheets, (*faults, *_homeless(base, sheets, attributes.sheets["codes"])))


def proposed(base: Edition, proposal: Proposal, at: date) -> Edition:
    """The base with the proposal's changes, as a new proposal on top of it."""
    elements = {**base.elements, **proposal.found("elements")}
    lists = {**base.code_lists, **proposal.found("code_lists")}
    return replace(
        base,
        date=at,
        state=State.PROPOSED,
        elements=_without(elements, proposal.withdrawn("elements")),
        code_lists=_with_codes(_without(lists, proposal.withdrawn("code_lists")), proposal),
        decision="",
        based_on=base.number,
        proposer="",
        note="",
        history=(),
    )


def _without(things: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: thing for key, thing in things.items() if key not in keys}


def _with_codes(lists: Mapping[str, CodeList], proposal: Proposal) -> dict[str, CodeList]:
    changed: dict[str, dict[str, Code]] = {}
    for key, (name, entry) in proposal.found("codes").items():
        changed.setdefault(name, {})[key] = entry
    return {
        name: replace(found, codes=_codes(found, changed.get(name, {}), proposal))
        for name, found in lists.items()
    }


def _codes(found: CodeList, changed: Mapping[str, Code], proposal: Proposal) -> tuple[Code, ...]:
    entries = {code_key(found.id, entry): entry for entry in found} | dict(changed)
    kept = _without(entries, proposal.withdrawn("codes")).values()
    return tuple(sorted(kept, key=lambda entry: entry.order))


# -- faults -------------------------------------------------------------------------------------


def _homeless(base: Edition, sheets: Mapping[str, Content], sheet: Sheet) -> Iterable[Fault]:
    """Codes of a list that is neither in the base nor in the workbook."""
    lists = {*base.code_lists, *(sheets["code_lists"].found if "code_lists" in sheets else ())}
    content = sheets.get("codes", Content())
    for key, (name, _) in content.found.items():
        if name not in lists:
            problem = error("code-list-unknown", f"$.codes.{key}.code_list", name)
            yield Fault(sheet.title.vi, _cell(content, key, "code_list"), problem)


def _placed(problem: Problem, proposal: Proposal, attributes: Attributes) -> Fault:
    """The cell that a problem of the edition speaks of, where the workbook has it."""
    for name, content in proposal.sheets.items():
        prefix = f"$.{name}."
        if problem.path.startswith(prefix):
            rest = problem.path.removeprefix(prefix)
            key = max((k for k in content.rows if rest.startswith(f"{k}.")), key=len, default="")
            sheet = attributes.sheets[name]
            if key:
                column = _column(sheet, rest.removeprefix(f"{key}."))
                return Fault(sheet.title.vi, _cell(content, key, column), problem)
    return Fault("", "", problem)


def _column(sheet: Sheet, path: str) -> str:
    """The key of the column that holds ``name.en`` or ``pattern``."""
    name, _, part = path.partition(".")
    columns = [column for column in sheet.columns if column.field == name]
    return next((column.key for column in columns if column.part == part), sheet.columns[0].key)


def _cell(content: Content, key: str, column: str) -> str:
    at = content.columns.get(column, 0)
    return xl_rowcol_to_cell(content.rows[key] - 1, at)


def _one_of_each_cell(faults: Iterable[Fault]) -> Iterable[Fault]:
    """The first error of a cell says enough; faults without a cell are all kept."""
    seen: set[tuple[str, str]] = set()
    for fault in faults:
        if not fault.cell or (fault.sheet, fault.cell) not in seen:
            seen.add((fault.sheet, fault.cell))
            yield fault
