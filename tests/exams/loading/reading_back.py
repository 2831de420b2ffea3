"""What a database would make of rows and columns: the values of a table, as JSON has them."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from hatinh.loading import TRUE_WORDS, LoadColumn, PgType, Written

Value = str | int | Decimal | bool | None


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.ids: tuple[str, ...] = ()
        self.delimiter = ""
        self.csv = b""

    def begin(self, ids: Sequence[str], delimiter: str) -> None:
        self.ids, self.delimiter = tuple(ids), delimiter

    def write(self, csv: bytes) -> None:
        assert csv.endswith(b"\n")
        self.csv += csv

    def table(self, columns: Sequence[LoadColumn]) -> list[list[Value]]:
        """The rows with values of the columns' types. Raises where a cast would fail."""
        text = io.StringIO(self.csv.decode(), newline="")
        rows = [row or [""] for row in csv.reader(text, delimiter=self.delimiter, strict=True)]
        assert all(len(row) == len(columns) for row in rows)
        return [[value(*pair) for pair in zip(row, columns, strict=True)] for row in rows]


def value(text: str, column: LoadColumn) -> Value:
    """One cell, cast as :class:`Written` says."""
    if not text:
        return None
    if column.written is Written.LOCAL:
        text = text.replace(".", "").replace(",", ".")
    match column.type:
        case PgType.BIGINT:
            found = int(text)
            assert -(2**63) <= found < 2**63
            return found
        case PgType.NUMERIC | PgType.DOUBLE:
            return Decimal(text)
        case PgType.DATE:
            return _day(text)
        case PgType.BOOLEAN:
            return text in TRUE_WORDS
    return text


def _day(text: str) -> str:
    if "/" in text:
        day, month, year = text.split("/")
        text = f"{year}-{month}-{day}"
    return date.fromisoformat(text).isoformat()
