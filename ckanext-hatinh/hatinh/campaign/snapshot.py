"""What a frozen campaign keeps: plain tables as canonical CSV, and the SQL and words of figures.

All of it is bytes. A report and a pack are worked out from them alone, and the program that
verifies packs is kept beside them, so neither a later record nor a later version of the portal
changes a byte of what is told of a snapshot.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hatinh.figures import reads, run
from hatinh.pack import verifier
from hatinh.pack.pack import Cover, Figure, Table, canonical, seal

INDEX, PROGRAM, README = "snapshot.json", "verifier.py", "README.txt"
RECORDS = "records"
"""The table that says which office has a record."""

_HELP = """\
Gói kiểm toán / audit pack

Kiểm tra (chỉ cần Python 3.9 trở lên, không cần mạng) / To verify (Python alone, no network):

    python3 -I -S verifier.py <goi.zip> --key <khoá công khai / public key>

Hãy lấy verifier.py và khoá công khai từ Cổng hoặc từ văn bản, không lấy từ chính gói này.
Take verifier.py and the public key from the portal or a letter, not from this very pack.

data/*.csv      bảng dữ liệu / tables            figures/*.sql  câu lệnh / the SQL
figures/*.csv   kết quả / what the SQL gives     manifest.json  SHA-256, manifest.sig  Ed25519
"""


@dataclass(frozen=True, slots=True)
class Plain:
    """One table on its way into a snapshot; ``scope`` says which rows an office has."""

    table: Table
    scope: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One figure in a snapshot. ``words`` is JSON: title, labels, formula, source, grade."""

    name: str
    sql: str
    words: Mapping[str, Any]


def freeze(
    tables: Iterable[Plain], figures: Iterable[Kept], day: str
) -> Iterator[tuple[str, bytes]]:
    """The files of a snapshot with their paths. Equal tables and figures give equal bytes.

    Tables are taken one after the other, so that one of them is in memory at a time.
    """
    shapes: dict[str, Any] = {}

    def file(plain: Plain) -> tuple[str, bytes]:
        table = plain.table
        shapes[table.name] = {"columns": dict(table.columns), "scope": plain.scope}
        return _path(table.name), canonical(table)

    yield from map(file, tables)
    index = {
        "day": day,
        "tables": dict(sorted(shapes.items())),
        "figures": [
            {"name": figure.name, "sql": figure.sql, "words": dict(figure.words)}
            for figure in figures
        ],
    }
    yield INDEX, json.dumps(index, ensure_ascii=False, indent=1).encode()
    yield PROGRAM, program()


def program() -> bytes:
    """The verifier as it is now."""
    return Path(verifier.__file__).read_bytes()


def fingerprint(hashes: Mapping[str, str]) -> str:
    """SHA-256 over the names and hashes of all files of a snapshot."""
    lines = "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))
    return hashlib.sha256(lines.encode()).hexdigest()


class Snapshot:
    """A snapshot as it is read: of the whole province, or what one office has of it.

    ``files`` are asked for one by one, and only those that an answer needs.
    """

    def __init__(self, files: Mapping[str, bytes], office: str = "") -> None:
        index = json.loads(files[INDEX])
        self._files, self._office = files, office
        self._scopes = {name: shape["scope"] for name, shape in index["tables"].items()}
        self.day: str = index["day"]
        self.columns = {name: shape["columns"] for name, shape in index["tables"].items()}
        self.figures = {item["name"]: Kept(**item) for item in index["figures"]}

    def table(self, name: str) -> bytes:
        """One table as CSV: of an office its rows, and those that all share."""
        if self._has_all(name):
            return self._files[_path(name)]
        columns = list(self.columns[name])
        return verifier.table(columns, self._rows(name, columns))

    def answer(self, figure: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The columns and rows of a figure. Raises ``KeyError`` for one that it has not."""
        sql = self.figures[figure].sql
        tables = reads(sql, self.columns)
        rows = {name: self._rows(name, list(columns)) for name, columns in tables.items()}
        return run(sql, tables, rows)

    def pack(
        self, about: Mapping[str, Any], figures: Sequence[str], key: Ed25519PrivateKey
    ) -> Iterator[bytes]:
        """The audit pack of these figures, signed, piece by piece."""
        beside = {PROGRAM: self._files[PROGRAM], README: _HELP.encode()}
        chosen = [Figure(name, self.figures[name].sql) for name in figures]
        cover = Cover({**about, "day": self.day}, beside)
        table = cache(self.table) if self._office else self.table  # all of the province is much
        return seal(self.columns, table, chosen, cover, key)

    def _rows(self, name: str, columns: Sequence[str]) -> Iterator[list[str]]:
        """These columns of the rows of a table; of an office its own, and those that all share."""
        lines = csv.reader(verifier.read(self._files[_path(name)]))
        places = {column: at for at, column in enumerate(next(lines))}
        chosen = [places[column] for column in columns]
        if self._has_all(name):
            yield from ([line[at] for at in chosen] for line in lines)
            return
        by_office = name == RECORDS or self._scopes[name] == "organization"
        of = places["organization" if by_office else "record"]
        wanted = {self._office} if by_office else self._records
        yield from ([line[at] for at in chosen] for line in lines if line[of] in wanted)

    def _has_all(self, name: str) -> bool:
        return not self._office or self._scopes[name] == "all"

    @cached_property
    def _records(self) -> set[str]:
        """Ids of the records of the office."""
        return {id_ for (id_,) in self._rows(RECORDS, ["record"])}


def _path(table: str) -> str:
    return f"{verifier.DATA}/{table}.csv"
