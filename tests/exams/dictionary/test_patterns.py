"""Patterns that would run for ever are found before anybody's data meets them."""

import re

import pytest

from hatinh.dictionary.pattern import Trial


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", r"^(\w+\s?)*$", r"^(\d+)*x$", "^(a|a)*$", "(x+x+)+y", ".*.*.*.*=.*"]
)
def test_pattern_that_may_run_for_ever_is_found(pattern: str):
    """Repetitions inside repetitions are found in bounded time."""
    assert Trial().slow(re.compile(pattern))


@pytest.mark.parametrize("pattern", [r"^[0-9]+(\.[0-9]+)*$", "^[0-9]{12}$", "^(=|>=|>|<=|<)$", ""])
def test_sound_pattern_is_fast(pattern: str):
    """The patterns of the dictionary are no such thing."""
    assert not Trial().slow(re.compile(pattern))
