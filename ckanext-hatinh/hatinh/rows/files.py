"""A set of rows as CSV, JSON and JSON Lines, piece by piece: memory does not grow with the set."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from hatinh.report.guard import inert
from hatinh.rows.column import Column, Row, Value, encoded, written

Item = TypeVar("Item")

ROWS_AT_A_TIME = 500


def to_csv(columns: Sequence[Column], rows: Iterable[Row], delimiter: str = ",") -> Iterator[bytes]:
    """RFC 4180 in UTF-8 with the mark by which Excel knows it; no cell runs as a formula."""
    yield b"\xef\xbb\xbf" + _lines([[inert(column.label) for column in columns]], delimiter)
    for some in in_pieces(rows):
        yield _lines([[_cell(value) for value in row] for row in some], delimiter)


def to_json(
    columns: Sequence[Column], rows: Iterable[Row], about: Mapping[str, Any]
) -> Iterator[bytes]:
    """One object: what the set is, its columns, and ``records`` of objects by column id."""
    head = encoded({"metadata": about, "fields": [_field(column) for column in columns]})
    yield head[:-1] + b',"records":['
    separator = b"\n"
    for some in in_pieces(_objects(columns, rows)):
        yield separator + b",\n".join(some)
        separator = b",\n"
    yield b"\n]}\n"


def to_json_lines(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """One object a line, by column id."""
    for some in in_pieces(_objects(columns, rows)):
        yield b"".join(line + b"\n" for line in some)


def in_pieces(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Some hundred at a time, so that one write serves them all."""
    rest = iter(items)
    while some := list(islice(rest, ROWS_AT_A_TIME)):
        yield some


def plain(value: Value) -> Value:
    """The value where JSON can say it; JSON has no infinity and no NaN."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return value


def _objects(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    names = [column.id for column in columns]
    for row in rows:
        yield encoded(dict(zip(names, map(plain, row), strict=True)))


def _field(column: Column) -> dict[str, str]:
    told = {"id": column.id, "label": column.label, "type": column.kind.value}
    return told | ({"element": column.element} if column.element else {})


def _cell(value: Value) -> str:
    return inert(value) if isinstance(value, str) else written(value)


def _lines(rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
