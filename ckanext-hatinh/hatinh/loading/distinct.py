"""How many different texts a column has, exactly up to a limit."""

import numpy as np

from hatinh.tabular.cells import Words, distinct, eights, hashed

MOST = 100_000
"""Different texts of one column that are counted."""

_HELD = 4_000_000
"""Hashes of all columns that are held."""

_TEXTS = 5_000
"""Texts that wait to be hashed."""

_NONE = np.empty(0, np.uint64)


def limit(columns: int) -> int:
    """Different texts that are counted in each of so many columns."""
    return min(MOST, _HELD // max(columns, 1))


class Distinct:
    """The different texts of one column, as hashes; nothing more is held once they are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._texts: set[str] = set()
        self._known: Words = _NONE
        self._parts: list[Words] = []
        self._waiting = 0
        self.full = False

    def add(self, text: str) -> None:
        """Count one text."""
        if not self.full:
            self._texts.add(text)
            if len(self._texts) > min(_TEXTS, self._most):
                self._settle()

    def note(self, words: Words | None) -> None:
        """Count texts by their hashes; ``None`` where another who counted had too many."""
        if words is None:
            self.full = True
        elif not self.full:
            self._parts.append(words)
            self._waiting += len(words)
            if self._waiting > self._most:
                self._settle()

    @property
    def count(self) -> int:
        """How many there are, or the limit where they are more."""
        self._settle()
        return self._most if self.full else len(self._known)

    def _settle(self) -> None:
        if self._texts:
            self._parts.append(_hashes(self._texts))
        if self._parts and not self.full:
            self._known = distinct(np.concatenate([self._known, *self._parts]))
            self.full = len(self._known) > self._most
        self._parts, self._waiting, self._texts = [], 0, set()
        if self.full:
            self._known = _NONE


def _hashes(texts: set[str]) -> Words:
    """The hashes that these texts have as cells too."""
    encoded = [text.encode() for text in texts]
    sizes = np.array([len(text) for text in encoded])
    return hashed(eights(encoded), [(np.cumsum(sizes) - sizes, sizes)])
