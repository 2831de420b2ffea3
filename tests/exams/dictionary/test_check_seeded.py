"""The exam of seeded faults: some of each kind put into clean tables, exactly those are found."""

import csv
import io
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
import xlsxwriter
import xlwt
import yaml
from opendocument import sheet as ods

from hatinh.dictionary import check
from hatinh.dictionary.check import Standard, check_file
from hatinh.dictionary.load import load
from hatinh.dictionary.model import Code, CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, Order, RowSum, SumRule, TableSchema
from hatinh.text import NO_TEXT, Text
from schemas import ROOT

AT = date(2026, 11, 22)
DEPARTMENTS = ROOT.parent / "demo" / "departments"
Table = list[list[str]]
Places = set[tuple[int, str, str]]


def element(name: str, datatype: Datatype = Datatype.STRING, **promised: Any) -> Element:
    return Element(name, Text(name), NO_TEXT, datatype, **promised)


ELEMENTS = (
    element("ma"),
    element("ten", max_length=40),
    element("xa", Datatype.CODE, code_list="xa"),
    element("so", Datatype.INTEGER, minimum=0, maximum=1_000_000),
    element("ty_le", Datatype.DECIMAL, minimum=0, maximum=100),
    element("ngay", Datatype.DATE),
    element("ky", Datatype.PERIOD),
    element("co", Datatype.BOOLEAN),
    element("lien_ket", Datatype.URL),
    element("so_hieu", pattern="^0[0-9]{4}$"),
)
XA = CodeList(
    "xa",
    Text("Xã"),
    (
        *(Code(f"{n:05d}", Text(f"Xã {n}")) for n in range(18001, 18070)),
        Code("18999", Text("Xã cũ"), valid_to=date(2025, 6, 30)),
        Code("18998", Text("Xã mai sau"), valid_from=date(2030, 1, 1)),
    ),
)
HEADER = (
    "ma", "ten", "xa", "tong", "nam", "nu", "ty_le", "tu_ngay", "den_ngay", "ky", "co", "lien_ket",
    "so_hieu",
)  # fmt: skip
BOUND = dict(zip(HEADER, HEADER, strict=True)) | {
    "tong": "so", "nam": "so", "nu": "so", "tu_ngay": "ngay", "den_ngay": "ngay",
}  # fmt: skip
OPTIONAL = {"ty_le", "lien_ket", "den_ngay"}
SYNTHETIC = TableSchema(
    tuple(Column(n, BOUND[n], required=n not in OPTIONAL, key=n == "ma") for n in HEADER),
    (SumRule("tong", {"ma": "TONG"}, {"ky": "2025"}),),
    (Order("tu_ngay", "den_ngay"),),
    (RowSum("tong", ("nam", "nu")),),
)


@cache
def synthetic() -> tuple[tuple[str, ...], ...]:
    """Two hundred right rows and their total."""
    chance = random.Random(7)
    rows = []
    for number in range(200):
        men, women = chance.randrange(900), chance.randrange(900)
        start = date(2025, 1, 1) + timedelta(chance.randrange(300))
        rows.append((
            f"T{number:04d}", f"Trường Tiểu học số {number}", chance.choice(XA.codes[:-2]).code,
            dotted(men + women), str(men), str(women), f"{chance.randrange(99)},5",
            start.isoformat(), (start + timedelta(30)).strftime("%d/%m/%Y"), "2025",
            chance.choice(("có", "không")), f"https://hatinh.gov.vn/{number}", f"0{number:04d}",
        ))  # fmt: skip
    men, women = (sum(int(row[at]) for row in rows) for at in (4, 5))
    total = ("TONG", "Cộng", "18001", dotted(men + women), dotted(men), dotted(women))
    return (*rows, (*total, "", "2025-01-01", "", "20254", "có", "", "00000"))


def dotted(number: int) -> str:
    """The way thousands are written here."""
    return f"{number:,}".replace(",", ".")


def synthetic_standard() -> Standard:
    nulls = load(ROOT).code_lists["null_codes"]
    dictionary = Dictionary("1", {e.id: e for e in ELEMENTS}, {"xa": XA, "null_codes": nulls})
    return Standard(SYNTHETIC, dictionary, AT)


