"""A report as a document for Word: A4 across, the header repeated on every page.

An official one has the head, foot, margins and page numbers of an administrative document.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import cast

from docx import Document
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from lxml import etree

from hatinh.report.docx_official import number_pages, write_foot, write_head
from hatinh.report.report import Report, printed
from hatinh.text import fit_for_xml

_FONT = "Times New Roman"
_MARGIN = Mm(15)


def to_docx(report: Report, language: str = "vi") -> bytes:
    """Title, preamble, one table and the notes; equal reports give equal bytes."""
    document = Document()
    _page(document, official=report.official is not None)
    made = report.generated_at.replace(tzinfo=None)
    document.core_properties.title = report.title.said(language)
    document.core_properties.author = ""
    document.core_properties.created = document.core_properties.modified = made
    if report.official is None:
        _line(document, report.title.said(language).upper(), bold=True)
    else:
        write_head(document, report.official, report.title.said(language))
    for line in report.preamble:
        _line(document, line.said(language), italic=True)
    _table(document, report, language)
    for note in report.notes:
        document.add_paragraph(fit_for_xml(note.said(language)))
    if report.official is not None:
        write_foot(document, report.official)
    out = io.BytesIO()
    document.save(out)
    return _timeless(out)


def _page(document: Docx, *, official: bool) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = _MARGIN
    style = cast(ParagraphStyle, document.styles["Normal"])
    style.font.name, style.font.size = _FONT, Pt(11)
    if official:
        number_pages(section)


def _line(document: Docx, text: str, *, bold: bool = False, italic: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(fit_for_xml(text))
    run.bold, run.italic = bold, italic


def _table(document: Docx, report: Report, language: str) -> None:
    """The table, built row by row: python-docx looks through all cells to find one."""
    table = document.add_table(1, len(report.columns), "Table Grid")
    size = _size(len(report.columns)) if report.official else None
    head = table.rows[0]
    for cell, column in zip(head.cells, report.columns, strict=True):
        run = cell.paragraphs[0].add_run(column.label.said(language))
        run.bold = True
        if size:
            run.font.size = Pt(size)
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in report.lines:
        cells = [
            printed(cell, column, language, official=report.official is not None)
            for cell, column in zip(row, report.columns, strict=True)
        ]
        _row(table._tbl, cells, size)


_MOST, _SMALL = 12, 7
"""Columns of an official table from which on its letters are small, in points."""


def _size(columns: int) -> int | None:
    return _SMALL if columns > _MOST else None


def _row(table: etree._Element, cells: Sequence[str], size: int | None) -> None:
    row = etree.SubElement(table, qn("w:tr"))
    etree.SubElement(etree.SubElement(row, qn("w:trPr")), qn("w:cantSplit"))
    for value in cells:
        paragraph = etree.SubElement(etree.SubElement(row, qn("w:tc")), qn("w:p"))
        run = etree.SubElement(paragraph, qn("w:r"))
        if size:
            form = etree.SubElement(etree.SubElement(run, qn("w:rPr")), qn("w:sz"))
            form.set(qn("w:val"), str(2 * size))
        _write(run, value)


def _write(run: etree._Element, value: str) -> None:
    for place, line in enumerate(fit_for_xml(value).split("\n")):
        if place:
            etree.SubElement(run, qn("w:br"))
        text = etree.SubElement(run, qn("w:t"))
        text.set(qn("xml:space"), "preserve")
        text.text = line


def _timeless(written: io.BytesIO) -> bytes:
    """The same archive without the times at which its members were written."""
    out = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(out, "w") as archive:
        members: Iterable[str] = source.namelist()
        for name in members:
            member = zipfile.ZipInfo(name)
            archive.writestr(member, source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
