"""Large files: right rows go on as they stand, and the table is that of any reading."""

import csv
import io
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_back import Kept, Value

from benchmarks.tables import AT, promise, write_csv
from hatinh.dictionary import bulk, check, lanes
from hatinh.dictionary.check import Source, Standard
from hatinh.dictionary.model import Code, CodeList, Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import NO_SCHEMA, Column, TableSchema
from hatinh.loading import Loaded, Policy, Terms, distinct, load
from hatinh.text import NO_TEXT, Text


def element(name: str, datatype: Datatype = Datatype.STRING, **promised: Any) -> Element:
    return Element(name, Text(name), NO_TEXT, datatype, **promised)


ELEMENTS = (
    element("key"),
    element("count", Datatype.INTEGER),
    element("share", Datatype.DECIMAL),
    element("day", Datatype.DATE),
    element("yes", Datatype.BOOLEAN),
    element("place", Datatype.CODE, code_list="places"),
    element("note", max_length=10),
)
LISTS = {
    "places": CodeList("places", Text("Xã"), (Code("18073", Text("Thành Sen")),)),
    "null_codes": CodeList("null_codes", Text("Mã rỗng"), (Code("KHONG_RO", Text("Không rõ")),)),
}
DICTIONARY = Dictionary("1", {e.id: e for e in ELEMENTS}, LISTS)
NAMES = tuple(e.id for e in ELEMENTS)
PROMISED = Standard(
    TableSchema(tuple(Column(name, name, key=name == "key") for name in NAMES)), DICTIONARY, AT
)
FREE = Standard(NO_SCHEMA, DICTIONARY, AT)
RIGHT = {
    "key": ["k1", "k2", "mã số 4"],
    "count": ["1", "12", "1.234", "5.000"],
    "share": ["0,5", "12", "", "-1,5"],
    "day": ["2025-01-31", "31/12/2024", "2024-02-29", ""],
    "yes": ["có", "true", "", "0", "Không"],
    "place": ["18073", ""],
    "note": ["ghi chú", "", "Đường số"],
    "free": ["1", "2", "30"],
    "free_2": ["2025-01-31", "2024-02-29", ""],
    "free_3": ["1.5", "2", "-0.25"],
}
HEADER = tuple(RIGHT)
ODD = [
    "", " ", "  18073", "99999", "abc", "1,5", "1.5", "1.250", "-1", "+7", "007", "1e3", "0x10",
    "2025-02-30", "30/02/2025", "1.2.2025", "2025-1-5 10:00", "KHONG_RO", "Ha\u0300 Ti\u0303nh",
    "a\u00a0b", "a  b", "a\tb", "dòng\nhai", "dòng\r\nhai", 'nháy "kép"', '"', "k1 ", "true ", "CÓ",
    "a" * 11, "1 234", "99999999999999999999", "123.456.789.012.345", "\\.", "a\\.b", ";", "|",
    "12,0", "5.1e-05", "9" * 16, "2025-12-31", "+12",
]  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A table that is mostly right, with odd cells here and there."""
    chance = random.Random(draw(st.integers(0, 10_000)))
    count = draw(st.integers(1, 40))
    rows = [[chance.choice(RIGHT[name]) for name in HEADER] for _ in range(count)]
    places = st.tuples(
        st.integers(0, count - 1), st.integers(0, len(HEADER) - 1), st.sampled_from(ODD)
    )
    for row, column, cell in draw(st.lists(places, max_size=12)):
        rows[row][column] = cell
    for row in draw(st.lists(st.integers(0, count - 1), max_size=2)):
        rows[row] = rows[row][: draw(st.integers(0, len(HEADER)))] or [""]
    return rows


def written(rows: list[list[str]], header: tuple[str, ...] = HEADER, **dialect: Any) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, **{"lineterminator": "\n", **dialect}).writerows([header, *rows])
    return out.getvalue().encode()


def loaded(body: bytes, standard: Standard, limit: int) -> tuple[Loaded, list[list[Value]]]:
    """The outcome, and the rows as values; files from ``limit`` bytes on are read in bulk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "BULK", limit)
        sink = Kept()
        found = load(
            Source("x.csv", "CSV", io.BytesIO(body)), Terms(standard, Policy.GOOD_ROWS), sink
        )
    rows = sink.table(found.columns)
    tallies = {rule: replace(tally, first="") for rule, tally in found.check.facts.tallies.items()}
    facts = replace(found.check.facts, tallies=tallies)
    return replace(found, check=replace(found.check, problems=(), facts=facts)), rows


