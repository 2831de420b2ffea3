"""Files that are no tables, or mean harm: a clear reason each, in bounded time and memory."""

import io
import os
import resource
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from hatinh.dictionary.check import Standard, check_file
from hatinh.dictionary.model import Dictionary
from hatinh.dictionary.table_schema import NO_SCHEMA
from hatinh.errors import UnreadableTableError
from hatinh.tabular import Limits, read_table

STANDARD = Standard(NO_SCHEMA, Dictionary("1"), date(2026, 1, 1))
SECONDS = 20


class Endless(io.RawIOBase):
    """A file of one gigabyte that is one and the same piece over and over."""

    def __init__(self, piece: bytes, head: bytes = b"", size: int = 1 << 30) -> None:
        self._piece, self._head, self._size, self._at = piece * 4096, head, size, 0
        self.taken = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._size)[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = max(0, min(len(buffer), self._size - self._at))
        source = self._head[self._at :] or self._piece
        count = min(count, len(source))
        buffer[:count] = source[:count]
        self._at += count
        self.taken += count
        return count


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """No garbage may take longer or leave the process much larger."""
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.monotonic() - start < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


def refused(body: bytes, kind: str, limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableTableError) as caught:
        read_table("x", kind, body, limits=limits or Limits())
    return caught.value.reason


def workbook(fill: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        fill(book)
    return out.getvalue()


def remarks(body: bytes, kind: str = "XLSX") -> dict[str, str]:
    return {problem.code: problem.value for problem in read_table("x", kind, body).remarks}


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"ma,ten\n01,",
        b"ma,ten\n" + b"01,a\n" * 500_000,
        b"ma,ten\n" + "02,xã\n".encode() * 300_000,
    ],
    ids=["first", "second", "after millions of bytes", "after letters"],
)
def test_a_line_of_a_gigabyte_is_refused(head: bytes) -> None:
    """The line is given up long before its end, wherever it begins."""
    file = Endless(b"x,", head)
    with pytest.raises(UnreadableTableError) as caught:
        check_file("x.csv", "CSV", io.BufferedReader(file), STANDARD)
    assert caught.value.reason == "line-too-long"
    assert file.taken < 1 << 26


def test_a_cell_without_end_is_refused() -> None:
    """A quote that is never closed does not swallow the file."""
    file = Endless(b"dong\n", b'ma,ten\n01,"', size=1 << 27)
    with pytest.raises(UnreadableTableError) as caught:
        check_file("x.csv", "CSV", io.BufferedReader(file), STANDARD)
    assert caught.value.reason == "line-too-long"


def test_an_item_without_end_is_refused() -> None:
    """A JSON text that is never closed is given up."""
    file = Endless(b"x", b'[{"ma": "')
    with pytest.raises(UnreadableTableError) as caught:
        check_file("x.json", "JSON", io.BufferedReader(file), STANDARD)
    assert caught.value.reason == "line-too-long"


def test_zip_bomb_is_refused() -> None:
    """A workbook of some kilobytes that unfolds to a gigabyte is never unfolded."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(350):
            member.write(b" " * (1 << 20))
    assert refused(out.getvalue(), "XLSX") == "unpacks-too-far"


def test_bomb_that_lies_about_its_size_is_refused() -> None:
    """A member that says it is small and is not breaks its own checksum."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * 2_000_000)
    body = out.getvalue().replace((12_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert refused(body, "XLSX") in {"workbook-broken", "unpacks-too-far"}


def test_macros_are_named_and_not_run() -> None:
    """A workbook with macros is read as a table, and said to have them."""
    body = workbook(lambda book: book.add_worksheet().write_column(0, 0, ["ma", "01"]))
    out = io.BytesIO(body)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0macro")
    assert "workbook-macros" in remarks(out.getvalue(), "XLSM")


def test_formulas_give_their_stored_results() -> None:
    """Nothing is computed here; formulas are counted and the first is named."""

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["so", 1, 2])
        sheet.write_formula(3, 0, "=SUM(A2:A3)", None, 3)

    table = read_table("x", "XLSX", workbook(fill))
    assert table.rows[-1] == ("3",)
    assert remarks(workbook(fill)) == {"workbook-formulas": "A4"}


def test_merged_header_cells_are_named() -> None:
    """Only the first cell of a merged area has a name; the file is told to unmerge."""

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:B1", "Họ và tên")
        sheet.write_row(0, 2, ["Xã", "Năm"])
        sheet.write_row(1, 0, ["a", "b", "c", "2025"])

    assert read_table("x", "XLSX", workbook(fill)).header == ("Họ và tên", "", "Xã", "Năm")
    assert remarks(workbook(fill)) == {"workbook-merged": "A1:B1"}


def test_hidden_and_further_sheets_are_named() -> None:
    """What is not read is not silently left out."""

    def fill(book: xlsxwriter.Workbook) -> None:
        for name in ("Ẩn", "Bảng", "Thêm"):
            book.add_worksheet(name).write_column(0, 0, ["ma", "01"])
        hidden, shown, _ = book.worksheets()
        shown.activate()
        hidden.hide()

    assert remarks(workbook(fill)) == {"sheets-hidden": "Ẩn", "sheets-unread": "Thêm"}


@pytest.mark.parametrize("kind", ["XLSX", "CSV", "JSON"])
def test_sixteen_thousand_columns_are_refused(kind: str) -> None:
    """No table of people has them."""
    names = [f"c{n}" for n in range(16_384)]
    bodies = {
        "XLSX": workbook(lambda book: book.add_worksheet().write_row(0, 0, names)),
        "CSV": ",".join(names).encode() + b"\n" + b"1," * 16_383 + b"1\n",
        "JSON": ("[{" + ",".join(f'"{name}": 1' for name in names) + "}]").encode(),
    }
    assert refused(bodies[kind], kind) == "too-many-columns"


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"", "CSV", "file-empty"),
        (b" \n\t\n", "CSV", "file-empty"),
        (b"\xef\xbb\xbf", "CSV", "file-empty"),
        (b"", "XLSX", "workbook-broken"),
        (b"", "JSON", "not-a-table"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "CSV", "file-binary"),
        (b"PK\x03\x04\x14\x00", "CSV", "file-binary"),
        (b"a,b\n" * 2000 + b"\x00\x01,2\n", "CSV", "file-binary"),
        (b"a,b\n\x00\x01,2\n" * 9, "CSV", "encoding-unknown"),
        (os.urandom(4096).replace(b"\0", b"\xfe"), "CSV", "encoding-unknown"),
        (b"\xff\xfea\x00\x00\xd8", "CSV", "encoding-unknown"),
        (b"<html><body>404</body></html>", "XLSX", "workbook-broken"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 4000, "XLS", "workbook-broken"),
        (b"a", "DOCX", "format-unknown"),
    ],
)
def test_other_garbage_has_its_reason(body: bytes, kind: str, reason: str) -> None:
    """Empty files, files under a false name, random bytes."""
    assert refused(body, kind) == reason


def test_a_reader_that_dies_takes_nobody_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its library ends the process on some files; that is a reason like others."""
    (tmp_path / "dies.py").write_text("import os; os.abort()")
    monkeypatch.setattr("hatinh.tabular.workbook._READER", tmp_path / "dies.py")
    body = workbook(lambda book: book.add_worksheet().write_column(0, 0, ["ma", "01"]))
    assert refused(body, "XLSX") == "workbook-broken"
