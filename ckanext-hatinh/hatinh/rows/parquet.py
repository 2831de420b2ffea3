"""A set of rows as Apache Parquet, row group by row group.

Only imported when such a file is asked for: pyarrow takes a while, and memory, to be loaded.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from hatinh.rows.column import Column, Digits, Row, Value, written

MOST_ROWS = 20_000
MOST_CELLS = 200_000
"""Of a row group, which is held in memory until it is written."""
_EXACT = 15
"""Decimal digits that a floating number keeps, whatever they are."""
_WIDEST = 38
_TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(("int", "int2", "int4", "int8"), pa.int64()),
    **dict.fromkeys(("float4", "float8"), pa.float64()),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}


def to_parquet(
    columns: Sequence[Column],
    rows: Iterable[Row],
    about: Mapping[str, str],
    digits: Mapping[str, Digits],
) -> Iterator[bytes]:
    """Columns are called by their ids, typed as the table's, and carry label and element.

    Of a ``numeric`` column ``digits`` says how many it has: few are floating numbers, which every
    program reckons with; many are decimals; more than fit into those are texts.
    """
    types = [_type(column, digits.get(column.id)) for column in columns]
    schema = pa.schema(list(map(_field, columns, types)), metadata=dict(about))
    out = _Pieces()
    rest = iter(rows)
    size = min(MOST_ROWS, max(MOST_CELLS // max(len(columns), 1), 1))
    with ParquetWriter(out, schema) as writer:
        while some := list(islice(rest, size)):
            arrays = [
                pa.array(_values(values, type_), type_)
                for values, type_ in zip(zip(*some, strict=True), types, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema))
            yield out.taken()
    yield out.taken()


def _type(column: Column, digits: Digits | None) -> pa.DataType:
    if column.stored != "numeric":
        return _TYPES.get(column.stored, pa.string())
    if digits is None or digits.whole + digits.after <= _EXACT:
        return pa.float64()
    fits = digits.whole + digits.after <= _WIDEST
    return pa.decimal128(_WIDEST, digits.after) if fits else pa.string()


def _field(column: Column, type_: pa.DataType) -> pa.Field:
    told = {"label": column.label} | ({"element": column.element} if column.element else {})
    return pa.field(column.id, type_, metadata=told)


def _values(values: Sequence[Value], type_: pa.DataType) -> Sequence[Any]:
    if pa.types.is_floating(type_):
        return [None if value is None else float(value) for value in values]
    if pa.types.is_string(type_):
        return [None if value is None else written(value) for value in values]
    return values


class _Pieces(io.RawIOBase):
    """A file whose bytes are taken away while it is written."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Hold some bytes."""
        piece = bytes(data)
        self._held.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Bytes that were written so far."""
        return self._size

    def taken(self) -> bytes:
        """What has come since it was last asked for."""
        found = b"".join(self._held)
        self._held.clear()
        return found
