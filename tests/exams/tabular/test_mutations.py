"""Real tables with a few bytes changed: a table or a reason comes out, and nothing else."""

import io
import random
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import pytest
import xlsxwriter
from opendocument import sheet

from hatinh.dictionary import check
from hatinh.dictionary.check import Standard, check_file
from hatinh.dictionary.model import Dictionary
from hatinh.dictionary.table_schema import NO_SCHEMA
from hatinh.errors import UnreadableTableError
from hatinh.tabular import Limits
from hatinh.tabular.archive import contents, guard

STANDARD = Standard(NO_SCHEMA, Dictionary("1"), date(2026, 1, 1))
ROWS = [["mã", "tên", "số"], *([f"{n:02}", f'xã "Đức, Thọ" {n}', "1.234,5"] for n in range(30))]
TEXT = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS).replace('"xã ', "xã ")
TCVN3 = b"m\xb7,t\xaan\nH\xb5 T\xdcnh,x\xb7\n" * 20
BODIES = {
    "utf-8": TEXT.encode(),
    "utf-8-sig": TEXT.encode("utf-8-sig"),
    "utf-16": TEXT.encode("utf-16"),
    "utf-16-be": TEXT.encode("utf-16-be"),
    "tcvn3": TCVN3,
    "mac": TEXT.replace("\r\n", "\r").encode(),
    "mac, marked": TEXT.replace("\r\n", "\r").encode("utf-8-sig"),
    "tabs": TEXT.replace(",", "\t").encode(),
}
PIECES = [
    b"", b"\0", b"\r", b"\n", b'"', b'""', b",", b";", b"\t", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf",
    b"\xe1\xba", b"\x1a", b"\xd8\x00", b"\x85", b"\xc2\x85", b"\xe2\x80\xa8", b"<", b'r="ZZ9"',
    b"=", b" ", b"'", b"9" * 30,
]  # fmt: skip
TIMES = 150


def mutated(body: bytes, chance: random.Random) -> bytes:
    """Pieces put in, taken out, doubled or cut off."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(body) + 1)
        to = min(len(body), at + chance.choice([0, 0, 1, 2, 30]))
        body = body[:at] + chance.choice([*PIECES, body[at : at + 20] * 2]) + body[to:]
        body = body[: chance.choice([len(body)] * 9 + [chance.randrange(len(body) + 1)])]
    return body


def rows_or_reason(body: bytes, limit: int, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """Why the file is refused, or how many rows it has; in bulk from ``limit`` bytes on."""
    monkeypatch.setattr(check, "BULK", limit)
    try:
        found = check_file("x.csv", "CSV", io.BytesIO(body), STANDARD)
    except UnreadableTableError as err:
        return err.reason, 0
    return "", found.facts.rows


@pytest.mark.parametrize("name", BODIES)
def test_a_changed_text_gives_rows_or_a_reason(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And both ways of a check say the same."""
    chance = random.Random(name)
    for _ in range(TIMES):
        body = mutated(BODIES[name], chance)
        exact = rows_or_reason(body, 1 << 40, monkeypatch)
        assert rows_or_reason(body, 0, monkeypatch) == exact, body


def workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        first = book.add_worksheet()
        first.merge_range("A1:C1", "DANH SÁCH")
        for number, row in enumerate(ROWS, 1):
            first.write_row(number, 0, row)
        first.write_formula("D4", "=1+1", None, 2)
    return out.getvalue()


def variants(body: bytes, chance: random.Random) -> Iterator[bytes]:
    """The archive changed, and the archive of changed members."""
    for number in range(TIMES):
        if number % 4 == 0:
            yield mutated(body, chance)
            continue
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
            for member in old.infolist():
                text = old.read(member)
                is_sheet = re.search("sheet1|content", member.filename)
                new.writestr(member.filename, mutated(text, chance) if is_sheet else text)
        yield out.getvalue()


@pytest.mark.parametrize(("kind", "body"), [("XLSX", workbook()), ("ODS", sheet(ROWS))])
def test_a_changed_archive_is_measured_or_refused(kind: str, body: bytes) -> None:
    """Whatever stands in it, before its reader is asked."""
    for changed in variants(body, random.Random(kind)):
        with suppress(UnreadableTableError):
            guard("x", io.BytesIO(changed), Limits())
            contents("x", io.BytesIO(changed), Limits())
