"""The workbook of an edition: written, filled in, read again, each faulty cell named."""

import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

import schemas
from hatinh.dictionary.attributes import Attributes, load_attributes
from hatinh.dictionary.edition import Edition, State
from hatinh.dictionary.edition_json import fingerprint
from hatinh.dictionary.edition_rules import CodeUses, Uses
from hatinh.dictionary.model import CodeList, Datatype
from hatinh.dictionary.workbook import DryRun, Surroundings, dry_run
from hatinh.dictionary.workbook_form import ACTION, write_template, write_workbook
from hatinh.errors import UnreadableTableError
from hatinh.messages import describe, load_texts

ELEMENTS, LISTS, CODES = "Thuật ngữ", "Danh mục", "Mã"
DAY = date(2026, 12, 1)
NEW_ELEMENT = {
    "id": "ChieuCao",
    "name_vi": "Chiều cao",
    "name_en": "Height",
    "definition_vi": "Chiều cao của vật",
    "definition_en": "Height of a thing",
    "group_vi": "Tên",
    "group_en": "Name",
    "entity": "X",
    "owner_org": "so-y-te",
    "source": "test",
    "confidence": "D",
    "datatype": "decimal",
    "personal_data": "none",
    "minimum": "0,5",
}
NEW_CODE = {"code_list": "colours", "code": "tim", "name_vi": "Tím"}
BLUE = {"code_list": "colours", "code": "lam", "name_vi": "Lam"}
Run = Callable[..., DryRun]


@pytest.fixture
def around(small: Edition, attributes: Attributes, offices: CodeList) -> Surroundings:
    """The small edition is in force, and nothing uses it."""
    return Surroundings(small, attributes, offices, Uses())


@pytest.fixture
def run(around: Surroundings) -> Run:
    """Fills in a workbook of the small edition and reads it."""

    def filled(
        *rows: tuple[str, Mapping[str, Any]], blank: bool = True, uses: Uses | None = None
    ) -> DryRun:
        write = write_template if blank else write_workbook
        body = write(around.base, around.attributes, around.offices)
        given = replace(around, uses=uses or Uses())
        return dry_run("mau.xlsx", edited(body, rows), given, DAY)

    return filled


def edited(body: bytes, rows: tuple[tuple[str, Mapping[str, Any]], ...]) -> bytes:
    """The workbook with rows written below the last one; ``row`` says which one instead."""
    book = openpyxl.load_workbook(io.BytesIO(body))
    for title, cells in rows:
        sheet = book[title]
        keys = [cell.value for cell in sheet[2]]
        row = cells.get("row", max(sheet.max_row + 1, 3))
        for key, value in cells.items():
            if key != "row":
                sheet.cell(row, keys.index(key) + 1, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def address(sheet: str, column: str) -> str:
    """The cell of the first row in a column of the template."""
    sheets = load_attributes(schemas.ROOT).sheets.values()
    found = next(s for s in sheets if s.title.vi == sheet)
    keys = [ACTION, *(c.key for c in found.columns)]
    return f"{get_column_letter(keys.index(column) + 1)}3"


def faults(found: DryRun) -> list[tuple[str, str, str]]:
    """Sheet, cell and code of every fault."""
    return [(fault.sheet, fault.cell, fault.problem.code) for fault in found.faults]


def test_edition_comes_back_from_its_workbook(
    shipped: Edition, attributes: Attributes, offices: CodeList
):
    """The workbook of the whole dictionary, read again, is no change at all."""
    body = write_workbook(shipped, attributes, offices)
    around = Surroundings(shipped, attributes, offices, Uses())
    found = dry_run("tu-dien.xlsx", body, around, shipped.date)
    assert not found.diff
    assert found.faults == ()
    assert fingerprint(found.edition) == fingerprint(shipped)


def test_workbook_of_an_edition_is_always_the_same(around: Surroundings):
    """Equal editions give equal bytes."""
    args = (around.base, around.attributes, around.offices)
    assert write_workbook(*args) == write_workbook(*args)


def test_template_explains_itself(around: Surroundings):
    """A guide, three sheets with Vietnamese headers, hidden keys, comments and choices."""
    body = write_template(around.base, around.attributes, around.offices)
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert book.sheetnames == ["Hướng dẫn", ELEMENTS, LISTS, CODES, "_lua_chon"]
    assert book["_lua_chon"].sheet_state == "hidden"
    sheet = book[ELEMENTS]
    assert [sheet["A1"].value, sheet["B1"].value] == ["Thao tác", "Mã thuật ngữ *"]
    assert [sheet["A2"].value, sheet["B2"].value] == [ACTION, "id"]
    assert sheet.row_dimensions[2].hidden
    assert sheet["B1"].comment is not None
    assert len(sheet.data_validations.dataValidation) == 4
    assert sheet["B3"].value is None


def test_workbook_flags_what_is_no_law(shipped: Edition, attributes: Attributes, offices: CodeList):
    """Proposed and unverified things say so in their rows, the edition on the first page."""
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(shipped, attributes, offices)))
    rows = {row[1]: row[-1] for row in book[LISTS].iter_rows(min_row=3, values_only=True)}
    assert "CHƯA KIỂM CHỨNG" in str(rows["error_groups"])
    assert "ĐỀ XUẤT" in str(rows["org_kinds"])
    assert rows["admin_units"] is None
    assert "chưa được phê duyệt" in str(book["Hướng dẫn"]["A3"].value)


