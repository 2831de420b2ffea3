"""Reports as files: what is opened in a spreadsheet is what was counted, and nothing runs."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from hatinh.report import Column, ColumnType, Report, to_csv, to_xlsx
from hatinh.report.guard import inert
from hatinh.text import Text

REPORT = Report(
    id="thu",
    title=Text("Kiểm kê", "Inventory"),
    columns=(
        Column("a", Text("Cơ quan", "Office"), ColumnType.TEXT),
        Column("b", Text("Số"), ColumnType.INTEGER),
        Column("c", Text("Điểm"), ColumnType.SCORE),
    ),
    rows=[(Text("=HYPERLINK(1)", "Danger"), -5, 81.25), (Text('Sở "Y", tế'), 0, None)],
    totals=(Text("Cộng", "Total"), -5, 81.25),
    generated_at=datetime(2026, 11, 22, 8, 5, tzinfo=UTC),
    notes=(Text("Ghi chú", "Note"),),
)


def test_csv_is_for_machines_and_for_excel() -> None:
    """A byte-order mark, CRLF, quotes where needed, plain numbers, blanks empty."""
    body = to_csv(REPORT)
    assert body.startswith(b"\xef\xbb\xbf")
    assert body.count(b"\r\n") == 4
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig")))) == [
        ["Cơ quan", "Số", "Điểm"],
        ["'=HYPERLINK(1)", "-5", "81.25"],
        ['Sở "Y", tế', "0", ""],
        ["Cộng", "-5", "81.25"],
    ]


def test_english_falls_back_to_vietnamese() -> None:
    """Where there is no English the Vietnamese stands."""
    lines = to_csv(REPORT, "en").decode("utf-8-sig").splitlines()
    assert lines[0] == "Office,Số,Điểm"
    assert lines[1].startswith("Danger")


@pytest.mark.parametrize(
    "text", ["=1+1", "+84 239 1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "-cmd"]
)
def test_text_that_might_run_is_made_inert(text: str) -> None:
    """Whatever a spreadsheet may take for a formula gets an apostrophe (REQ-78)."""
    assert inert(text) == "'" + text


@pytest.mark.parametrize("text", ["-5", "-1.234,5", "+3", "-12,5%", "Sở Y tế", "a=b", "", "5-6"])
def test_numbers_and_words_are_left_alone(text: str) -> None:
    """Negative numbers are no formulas."""
    assert inert(text) == text


def test_workbook_has_real_numbers_and_no_formula() -> None:
    """Numbers are numbers, blanks blank, texts texts; title above, notes below."""
    body = to_xlsx(REPORT)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_name("thu").to_python()
    assert rows[0][0] == "Kiểm kê"
    assert rows[3:7] == [
        ["Cơ quan", "Số", "Điểm"],
        ["=HYPERLINK(1)", -5, 81.25],
        ['Sở "Y", tế', 0, ""],
        ["Cộng", -5, 81.25],
    ]
    assert rows[8][0] == "Ghi chú"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert '<autoFilter ref="A4:C6"/>' in sheet
    assert 'state="frozen"' in sheet


def test_equal_reports_give_equal_workbooks() -> None:
    """The file depends on nothing but the report."""
    assert to_xlsx(REPORT) == to_xlsx(replace(REPORT))


def test_day_is_a_real_day_in_the_workbook() -> None:
    """A day can be sorted and counted with, not only read."""
    made = replace(
        REPORT,
        columns=(Column("a", Text("Ngày"), ColumnType.DAY),),
        rows=[("2026-11-22",)],
        totals=(),
    )
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(made))).worksheets[0]
    assert sheet["A5"].value == datetime.fromisoformat("2026-11-22")
