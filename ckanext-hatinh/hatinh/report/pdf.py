"""A report as PDF, set by Typst: A4 across, the header repeated, pages numbered."""

import json

import typst

from hatinh.report.report import Report, in_language, words

_SOURCE = """
#let report = json(bytes(sys.inputs.report))
#set document(title: report.title, date: none)
#set page(paper: "a4", flipped: true, margin: 15mm, numbering: "1 / 1")
#set text(lang: report.language, size: 9pt, hyphenate: false, ligatures: false)
#set par(justify: false)
#align(center, text(size: 13pt, weight: "bold", upper(report.title)))
#for line in report.preamble { align(center, emph(line)) }
#table(
  columns: report.widths.map(width => width * 1fr),
  stroke: 0.5pt,
  inset: 4pt,
  table.header(..report.columns.map(label => strong(label))),
  ..report.rows.flatten().map(cell => [#cell]),
)
#for note in report.notes { par(note) }
"""
_NARROWEST, _WIDEST = 4, 24
"""Widths of columns as shares, by the letters of their longest cell within these bounds."""


def to_pdf(report: Report, language: str = "vi") -> bytes:
    """Title, preamble, table and notes; equal reports give equal bytes.

    The words go in as data, so that no sign of theirs is read as markup.
    """
    rows = [[_text(in_language(cell, language)) for cell in row] for row in report.lines]
    labels = [words(column.label, language) for column in report.columns]
    told = {
        "title": words(report.title, language),
        "language": language,
        "preamble": [words(line, language) for line in report.preamble],
        "columns": labels,
        "widths": [_width([labels[at], *(row[at] for row in rows)]) for at in range(len(labels))],
        "rows": rows,
        "notes": [words(note, language) for note in report.notes],
    }
    inputs = {"report": json.dumps(told, ensure_ascii=False)}
    return typst.compile(_SOURCE.encode(), format="pdf", sys_inputs=inputs)


def _width(cells: list[str]) -> int:
    return max(_NARROWEST, min(_WIDEST, max(map(len, cells))))


def _text(cell: str | int | float | None) -> str:
    return "" if cell is None else str(cell)
