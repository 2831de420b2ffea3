"""A report as a document for Word: A4 across, the header repeated on every page."""

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

from hatinh.report.report import Cell, Report, in_language, words
from hatinh.text import Text

_FONT = "Times New Roman"
_MARGIN = Mm(15)


def to_docx(report: Report, language: str = "vi") -> bytes:
    """Title, preamble, one table and the notes; equal reports give equal bytes."""
    document = Document()
    _page(document)
    made = report.generated_at.replace(tzinfo=None)
    document.core_properties.title = words(report.title, language)
    document.core_properties.author = ""
    document.core_properties.created = document.core_properties.modified = made
    _line(document, words(report.title, language).upper(), bold=True)
    for line in report.preamble:
        _line(document, words(line, language), italic=True)
    _table(document, report, language)
    for note in report.notes:
        document.add_paragraph(words(note, language))
    out = io.BytesIO()
    document.save(out)
    return _timeless(out)


def _page(document: Docx) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = _MARGIN
    style = cast(ParagraphStyle, document.styles["Normal"])
    style.font.name, style.font.size = _FONT, Pt(11)


def _line(document: Docx, text: str, *, bold: bool = False, italic: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic


def _table(document: Docx, report: Report, language: str) -> None:
    """The table, built row by row: python-docx looks through all cells to find one."""
    table = document.add_table(1, len(report.columns), "Table Grid")
    head = table.rows[0]
    for cell, column in zip(head.cells, report.columns, strict=True):
        cell.paragraphs[0].add_run(words(column.label, language)).bold = True
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in report.lines:
        _row(table._tbl, row, language)


def _row(table: etree._Element, cells: Sequence[Cell | Text], language: str) -> None:
    row = etree.SubElement(table, qn("w:tr"))
    etree.SubElement(etree.SubElement(row, qn("w:trPr")), qn("w:cantSplit"))
    for cell in cells:
        value = in_language(cell, language)
        paragraph = etree.SubElement(etree.SubElement(row, qn("w:tc")), qn("w:p"))
        run = etree.SubElement(paragraph, qn("w:r"))
        _write(run, "" if value is None else str(value))


def _write(run: etree._Element, value: str) -> None:
    for place, line in enumerate(value.split("\n")):
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
