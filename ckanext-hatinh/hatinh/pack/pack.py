"""Makes an audit pack (gói kiểm toán; REQ-85): data, the SQL of each figure, hashes, a signature.

The figures of a pack are worked out by the code that verifies them, over the very files that are
in it. Equal data give equal bytes, whatever the day on which they are packed.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    return seal(columns, data, figures, Cover(about), key)


def canonical(table: Table) -> bytes:
    """The one CSV that the rows of a table have, in whatever order they come."""
    rows = sorted(
        (["" if cell is None else cell for cell in row] for row in table.rows),
        key=lambda row: [str(cell) for cell in row],
    )
    return verifier.table(list(table.columns), rows)


@dataclass(frozen=True)
class Cover:
    """What a pack says of itself, and the files that lie beside its data, by their names.

    ``about`` is JSON: scope, day, snapshot.
    """

    about: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


def seal(
    columns: verifier.Columns,
    data: Mapping[str, bytes],
    figures: Sequence[Figure],
    cover: Cover,
    key: Ed25519PrivateKey,
) -> bytes:
    """The pack of canonical tables (CSV by name), signed.

    Raises :class:`ValueError` for a figure that is a fraction, :class:`sqlite3.Error` for a query
    that cannot be run: both are mistakes of the program.
    """
    files = {f"{verifier.DATA}/{name}.csv": body for name, body in data.items()}
    tables = verifier.database(columns, files)
    for figure in figures:
        name = f"{verifier.FIGURES}/{figure.name}"
        files[f"{name}.sql"] = figure.sql.encode()
        files[f"{name}.csv"] = verifier.answer(tables, figure.sql)
    files |= cover.files
    manifest = {
        "about": dict(cover.about),
        "tables": columns,
        "figures": [figure.name for figure in figures],
        "files": {name: hashlib.sha256(body).hexdigest() for name, body in sorted(files.items())},
        "key": key.public_key().public_bytes_raw().hex(),
    }
    stated = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    return verifier.archive(
        files | {verifier.MANIFEST: stated, verifier.SIGNATURE: key.sign(stated)}
    )
