"""Whether a regular expression can be trusted with anybody's values.

Python's engine tries every way to match, so that a pattern such as ``(a+)+$`` takes longer than the
age of the portal for one cell of fifty letters. A pattern is therefore tried on values that are
made to fail late, a little longer each time, and given up at the first that takes too long. The
trial of the worst pattern ends within some seconds, that of an edition within its budget.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

TOO_LONG = 0.02
"""Seconds for one value; a sound pattern takes a thousandth of that."""

BUDGET = 10.0
"""Seconds for all patterns of an edition; those of the dictionary take a tenth of one."""

_LENGTHS = (*range(8, 33), 40, 60, 100, 200, 400, 800)
_LETTERS = re.compile(r"[A-Za-z0-9]")
_COMMON = ("a", "A", "0", " ", ".", "-", "a0", "a ", "0.")
_ENDS = ("", "\x00")


@dataclass(slots=True)
class Trial:
    """Tries the patterns of one edition, and stops trusting any when its time is used up.

    The clock counts the work of this thread, so that a busy machine refuses nothing.
    """

    clock: Callable[[], float] = time.thread_time
    left: float = BUDGET

    def slow(self, pattern: re.Pattern[str]) -> bool:
        """Whether some value of at most 800 letters takes longer than :data:`TOO_LONG`."""
        if self.left <= 0:
            return True
        started = self.clock()
        found = any(_takes_long(pattern, seed, self.clock) for seed in _seeds(pattern.pattern))
        self.left -= self.clock() - started
        return found


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
