"""The printed form holds any words as they are, on any number of pages."""

import re
from datetime import UTC, datetime

import pytest
from edition_files import of_csv, of_docx, of_xlsx, rows_of_pdf, table_letters

from hatinh.report import to_csv, to_xlsx
from hatinh.report.docx import to_docx
from hatinh.report.pdf import to_pdf
from hatinh.report.report import Column, ColumnType, Report
from hatinh.text import Text

AWKWARD = (
    "Trường tiểu học Nguyễn Du, ươm mầm đất nước",
    "#let x = 1; $a^2$ *đậm* _nghiêng_ `mã` @nhãn <nhãn> \\u{41} [ngoặc] //chú thích",
    "<w:t>&amp;</w:t> ]]> \"trích\" 'dẫn'",
    "dòng một\ndòng hai\n\ndòng bốn",
    "office find affluent ﬁ",
    "x" * 300,
    "",
    "0012",
)
REPORT = Report(
    id="du-lieu-mo",
    title=Text("Danh mục dữ liệu mở"),
    columns=(
        Column("tt", Text("TT"), ColumnType.INTEGER),
        Column("a", Text("Bộ dữ liệu"), ColumnType.TEXT),
        Column("b", Text("Mô tả"), ColumnType.TEXT),
    ),
    rows=[(n, AWKWARD[n % 8], AWKWARD[(n * 3 + 1) % 8]) for n in range(1, 121)],
    generated_at=datetime(2026, 11, 22, 8, tzinfo=UTC),
    preamble=(Text("(Kèm theo Quyết định số 1)"),),
    notes=(Text("Ghi chú cuối bảng"),),
)
HEADER = ["TT", "Bộ dữ liệu", "Mô tả"]
ROWS = [[str(cell) for cell in row] for row in REPORT.rows]


def test_document_and_workbook_hold_every_cell() -> None:
    """Cell for cell, line breaks and leading zeros too."""
    assert of_docx(to_docx(REPORT)) == [HEADER, *ROWS]
    assert of_xlsx(to_xlsx(REPORT)) == [HEADER, *ROWS]


def test_csv_holds_every_cell_and_no_totals() -> None:
    """A report without totals ends with its last row; a cell that looks like a formula is inert."""
    assert of_csv(to_csv(REPORT)) == [HEADER, *ROWS]


def test_pdf_holds_every_row_below_a_header_on_each_page() -> None:
    """No sign is taken for markup, no letter is lost at the end of a page."""
    body = to_pdf(REPORT)
    found = rows_of_pdf(body, HEADER)
    assert found.removesuffix(table_letters([["Ghi chú cuối bảng"]])) == table_letters(ROWS)


def test_pages_are_set_in_the_same_fonts_on_every_machine() -> None:
    """Also letters that the first font lacks: rows stand on the same pages wherever it is made."""
    fonts = set(re.findall(rb"/BaseFont ?/[A-Z]{6}\+([^-/]+)", to_pdf(REPORT)))
    assert fonts == {b"LibertinusSerif", b"NewCM10"}


@pytest.mark.parametrize("write", [to_csv, to_xlsx, to_docx, to_pdf])
def test_equal_reports_give_equal_bytes(write) -> None:
    """So the hash of a package says which files were sent."""
    assert write(REPORT) == write(REPORT)
