"""The type of a column that no element speaks of, by all its values."""

from functools import reduce
from operator import or_

import pytest

from hatinh.loading.kinds import Kind, kind_of, type_of, wished, words_of
from hatinh.loading.model import PgType, Words


def kinds(*values: str) -> Kind:
    return reduce(or_, map(kind_of, values), Kind.NOTHING)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "-20", "0", "999999999999999"], PgType.BIGINT),
        (["1", "2.5", "0.125"], PgType.NUMERIC),
        (["1.250", "18.34"], PgType.NUMERIC),
        (["1.5", "5.1e-05", "1e+16"], PgType.NUMERIC),
        (["2025-12-31", "2024-02-29"], PgType.DATE),
        ([], PgType.TEXT),
        (["01", "2"], PgType.TEXT),
        (["1000000000000000"], PgType.TEXT),
        (["+84"], PgType.TEXT),
        (["1.250", "17"], PgType.TEXT),
        (["1,5"], PgType.TEXT),
        (["1.5", "2E10"], PgType.TEXT),
        (["2025-12-31", "2025-02-29"], PgType.TEXT),
        (["2025-12-31", "1"], PgType.TEXT),
        (["31/12/2025"], PgType.TEXT),
        (["1", "một"], PgType.TEXT),
    ],
)
def test_type_is_that_of_all_values(values: list[str], expected: PgType) -> None:
    """Numbers and days only where nothing else is thinkable; codes keep their zeros."""
    assert type_of(kinds(*values), typed=False)[0] == expected


def test_point_is_one_before_a_fraction_in_a_file_that_knows_its_numbers() -> None:
    """In a workbook 1.25 is no thousand, whatever its digits."""
    assert type_of(kinds("1.250", "17"), typed=True)[0] == PgType.NUMERIC


@pytest.mark.parametrize(
    ("values", "wish", "expected"),
    [
        (["007", "8"], PgType.NUMERIC, PgType.NUMERIC),
        (["1", "2"], PgType.TEXT, PgType.TEXT),
        (["1.250"], PgType.NUMERIC, PgType.NUMERIC),
        ([], PgType.DATE, PgType.DATE),
        (["x"], PgType.NUMERIC, None),
        (["1"], PgType.DATE, None),
        (["1"], None, None),
    ],
)
def test_wish_is_heard_where_all_values_fit(
    values: list[str], wish: PgType | None, expected: PgType | None
) -> None:
    """A steward may say that 007 is a number; that a word is one, nobody."""
    found = wished(kinds(*values), wish)
    assert (found and found[0]) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["12", "-5"], Words.ONE),
        (["0012", "+84239123456"], Words.ONE),
        (["1.250", "12.5", "5.1E-05"], Words.ONE),
        (["lien.he@hatinh.gov.vn", "007"], Words.ONE),
        (["mot_lan", "nam", "12"], Words.PARTS),
        (["2025-12-31"], Words.DAY),
        (["2025-12-31", "12"], Words.PROSE),
        (["mot_lan", "lien.he@hatinh.gov.vn"], Words.PROSE),
        (["12", "mười hai"], Words.PROSE),
        (["lien.he@a.vn"], Words.PROSE),
        (["a1"], Words.PROSE),
        (["1,5"], Words.PROSE),
        ([], Words.PROSE),
    ],
)
def test_words_are_told_apart_where_all_values_let_them(values: list[str], expected: Words) -> None:
    """Where one value is other than those forms, all are read as prose."""
    assert words_of(kinds(*values)) == expected
