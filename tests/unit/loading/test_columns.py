"""Names of columns made of headers that anybody wrote."""

import pytest

from hatinh.loading import column_ids


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (["Mã xã", "so_luong"], ["Mã xã", "so_luong"]),
        (["", "a", ""], ["cot_1", "a", "cot_3"]),
        (["a", "a", "a"], ["a", "a_2", "a_3"]),
        (["a", "a", "a_2"], ["a", "a_3", "a_2"]),
        (["cot_2", ""], ["cot_2", "cot_2_2"]),
        (["_id", "__", "_full_text"], ["id", "cot_2", "full_text"]),
        (["Từ, đến", "Giờ :phút"], ["Từ đến", "Giờ phút"]),
        (["Tỷ lệ (%)", 'nháy "kép"', "a%b"], ["Tỷ lệ", "nháy kép", "a b"]),
        (["xmin", "ctid"], ["xmin_", "ctid_"]),
    ],
)
def test_header_gives_names_that_a_table_may_have(header: list[str], expected: list[str]) -> None:
    """A name is the header itself where possible; it is never blank, double or the system's."""
    assert list(column_ids(header)) == expected


def test_long_headers_are_cut_between_letters_and_stay_apart() -> None:
    """PostgreSQL counts bytes, and would cut a Vietnamese letter in two."""
    names = column_ids(["ế" * 40, "ế" * 41, "ế" * 21])
    assert [len(name.encode()) for name in names] == [63, 62, 62]
    assert len(set(names)) == 3
    assert set("".join(names)) == set("ế_23")


def test_names_do_not_depend_on_what_stands_behind_them() -> None:
    """A column added at the end leaves the names of all others as they were."""
    header = ["a", "a", "", "b"]
    assert column_ids([*header, "c"])[:4] == column_ids(header)
