"""A report as PDF, set by Typst: A4 across, the header repeated, pages numbered.

An official one has the head, foot, margins and page numbers of an administrative document.
"""

import json
from dataclasses import asdict
from typing import Any

import typst

from hatinh.report.report import ColumnType, Report, printed

_SOURCE = """
#let report = json(bytes(sys.inputs.report))
#let official = report.official
#set document(title: report.title, date: none)
#set page(paper: "a4", flipped: true, ..if official == none {
  (margin: 15mm, numbering: "1 / 1")
} else {
  (margin: (left: 30mm, right: 15mm, y: 20mm), header: context {
    if here().page() > 1 { align(center, text(size: 13pt, str(here().page()))) }
  })
})
#set text(lang: report.language, size: report.size * 1pt, hyphenate: false, ligatures: false)
#set par(justify: false)
#let ruled(words) = { strong(words); v(-0.6em); line(length: 35%, stroke: 0.5pt) }
#if official != none {
  set text(size: 12pt)
  set align(center)
  grid(columns: (2fr, 3fr), row-gutter: 4pt,
    official.superior, strong(official.country),
    ruled(official.issuer), ruled(official.motto),
    official.number, emph(official.place_and_day))
  v(4pt)
  text(size: 14pt, strong(official.kind))
  linebreak()
  text(size: 14pt, strong(report.title))
} else {
  align(center, text(size: 13pt, weight: "bold", upper(report.title)))
}
#for line in report.preamble { align(center, emph(line)) }
#table(
  columns: report.widths.map(width => width * 1fr),
  align: report.numbers.map(number => if number { right } else { left }),
  stroke: 0.5pt,
  inset: report.inset * 1pt,
  table.header(..report.columns.map(label => strong(label))),
  ..report.rows.flatten().map(cell => [#cell]),
)
#set par(spacing: 0.7em)
#for note in report.notes { par(note) }
#if official != none {
  v(6pt)
  block(breakable: false, grid(columns: (1fr, 1fr),
    { set text(size: 11pt)
      text(size: 12pt, strong(emph(official.recipients_label)))
      for name in official.recipients { linebreak(); name } },
    align(center, { set text(size: 13pt)
      strong(official.signer); linebreak(); emph(official.signer_note); v(12mm) })))
}
"""
_NARROWEST, _WIDEST = 4, 24
"""Widths of columns as shares, by the letters of their longest cell within these bounds."""


_NUMBERS = (ColumnType.INTEGER, ColumnType.PERCENT, ColumnType.SCORE)
_SIZES = {8: 11, 12: 9}
"""Points of letters in an official table by its columns at most; with more ``_SMALLEST``."""
_SMALLEST = 6


def to_pdf(report: Report, language: str = "vi") -> bytes:
    """Title, preamble, table and notes; equal reports give equal bytes.

    The words go in as data, so that no sign of theirs is read as markup. Only the fonts that Typst
    brings are used: with those of the machine the pages would differ from one to the next.
    """
    inputs = {"report": json.dumps(_told(report, language), ensure_ascii=False)}
    return typst.compile(
        _SOURCE.encode(), format="pdf", sys_inputs=inputs, ignore_system_fonts=True
    )


def _told(report: Report, language: str) -> dict[str, Any]:
    official = report.official
    rows = [
        [
            printed(cell, column, language, official=official is not None)
            for cell, column in zip(row, report.columns, strict=True)
        ]
        for row in report.lines
    ]
    labels = [column.label.said(language) for column in report.columns]
    return {
        "title": report.title.said(language),
        "language": language,
        "official": asdict(official) if official else None,
        "size": _size(len(labels)) if official else 9,
        "inset": 2.5 if official else 4,
        "preamble": [line.said(language) for line in report.preamble],
        "columns": labels,
        "widths": [
            _width(labels[at], [row[at] for row in rows], official=official is not None)
            for at in range(len(labels))
        ],
        "numbers": [bool(official) and column.type in _NUMBERS for column in report.columns],
        "rows": rows,
        "notes": [note.said(language) for note in report.notes],
    }


def _size(columns: int) -> int:
    return next((size for most, size in _SIZES.items() if columns <= most), _SMALLEST)


def _width(label: str, cells: list[str], *, official: bool) -> int:
    """The label of an official table may be broken between words, so its longest word counts."""
    longest = max((len(word) for word in label.split()), default=0) if official else len(label)
    return max(_NARROWEST, min(_WIDEST, max([longest, *map(len, cells)])))