def demo() -> tuple[Table, Standard]:
    """The table of the 69 communes as the demonstration publishes it."""
    folder = DEPARTMENTS / "so-nnmt"
    listed = yaml.safe_load((folder / "datasets.yaml").read_text(encoding="utf-8"))
    words = listed["datasets"][0]["files"][0]["columns"]
    columns = tuple(
        Column(name, told.split()[0], "required" in told, "key" in told)
        for name, told in words.items()
    )
    with (folder / "files" / "xa-phuong.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines))
    return rows, Standard(TableSchema(columns), load(ROOT), date(2025, 7, 1))


def found(rows: Table, standard: Standard, format: str = "CSV") -> Places:
    places: Places = set()
    check_file(
        f"x.{format}", format, io.BytesIO(WRITERS[format](rows)), standard,
        lambda told: places.add((told.row, told.column, told.rule)),
    )  # fmt: skip
    return places


def delimited(rows: Table, delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def typed(value: str) -> str | int | None:
    """A cell as programs write it: numbers as numbers, codes as text, blanks as nothing."""
    whole = value.isdecimal() and str(int(value)) == value and len(value) < 4
    return int(value) if whole else value or None


def xlsx(rows: Table) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, [typed(value) for value in row])
    return out.getvalue()


def xls(rows: Table) -> bytes:
    book, out = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("S")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(at, column, typed(value))
    book.save(out)
    return out.getvalue()


def objects(rows: Table) -> list[dict[str, Any]]:
    header, *body = rows
    return [{name: typed(v) for name, v in zip(header, row, strict=True)} for row in body]


def json_lines(rows: Table) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in objects(rows)).encode()


def geojson(rows: Table) -> bytes:
    point = {"type": "Point", "coordinates": [105.9, 18.34]}
    features = [{"type": "Feature", "geometry": point, "properties": row} for row in objects(rows)]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


WRITERS: dict[str, Callable[[Table], bytes]] = {
    "CSV": delimited,
    "TSV": lambda rows: delimited(rows, "\t"),
    "XLSX": xlsx,
    "XLS": xls,
    "ODS": ods,
    "JSON": lambda rows: json.dumps(objects(rows), ensure_ascii=False).encode(),
    "JSONL": json_lines,
    "GEOJSON": geojson,
}
NO_CONTROL = {"XLSX", "XLS", "ODS"}
"""Formats that cannot hold a control character."""


