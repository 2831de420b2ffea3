"""Parquet: every value as it is in the table, typed, in row groups."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from itertools import islice, repeat
from typing import Any

import pyarrow as pa
import pytest
from pyarrow.parquet import ParquetFile

from hatinh.rows import parquet
from hatinh.rows.column import Column, Digits, Kind
from hatinh.rows.parquet import to_parquet

MOMENT = datetime(2026, 11, 22, 8, 30, 0, 5, tzinfo=UTC)
COLUMNS = [
    Column("Tên xã", "Tên xã", Kind.TEXT, "ten_dvhc"),
    Column("so", "Số", Kind.NUMBER, stored="int8"),
    Column("tiền", "Số tiền", Kind.NUMBER, stored="numeric"),
    Column("ty_le", "Tỷ lệ %", Kind.NUMBER, stored="float8"),
    Column("ngay", "Ngày", Kind.DATE, stored="date"),
    Column("luc", "Lúc", Kind.MOMENT, stored="timestamp"),
    Column("khi", "Khi", Kind.MOMENT, stored="timestamptz"),
    Column("co", "Có", Kind.BOOLEAN, stored="bool"),
    Column("khac", "Khác", Kind.OTHER, stored="json"),
]
ROWS: list[tuple[Any, ...]] = [
    (
        "=Phường Thành Sen", 2**53 + 1, Decimal("1.50"), 0.1, date(1899, 12, 31),
        MOMENT.replace(tzinfo=None), MOMENT, True, {"a": 1},
    ),
    ("", -1, Decimal("-3"), -0.5, date(2026, 1, 2), None, None, False, [1]),
    (None,) * 9,
]  # fmt: skip


def file(columns: list[Column], rows: Any, digits: dict[str, Digits] | None = None) -> ParquetFile:
    """The file, read again."""
    pieces = to_parquet(columns, rows, {"dataset": "Dân số"}, digits or {})
    return ParquetFile(BytesIO(b"".join(pieces)))


def test_every_value_comes_back_typed():
    """Whole numbers keep all digits, days and moments are such, a missing value stays missing."""
    found = file(COLUMNS, ROWS, {"tiền": Digits(1, 2)}).read()
    assert found.schema.names == [column.id for column in COLUMNS]
    assert [str(field.type) for field in found.schema] == [
        "string", "int64", "double", "double", "date32[day]", "timestamp[us]",
        "timestamp[us, tz=UTC]", "bool", "string",
    ]  # fmt: skip
    rows = [tuple(row.values()) for row in found.to_pylist()]
    assert rows == [(*ROWS[0][:8], '{"a":1}'), (*ROWS[1][:8], "[1]"), ROWS[2]]


def test_file_says_what_it_is():
    """Dataset, labels and elements stand in it."""
    schema = file(COLUMNS, ROWS).schema_arrow
    assert schema.metadata[b"dataset"].decode() == "Dân số"
    told = schema.field("Tên xã").metadata
    assert (told[b"label"].decode(), told[b"element"].decode()) == ("Tên xã", "ten_dvhc")


@pytest.mark.parametrize(
    ("value", "digits", "type_"),
    [
        (Decimal("999999999999.125"), Digits(12, 3), pa.float64()),
        (Decimal("9007199254740993.5"), Digits(16, 1), pa.decimal128(38, 1)),
        (Decimal("9" * 30 + "." + "9" * 20), Digits(30, 20), pa.string()),
        (Decimal("NaN"), None, pa.float64()),
    ],
)
def test_decimals_never_lose_a_digit(value, digits, type_):
    """A type is taken that holds the longest of them."""
    column = Column("tien", "Tiền", Kind.NUMBER, stored="numeric")
    found = file([column], [(value,), (None,)], {"tien": digits} if digits else {}).read()
    assert found.schema.field("tien").type == type_
    first = found["tien"][0].as_py()
    assert str(first) == str(value).lower() if value.is_nan() else Decimal(first) == value
    assert found["tien"][1].as_py() is None


def test_set_without_rows_is_a_file_too():
    """Its columns are typed all the same."""
    found = file(COLUMNS, []).read()
    assert (found.num_rows, found.num_columns) == (0, 9)


def test_rows_are_given_while_they_are_read(monkeypatch):
    """A row group is sent before the next is asked for: memory does not grow with the set."""
    monkeypatch.setattr(parquet, "MOST_ROWS", 10)
    pieces = to_parquet(COLUMNS, repeat(ROWS[0]), {}, {})
    assert all(islice(pieces, 3))
    found = file(COLUMNS, ROWS * 7)
    assert [found.metadata.row_group(at).num_rows for at in range(3)] == [10, 10, 1]
