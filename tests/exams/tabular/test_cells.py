"""Many rows at once: places, texts, hashes and numbers of cells, as reading them one by one."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from hatinh.tabular.cells import Cells

TEXTS = st.text(alphabet="ab,; 0129-ăế", max_size=20)
ROWS = st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=20)


def cells_of(rows: list[tuple[str, ...]], end: str = "\n") -> Cells:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerows(rows)
    return Cells.of([out.getvalue().encode()], ",", 3)


@given(ROWS, st.sampled_from(["\n", "\r\n"]))
def test_cells_are_where_the_reader_finds_them(rows: list[tuple[str, ...]], end: str) -> None:
    """Quotes and both kinds of line ends are seen through."""
    cells = cells_of(rows, end)
    assert cells.rows == len(rows)
    for column in range(3):
        starts, lengths = cells.span(column)
        texts = [
            cells.padded[start : start + length].decode()
            for start, length in zip(starts, lengths, strict=True)
        ]
        assert texts == [row[column] for row in rows]
        assert cells.blank(column).tolist() == [not text for text in texts]


@given(ROWS)
def test_equal_texts_have_equal_hashes(rows: list[tuple[str, ...]]) -> None:
    """And others have others, whatever their length and the place of their parts."""
    hashes = cells_of(rows).hashes([0, 2]).tolist()
    keys = [(row[0], row[2]) for row in rows]
    assert [a == b for a in hashes for b in hashes] == [a == b for a in keys for b in keys]


@given(ROWS)
def test_questions_to_texts_are_answered_as_one_by_one(rows: list[tuple[str, ...]]) -> None:
    """Equality, membership, surplus spaces, short words."""
    cells = cells_of(rows)
    texts = [row[1] for row in rows]
    wanted = texts[0] or "a"
    assert cells.equal(1, wanted).tolist() == [text == wanted for text in texts]
    assert cells.among(1, {wanted, "ab", "ă"}).tolist() == [
        text in {wanted, "ab", "ă"} for text in texts
    ]
    _, short = cells.words(1)
    assert short.tolist() == [len(text.encode()) <= 8 for text in texts]
    untidy = cells.untidy(1).tolist()
    for text, found in zip(texts, untidy, strict=True):
        assert not text or found == ("  " in text or text != text.strip(" "))


NUMBERS = st.sampled_from(
    ["", "0", "7", "0012", "123456789012345", "1234567890123456", "1.2", "-3"]
)
DAYS = st.sampled_from(["", "2025-12-31", "2025-1-31", "20251231", "2025-12-3a", "1999-01-01"])


@given(st.lists(st.tuples(NUMBERS, DAYS, st.just("x")), min_size=1, max_size=20))
def test_plain_numbers_and_days_are_computed(rows: list[tuple[str, ...]]) -> None:
    """Others are said to be none."""
    cells = cells_of(rows)
    values, plain = cells.digits(0)
    for row, value, is_plain in zip(rows, values.tolist(), plain.tolist(), strict=True):
        assert is_plain == (row[0].isdigit() and len(row[0]) <= 15)
        assert not is_plain or value == int(row[0])
    values, plain = cells.days(1)
    for row, value, is_day in zip(rows, values.tolist(), plain.tolist(), strict=True):
        assert is_day == (row[1] in {"2025-12-31", "1999-01-01"})
        assert not is_day or value == int(row[1].replace("-", ""))
