"""Numbers in two notations."""

from decimal import Decimal

import pytest

from hatinh.tabular.numbers import Notation, notation, number


@pytest.mark.parametrize(
    ("values", "usual", "found"),
    [
        (["1.234"], Notation.LOCAL, Notation.LOCAL),
        (["1.234"], Notation.PLAIN, Notation.PLAIN),
        (["1.234", "18.34"], Notation.LOCAL, Notation.PLAIN),
        (["1.234", "0,5"], Notation.PLAIN, Notation.LOCAL),
        (["1.234.567"], Notation.PLAIN, Notation.LOCAL),
    ],
)
def test_a_column_settles_its_notation(values: list[str], usual: Notation, found: Notation) -> None:
    """What only one notation can read decides; what both can read leaves the usual one."""
    assert notation(values, usual) is found


def test_whole_numbers_decide_for_thousands() -> None:
    """In a column of whole numbers ``1.234`` can only be one thousand two hundred thirty-four."""
    assert notation(["1.234", "12.5"], Notation.PLAIN, whole=True) is Notation.LOCAL


@pytest.mark.parametrize(
    ("text", "written", "value"),
    [
        ("1.234,5", Notation.LOCAL, Decimal("1234.5")),
        ("-3", Notation.LOCAL, Decimal(-3)),
        ("1 234,5", Notation.LOCAL, Decimal("1234.5")),
        ("1.234", Notation.PLAIN, Decimal("1.234")),
        ("1.23", Notation.LOCAL, None),
        ("1,5", Notation.PLAIN, None),
        ("", Notation.PLAIN, None),
        ("abc", Notation.LOCAL, None),
    ],
)
def test_numbers_are_exact_or_none(text: str, written: Notation, value: Decimal | None) -> None:
    """Text that is no number in the notation is none; a blank is never zero."""
    assert number(text, written) == value
