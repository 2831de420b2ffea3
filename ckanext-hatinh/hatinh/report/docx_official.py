"""Head and foot of an administrative document (thể thức văn bản hành chính) for Word."""

from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from hatinh.report.official import Official
from hatinh.text import fit_for_xml

_RULE = "―――――――"


def number_pages(section: Section) -> None:
    """The form's margins, and page numbers in the middle of the top from the second page on."""
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def write_head(document: Docx, official: Official, title: str) -> None:
    """Who issues it under which number, country and motto, place and day, kind and subject."""
    table = document.add_table(1, 2)
    left, right = table.rows[0].cells
    _line(left.paragraphs[0], official.superior, size=12)
    _line(left.add_paragraph(), official.issuer, size=12, bold=True)
    _line(left.add_paragraph(), _RULE, size=8)
    _line(left.add_paragraph(), official.number, size=13)
    _line(right.paragraphs[0], official.country, size=12, bold=True)
    _line(right.add_paragraph(), official.motto, size=13, bold=True)
    _line(right.add_paragraph(), _RULE, size=8)
    _line(right.add_paragraph(), official.place_and_day, size=13, italic=True)
    _line(document.add_paragraph(), official.kind, size=14, bold=True)
    _line(document.add_paragraph(), title, size=14, bold=True)


def write_foot(document: Docx, official: Official) -> None:
    """Who receives it, and who signs."""
    table = document.add_table(1, 2)
    left, right = table.rows[0].cells
    _line(
        left.paragraphs[0], official.recipients_label, size=12, bold=True, italic=True, middle=False
    )
    for name in official.recipients:
        _line(left.add_paragraph(), name, size=11, middle=False)
    _line(right.paragraphs[0], official.signer, size=13, bold=True)
    _line(right.add_paragraph(), official.signer_note, size=13, italic=True)


def _line(
    paragraph: Paragraph,
    text: str,
    *,
    size: int,
    bold: bool = False,
    italic: bool = False,
    middle: bool = True,
) -> None:
    if middle:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(fit_for_xml(text))
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