def test_new_rows_are_added(run: Run):
    """New element, list and code; what has no row stays as it is."""
    found = run(
        (ELEMENTS, NEW_ELEMENT),
        (
            LISTS,
            {
                "id": "shapes",
                "title_vi": "Hình",
                "title_en": "Shapes",
                "owner": "so-y-te",
                "source": "test",
                "issued": "2026",
                "confidence": "D",
                "proposed": "x",
            },
        ),
        (CODES, {"code_list": "shapes", "code": "tron", "name_vi": "Tròn", "other_names": "O|0"}),
    )
    assert found.faults == ()
    assert [(c.kind, c.what, c.key) for c in found.diff.changes] == [
        ("added", "element", "ChieuCao"),
        ("added", "code_list", "shapes"),
        ("added", "code", "shapes/tron"),
    ]
    height = found.edition.elements["ChieuCao"]
    assert (height.datatype, height.minimum, height.dqi_weight) == (Datatype.DECIMAL, 0.5, 1.0)
    assert found.edition.code_lists["shapes"].codes[0].other_names == ("O", "0")
    assert found.edition.code_lists["shapes"].proposed
    assert (found.edition.state, found.edition.based_on) == (State.PROPOSED, "1.0")


def test_changed_cell_changes_its_field_alone(run: Run):
    """A filled row that differs in one cell is a change of one field."""
    found = run((ELEMENTS, {"row": 3, "max_length": None, "maximum": 0.25}), blank=False)
    assert found.faults == ()
    assert [
        (c.key, [(f.field, f.before, f.after) for f in c.fields]) for c in found.diff.changes
    ] == [("CanNang", [("maximum", 0.125, 0.25)])]


def test_withdrawn_rows_go(run: Run):
    """``thu_hoi`` in the first column takes a thing out."""
    found = run(
        (
            CODES,
            {ACTION: "thu_hoi", "code_list": "colours", "code": "lam", "valid_from": "01/01/2020"},
        ),
        (ELEMENTS, {ACTION: "thu_hoi", "id": "CanNang"}),
    )
    assert found.faults == ()
    assert [(c.kind, c.key) for c in found.diff.changes] == [
        ("withdrawn", "CanNang"),
        ("withdrawn", "colours/lam@2020-01-01"),
    ]


def test_three_faulty_cells_are_named(run: Run):
    """Each faulty cell is named by sheet and address, and no other cell is."""
    found = run(
        (ELEMENTS, NEW_ELEMENT | {"minimum": "nhiều", "owner_org": None}),
        (CODES, {"code_list": "colours", "code": "vang", "name_vi": "Vàng", "parent": "hong"}),
    )
    assert faults(found) == [
        (ELEMENTS, address(ELEMENTS, "owner_org"), "workbook-cell-missing"),
        (ELEMENTS, address(ELEMENTS, "minimum"), "workbook-cell-wrong"),
        (CODES, address(CODES, "parent"), "code-parent-unknown"),
    ]
    assert found.refused
    titles = [describe(fault.problem, "vi", load_texts(schemas.ROOT)) for fault in found.faults]
    assert titles[1] == ("“nhiều” không đọc được ở cột “Giá trị nhỏ nhất”", "Chỉ cho số")


