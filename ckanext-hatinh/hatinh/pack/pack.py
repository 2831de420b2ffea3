"""Makes an audit pack (gói kiểm toán; REQ-85): data, the SQL of each figure, hashes, a signature.

The figures of a pack are worked out by the code that verifies them, over the very files that are
in it. Equal data give equal bytes, whatever the day on which they are packed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hatinh.pack import verifier

Value = str | int | None


@dataclass(frozen=True)
class Table:
    """One table of a pack: its columns with SQLite's types (TEXT or INTEGER), and rows.

    An empty text and nothing are the same. The order of the rows does not matter.
    """

    name: str
    columns: Mapping[str, str]
    rows: Iterable[Sequence[Value]]


@dataclass(frozen=True)
class Figure:
    """A figure: a name and a SELECT over the tables, with an ORDER BY that leaves no tie."""

    name: str
    sql: str


def build(
    tables: Sequence[Table],
    figures: Sequence[Figure],
    about: Mapping[str, Any],
    key: Ed25519PrivateKey,
) -> bytes:
    """The pack of some rows, signed; see :func:`seal`."""
    columns = {table.name: dict(table.columns) for table in tables}
    data = {table.name: canonical(table) for table in tables}
    return b"".join(seal(columns, data.__getitem__, figures, Cover(about), key))


def canonical(table: Table) -> bytes:
    """The one CSV that the rows of a table have, in whatever order they come.

    Raises :class:`ValueError` for a row of another width, or with a zero byte in it.
    """
    # one string for a row, not one for each cell: a table can have a million
    width = len(table.columns)
    rows = sorted(_packed(row, width, table.name) for row in table.rows)
    return verifier.table(list(table.columns), (row.decode().split("\0") for row in rows))


_END = b"\0"
"""Ends a cell; below every other byte, so that packed rows have the order of their cells."""


def _packed(row: Sequence[Value], width: int, name: str) -> bytes:
    packed = "\0".join(["" if cell is None else str(cell) for cell in row]).encode()
    if len(row) != width or packed.count(_END) != width - 1:
        raise ValueError(f"{name}: a row that is none")
    return packed


@dataclass(frozen=True)
class Cover:
    """What a pack says of itself, and the files that lie beside its data, by their names.

    ``about`` is JSON: scope, day, snapshot.
    """

    about: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


def seal(
    columns: verifier.Columns,
    table: Callable[[str], bytes],
    figures: Sequence[Figure],
    cover: Cover,
    key: Ed25519PrivateKey,
) -> Iterator[bytes]:
    """The pack of canonical tables (``table`` gives the CSV of a name), signed, piece by piece.

    A table is asked for twice, and let go before the next: they are never all in memory.

    Raises :class:`ValueError` for a figure that is a fraction, :class:`sqlite3.Error` for a query
    that cannot be run: both are mistakes of the program.
    """
    files = _Files(columns, table, dict(cover.files))
    tables = verifier.database(columns, files)
    small = files.small
    for figure in figures:
        name = f"{verifier.FIGURES}/{figure.name}"
        small[f"{name}.sql"] = figure.sql.encode()
        small[f"{name}.csv"] = verifier.answer(tables, figure.sql)
    tables.close()
    hashes = files.hashes | {name: _hash(body) for name, body in small.items()}
    manifest = {
        "about": dict(cover.about),
        "tables": columns,
        "figures": [figure.name for figure in figures],
        "files": dict(sorted(hashes.items())),
        "key": key.public_key().public_bytes_raw().hex(),
    }
    stated = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    small |= {verifier.MANIFEST: stated, verifier.SIGNATURE: key.sign(stated)}
    yield from verifier.pieces(files)


class _Files(Mapping[str, bytes]):
    """The files of a pack by their paths: tables, made when they are asked for, and ``small`` ones.

    ``hashes`` are those of the tables that were asked for.
    """

    def __init__(
        self, names: Iterable[str], table: Callable[[str], bytes], small: dict[str, bytes]
    ) -> None:
        self._names = {f"{verifier.DATA}/{name}.csv": name for name in names}
        self._table = table
        self.small = small
        self.hashes: dict[str, str] = {}

    def __getitem__(self, path: str) -> bytes:
        if path in self.small:
            return self.small[path]
        body = self._table(self._names[path])
        if path not in self.hashes:
            self.hashes[path] = _hash(body)
        return body

    def __iter__(self) -> Iterator[str]:
        return chain(self._names, self.small)

    def __len__(self) -> int:
        return len(self._names) + len(self.small)


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