@pytest.fixture(scope="module", autouse=True)
def small_segments() -> Iterator[None]:
    """A table of a few rows has several segments, and a column may have too many values."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "SEGMENT", 400)
        patch.setattr(distinct, "MOST", 5)
        yield


DIALECTS = st.sampled_from(
    [{}, {"lineterminator": "\r\n"}, {"quoting": csv.QUOTE_ALL}, {"delimiter": ";"}]
)


@settings(max_examples=250, deadline=None)
@given(rows=tables(), dialect=DIALECTS, promised=st.booleans())
def test_table_is_the_same_in_bulk_and_row_by_row(
    rows: list[list[str]], dialect: dict[str, Any], promised: bool
) -> None:
    """Values, types, counts, faults and profile do not depend on how a file is read."""
    body = written(rows, **dialect)
    standard = PROMISED if promised else FREE
    assert loaded(body, standard, 0) == loaded(body, standard, 1 << 40)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.sampled_from(["a", "1", "\\.", '"', "x\\.", ""]), min_size=1))
def test_single_column_is_the_same_in_bulk_and_row_by_row(rows: list[str]) -> None:
    """A line of nothing but a backslash and a point is a value, and not the end of all rows."""
    body = written([["first"], *([row] for row in rows), ["last"]], ("a",))
    assert loaded(body, FREE, 0) == loaded(body, FREE, 1 << 40)
    sink = Kept()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "BULK", 0)
        load(Source("x.csv", "CSV", io.BytesIO(body)), Terms(FREE), sink)
    assert b"\\." not in sink.csv.splitlines()


@pytest.mark.parametrize("cells", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_another_width_get_that_of_the_table(cells: int, end: str) -> None:
    """Programs leave out blank cells at the end of rows, or add some."""
    first = "x,y,z" + end
    body = ("a,b,c" + end + first + ",".join(["1", "2", "", "", ""][:cells]) + end) + "".join(
        ",".join([str(number), "2", "", "", ""][:cells]) + end for number in range(60)
    )
    found, rows = loaded(body.encode(), FREE, 0)
    assert (found, rows) == loaded(body.encode(), FREE, 1 << 40)
    assert {len(row) for row in rows} == {3}


@pytest.mark.parametrize("promised", [True, False])
def test_table_is_the_same_in_lanes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, promised: bool
) -> None:
    """Two processes read, and the rows still come in the order of the file."""
    monkeypatch.setattr(bulk, "SEGMENT", 20_000)
    known, path = promise(), tmp_path / "table.csv"
    write_csv(path, 3_000, known, faulty=0.1)
    standard = Standard(known.schema if promised else NO_SCHEMA, known.dictionary, AT)
    monkeypatch.setattr(lanes, "WORTH", 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1})
    monkeypatch.setattr(check, "BULK", 0)
    sink = Kept()
    with path.open("rb") as file:
        found = load(Source("x.csv", "CSV", file), Terms(standard, Policy.GOOD_ROWS), sink)
    exact, rows = loaded(path.read_bytes(), standard, 1 << 40)
    assert sink.table(found.columns) == rows
    assert replace(found, check=exact.check) == exact


def test_different_texts_are_counted_exactly_up_to_the_limit() -> None:
    """One more than the limit, and only the limit is said."""
    for count, expected in ((5, (5, False)), (6, (5, True))):
        body = written([[str(number % count)] for number in range(400)], ("a",))
        found, _ = loaded(body, FREE, 0)
        assert (found.profile[0].distinct, found.profile[0].more) == expected
