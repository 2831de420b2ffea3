"""Files of rows: whole values, nothing that runs, memory that does not grow."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import count, islice
from typing import Any

import pytest
from openpyxl import load_workbook

from hatinh.rows.column import Column, Kind, written
from hatinh.rows.files import ROWS_AT_A_TIME, to_csv, to_json, to_json_lines
from hatinh.rows.geojson import to_geojson
from hatinh.rows.position import find_position
from hatinh.rows.workbook import MOST_LETTERS, to_xlsx

COLUMNS = [
    Column("ma", "Mã xã", Kind.TEXT, "ma_dvhc"),
    Column("so", "=Số", Kind.NUMBER),
    Column("ngay", "Ngày", Kind.DATE),
]
ROWS = [("00123", Decimal("12.50"), date(2026, 9, 5)), ('@a\n"b"', None, None)]
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "=cmd|'/c calc'!A0"]


def table(pieces: Iterator[bytes], delimiter: str = ",") -> list[list[str]]:
    """A CSV file as rows of cells."""
    body = b"".join(pieces).decode("utf-8-sig")
    return list(csv.reader(StringIO(body, newline=""), delimiter=delimiter))


def book(columns: list[Column], rows: list[Any]) -> Any:
    """The first sheet of a workbook."""
    out = BytesIO()
    to_xlsx(out, columns, rows, {"page": "https://example.test/"})
    return load_workbook(out).worksheets[0]


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv_says_labels_and_keeps_values(delimiter):
    """Leading zeros, decimals, days and quotes come back as they were."""
    found = table(to_csv(COLUMNS, ROWS, delimiter), delimiter)
    assert found == [
        ["Mã xã", "'=Số", "Ngày"],
        ["00123", "12.50", "2026-09-05"],
        ['\'@a\n"b"', "", ""],
    ]


@pytest.mark.parametrize("cell", FORMULAS)
def test_cell_that_would_run_is_made_inert_in_csv(cell):
    """No text of a CSV file begins with a letter that a spreadsheet takes for a formula."""
    column = Column("a", "a", Kind.TEXT)
    assert table(to_csv([column], [(cell,)]))[1] == ["'" + cell]


@pytest.mark.parametrize("cell", FORMULAS)
def test_cell_that_would_run_is_a_text_in_a_workbook(cell):
    """A workbook keeps the text as it is, typed as text."""
    found = book([Column("a", "a", Kind.TEXT)], [(cell.strip(),)])["A2"]
    assert (found.data_type, found.value) == ("s", cell.strip())


def test_number_below_zero_stays_a_number_in_csv():
    """What the database holds as a number is never quoted."""
    assert table(to_csv([COLUMNS[1]], [(Decimal("-3.5"),), (-2,)]))[1:] == [["-3.5"], ["-2"]]


def test_json_holds_what_the_rows_are():
    """Metadata, fields and records stand in one object; numbers keep their digits."""
    body = b"".join(to_json(COLUMNS, ROWS, {"license": "CC"}))
    found = json.loads(body, parse_float=Decimal)
    assert found["metadata"] == {"license": "CC"}
    assert found["fields"][0] == {
        "id": "ma", "label": "Mã xã", "type": "text", "element": "ma_dvhc",
    }  # fmt: skip
    assert found["records"][0] == {"ma": "00123", "so": Decimal("12.50"), "ngay": "2026-09-05"}
    assert found["records"][1]["so"] is None


def test_json_of_no_rows_is_whole():
    """An empty set is a file too."""
    assert json.loads(b"".join(to_json(COLUMNS, [], {})))["records"] == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity")])
def test_number_that_json_cannot_say_is_null(value):
    """JSON has no NaN and no infinity."""
    (line,) = to_json_lines([COLUMNS[1]], [(value,)])
    assert json.loads(line) == {"so": None}


def test_json_lines_are_one_object_each():
    """Every line stands alone."""
    lines = b"".join(to_json_lines(COLUMNS, ROWS)).splitlines()
    assert [json.loads(line)["ma"] for line in lines] == ["00123", '@a\n"b"']


def test_rows_are_taken_as_they_are_written():
    """A file of rows without end gives its first pieces: no form waits for the last row."""
    taken: list[int] = []

    def endless() -> Iterator[tuple[Any, ...]]:
        for number in count():
            taken.append(number)
            yield ("1", number, None)

    makers = [
        to_csv(COLUMNS, endless()),
        to_json(COLUMNS, endless(), {}),
        to_json_lines(COLUMNS, endless()),
        to_geojson(COLUMNS, endless(), None, {}),
    ]
    for pieces in makers:
        taken.clear()
        assert len(list(islice(pieces, 3))) == 3
        assert len(taken) <= 3 * ROWS_AT_A_TIME


def test_workbook_types_its_cells():
    """Numbers are numbers, days are days, codes are texts."""
    sheet = book(COLUMNS, ROWS)
    assert [cell.value for cell in sheet[1]] == ["Mã xã", "=Số", "Ngày"]
    assert (sheet["A2"].value, sheet["B2"].value) == ("00123", 12.5)
    assert sheet["C2"].value.date() == date(2026, 9, 5)
    assert sheet["B3"].value is None


def test_workbook_keeps_what_excel_would_change():
    """Long numbers, days before its calendar and texts beyond its cells do not break a file."""
    columns = [Column("a", "a", Kind.NUMBER), Column("b", "b", Kind.DATE), COLUMNS[0]]
    values = (1234567890123456789, date(1890, 5, 19), "ă" * (MOST_LETTERS + 5))
    sheet = book(columns, [values, (Decimal("NaN"), None, "a")])
    assert sheet["A2"].value == "1234567890123456789"
    assert sheet["B2"].value == "1890-05-19"
    assert len(sheet["C2"].value) == MOST_LETTERS
    assert sheet["A3"].value == "NaN"


@pytest.mark.parametrize(
    ("number", "cell"),
    [
        ("123456789012.123456", "123456789012.123456"),
        ("1.0000000000000001", "1.0000000000000001"),
        ("123456789012.1230000000", 123456789012.123),
        ("0.000000000000000000001", 1e-21),
        ("-999999999999999", -999999999999999),
        ("1000000000000000", "1000000000000000"),
    ],
)
def test_number_that_a_workbook_would_change_is_a_text(number, cell):
    """Fifteen digits that say something are kept, before and after the point together."""
    assert book([COLUMNS[1]], [(Decimal(number),)])["A2"].value == cell


def test_workbook_says_where_its_rows_come_from():
    """The second sheet holds page and licence."""
    out = BytesIO()
    to_xlsx(out, COLUMNS, ROWS, {"page": "https://example.test/"})
    assert [[c.value for c in row] for row in load_workbook(out).worksheets[1].rows] == [
        ["page", "https://example.test/"]
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (True, "true"),
        (Decimal("1E+3"), "1000"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00"),
        ({"a": [1]}, '{"a":[1]}'),
        (1.5, "1.5"),
    ],
)
def test_value_is_written_plainly(value, words):
    """Values have one plain form in all texts."""
    assert written(value) == words


def test_feature_without_a_place_has_no_geometry():
    """A row that does not say where it lies stays in the file."""
    columns = [Column("lon", "lon", Kind.NUMBER), Column("lat", "lat", Kind.NUMBER)]
    rows = [(105.9, Decimal("18.3")), (None, 18.3), (500, 18.3)]
    found = json.loads(b"".join(to_geojson(columns, rows, find_position(columns, {}), {})))
    first, second, third = found["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [105.9, 18.3]}
    assert (second["geometry"], third["geometry"]) == (None, None)
    assert third["properties"] == {"lon": 500, "lat": 18.3}
