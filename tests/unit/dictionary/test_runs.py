"""Numbers of rows in their short form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hatinh.dictionary import runs
from hatinh.dictionary.runs import Runs, count_of, rows_of


def collected(rows: list[int]) -> Runs:
    """The rows, taken in one after the other."""
    found = Runs()
    for row in rows:
        found.add(row)
    return found


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 60)))
def test_rows_in_any_order_read_back_once_each(rows: list[int]) -> None:
    """Whatever was taken in is named, in order, and counted; and nothing else."""
    written = str(collected(rows))
    assert list(rows_of(written)) == sorted({*rows})
    assert count_of(written) == len({*rows})


@pytest.mark.parametrize(
    ("rows", "written"),
    [([], ""), ([5], "5"), ([1, 2, 3], "1-3"), ([9, 1, 2], "1-2,9"), ([4, 4, 5], "4-5")],
)
def test_neighbours_are_written_as_one(rows: list[int], written: str) -> None:
    """A run costs as much as one row."""
    assert str(collected(rows)) == written


def test_too_many_runs_are_not_named_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that is wrong everywhere cannot fill the database."""
    monkeypatch.setattr(runs, "MOST", 2)
    found = collected([1, 3, 5, 7])
    assert (str(found), found.whole) == ("1,3", False)
    assert collected([1, 3, 4]).whole
