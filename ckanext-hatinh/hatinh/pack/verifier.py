#!/usr/bin/env python3
"""Checks an audit pack (gói kiểm toán): ``python3 verifier.py PACK [--key HEX] [--lang vi|en]``.

This one file needs Python 3.9 or later and nothing else: no portal, no network, no package. It
believes nothing that it has not worked out itself:

1. every byte of the archive is one that its files explain (:func:`archive` makes them again);
2. the signature over the manifest is that of the key (Ed25519, RFC 8032);
3. the files are those of the manifest, with their SHA-256;
4. each figure's SQL, run over the data of the pack, gives the figure.

It ends with 0 when all of it holds, with 1 when something does not, with 2 when asked wrongly.
"""

from __future__ import annotations  # for Python 3.9

import argparse
import csv
import hashlib
import io
import json
import sqlite3
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
DATA, FIGURES = "data", "figures"
LARGEST = 2**32 - 1
"""Bytes that an archive without 64-bit fields can have."""
STEPS, MOST = 10**6, 20_000
"""A query is broken off after so many times so many steps of SQLite."""
CHANCE = {"random", "randomblob"}
"""Functions that answer otherwise each time."""
CACHE = 64 * 1024
"""Kibibytes of a database that are in memory; the rest lies in a file that has no name."""

STRANGE = "not what its files explain"

Finding = tuple[str, str]  # a key of WORDS, and where
Columns = Mapping[str, Mapping[str, str]]  # by table: its columns with their types

WORDS = {
    "whole": ("gói nguyên vẹn, mọi số liệu tính lại đều khớp", "whole, and all figures agree"),
    "alone": ("chưa đối chiếu khoá: hãy thêm --key", "the key was not compared: add --key"),
    "archive": ("tệp nén có byte không thuộc tệp nào", "bytes of the archive belong to no file"),
    "unreadable": ("không đọc được gói", "the pack cannot be read"),
    "signature": ("chữ ký không khớp với khoá", "the signature is not that of the key"),
    "missing": ("thiếu tệp ghi trong bản kê", "a file of the manifest is missing"),
    "surplus": ("tệp không có trong bản kê", "a file is not in the manifest"),
    "changed": ("nội dung tệp đã bị sửa", "the file was changed"),
    "query": ("câu truy vấn không chạy được", "the query cannot be run"),
    "figure": ("tính lại ra số khác", "worked out again, the figure is another"),
}


# -- the archive: a ZIP without compression, which only one sequence of bytes can be -------------


def archive(files: Mapping[str, bytes]) -> bytes:
    """The files as a ZIP: sorted, stored as they are, without times. Names are ASCII.

    Raises :class:`ValueError` when they need more than a plain ZIP holds.
    """
    return b"".join(pieces(files))


def pieces(files: Mapping[str, bytes]) -> Iterator[bytes]:
    """The bytes of :func:`archive`, one file after the other; each is asked for when it is due."""
    listing, at = [], 0
    for name in sorted(files):
        body = files[name]
        common = _common(name, body)
        local = struct.pack("<4s", b"PK\3\4") + common + name.encode("ascii")
        yield local
        yield body
        central = struct.pack("<4sH", b"PK\1\2", 20) + common
        listing.append(central + struct.pack("<HHHLL", 0, 0, 0, 0, at) + name.encode("ascii"))
        at += len(local) + len(body)
    directory = b"".join(listing)
    if at + len(directory) > LARGEST or len(files) >= 2**16 - 1:
        raise ValueError("more than a plain ZIP holds")
    end = struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, len(files), len(files), len(directory), at, 0)
    yield directory + end


def _common(name: str, body: bytes) -> bytes:
    """What both headers of a member say: version, 1 January 1980, sum, size, length of name."""
    fields = (20, 0, 0, 0, 0x21, zlib.crc32(body), len(body), len(body), len(name), 0)
    return struct.pack("<HHHHHLLLHH", *fields)


