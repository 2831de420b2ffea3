"""Whether a regular expression can be trusted with anybody's values.

Python's engine tries every way to match, so that a pattern such as ``(a+)+$`` takes longer than the
age of the portal for one cell of fifty letters. A pattern is therefore tried on values that are
made to fail late, a little longer each time, and given up at the first that takes too long. The
whole trial ends within a second even for the worst pattern.
"""

import re
import time
from collections.abc import Callable, Iterator

TOO_LONG = 0.02
"""Seconds for one value; a sound pattern takes a thousandth of that."""

_LENGTHS = (*range(8, 33), 40, 60, 100, 200, 400, 800)
_LETTERS = re.compile(r"[A-Za-z0-9]")
_COMMON = ("a", "A", "0", " ", ".", "-", "a0", "a ", "0.")
_ENDS = ("", "\x00")


def slow(pattern: re.Pattern[str], clock: Callable[[], float] = time.thread_time) -> bool:
    """Whether some value of at most 800 letters takes longer than :data:`TOO_LONG`.

    The clock counts the work of this thread, so that a busy machine refuses nothing.
    """
    return any(_takes_long(pattern, seed, clock) for seed in _seeds(pattern.pattern))


def _takes_long(pattern: re.Pattern[str], seed: str, clock: Callable[[], float]) -> bool:
    for length in _LENGTHS:
        body = (seed * length)[:length]
        for end in _ENDS:
            started = clock()
            pattern.search(body + end)
            if clock() - started > TOO_LONG:
                return True
    return False


def _seeds(pattern: str) -> Iterator[str]:
    """What values are made of: common signs, and the letters that the pattern itself names."""
    own = "".join(_LETTERS.findall(pattern))[:20]
    yield from dict.fromkeys((*_COMMON, *own, own or "a"))
