"""Reads one sheet of a filled-in workbook into things of the model, and names its faulty cells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from itertools import islice
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from hatinh.dictionary.attributes import Attributes, Column, Sheet, values
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.edition_diff import code_key
from hatinh.dictionary.model import Code, CodeList, Datatype, Element
from hatinh.dictionary.workbook_form import ACTION, FIRST_ROW, FLAGS
from hatinh.problem import Problem, error, warning
from hatinh.text import NO_TEXT, clean, fold

_KEYS = {"elements": ("id",), "code_lists": ("id",), "codes": ("code_list", "code")}
"""Columns without which a row cannot be named."""


LISTED = 500
"""Faults after which a sheet is read no further."""

LAST_ROW = 50_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One faulty cell: title of the sheet, address (``D7``), and what is wrong.

    Both are blank when the fault stands in no cell of the file.
    """

    sheet: str
    cell: str
    problem: Problem

    def as_dict(self) -> dict[str, object]:
        """The JSON form that the API gives."""
        return {"sheet": self.sheet, "cell": self.cell, **self.problem.as_dict()}


@dataclass(slots=True)
class Content:
    """What stands in one sheet, by the key of each thing (an id, or ``code_key``).

    ``found`` holds elements, lists, or pairs of a list's id and an entry. ``rows`` counts from 1,
    ``columns`` from 0.
    """

    found: dict[str, Any] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_sheet(
    grid: Iterable[Sequence[str | None]], sheet: Sheet, attributes: Attributes, base: Edition
) -> Content:
    """Read the rows of a sheet. A faulty cell counts as blank; its row is read all the same."""
    lines = iter(grid)
    head = [[cell or "" for cell in line] for line in islice(lines, FIRST_ROW - 1)]
    reader = _Reader(sheet, attributes.guide.withdraw, base, Content())
    if reader.read_head(head):
        for number, line in enumerate(lines, FIRST_ROW):
            if number > LAST_ROW or len(reader.content.faults) >= LISTED:
                reader.stop(number)
                break
            reader.read_row(number, line)
    return reader.content