class Members(Mapping[str, bytes]):
    """The files of an archive made by :func:`archive`, each cut out when it is asked for.

    Raises :class:`ValueError` for another archive.
    """

    def __init__(self, packed: bytes) -> None:
        self._packed, self._places = packed, _places(packed)
        at = 0
        for piece in pieces(self):
            if not packed.startswith(piece, at):
                raise ValueError(STRANGE)
            at += len(piece)
        if at != len(packed):
            raise ValueError(STRANGE)

    def __getitem__(self, name: str) -> bytes:
        return self._packed[self._places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def members(packed: bytes) -> dict[str, bytes]:
    """All files of an archive at once; raises :class:`ValueError` for another."""
    return dict(Members(packed))


def _places(packed: bytes) -> dict[str, slice]:
    """Where the files of an archive lie, by what it says itself."""
    found: dict[str, slice] = {}
    at = 0
    while packed[at : at + 4] == b"PK\3\4":
        header = packed[at + 4 : at + 30]
        if len(header) != struct.calcsize("<HHHHHLLLHH"):
            raise ValueError("cut off")
        *_, size, _, length, _ = struct.unpack("<HHHHHLLLHH", header)
        start = at + 30 + length
        found[packed[at + 30 : start].decode("ascii")] = slice(start, start + size)
        at = start + size
    return found


# -- the signature: Ed25519 as RFC 8032 says it, section 5.1.7 ------------------------------------

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_Point = tuple[int, int, int, int]
_ZERO: _Point = (0, 1, 1, 0)


def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the signature (64 bytes) of the message by a public key (32 bytes)."""
    if len(signature) != 64 or len(key) != 32:
        return False
    public, commitment = _point(key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or scalar >= _ORDER:
        return False
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    challenge = int.from_bytes(hashed, "little") % _ORDER
    return _same(_times(scalar, _base()), _sum(commitment, _times(challenge, public)))


def _base() -> _Point:
    found = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))
    assert found is not None
    return found


def _point(encoded: bytes) -> _Point | None:
    """The point of the curve that these 32 bytes name, if there is one."""
    y = int.from_bytes(encoded, "little")
    odd, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and odd):
        return None
    x = _P - x if x & 1 != odd else x
    return x, y, 1, x * y % _P


def _sum(one: _Point, two: _Point) -> _Point:
    """The sum of two points in extended coordinates."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: _Point) -> _Point:
    found = _ZERO
    while scalar:
        if scalar & 1:
            found = _sum(found, point)
        point, scalar = _sum(point, point), scalar >> 1
    return found


def _same(one: _Point, two: _Point) -> bool:
    x = (one[0] * two[2] - two[0] * one[2]) % _P
    y = (one[1] * two[2] - two[1] * one[2]) % _P
    return x == 0 and y == 0


# -- the figures ----------------------------------------------------------------------------------


def database(tables: Mapping[str, Mapping[str, str]], files: Mapping[str, bytes]) -> Any:
    """The data of a pack as a database, see :func:`filled`."""
    return filled(tables, {name: _rows(files, f"{DATA}/{name}.csv") for name in tables})


def _rows(files: Mapping[str, bytes], name: str) -> Iterator[Sequence[str]]:
    """The rows of a table; its file is asked for when it is its turn."""
    yield from islice(csv.reader(read(files[name])), 1, None)


def read(file: bytes) -> Iterable[str]:
    """A text, line by line as it is, without a second copy of it."""
    return io.TextIOWrapper(io.BytesIO(file), encoding="utf-8", newline="")


def filled(
    tables: Mapping[str, Mapping[str, str]], rows: Mapping[str, Iterable[Sequence[Any]]]
) -> Any:
    """Tables as an SQLite database of this process alone that can only be read.

    ``tables`` gives for each table its columns and their types, TEXT or INTEGER. An empty text
    is NULL.
    """
    made = sqlite3.connect("")
    made.execute(f"PRAGMA cache_size = -{CACHE}")
    for name, columns in tables.items():
        types = ", ".join(f"{_quoted(column)} {kind}" for column, kind in columns.items())
        made.execute(f"CREATE TABLE {_quoted(name)} ({types})")
        marks = ", ".join("?" * len(columns))
        cells = (_nulls(row) if "" in row else row for row in rows[name])
        made.executemany(f"INSERT INTO {_quoted(name)} VALUES ({marks})", cells)
    made.commit()
    made.set_authorizer(_only_reading)
    turns = chain(repeat(0, MOST), repeat(1))
    made.set_progress_handler(lambda: next(turns), STEPS)
    return made


def _nulls(row: Sequence[Any]) -> list[Any]:
    return [None if cell == "" else cell for cell in row]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _only_reading(action: int, _first: object, name: object, *_: object) -> int:
    allowed = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, 33)
    refused = action not in allowed or (action == sqlite3.SQLITE_FUNCTION and name in CHANCE)
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as CSV: UTF-8, CRLF, a header, nothing for NULL."""
    out = io.BytesIO()
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    text.flush()
    return out.getvalue()


def answer(data: Any, query: str) -> bytes:
    """What a query gives, as CSV."""
    return table(*asked(data, query))


def asked(data: Any, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and rows that a query gives; raises :class:`ValueError` for a fraction.

    SQLite's versions add fractions up in different ways, so figures are whole numbers: a score of
    86.67 is 8667.
    """
    found = data.execute(query)
    rows = found.fetchall()
    if any(isinstance(cell, float) for row in rows for cell in row):
        raise ValueError("a figure is a fraction")
    return [column[0] for column in found.description], rows


