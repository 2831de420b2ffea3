"""CSV files as departments send them."""

import pytest

from hatinh.errors import UnreadableTableError
from hatinh.tabular import Limits, read_table

TEXT = "mã{0}tên\n01{0}Xã Cẩm Bình\n02{0}Phường Thành Sen\n"
ROWS = [("01", "Xã Cẩm Bình"), ("02", "Phường Thành Sen")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_delimiter_and_encoding_are_found_out(delimiter: str, encoding: str) -> None:
    """The same table comes out whatever the delimiter and the Unicode encoding."""
    table = read_table("x.csv", "CSV", TEXT.format(delimiter).encode(encoding))
    assert (table.header, list(table.rows)) == (("mã", "tên"), ROWS)


def test_windows_1258_is_read_as_composed_letters() -> None:
    """The old Vietnamese code page is the last resort, and gives NFC."""
    body = "ten;so\nTr\u01b0\u01a1\u0300ng;1\n".encode("cp1258")
    assert read_table("x", "CSV", body).rows == [("Trường", "1")]


def test_decimal_commas_do_not_pass_for_a_delimiter() -> None:
    """A file parted by semicolons may hold commas in every number."""
    assert read_table("x", "CSV", b"a;b\n1,5;2,5\n3,5;4,5\n").rows == [
        ("1,5", "2,5"),
        ("3,5", "4,5"),
    ]


def test_one_column_needs_no_delimiter() -> None:
    """A list is a table of one column."""
    assert read_table("x", "CSV", b"ma\n01\n02\n").rows == [("01",), ("02",)]


def test_blank_cells_are_none_and_blank_tails_fall_off() -> None:
    """A blank is never an empty text or a zero; rows are as wide as the header."""
    table = read_table("x", "CSV", b"a,b,c\n1, ,0\n2\n,,\n")
    assert table.rows == [("1", None, "0"), ("2", None, None)]


def test_title_rows_above_the_header_are_skipped() -> None:
    """Offices put a title over a table; the header is the first row that is filled."""
    table = read_table("x", "CSV", "DANH SÁCH TRƯỜNG,,\n,,\nmã,tên,xã\n1,A,B\n".encode())
    assert (table.header, table.rows) == (("mã", "tên", "xã"), [("1", "A", "B")])


def test_surplus_cells_get_a_column_without_name() -> None:
    """A row longer than the header is kept, so that the check can see it."""
    assert read_table("x", "CSV", b"a,b\n1,2,3\n4,5\n").header == ("a", "b", "")


def test_decomposed_letters_stay_for_the_check() -> None:
    """In a Unicode file a decomposed letter is the file's fault; only column names are mended."""
    table = read_table("x", "CSV", "te\u0302n\nHa\u0300\n".encode())
    assert (table.header, table.rows) == (("tên",), [("Ha\u0300",)])


def test_preview_stops_after_its_rows() -> None:
    """A preview reads no more rows than asked for."""
    assert len(read_table("x", "CSV", b"a,b\n" + b"1,2\n" * 50, limit_rows=5).rows) == 5


def test_too_many_cells_are_refused() -> None:
    """A table over the limit is refused, not loaded."""
    with pytest.raises(UnreadableTableError, match="more than 10 cells"):
        read_table("x", "CSV", b"a,b\n" + b"1,2\n" * 6, limits=Limits(cells=10))


@pytest.mark.parametrize(
    "body", [b"", b"\n\n", b"\x00\x01\x02\x81\x8d", b"\xff\xfe\x00\xd8\x00\x00"]
)
def test_what_is_no_text_table_is_unreadable(body: bytes) -> None:
    """Empty and binary files are refused with a reason."""
    with pytest.raises(UnreadableTableError):
        read_table("x.csv", "CSV", body)


def test_other_formats_are_no_tables() -> None:
    """A format that holds no table is refused by name."""
    with pytest.raises(UnreadableTableError, match="PDF"):
        read_table("x.pdf", "PDF", b"%PDF")
