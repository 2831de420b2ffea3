"""Keys of rows: what is repeated is found, in memory or on disk, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatinh.dictionary import keys
from hatinh.dictionary.keys import Key, Keys, Repeated

PARTS = st.sampled_from(["", "a", "ab", "b", "trường học số một", "trường học số hai"])
ROWS = st.lists(st.tuples(PARTS, PARTS), max_size=40)


def expected(rows: list[Key]) -> list[Repeated]:
    first: dict[Key, int] = {}
    return [
        Repeated(number, first[key], key)
        for number, key in enumerate(rows)
        if first.setdefault(key, number) != number
    ]


@given(ROWS, st.integers(1, 9), st.integers(1, 9))
def test_repeated_keys_are_found_wherever_they_are_kept(
    rows: list[Key], in_memory: int, at_once: int
) -> None:
    """In memory, by hashes, and by hashes that were put on disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "_IN_MEMORY", in_memory)
        patch.setattr(keys, "_AT_ONCE", at_once)
        known = Keys()
        for number, key in enumerate(rows):
            known.add(number, key)
        assert sorted(known.repeated()) == expected(rows)
        assert known.whole == len(rows)


@given(ROWS)
def test_equal_hashes_are_no_proof(rows: list[Key]) -> None:
    """Keys are compared themselves, even if all had one hash."""
    known = Keys()
    known.read = rows.__getitem__
    places = np.arange(len(rows))
    known.note(np.zeros(len(rows), np.uint64), places, places.astype(np.uint64))
    assert sorted(known.repeated()) == expected(rows)
