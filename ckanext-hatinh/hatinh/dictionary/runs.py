"""Numbers of rows, written short: ``3-7,12`` are six rows."""

from collections.abc import Iterable, Iterator

MOST = 5_000
"""Runs that are kept of one rule in one column; there may be more rows than these name."""


class Runs:
    """Collects rows; those that follow one another cost no more than one."""

    def __init__(self) -> None:
        self._runs: list[tuple[int, int]] = []
        self.whole = True

    def add(self, row: int) -> None:
        """Take in a row, in any order and however often."""
        if self._runs and row - 1 <= self._runs[-1][1] <= row:
            self._runs[-1] = (self._runs[-1][0], row)
        elif len(self._runs) < MOST:
            self._runs.append((row, row))
        else:
            self.whole = False

    def __str__(self) -> str:
        return ",".join(_written(run) for run in _merged(sorted(self._runs)))


def rows_of(written: str) -> Iterator[int]:
    """The rows of the short form, in their order."""
    for run in _ranges(written):
        yield from run


def count_of(written: str) -> int:
    """How many rows the short form names."""
    return sum(map(len, _ranges(written)))


def _ranges(written: str) -> Iterator[range]:
    for run in filter(None, written.split(",")):
        first, _, last = run.partition("-")
        yield range(int(first), int(last or first) + 1)


def _merged(runs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    first, last = 0, -1
    for start, end in runs:
        if start > last + 1:
            if last >= first:
                yield first, last
            first = start
        last = max(last, end)
    if last >= first:
        yield first, last


def _written(run: tuple[int, int]) -> str:
    first, last = run
    return str(first) if first == last else f"{first}-{last}"
