"""Large files: right rows may be passed over, and the findings are those of any reading."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatinh.dictionary import bulk, check
from hatinh.dictionary.check import Standard, TableFacts, check_file
from hatinh.dictionary.model import Code, CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, Order, RowSum, SumRule, TableSchema
from hatinh.errors import UnreadableTableError
from hatinh.text import NO_TEXT, Text

AT = date(2026, 11, 22)


def element(name: str, datatype: Datatype = Datatype.STRING, **promised: Any) -> Element:
    return Element(name, Text(name), NO_TEXT, datatype, **promised)


PLACES = CodeList(
    "places",
    Text("Xã"),
    (
        Code("18073", Text("Thành Sen")),
        Code("18094", Text("Trần Phú"), valid_to=date(2025, 6, 30)),
        Code("X'1", Text("Nháy")),
    ),
)
NULLS = CodeList("null_codes", Text("Mã rỗng"), (Code("CHUA_NHAP", Text("Chưa nhập")),))
ELEMENTS = (
    element("key"),
    element("place", Datatype.CODE, code_list="places"),
    element("count", Datatype.INTEGER, minimum=0, maximum=5000),
    element("share", Datatype.DECIMAL, minimum=-1.5),
    element("day", Datatype.DATE),
    element("yes", Datatype.BOOLEAN),
    element("form", pattern=r"^[A-Z]{2}[0-9 ]+$", max_length=8),
    element("note", max_length=10),
    element("hard", pattern=r"^(?!x)\w+$"),
)
NAMES = tuple(found.id for found in ELEMENTS)
SCHEMA = TableSchema(
    (
        *(
            Column(name, name, required=name in {"count", "place"}, key=name == "key")
            for name in NAMES
        ),
        Column("until", "day"),
        Column("part", "count"),
    ),
    (SumRule("count", {"key": "total"}, {"place": "18073"}),),
    (Order("day", "until"),),
    (RowSum("count", ("part",)),),
)
HEADER = (*NAMES, "until", "part")
STANDARD = Standard(
    SCHEMA,
    Dictionary("1", {e.id: e for e in ELEMENTS}, {"places": PLACES, "null_codes": NULLS}),
    AT,
)

RIGHT = {
    "key": ["k1", "k2", "k3", "mã số 4", "total"],
    "place": ["18073"],
    "count": ["1", "12", "1.234", "5.000"],
    "share": ["0,5", "12", "", "-1,5"],
    "day": ["2025-01-31", "31/12/2024", "2024-02-29", ""],
    "yes": ["có", "true", "", "0"],
    "form": ["AB12", "", "XY 1 2"],
    "note": ["ghi chú", "", "Đường số"],
    "hard": ["abc", "", "chữ"],
    "until": ["2025-02-01", "", "2026-01-01"],
    "part": ["1", "12", "1.234", ""],
}
ODD = [
    "", " ", "  18073", "18094", "99999", "X'1", "abc", "1,5", "1.5", "-1", "5001", "5.001", "+7",
    "1e3", "0x10", "١٢", "2025-02-30", "30/02/2025", "2025-13-01", "0000-01-01", "CHUA_NHAP",
    "Ha\u0300 Ti\u0303nh", "a\x07b", "a\u00a0b", "\u00a0", "a  b", "a\tb", "dòng\nhai",
    'nháy "kép"', '"', "'", "xin chào các bạn", "AB12 ", "AB12\u200b", "x1", "\ufffd", "k1 ", " k1",
    "true ", "CÓ", "a" * 11, "–", "°C", "Ⅳ", "total", "2025-01-31T00:00", "1 234",
    "99999999999999999999", "\u0301",
]  # fmt: skip
CELLS = st.sampled_from(ODD)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A table that is mostly right, with odd cells here and there."""
    chance = random.Random(draw(st.integers(0, 10_000)))
    count = draw(st.integers(1, 40))
    rows = [[chance.choice(RIGHT[name]) for name in HEADER] for _ in range(count)]
    for number, row in enumerate(rows):
        row[0] = f"k{number}" if chance.random() < 0.9 else row[0]
    for row, column, cell in draw(
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, len(HEADER) - 1), CELLS))
    ):
        rows[row][column] = cell
    return [*rows, ["end", *[chance.choice(RIGHT[name]) for name in HEADER[1:]]]]


def written(rows: list[list[str]], **dialect: Any) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, **{"lineterminator": "\n", **dialect}).writerows([HEADER, *rows])
    return out.getvalue().encode()


def found(body: bytes, limit: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], TableFacts]:
    """Every violation, and the facts, with files from ``limit`` bytes on checked in bulk."""
    told: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(check, "BULK", limit)
        result = check_file(
            "x.csv", "CSV", io.BytesIO(body), STANDARD, lambda v: told.append(repr(v))
        )
    tallies = {rule: replace(tally, first="") for rule, tally in result.facts.tallies.items()}
    return sorted(told), replace(result.facts, tallies=tallies)


