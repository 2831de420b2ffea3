"""What a heading tells of the values below it."""

import pytest

from hatinh.rows.column import Column, Kind


@pytest.mark.parametrize(
    ("label", "is_code", "counted"),
    [
        ("ma_xa", True, False),
        ("Mã đơn vị", True, False),
        ("STT", True, False),
        ("id", True, False),
        ("Kinh độ", False, False),
        ("vi_do", False, False),
        ("Mạng lưới (km)", False, True),
        ("Số hộ", False, True),
        ("ty_le", False, True),
        ("identified", False, True),
    ],
)
def test_heading_tells_codes_and_degrees_from_quantities(label, is_code, counted):
    """By its first words, in any writing."""
    column = Column("a", label, Kind.NUMBER)
    assert (column.is_code, column.counted) == (is_code, counted)


def test_text_is_never_counted():
    """Whatever it is called."""
    assert not Column("a", "Số hộ", Kind.TEXT).counted
