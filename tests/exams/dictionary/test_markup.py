"""The check of a file from outside: command, JSON, marked copy; the same in every format."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import opendocument
import openpyxl
import pytest
import xlsxwriter
import xlwt
from click.testing import CliRunner, Result

from hatinh.check import check

HEADER = ("ma_xa", "dien_tich", "ngay")
ROWS = [("18073", "1.5", "2026-01-31"), ("99999", "abc", "2026-02-30"), ("18100", "", "")]
BOUND = "ma_xa=ma_dvhc,dien_tich=DienTich,ngay=NgayHieuLuc"
FAULTY = {(2, "ma_xa"), (2, "dien_tich"), (2, "ngay")}


def csv_bytes(delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([HEADER, *ROWS])
    return out.getvalue().encode()


def xlsx_bytes() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def xls_bytes() -> bytes:
    out = io.BytesIO()
    book = xlwt.Workbook()
    sheet = book.add_sheet("Bảng")
    for number, row in enumerate([HEADER, *ROWS]):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.save(out)
    return out.getvalue()


def ods_bytes() -> bytes:
    return opendocument.sheet([HEADER, *ROWS])


def objects() -> list[dict[str, str]]:
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


FILES: dict[str, Callable[[], bytes]] = {
    "csv": csv_bytes,
    "tsv": lambda: csv_bytes("\t"),
    "xlsx": xlsx_bytes,
    "xls": xls_bytes,
    "ods": ods_bytes,
    "json": lambda: json.dumps({"data": objects()}).encode(),
    "jsonl": lambda: "\n".join(map(json.dumps, objects())).encode(),
    "geojson": lambda: json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"geometry": None, "properties": found} for found in objects()],
        }
    ).encode(),
}


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(check, [*map(str, words), "--at", "2026-11-22"])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A CSV file with three faulty cells in its second row."""
    path = tmp_path / "bảng.csv"
    path.write_bytes(csv_bytes())
    return path


@pytest.mark.parametrize("ending", FILES)
def test_every_format_gives_the_same_findings(ending: str, tmp_path: Path) -> None:
    """Text, three kinds of workbooks, three of JSON: same rows, columns, rules, values."""
    path = tmp_path / f"x.{ending}"
    path.write_bytes(FILES[ending]())
    result = run(path, "--as", BOUND, "--format", "json")
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert {(one["row"], one["column"]) for one in told["violations"]} == FAULTY
    assert [one["value"] for one in told["violations"]] == ["99999", "abc", "2026-02-30"]
    assert told["rules"]["cell-type"] == {"judged": 4, "failed": 2}


def test_violation_names_all_that_is_needed_to_mend_it(table: Path) -> None:
    """Row, column, element, rule, value, what is wrong and what to do."""
    told = json.loads(run(table, "--as", BOUND, "--format", "json", "--lang", "en").output)
    first = told["violations"][0]
    named = [first[name] for name in ("row", "column", "element", "rule", "value")]
    assert named == [2, "ma_xa", "ma_dvhc", "cell-code-unknown", "99999"]
    assert "99999" in first["fault"]
    assert "code" in first["mend"]


def test_text_is_for_people(table: Path) -> None:
    """A line for each fault in Vietnamese, and the way to mend it."""
    output = run(table, "--as", BOUND).output
    assert "Dòng 2, cột ma_xa (ma_dvhc) “99999”" in output
    assert output.count("→") == 3
    assert "số chỗ sai 3" in output


def test_clean_file_ends_with_zero(table: Path) -> None:
    """Exit code 0 when nothing is wrong."""
    table.write_text("ma_xa\n18073\n", encoding="utf-8")
    result = run(table, "--as", "ma_xa=ma_dvhc")
    assert (result.exit_code, "không có lỗi" in result.output) == (0, True)


def test_schema_may_come_from_a_file(table: Path, tmp_path: Path) -> None:
    """The schema that the portal stores promises keys and sums too."""
    schema = tmp_path / "schema.json"
    promise = {"columns": [{"name": "ma_xa", "element": "ma_dvhc", "key": True}]}
    schema.write_text(json.dumps(promise), encoding="utf-8")
    for words in (("--schema", schema), ("--as", schema)):
        told = json.loads(run(table, *words, "--format", "json").output)
        assert {one["rule"] for one in told["violations"]} == {
            "column-unexpected", "cell-code-unknown",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "body", "words", "expected"),
    [
        ("x.csv", b"%PDF-1.4", BOUND, "không phải văn bản"),
        ("x.docx", b"a", BOUND, "định dạng không phải là bảng"),
        ("x.csv", b"a\n1\n", "ma_xa", "COLUMN=ELEMENT"),
        ("x.csv", b"a\n1\n", "none.json", "none.json"),
    ],
)
def test_what_cannot_be_checked_ends_with_two(
    name: str, body: bytes, words: str, expected: str, tmp_path: Path
) -> None:
    """No table, or wrong use: exit code 2 and the reason."""
    path = tmp_path / name
    path.write_bytes(body)
    result = run(path, "--as", words)
    assert (result.exit_code, expected in result.output) == (2, True)


def test_marked_copy_shows_the_faulty_cells(table: Path, tmp_path: Path) -> None:
    """Summary first; then the table with exactly the faulty cells coloured and commented."""
    out = tmp_path / "marked.xlsx"
    assert run(table, "--as", BOUND, "--marked", out).exit_code == 1
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Tóm tắt", "Bảng"]
    sheet = book["Bảng"]
    rows = enumerate(sheet.iter_rows(min_row=2), 1)
    cells = [(at, *found) for at, row in rows for found in zip(HEADER, row, strict=True)]
    marked = {(at, name) for at, name, cell in cells if cell.comment}
    coloured = {(at, name) for at, name, cell in cells if cell.fill.fgColor.rgb == "FFFFC7CE"}
    assert marked == coloured == FAULTY
    assert sheet["A2"].value == "18073"
    assert "→" in sheet["A3"].comment.text
    summary = [[cell.value for cell in row] for row in book["Tóm tắt"]]
    assert ["Số chỗ sai", 3] in [row[:2] for row in summary]
    assert sum(row[0] == 2 and row[1] in HEADER for row in summary) == 3


def test_marked_copy_keeps_text_as_text(tmp_path: Path) -> None:
    """A cell that looks like a formula or a link stays what it was."""
    path, out = tmp_path / "x.csv", tmp_path / "marked.xlsx"
    path.write_text("a,b\n=1+1,http://x.vn\n0012,1\n", encoding="utf-8")
    run(path, "--as", "a=GhiChu", "--marked", out)
    sheet = openpyxl.load_workbook(out)["Bảng"]
    assert [cell.value for cell in sheet[2]] == ["=1+1", "http://x.vn"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A3"].value == "0012"