@pytest.fixture(scope="module")
def patched() -> Iterator[pytest.MonkeyPatch]:
    """Segments small enough that a table of a few rows has several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "SEGMENT", 600)
        yield patch


DIALECTS = st.sampled_from(
    [{}, {"lineterminator": "\r\n"}, {"quoting": csv.QUOTE_ALL}, {"delimiter": ";"}]
)


@settings(max_examples=60, deadline=None)
@given(tables(), DIALECTS)
def test_bulk_finds_what_reading_row_by_row_finds(
    patched: pytest.MonkeyPatch, rows: list[list[str]], dialect: dict[str, Any]
) -> None:
    """Same violations, same values, same tallies, whatever the cells, quotes and line ends."""
    body = written(rows, **dialect)
    assert found(body, 0, patched) == found(body, 1 << 40, patched)


LINES = [
    "a,1",
    'a"b,1',
    '"a,1',
    '"a",1',
    '"a"b,1',
    'a,"1\n2"',
    "",
    ",",
    "a,1,2",
    "a",
    '"",""',
    "a\r",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=12))
def test_bulk_reads_ill_formed_files_as_row_by_row(
    patched: pytest.MonkeyPatch, lines: list[str]
) -> None:
    """Stray quotes, blank lines, short and long rows: the rows are those of the exact reader."""
    body = "\n".join(["key,count", *lines, "end,1", ""]).encode()
    try:
        exact = found(body, 1 << 40, patched)
    except UnreadableTableError:
        with pytest.raises(UnreadableTableError):
            found(body, 0, patched)
    else:
        assert found(body, 0, patched) == exact


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Everything is checked in bulk; the numbers of the rows that are not passed over."""
    numbers: list[int] = []
    row = bulk.Inspection.row
    monkeypatch.setattr(
        bulk.Inspection,
        "row",
        lambda self, number, cells: (numbers.append(number), row(self, number, cells)),
    )
    monkeypatch.setattr(check, "BULK", 0)
    return numbers


def test_most_rows_are_passed_over(seen: list[int]) -> None:
    """Right rows are only counted, whatever rules there are, or nothing would be won."""
    rows = [
        [f"k{n}", "18073", "1", "0,5", "2025-01-31", "có", "AB1", "x, y", "abc", "2025-02-01", "1"]
        for n in range(2000)
    ]
    rows[1999] = ["total", "18073", "2000", *rows[0][3:10], "2000"]
    rows[7][2] = "x"
    result = check_file("x.csv", "CSV", io.BytesIO(written(rows)), STANDARD)
    assert seen == [8, 2000]
    assert result.facts.tallies["cell-type"].failed == 1
    assert result.facts.tallies["order-reversed"].checked == 2000
    assert result.facts.tallies["row-sum-differs"].checked == 1999


@pytest.mark.parametrize("limit", [0, 1 << 40], ids=["in bulk", "row by row"])
def test_a_cell_without_measure_is_refused_on_both_ways(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text of any letters may stand in a column without limit, but not of any length."""
    monkeypatch.setattr(check, "BULK", limit)
    standard = replace(STANDARD, schema=TableSchema((Column("key", "key"), Column("free", "key"))))
    body = b"key,free\n" + b"k1,x\n" * 6_000 + b"k2," + b"x" * 200_000 + b"\nk3,x\n"
    with pytest.raises(UnreadableTableError) as caught:
        check_file("x.csv", "CSV", io.BytesIO(body), standard)
    assert caught.value.reason == "line-too-long"


def test_codes_of_a_long_list_are_looked_up(seen: list[int]) -> None:
    """A list too long for a pattern: right codes are passed over once they are known."""
    codes = CodeList("places", Text(""), tuple(Code(f"A{n}", Text("")) for n in range(3000)))
    lists = {**STANDARD.dictionary.code_lists, "places": codes}
    schema = TableSchema((Column("key", "key", key=True), Column("place", "place")))
    standard = Standard(schema, replace(STANDARD.dictionary, code_lists=lists), AT)
    rows = [f"k{n},A{n % 50}" for n in range(3000)]
    rows[77], rows[2999] = "k77,A3000", "k2999,B"
    body = "\n".join(["key,place", *rows, ""]).encode()
    told: list[int] = []
    check_file("x.csv", "CSV", io.BytesIO(body), standard, lambda v: told.append(v.row))
    assert seen == told == [78, 3000]


def test_a_row_longer_than_a_segment_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell of many lines may cross any number of segments; its row is one row on both ways."""
    monkeypatch.setattr(bulk, "SEGMENT", 600)
    rows = [["k1", *[""] * 10], ["k2", *[""] * 6, "dòng\n" * 2_000, "", "", ""], ["k3", *[""] * 10]]
    body = written(rows)
    assert found(body, 0, monkeypatch) == found(body, 1 << 40, monkeypatch)


def test_what_only_looks_like_a_day_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns without element promise no days: 2025-99-99 is not compared, on both ways."""
    schema = TableSchema((Column("from"), Column("to")), orders=(Order("from", "to"),))
    standard = replace(STANDARD, schema=schema)
    body = b"from,to\n" + b"2025-01-01,2025-02-01\n2025-77-77,2025-99-99\n" * 50
    counts = []
    for limit in (0, 1 << 40):
        monkeypatch.setattr(check, "BULK", limit)
        result = check_file("x.csv", "CSV", io.BytesIO(body), standard)
        counts.append(result.facts.tallies["order-reversed"].checked)
    assert counts == [50, 50]
