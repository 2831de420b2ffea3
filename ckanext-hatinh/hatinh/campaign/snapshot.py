"""What a frozen campaign keeps: plain tables as canonical CSV, and the SQL and words of figures.

All of it is bytes. A report and a pack are worked out from them alone, and the program that
verifies packs is kept beside them, so neither a later record nor a later version of the portal
changes a byte of what is told of a snapshot.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hatinh.figures import reads
from hatinh.pack import verifier
from hatinh.pack.pack import Cover, Figure, Table, canonical, seal

INDEX, PROGRAM, README = "snapshot.json", "verifier.py", "README.txt"

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


def freeze(tables: Iterable[Plain], figures: Iterable[Kept], day: str) -> dict[str, bytes]:
    """The files of a snapshot. Equal tables and figures give equal bytes.

    Tables are taken one after the other, so that the rows of one are in memory at a time.
    """
    files: dict[str, bytes] = {}
    shapes: dict[str, Any] = {}
    for plain in tables:
        table = plain.table
        files[_path(table.name)] = canonical(table)
        shapes[table.name] = {"columns": dict(table.columns), "scope": plain.scope}
    index = {
        "day": day,
        "tables": dict(sorted(shapes.items())),
        "figures": [
            {"name": figure.name, "sql": figure.sql, "words": dict(figure.words)}
            for figure in figures
        ],
    }
    files[INDEX] = json.dumps(index, ensure_ascii=False, indent=1).encode()
    files[PROGRAM] = program()
    return files


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
        body, scope = self._files[_path(name)], self._scopes[name]
        if not self._office or scope == "all":
            return body
        wanted = {self._office} if scope == "organization" else self._records
        header = list(self.columns[name])
        rows = (row for row in _rows(body) if row[scope] in wanted)
        return verifier.table(header, ([row[column] for column in header] for row in rows))

    def answer(self, figure: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The columns and rows of a figure. Raises ``KeyError`` for one that it has not."""
        sql = self.figures[figure].sql
        tables = {name: self.columns[name] for name in reads(sql, self.columns)}
        files = {_path(name): self.table(name) for name in tables}
        return verifier.asked(verifier.database(tables, files), sql)

    def pack(
        self, about: Mapping[str, Any], figures: Sequence[str], key: Ed25519PrivateKey
    ) -> bytes:
        """The audit pack of these figures, signed."""
        beside = {PROGRAM: self._files[PROGRAM], README: _HELP.encode()}
        data = {name: self.table(name) for name in self.columns}
        chosen = [Figure(name, self.figures[name].sql) for name in figures]
        return seal(self.columns, data, chosen, Cover({**about, "day": self.day}, beside), key)

    @cached_property
    def _records(self) -> set[str]:
        """Ids of the records of the office."""
        rows = _rows(self._files[_path("records")])
        return {row["record"] for row in rows if row["organization"] == self._office}


def _path(table: str) -> str:
    return f"{verifier.DATA}/{table}.csv"


def _rows(body: bytes) -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(body.decode(), newline=""))
