"""Texts of old fonts inside of workbooks come out as Vietnamese; others stay what they are."""

import csv
import io

import pytest
import xlsxwriter
import xlwt

from hatinh.tabular import Table, read_table
from hatinh.tabular.encoding import LEGACY

ROWS = [
    ["mã", "tên cơ sở", "địa chỉ", "số"],
    ["01", "trường tiểu học đại nài", "phường hà huy tập", "12"],
    ["02", "ủy ban nhân dân xã cẩm bình", "huyện cẩm xuyên", "3"],
    ["03", "chợ vườn ươm", "nghỉ lễ, đã sửa chữa", "4"],
]
LATIN = [["code", "name"], ["1", "Café Pâtisserie"], ["2", "Müller & Söhne"], ["3", "niño"]]
SHORT = [["mã", "tên"], ["1", "Hà Tĩnh"], ["2", "xã Hòa Hải"], ["3", "có"], ["4", "là"]]


def old(text: str, name: str) -> str:
    """A text as a workbook holds it: a letter for each byte."""
    with (LEGACY / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        letters = {row["text"]: row["bytes"] for row in csv.DictReader(lines)}
    parts = (letters.get(letter) or letter.encode("latin-1").hex() for letter in text)
    return b"".join(map(bytes.fromhex, parts)).decode("latin-1")


def xlsx(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def xls(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    book.save(out)
    return out.getvalue()


def grid(table: Table) -> list[list[str | None]]:
    return [list(table.header), *map(list, table.rows)]


@pytest.mark.parametrize(("kind", "write"), [("XLSX", xlsx), ("XLS", xls)])
@pytest.mark.parametrize("font", ["tcvn3", "vni"])
def test_old_texts_are_read_as_unicode(font: str, kind: str, write) -> None:
    """Header and cells; a remark says so."""
    table = read_table("x", kind, write([[old(cell, font) for cell in row] for row in ROWS]))
    assert grid(table) == ROWS
    assert [(remark.code, remark.value) for remark in table.remarks] == [("old-encoding", font)]


def test_unicode_beside_old_texts_stays() -> None:
    """A sheet in two fonts: what is Vietnamese already is left alone."""
    mixed = [[old(cell, "tcvn3") for cell in row] for row in ROWS]
    mixed[1][2], mixed[2][2] = "Phường Hà Huy Tập", "xã Hòa Hải"
    rows = grid(read_table("x", "XLSX", xlsx(mixed)))
    assert [row[2] for row in rows[1:3]] == ["Phường Hà Huy Tập", "xã Hòa Hải"]
    assert [row[1] for row in rows] == [row[1] for row in ROWS]


@pytest.mark.parametrize("rows", [ROWS, LATIN, SHORT], ids=["unicode", "latin", "short"])
def test_what_is_no_old_text_stays(rows: list[list[str]]) -> None:
    """Unicode, other languages, and Vietnamese whose letters are all Latin-1."""
    table = read_table("x", "XLSX", xlsx(rows))
    assert grid(table) == rows
    assert not table.remarks


def test_old_csv_has_the_remark_too() -> None:
    """A text file in an old encoding is read, and its owner is told."""
    body = "\n".join(old(";".join(row), "tcvn3") for row in ROWS).encode("latin-1")
    table = read_table("x.csv", "CSV", body)
    assert grid(table) == ROWS
    assert [remark.code for remark in table.remarks] == ["old-encoding"]
