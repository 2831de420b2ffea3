"""A report as CSV: RFC 4180, UTF-8 with the mark by which Excel knows it."""

import csv
import io

from hatinh.report.guard import inert
from hatinh.report.report import Cell, Report, in_language


def to_csv(report: Report, language: str = "vi") -> bytes:
    """Header, rows and totals. Numbers are written plainly (``1234.5``), blanks are empty."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([inert(column.label.said(language)) for column in report.columns])
    for row in report.lines:
        writer.writerow([_text(in_language(cell, language)) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return inert(cell)
    return "" if cell is None else str(cell)
