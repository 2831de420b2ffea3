"""A report as an administrative document (REQ-88): its form, and how people write numbers."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from docx import Document
from pypdf import PdfReader

from hatinh.errors import SchemaError
from hatinh.report import Column, ColumnType, Report
from hatinh.report.docx import to_docx
from hatinh.report.official import load_official
from hatinh.report.pdf import to_pdf
from hatinh.text import Text
from schemas import ROOT

FORM = load_official(ROOT / "figures" / "official.yaml")
OFFICIAL = FORM.filled("Sở Y tế", "SYT", date(2026, 2, 3), province=False)
REPORT = Report(
    id="thu",
    title=Text("Kiểm kê dữ liệu"),
    columns=(
        Column("a", Text("Cơ quan"), ColumnType.TEXT),
        Column("b", Text("Số"), ColumnType.INTEGER),
        Column("c", Text("Điểm"), ColumnType.SCORE),
        Column("d", Text("Ngày"), ColumnType.DAY),
    ),
    rows=[(Text("Sở Y tế"), 12345, 86.5, "2026-02-03"), (Text("Sở 1.5"), 0, None, None)],
    totals=(Text("Cộng"), -12345, 100.0, None),
    generated_at=datetime(2026, 2, 3, 8, 5, tzinfo=UTC),
    notes=(Text("Ghi chú"),),
    official=OFFICIAL,
)
PRINTED = [
    ["Cơ quan", "Số", "Điểm", "Ngày"],
    ["Sở Y tế", "12.345", "86,50", "03/02/2026"],
    ["Sở 1.5", "0", "", ""],
    ["Cộng", "-12.345", "100,00", ""],
]


def test_document_has_head_table_and_foot() -> None:
    """Country and motto, who issues it, number, place and day; who receives it and who signs."""
    head, table, foot = Document(io.BytesIO(to_docx(REPORT))).tables
    left, right = (cell.text for cell in head.rows[0].cells)
    assert left.startswith("ỦY BAN NHÂN DÂN TỈNH HÀ TĨNH\nSỞ Y TẾ\n")
    assert "/BC-SYT" in left
    assert right.startswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc")
    assert "Hà Tĩnh, ngày 03 tháng 02 năm 2026" in right
    assert [[cell.text for cell in row.cells] for row in table.rows] == PRINTED
    receives, signs = (cell.text for cell in foot.rows[0].cells)
    assert "- Công an tỉnh;" in receives
    assert signs.startswith("THỦ TRƯỞNG CƠ QUAN")


def test_document_opens_whatever_signs_its_words_have() -> None:
    """What no XML may have is a space."""
    cells = [(Text("Luật\x0bsố 1\ufffe"), 1, None, None)]
    notes, preamble = (Text("a\x01b"),), (Text("c\x02d"),)
    made = to_docx(replace(REPORT, rows=cells, notes=notes, preamble=preamble), "vi")
    (table,) = (t for t in Document(io.BytesIO(made)).tables if t.cell(0, 0).text == "Cơ quan")
    assert table.cell(1, 0).text.strip() == "Luật số 1"


def test_pdf_says_the_same() -> None:
    """The same words and cells, in the same order."""
    (page,) = PdfReader(io.BytesIO(to_pdf(REPORT))).pages
    said = "".join(page.extract_text().split())
    for words in ("BÁOCÁO", "SỞYTẾ", "CỘNGHÒAXÃHỘICHỦNGHĨAVIỆTNAM", "THỦTRƯỞNGCƠQUAN"):
        assert words in said
    assert "".join("".join(row) for row in PRINTED).replace(" ", "") in said


def test_english_numbers_are_english() -> None:
    """Each language writes its own commas."""
    table = Document(io.BytesIO(to_docx(REPORT, "en"))).tables[1]
    assert [cell.text for cell in table.rows[1].cells] == [
        "Sở Y tế", "12,345", "86.50", "03/02/2026",
    ]  # fmt: skip


@pytest.mark.parametrize("write", [to_docx, to_pdf])
def test_equal_reports_give_equal_bytes(write) -> None:
    """What was sent can be made again."""
    assert write(REPORT) == write(replace(REPORT))


def test_province_reports_to_the_ministry() -> None:
    """Who consolidates reports upwards, a unit to who consolidates (REQ-82)."""
    assert "- Sở Khoa học và Công nghệ;" in OFFICIAL.recipients
    whole = FORM.filled("Sở Khoa học và Công nghệ", "SKHCN", date(2026, 12, 31), province=True)
    assert "- Bộ Khoa học và Công nghệ;" in whole.recipients
    assert whole.place_and_day == "Hà Tĩnh, ngày 31 tháng 12 năm 2026"


def test_form_that_lacks_a_word_is_refused(tmp_path) -> None:
    """Half a head is none."""
    path = tmp_path / "official.yaml"
    path.write_text("country: X", encoding="utf-8")
    with pytest.raises(SchemaError):
        load_official(path)
