"""The only place that writes to the terminal: numbered steps with their times."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from services.errors import text

WIDTH = 56


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Steps:
    """Numbers and times the steps of one start."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._began = time.monotonic()

    @contextmanager
    def step(self, code: str, **values: object) -> Iterator[list[str]]:
        """Print the label, run the body, print its time; notes put into the list follow."""
        self._done += 1
        label = f"{text(code, 'vi', **values)} · {text(code, 'en', **values)} "
        sys.stdout.write(f"{self._done:>4}/{self._total}  {label.ljust(WIDTH, '…')} ")
        sys.stdout.flush()
        began = time.monotonic()
        notes: list[str] = []
        outcome = "✗"
        try:
            yield notes
            outcome = f"{time.monotonic() - began:.1f} s"
        finally:
            say(outcome)
        for note in notes:
            say(f"         {note}")

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._began
