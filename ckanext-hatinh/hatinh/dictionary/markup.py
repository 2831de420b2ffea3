"""A copy of a checked table as a workbook: faulty cells coloured, with what is wrong beside them.

The copy is made from the values; formats of the original are not kept. The first sheet sums up.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from hatinh.dictionary.file_report import FileReport, Words
from hatinh.dictionary.table_subject import Violation
from hatinh.tabular.reader import open_table
from hatinh.tabular.table import LIMITS, Limits, Row
from hatinh.text import clean

ROWS = 1_000_000
"""Rows of the table that are copied; a sheet has room for few more."""

_WIDTH = 24
_HEAD = {"bold": True, "bg_color": "#DCE6F1", "text_wrap": True, "valign": "top"}
_FAULTY = {"bg_color": "#FFC7CE", "font_color": "#9C0006", "num_format": "@"}
_LIST = ("row", "column", "element", "value", "fault", "mend")


def write_marked(
    out: Path, path: Path, format: str, report: FileReport, words: Words, limits: Limits = LIMITS
) -> None:
    """Write the copy of ``path`` to ``out``. Raises :class:`UnreadableTableError`."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with (
        path.open("rb") as file,
        open_table(path.name, format, file, limits) as stream,
        xlsxwriter.Workbook(out, options) as book,
    ):
        head = book.add_format(_HEAD)
        _summary(book.add_worksheet(words.headings["sheet_summary"]), head, report, words)
        sheet = book.add_worksheet(words.headings["sheet_table"])
        faulty = book.add_format(_FAULTY)
        copy = _Copy(sheet, stream.header, report, words, faulty)
        copy.header(head)
        for number, row in enumerate(islice(stream.rows, ROWS), 1):
            copy.row(number, row)


class _Copy:
    """The sheet of the table, written row by row."""

    def __init__(
        self,
        sheet: Worksheet,
        header: Sequence[str],
        report: FileReport,
        words: Words,
        faulty: Format,
    ) -> None:
        self._sheet = sheet
        self._header = header
        self._places = {name: at for at, name in reversed(list(enumerate(header)))}
        self._report = report
        self._words = words
        self._faulty = faulty

    def header(self, head: Format) -> None:
        """Write the column names; faults of whole columns stand there."""
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(len(self._header) - 1, 0), _WIDTH)
        marked = self._marked(0)
        for at, name in enumerate(self._header):
            self._cell(0, at, name, marked.get(at), head)

    def row(self, number: int, row: Row) -> None:
        """Write one row."""
        marked = self._marked(number) if number in self._report.by_row else {}
        for at, cell in enumerate(row):
            if cell is not None or at in marked:
                self._cell(number, at, cell or "", marked.get(at), None)

    def _marked(self, number: int) -> dict[int, list[Violation]]:
        """The violations of a row by the place of their column."""
        marked: dict[int, list[Violation]] = {}
        for violation in self._report.by_row.get(number, ()):
            at = self._places.get(clean(violation.column), len(self._header))
            marked.setdefault(at, []).append(violation)
        return marked

    def _cell(
        self, row: int, at: int, text: str, found: list[Violation] | None, plain: Format | None
    ) -> None:
        self._sheet.write_string(row, at, text[:32_767], self._faulty if found else plain)
        if found:
            told = (self._report.told(violation, self._words) for violation in found)
            lines = "\n".join(f"{one['fault']}\n→ {one['mend']}" for one in told)
            self._sheet.write_comment(row, at, lines[:30_000], {"x_scale": 2, "y_scale": 1.5})


def _summary(sheet: Worksheet, head: Format, report: FileReport, words: Words) -> None:
    """Size and counts, then every listed violation in words."""
    say, facts = words.headings, report.check.facts
    sheet.set_column(0, len(_LIST) - 1, _WIDTH)
    lines: list[tuple[Sequence[object], Format | None]] = [
        ((say["file"], report.name), None),
        ((say["day"], report.at.isoformat()), None),
        ((say["rows"], facts.rows), None),
        ((say["places"], report.failed), None),
        ((), None),
        ((say["rule"], say["judged"], say["failed"]), head),
        *(
            ((words.rule(rule), tally.checked, tally.failed), None)
            for rule, tally in facts.tallies.items()
            if tally.failed
        ),
        ((), None),
        (tuple(say[name] for name in _LIST), head),
    ]
    told = (report.told(violation, words) for violation in report.violations)
    lines.extend((tuple(one[name] for name in _LIST), None) for one in told)
    lines.extend((line, None) for line in _notes(report, words))
    _write(sheet, lines)


def _notes(report: FileReport, words: Words) -> Iterable[Sequence[object]]:
    more = report.failed - len(report.violations)
    if more:
        yield (words.headings["not_listed"].format(count=more),)
    if report.check.facts.rows > ROWS:
        yield (words.headings["not_shown"].format(count=ROWS),)
    if not report.faulty:
        yield (words.headings["clean"],)


def _write(sheet: Worksheet, lines: Iterable[tuple[Sequence[object], Format | None]]) -> None:
    for row, (cells, look) in enumerate(lines):
        for at, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(row, at, cell, look)
            else:
                sheet.write_string(row, at, str(cell), look)
