"""Old Vietnamese encodings are told apart and converted; the same table comes out of each."""

import csv
import unicodedata

import pytest

from hatinh.errors import UnreadableTableError
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


def in_1258(text: str) -> bytes:
    """The text with its letters and tones apart."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    apart = ""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(part for part in parts if part in tones)
        base = "".join(part for part in parts if part not in tones)
        apart += unicodedata.normalize("NFC", base) + tone
    return apart.encode("cp1258")


def test_windows_1258_is_composed() -> None:
    """Its letters and tones are apart; the table has composed letters."""
    assert cells(in_1258(TEXT)) == EXPECTED


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


@pytest.mark.parametrize(
    "body",
    [
        in_1258(TEXT),
        encoded(TEXT, "tcvn3.csv"),
        encoded(TEXT, "vni.csv"),
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
    ],
    ids=["windows-1258", "tcvn3", "vni", "utf-8", "utf-8-sig", "utf-16"],
)
def test_lines_that_end_as_on_old_macs_are_lines(body: bytes) -> None:
    """A carriage return alone ends a line in every encoding."""
    end = "\r".encode("utf-16-le" if body.startswith(b"\xff\xfe") else "ascii")
    old = body.replace(end.replace(b"\r", b"\n"), end)
    assert old != body
    assert cells(old) == cells(body)


@pytest.mark.parametrize("end", ["\r", "\r\n"])
@pytest.mark.parametrize("size", range(1, 12))
def test_where_a_piece_ends_is_not_to_be_seen(
    size: int, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is converted by pieces, which may cut letters, their marks and ends of lines."""
    text = TEXT.replace("\n", end)
    bodies = [text.encode("utf-16"), in_1258(text), encoded(text, "vni.csv")]
    whole = [cells(body) for body in bodies]
    monkeypatch.setattr("hatinh.tabular.encoding.CHUNK", size)
    assert [cells(body) for body in bodies] == whole


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbfma,ten\r01,\xff\r",
        b"\xef\xbb\xbfma,ten\n01,\xff\n",
        b"\xef\xbb\xbfma,ten\r01,\xe1\xba",
        b"ma,ten\r" + "01,tên\r".encode() * 20_000 + b"02,\xff\r",
        b"\xff\xfem\0a\0\n\0\0\xd8a\0",
        b"\xff\xfem\0a\0\n\0a",
    ],
    ids=["mac ends", "usual ends", "a letter cut off", "far below", "half a pair", "half a unit"],
)
def test_bytes_that_the_encoding_does_not_allow_are_a_reason(body: bytes) -> None:
    """Whatever the line ends, and also at the very end of a file."""
    with pytest.raises(UnreadableTableError) as caught:
        read_table("x.csv", "CSV", body)
    assert caught.value.reason == "encoding-unknown"


@pytest.mark.parametrize("shift", range(3))
def test_a_large_utf8_file_is_told_wherever_its_first_piece_ends(shift: int) -> None:
    """A letter that is cut in two between pieces of a megabyte says nothing of the encoding."""
    body = b"m" * shift + ("ma,ten\n" + "01,ẫẫẫẫ\n" * 80_000).encode()
    assert read_table("x.csv", "CSV", body, limit_rows=1).rows == [("01", "ẫẫẫẫ")]


def test_blanks_before_a_table_are_no_empty_file() -> None:
    """Some thousand spaces in the first line are a title without words."""
    assert cells(b" " * 5000 + b"\nma\n01\n") == [("ma",), ("01",)]