@dataclass(slots=True)
class _Reader:
    sheet: Sheet
    withdraw: str
    base: Edition
    content: Content

    def read_head(self, head: Sequence[Sequence[str]]) -> bool:
        """Find the columns by the keys in the hidden row, whatever order they stand in."""
        for at, key in enumerate(head[1] if len(head) > 1 else ()):
            if key in (ACTION, FLAGS) or self.sheet.column(key):
                self.content.columns[key] = at
            elif key:
                self._fault(2, at, warning("workbook-column-unknown", "$", key))
        missing = [key for key in _KEYS[self.sheet.key] if key not in self.content.columns]
        for key in missing:
            label = next(c.label.vi for c in self.sheet.columns if c.key == key)
            problem = error("workbook-column-missing", "$", label)
            self.content.faults.append(Fault(self.sheet.title.vi, "", problem))
        return not missing

    def read_row(self, number: int, line: Sequence[str | None]) -> None:
        """Read one thing."""
        cells = {
            key: (line[at] or "") if at < len(line) else ""
            for key, at in self.content.columns.items()
            if key != FLAGS
        }
        if not any(clean(cell) for cell in cells.values()):
            return
        withdrawn = self._withdrawn(number, cells)
        read = {
            column.key: self._value(number, column, cells[column.key], withdrawn=withdrawn)
            for column in self.sheet.columns
            if column.key in cells
        }
        if all(read[key] for key in _KEYS[self.sheet.key]):
            self._take(number, read, withdrawn=withdrawn)

    def stop(self, number: int) -> None:
        """Say that the sheet was read up to this row only."""
        self._fault(number, 0, error("workbook-too-long", "$", number - 1))

    def _withdrawn(self, number: int, cells: Mapping[str, str]) -> bool:
        action = fold(cells.get(ACTION, ""))
        if action not in ("", self.withdraw):
            column = f"{self.sheet.key}.{ACTION}"
            self._wrong_choice(number, ACTION, action, column, (self.withdraw,))
        return action == self.withdraw

    def _value(self, number: int, column: Column, cell: str, *, withdrawn: bool) -> Any:
        """The value of a cell; a faulty one is told and counts as blank."""
        name = f"{self.sheet.key}.{column.key}"
        try:
            value = column.read(cell)
        except ValueError:
            problem = error("workbook-cell-wrong", "$", cell, column=name, help=name)
            self._fault(number, self.content.columns[column.key], problem)
            return column.read("")
        if withdrawn:
            return value
        choices = tuple(Datatype) if column.list == "datatypes" else column.choices
        if value and choices and value not in choices:
            self._wrong_choice(number, column.key, value, name, choices)
            return column.read("")
        if column.required and value in ("", None):
            problem = error("workbook-cell-missing", "$", column=name)
            self._fault(number, self.content.columns[column.key], problem)
        return value

    def _wrong_choice(
        self, number: int, key: str, value: str, column: str, choices: Iterable[str]
    ) -> None:
        problem = error(
            "workbook-choice-unknown", "$", value, column=column, choices=", ".join(choices)
        )
        self._fault(number, self.content.columns[key], problem)

    def _take(self, number: int, read: Mapping[str, Any], *, withdrawn: bool) -> None:
        key = self._key(read)
        at = self.content.columns[_KEYS[self.sheet.key][-1]]
        if key in self.content.rows:
            first = self.content.rows[key]
            self._fault(number, at, error("workbook-row-repeated", "$", key, first=first))
            return
        self.content.rows[key] = number
        known = self._known(key)
        if withdrawn and known is None:
            self._fault(number, at, error("workbook-withdrawal-empty", "$", key))
        elif withdrawn:
            self.content.withdrawn.add(key)
        else:
            thing = _made(_MODELS[self.sheet.key], known, values(read, self.sheet, known))
            is_code = self.sheet.key == "codes"
            self.content.found[key] = (read["code_list"], thing) if is_code else thing

    def _key(self, read: Mapping[str, Any]) -> str:
        if self.sheet.key != "codes":
            return read["id"]
        return code_key(
            read["code_list"], Code(read["code"], NO_TEXT, valid_from=read.get("valid_from"))
        )

    def _known(self, key: str) -> Element | CodeList | Code | None:
        """The thing of that key in the base."""
        if self.sheet.key == "elements":
            return self.base.elements.get(key)
        if self.sheet.key == "code_lists":
            return self.base.code_lists.get(key)
        found = self.base.code_lists.get(key.partition("/")[0])
        return next((e for e in found or () if found and code_key(found.id, e) == key), None)

    def _fault(self, row: int, column: int, problem: Problem) -> None:
        cell = xl_rowcol_to_cell(row - 1, column)
        self.content.faults.append(Fault(self.sheet.title.vi, cell, problem))


_MODELS: Mapping[str, type[Any]] = {"elements": Element, "code_lists": CodeList, "codes": Code}
_NEEDED: Mapping[str, Any] = {
    "name": NO_TEXT,
    "definition": NO_TEXT,
    "title": NO_TEXT,
    "codes": (),
}
"""What stands for a field without default whose column is not in the file."""


def _made(model: type[Any], base: Any, read: Mapping[str, Any]) -> Any:
    """The thing changed, or a new one; a blank is the default of its field."""
    defaults = {f.name: f.default for f in fields(model) if f.default is not MISSING}
    given = {
        name: defaults.get(name, value) if value in ("", None) else value
        for name, value in read.items()
    }
    if "datatype" in given:
        given["datatype"] = Datatype(given["datatype"])
    if base is not None:
        return replace(base, **given)
    needed = {f.name for f in fields(model)} - defaults.keys()
    return model(**{name: _NEEDED[name] for name in needed if name in _NEEDED} | given)
