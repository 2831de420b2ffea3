"""Short values of a column whose rules no pattern can say: each is judged once and remembered."""

import numpy as np

from hatinh.dictionary.cell_judge import CellJudge
from hatinh.tabular.cells import Cells, Mask, Words, distinct

_REMEMBERED = 50_000
_AT_ONCE = 2_000
"""New values that are judged for one segment."""


class Lookup:
    """Values of up to eight bytes that are known to be right; a blank is one."""

    def __init__(self, judge: CellJudge) -> None:
        self._judge = judge
        self._known: Words = np.zeros(1, np.uint64)

    def right(self, cells: Cells, column: int) -> Mask:
        """Whether a cell has one of them."""
        words, short = cells.words(column)
        new = distinct(words[short & ~self._has(words)])[:_AT_ONCE]
        if len(new) and len(self._known) < _REMEMBERED:
            fine = [word for word in new.tolist() if self._judge[_text(word)] is None]
            self._known = distinct(np.concatenate((self._known, np.array(fine, np.uint64))))
        return short & self._has(words)

    def _has(self, words: Words) -> Mask:
        known = self._known
        return known[np.minimum(np.searchsorted(known, words), len(known) - 1)] == words


def _text(word: int) -> str:
    return word.to_bytes(8, "little").rstrip(b"\0").decode()