@pytest.fixture(params=["row by row", "in bulk"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables and large ones are checked on different ways."""
    monkeypatch.setattr(check, "BULK", 0 if request.param == "in bulk" else 1 << 40)


def cell(column: str, value: str | Callable[[str], str]) -> Callable[[Table, int], None]:
    """A fault that changes one cell."""

    def seed(rows: Table, row: int) -> None:
        at = rows[0].index(column)
        rows[row][at] = value(rows[row][at]) if callable(value) else value

    return seed


def surplus(rows: Table, row: int) -> None:
    """A fault that gives a row one cell more."""
    rows[row].append("thừa")


# kind · column · rule · how it is seeded
FAULTS: list[tuple[str, str, str, Callable[[Table, int], None]]] = [
    ("a word for a number", "ty_le", "cell-type", cell("ty_le", "nhiều")),
    ("a day that is none", "tu_ngay", "cell-type", cell("tu_ngay", "2025-02-30")),
    ("a month that is none", "ky", "cell-type", cell("ky", "202513")),
    ("neither yes nor no", "co", "cell-type", cell("co", "chắc")),
    ("no address", "lien_ket", "cell-type", cell("lien_ket", "hatinh.gov.vn")),
    ("lost zero", "so_hieu", "cell-pattern", cell("so_hieu", lambda old: old[1:])),
    ("too long", "ten", "cell-too-long", cell("ten", "Trường " * 9)),
    ("too large", "ty_le", "cell-out-of-range", cell("ty_le", "100,01")),
    ("below zero", "ty_le", "cell-out-of-range", cell("ty_le", "-0,5")),
    ("unknown code", "xa", "cell-code-unknown", cell("xa", "99999")),
    ("code of before", "xa", "cell-code-not-valid", cell("xa", "18999")),
    ("code of later", "xa", "cell-code-not-valid", cell("xa", "18998")),
    ("blank", "ten", "cell-empty", cell("ten", "")),
    ("spaces only", "ten", "cell-empty", cell("ten", "   ")),
    ("a word for no value", "ten", "cell-empty", cell("ten", "CHUA_NHAP")),
    ("no key", "ma", "key-empty", cell("ma", "")),
    ("decomposed", "ten", "text-unclean", cell("ten", "Ha\u0300 Ti\u0303nh")),
    ("control character", "ten", "text-unclean", cell("ten", "Hà\x08 Tĩnh")),
    ("end before start", "den_ngay", "order-reversed", cell("den_ngay", "2024-12-31")),
    ("men and women", "tong", "row-sum-differs", cell("nam", "901")),
    ("surplus cell", "", "cell-surplus", surplus),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[0] for fault in FAULTS])
@pytest.mark.parametrize("count", [1, 17])
def test_seeded_faults_are_found_and_no_others(
    fault: tuple[str, str, str, Callable[[Table, int], None]], count: int, monkeypatch: Any
) -> None:
    """So many faults of a kind in clean rows: exactly those rows, that column, that rule."""
    kind, column, rule, seed = fault
    if rule == "cell-surplus":
        monkeypatch.setattr("hatinh.tabular.table.LEAD", 1)
    rows: Table = [list(HEADER), *map(list, synthetic())]
    chosen = random.Random(kind).sample(range(2, 200), count)
    for row in chosen:
        seed(rows, row)
    schema = replace(SYNTHETIC, sums=()) if column in {"tong", "ky"} else SYNTHETIC
    standard = replace(synthetic_standard(), schema=schema)
    assert found(rows, standard) == {(row, column, rule) for row in chosen}


def test_clean_tables_have_no_fault() -> None:
    """Nothing is found where nothing was seeded, in ours nor in the demonstration's table."""
    assert found([list(HEADER), *map(list, synthetic())], synthetic_standard()) == set()
    assert found(*demo()) == set()


@pytest.mark.parametrize("count", [1, 9])
def test_repeated_keys_are_found(count: int) -> None:
    """The later row of each pair is named, spaces around the key or not."""
    rows: Table = [list(HEADER), *map(list, synthetic())]
    chosen = random.Random(count).sample(range(100, 200), count)
    for row in chosen:
        rows[row][0] = f" {rows[row - 90][0]}"
    assert found(rows, synthetic_standard()) == {(row, "ma", "key-duplicated") for row in chosen}


def test_wrong_total_is_found() -> None:
    """A part that changes breaks its total; a word for no value among the parts does not."""
    rows: Table = [list(HEADER), *map(list, synthetic())]
    rows[201][3:6] = ["1", "1", "0"]
    assert found(rows, synthetic_standard()) == {(201, "tong", "sum-differs")}
    del rows[201]
    assert found(rows, synthetic_standard()) == {(0, "tong", "sum-row-missing")}


def test_words_for_no_value_are_no_values() -> None:
    """Where a value is not required they are right, and are neither a date nor a zero."""
    rows: Table = [list(HEADER), *map(list, synthetic())]
    for row, word in enumerate(("KHONG_AP_DUNG", "CHUA_XAC_DINH", "KHONG_RO", "HAN_CHE"), 1):
        rows[row][6] = rows[row][8] = word
    assert found(rows, synthetic_standard()) == set()


DEMO_FAULTS = [
    ("ma_xa", "cell-code-unknown", "00001"),
    ("ma_xa", "key-empty", ""),
    ("ten_xa", "cell-empty", ""),
    ("ngay_hieu_luc", "cell-type", "01-7"),
    ("vi_do", "cell-type", "mười tám"),
    ("kinh_do", "cell-out-of-range", "1059"),
    ("ten_xa", "text-unclean", "Cẩm Bi\u0300nh"),
]


@pytest.mark.parametrize(("column", "rule", "bad"), DEMO_FAULTS)
def test_seeded_faults_of_the_demonstration_are_found(column: str, rule: str, bad: str) -> None:
    """The table of the communes, as published, with faults put in."""
    rows, standard = demo()
    chosen = random.Random(rule).sample(range(1, 70), 5)
    for row in chosen:
        rows[row][rows[0].index(column)] = bad
    places = {place for place in found(rows, standard) if place[2] != "key-duplicated"}
    assert places == {(row, column, rule) for row in chosen}


@pytest.mark.parametrize("format", WRITERS)
def test_faults_of_every_kind_are_found_in_every_format(format: str) -> None:
    """Five of each kind in one table: the same are found wherever the table is kept."""
    rows: Table = [list(HEADER), *map(list, synthetic())]
    free = random.Random(format).sample(range(2, 200), 198)
    wanted: Places = set()
    for kind, column, rule, seed in FAULTS:
        if kind == "surplus cell" or (kind == "control character" and format in NO_CONTROL):
            continue
        for row in (free.pop() for _ in range(5)):
            seed(rows, row)
            wanted.add((row, column, rule))
    standard = replace(synthetic_standard(), schema=replace(SYNTHETIC, sums=()))
    assert found(rows, standard, format) == wanted


@pytest.mark.parametrize("format", WRITERS)
def test_keys_and_totals_are_judged_in_every_format(format: str) -> None:
    """A clean table has no fault; a repeated key and a wrong total are found."""
    rows: Table = [list(HEADER), *map(list, synthetic())]
    assert found(rows, synthetic_standard(), format) == set()
    rows[150][0] = rows[60][0]
    rows[201][3:6] = ["1", "1", "0"]
    wrong = {(150, "ma", "key-duplicated"), (201, "tong", "sum-differs")}
    assert found(rows, synthetic_standard(), format) == wrong