@pytest.mark.parametrize(
    ("sheet", "cells", "column", "code"),
    [
        (ELEMENTS, {"datatype": "số"}, "datatype", "workbook-choice-unknown"),
        (ELEMENTS, {"confidence": "E"}, "confidence", "workbook-choice-unknown"),
        (ELEMENTS, {"pattern": "["}, "pattern", "pattern-wrong"),
        (ELEMENTS, {"name_en": None}, "name_en", "workbook-cell-missing"),
        (ELEMENTS, {"valid_from": "31/02/2026"}, "valid_from", "workbook-cell-wrong"),
        (ELEMENTS, {"proposed": "có lẽ"}, "proposed", "workbook-cell-wrong"),
        (ELEMENTS, {"max_length": "1,5"}, "max_length", "workbook-cell-wrong"),
        (ELEMENTS, {"id": None}, "id", "workbook-cell-missing"),
        (ELEMENTS, {ACTION: "xóa"}, ACTION, "workbook-choice-unknown"),
        (ELEMENTS, {"synonyms": "mau"}, "synonyms", "synonym-ambiguous"),
        (CODES, {"code_list": "hinh"}, "code_list", "code-list-unknown"),
        (CODES, {"order": "một"}, "order", "workbook-cell-wrong"),
        (CODES, {"code": "do"}, "name_vi", "code-meaning-changed"),
        (
            CODES,
            BLUE | {"valid_from": "2027-01-01"},
            "valid_from",
            "code-validity-overlap",
        ),
        (CODES, {ACTION: "thu_hoi"}, "code", "workbook-withdrawal-empty"),
    ],
)
def test_faulty_cell_is_named(
    run: Run, sheet: str, cells: dict[str, object], column: str, code: str
):
    """One wrong cell, one fault, at its address."""
    whole = NEW_ELEMENT if sheet == ELEMENTS else NEW_CODE
    assert faults(run((sheet, {**whole, **cells}))) == [(sheet, address(sheet, column), code)]


def test_row_twice_is_named(run: Run):
    """The second row of one thing is a fault that names the first."""
    found = run((ELEMENTS, NEW_ELEMENT), (ELEMENTS, NEW_ELEMENT))
    assert faults(found) == [(ELEMENTS, "B4", "workbook-row-repeated")]
    assert found.faults[0].problem.params == {"first": "3"}


def test_withdrawal_of_what_is_in_use_is_refused(run: Run):
    """The row that asks for it is named."""
    found = run(
        (CODES, {ACTION: "thu_hoi", "code_list": "colours", "code": "son"}),
        uses=Uses(codes=lambda _: CodeUses(Counter(son=2))),
    )
    assert faults(found) == [(CODES, "C3", "code-in-use")]


def test_code_without_its_column_is_told(around: Surroundings):
    """A sheet whose rows cannot be named is not read; other columns may be missing."""
    body = write_workbook(around.base, around.attributes, around.offices)
    book = openpyxl.load_workbook(io.BytesIO(body))
    book[CODES].delete_cols(3)
    book[ELEMENTS].delete_cols(4, 3)
    book[LISTS]["Z2"] = "mau"
    out = io.BytesIO()
    book.save(out)
    found = dry_run("x.xlsx", out.getvalue(), around, DAY)
    assert faults(found) == [
        (LISTS, "Z2", "workbook-column-unknown"),
        (CODES, "", "workbook-column-missing"),
    ]
    assert not found.diff


def test_other_workbook_is_refused(around: Surroundings):
    """A workbook without any of the sheets is told so; no workbook at all is an error."""
    book = openpyxl.Workbook()
    out = io.BytesIO()
    book.save(out)
    found = dry_run("x.xlsx", out.getvalue(), around, DAY)
    assert faults(found) == [("", "", "workbook-sheet-missing")]
    with pytest.raises(UnreadableTableError):
        dry_run("x.xlsx", b"PK\x03\x04 no workbook", around, DAY)


def test_sheet_full_of_faults_is_read_in_part(run: Run):
    """Nobody reads thousands of faults: five hundred are named, and where the reading stopped."""
    rows = [(CODES, NEW_CODE | {"row": n, "code": f"c{n}", "order": "x"}) for n in range(3, 603)]
    found = [fault for fault in run(*rows).faults if fault.sheet == CODES]
    assert len(found) == 501
    assert found[-1].problem.code == "workbook-too-long"
