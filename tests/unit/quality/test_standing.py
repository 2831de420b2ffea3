"""Means and places: exact, and fair to those who are equal."""

from hypothesis import given
from hypothesis import strategies as st

from hatinh.quality.standing import Place, Sum, places

means = st.dictionaries(st.text(min_size=1, max_size=3), st.one_of(st.none(), st.just(50.0),
                                                                   st.floats(0, 100)))  # fmt: skip


def test_mean_is_rounded_half_up() -> None:
    """86.66 and 86.67 give 86.67, as the table of the figures has it."""
    assert Sum(8666 + 8667, 2).mean == 86.67
    assert Sum(3 * 8667, 3).mean == 86.67
    assert Sum(20000, 3).mean == 66.67


def test_nothing_measured_has_no_mean() -> None:
    """Missing is not zero."""
    assert Sum().mean is None
    assert Sum(0, 2).mean == 0.0


def test_equal_means_share_a_place_and_the_next_is_left_out() -> None:
    """1, 2, 2, 4: as in sport."""
    found = places({"a": 90.0, "b": 80.0, "c": 80.0, "d": 70.0, "e": None})
    assert found == {
        "a": Place(1, tied=False),
        "b": Place(2, tied=True),
        "c": Place(2, tied=True),
        "d": Place(4, tied=False),
    }


@given(means)
def test_place_says_how_many_are_better(given_means: dict[str, float | None]) -> None:
    """Whoever has the greater mean stands before; a tie is seen from both sides."""
    found = places(given_means)
    for name, place in found.items():
        mean = given_means[name] or 0.0
        better = [other for other in found if (given_means[other] or 0.0) > mean]
        assert place.rank == len(better) + 1
        equal = [other for other in found if given_means[other] == given_means[name]]
        assert place.tied == (len(equal) > 1)