# -- the whole ------------------------------------------------------------------------------------


def verify(packed: bytes, key: bytes | None = None) -> list[Finding]:
    """What is wrong with a pack; nothing when it holds.

    ``key`` is the portal's public key from a place that the pack's maker does not hold. Without
    it the key within the pack is taken, which shows only that pack and signature belong together.
    """
    try:
        return _verify(packed, key)
    except (AttributeError, KeyError, RecursionError, StopIteration, TypeError) as fault:
        return [("unreadable", f"{type(fault).__name__}: {fault}")]
    except (ValueError, csv.Error, sqlite3.Error) as fault:
        return [("unreadable", str(fault))]


def _verify(packed: bytes, key: bytes | None) -> list[Finding]:
    try:
        files = Members(packed)
        manifest = json.loads(files[MANIFEST])
        signer = key or bytes.fromhex(manifest["key"])
    except (ValueError, KeyError, struct.error) as fault:
        kind = "archive" if str(fault) == STRANGE else "unreadable"
        return [(kind, str(fault))]
    if not signed(signer, files[MANIFEST], files.get(SIGNATURE, b"")):
        return [("signature", MANIFEST)]
    return _files(manifest, files) or _figures(manifest, files)


def _files(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> list[Finding]:
    """Files that are not those of the manifest."""
    listed: Mapping[str, str] = manifest["files"]
    found = [("missing", name) for name in listed if name not in files]
    found += [("surplus", name) for name in files if name not in {*listed, MANIFEST, SIGNATURE}]
    return found + [
        ("changed", name)
        for name, known in listed.items()
        if name in files and hashlib.sha256(files[name]).hexdigest() != known
    ]


def _figures(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> list[Finding]:
    """Figures that come out otherwise when they are worked out again."""
    found = []
    data = database(manifest["tables"], files)
    for figure in manifest["figures"]:
        name = f"{FIGURES}/{figure}"
        try:
            again = answer(data, files[f"{name}.sql"].decode("utf-8"))
        except (sqlite3.Error, ValueError) as fault:
            found.append(("query", f"{name}.sql: {fault}"))
            continue
        if again != files[f"{name}.csv"]:
            found.append(("figure", f"{name}.csv"))
    return found


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--key", type=bytes.fromhex, help="the portal's public key, 64 hex digits")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi")
    given = parser.parse_args(words)
    try:
        packed = given.pack.read_bytes()
    except OSError as fault:
        parser.error(str(fault))
    found = verify(packed, given.key)
    for line in _told(found, english=given.lang == "en", compared=given.key is not None):
        sys.stdout.write(f"{line}\n")
    return 1 if found else 0


def _told(found: Sequence[Finding], *, english: bool, compared: bool) -> Iterable[str]:
    """What the command says."""
    for kind, where in found:
        yield f"✗ {WORDS[kind][english]}: {where}"
    if not found:
        yield f"✓ {WORDS['whole'][english]}"
    if not found and not compared:
        yield f"! {WORDS['alone'][english]}"


if __name__ == "__main__":
    sys.exit(main())
