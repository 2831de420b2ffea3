"""Findings as a report, from which CSV and XLSX are written."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from hatinh.register.texts import Words
from hatinh.report import Cell, Column, ColumnType, Report
from hatinh.text import Text


def printed(
    findings: Iterable[Mapping[str, Cell | Text]], words: Words, now: datetime
) -> Report:  # fmt: skip
    """The report; a finding has a value for each of the columns."""
    return Report(
        id="doi-soat",
        title=words.title,
        columns=tuple(
            Column(name, label, ColumnType.TEXT) for name, label in words.columns.items()
        ),
        rows=[tuple(finding[name] for name in words.columns) for finding in findings],
        generated_at=now,
        notes=words.notes,
    )
