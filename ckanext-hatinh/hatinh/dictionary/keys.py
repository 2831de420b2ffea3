"""Which rows have a key that an earlier row has: in memory for small tables, else by an engine."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hatinh.dictionary.engine import Connection, Engine

STRIDE = 1 << 32
"""A row of a segment is numbered by segment times this plus its row, counted from 0."""

_IN_MEMORY = 200_000
"""Keys that are held in memory before the engine, which can use the disk, takes over."""

_AT_ONCE = 10_000

Key = tuple[str, ...]


class Repeated(NamedTuple):
    """A row with the key of an earlier one."""

    row: int
    first: int
    values: Key


class Keys:
    """The keys of a table's rows."""

    def __init__(self, width: int, engine: Engine) -> None:
        self._rows: list[tuple[int, Key]] = []
        self._table: _KeyTable | None = None
        self._engine = engine
        self._width = width
        self._starts = [0]
        self.whole = 0

    def add(self, row: int, values: Key) -> None:
        """Note the whole key of a row; rows count from 1 and come in order."""
        self.whole += 1
        segment = len(self._starts) - 1
        self._rows.append((segment * STRIDE + row - 1 - self._starts[-1], values))
        if len(self._rows) >= _IN_MEMORY:
            self._flush()

    def share(self) -> None:
        """From now on the engine notes keys too, in its table ``keys (id, k0, k1, …)``."""
        self._starts = []
        if self._width:
            self._opened()

    def start_segment(self, rows_before: int) -> None:
        """The rows that follow are those of the next segment."""
        self._starts.append(rows_before)

    def drop_later(self) -> None:
        """Forget what the engine noted of segments that were not started."""
        if self._table is not None:
            self._table.drop(len(self._starts) * STRIDE)

    def repeated(self) -> Iterator[Repeated]:
        """The rows whose key stands in an earlier row, in order of rows."""
        if self._table is None:
            return self._repeated_in_memory()
        self._flush()
        return (
            Repeated(self._row(row), self._row(first), values)
            for row, first, values in self._table.repeated()
        )

    def _row(self, number: int) -> int:
        segment, row = divmod(number, STRIDE)
        return self._starts[segment] + row + 1

    def _opened(self) -> "_KeyTable":
        if self._table is None:
            self._table = _KeyTable(self._engine.connection.cursor(), self._width)
        return self._table

    def _flush(self) -> None:
        self._opened().add(self._rows)
        self._rows = []

    def _repeated_in_memory(self) -> Iterator[Repeated]:
        first: dict[Key, int] = {}
        for number, values in self._rows:
            if (earlier := first.setdefault(values, number)) != number:
                yield Repeated(self._row(number), self._row(earlier), values)


class _KeyTable:
    """Keys in the engine: a row's number and the cells of its key."""

    def __init__(self, cursor: Connection, width: int) -> None:
        self._cursor = cursor
        self._parts = [f"k{n}" for n in range(width)]
        columns = ", ".join(f"{part} VARCHAR" for part in self._parts)
        cursor.execute(f"CREATE TABLE keys (id BIGINT, {columns})")

    def add(self, rows: Sequence[tuple[int, Key]]) -> None:
        """Note keys by lists, which the engine takes much faster than single rows."""
        kinds = ["BIGINT[]", *("VARCHAR[]" for _ in self._parts)]
        places = ", ".join(f"unnest(${n}::{kind})" for n, kind in enumerate(kinds, 1))
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            columns = zip(*((row, *values) for row, values in some), strict=True)
            self._cursor.execute(f"INSERT INTO keys SELECT {places}", [list(c) for c in columns])

    def drop(self, number: int) -> None:
        """Forget rows from this number on."""
        self._cursor.execute("DELETE FROM keys WHERE id >= $1", [number])

    def repeated(self) -> Iterator[tuple[int, int, Key]]:
        """Number, number of the first row with the same key, and key, in order."""
        parts = ", ".join(self._parts)
        self._cursor.execute(
            f"SELECT id, first, {parts} FROM keys JOIN (SELECT min(id) AS first, {parts} FROM keys"
            f" GROUP BY {parts} HAVING count(*) > 1) USING ({parts}) WHERE id > first ORDER BY id"
        )
        while some := self._cursor.fetchmany(_AT_ONCE):
            for number, first, *values in some:
                yield number, first, tuple(values)
