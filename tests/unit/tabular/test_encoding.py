"""Old Vietnamese encodings are told apart and converted; the same table comes out of each."""

import csv
import unicodedata

import pytest

from hatinh.tabular import read_table
from hatinh.tabular.encoding import LEGACY, decode_tcvn3, decode_vni

TEXT = """mã,tên,ghi chú
01,Trường Tiểu học Đại Nài,Phường Hà Huy Tập – cũ
02,"Ủy ban nhân dân xã Cẩm Bình, huyện Cẩm Xuyên",thửa đất ở khối phố Tân Quý
03,Chợ Vườn Ươm,"nghỉ lễ, đã sửa chữa"
04,Sở Khoa học và Công nghệ,tỷ lệ hộ nghèo giảm
"""


def table_of(name: str) -> dict[str, str]:
    with (LEGACY / name).open(encoding="utf-8", newline="") as lines:
        return {row["text"]: row["bytes"] for row in csv.DictReader(lines)}


def encoded(text: str, name: str) -> bytes:
    """The text in an encoding whose letters are listed in a file; dashes become hyphens."""
    letters = table_of(name)
    text = text.replace("–", "-")
    return b"".join(
        bytes.fromhex(letters.get(letter) or letters.get(letter.lower(), ""))
        if not letter.isascii()
        else letter.encode()
        for letter in text
    )


def cells(body: bytes) -> list[tuple[str | None, ...]]:
    table = read_table("x.csv", "CSV", body)
    return [table.header, *table.rows]


EXPECTED = [tuple(row) for row in csv.reader(TEXT.splitlines())]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_told_by_its_marks(encoding: str) -> None:
    """With and without a byte-order mark, little or big end first."""
    assert cells(TEXT.encode(encoding)) == EXPECTED


def test_windows_1258_is_composed() -> None:
    """Its letters and tones are apart; the table has composed letters."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    apart = ""
    for letter in TEXT:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in tones)
        base = "".join(part for part in parts if part not in tones)
        apart += unicodedata.normalize("NFC", base) + tone
    assert cells(apart.encode("cp1258")) == EXPECTED


def test_vni_is_told_and_converted() -> None:
    """A letter of ASCII and a byte for its marks."""
    assert cells(encoded(TEXT, "vni.csv")) == [
        tuple(cell.replace("–", "-") for cell in row) for row in EXPECTED
    ]


def test_tcvn3_is_told_and_converted() -> None:
    """One byte a letter; a capital with a tone was a small letter in a font of capitals."""
    small = {letter for letter in TEXT if letter.isupper() and letter not in table_of("tcvn3.csv")}
    expected = TEXT.replace("–", "-")
    for letter in small - set("ABCDEGHIKLMNOPQRSTUVXY"):
        expected = expected.replace(letter, letter.lower())
    assert cells(encoded(TEXT, "tcvn3.csv")) == [
        tuple(row) for row in csv.reader(expected.splitlines())
    ]


@pytest.mark.parametrize(("name", "decode"), [("tcvn3.csv", decode_tcvn3), ("vni.csv", decode_vni)])
def test_every_letter_is_listed_and_comes_back(name: str, decode) -> None:
    """All small letters of Vietnamese are in the tables, and each is decoded to itself."""
    letters = table_of(name)
    vowels, tones = "aăâeêioôơuưy", ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    small = {unicodedata.normalize("NFC", v + t) for v in vowels for t in tones} | {"đ"}
    assert {letter for letter in small if not letter.isascii()} <= set(letters)
    assert all(decode(bytes.fromhex(code)) == text for text, code in letters.items())


def test_one_word_is_enough() -> None:
    """A file with a single letter beyond ASCII is still told."""
    assert cells(b"ten\nH\xb5 T\xdcnh\n") == [("ten",), ("Hà Tĩnh",)]
    assert cells("ten\nHaø Tónh\n".encode("latin-1")) == [("ten",), ("Hà Tĩnh",)]
