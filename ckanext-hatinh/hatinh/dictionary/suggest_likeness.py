"""Finds elements whose words a header shares, in any order; rare words count for more.

``Chi trả tháng`` is like ``Tháng chi trả``, and ``Chuẩn QG`` like ``Đạt chuẩn QG``.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hatinh.dictionary.suggest_header import Words, bare


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that name an element; ``units`` is what their brackets demand."""

    element: str
    words: Words
    units: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True)
class Like:
    """The phrase that is most like a header: ``share`` of weight in common, from 0 to 1.

    ``ahead`` is how far the best phrase of any other element lies behind.
    """

    phrase: Phrase
    share: float
    ahead: float


@dataclass(frozen=True)
class Likeness:
    """Phrases by their words, each word weighed by how few elements use it."""

    phrases: Sequence[Phrase]
    elements: int

    def best(self, wordings: Iterable[Words]) -> Like | None:
        """The likest phrase for any of these wordings."""
        found: dict[str, tuple[float, Phrase]] = {}
        for words in wordings:
            for phrase, share in self._shares(words):
                if share > found.get(phrase.element, (0.0,))[0]:
                    found[phrase.element] = share, phrase
        ranked = sorted(found.values(), key=_by_share)[:2]
        if not ranked:
            return None
        share, phrase = ranked[0]
        return Like(phrase, share, share - (ranked[1][0] if len(ranked) > 1 else 0.0))

    def _shares(self, words: Words) -> Iterator[tuple[Phrase, float]]:
        """Phrases with a word in common: its weight in the mean of both."""
        common: dict[int, float] = {}
        for word in set(words):
            weight = self._weight(word)
            for n in self._having(word):
                common[n] = common.get(n, 0.0) + weight
        whole = sum(map(self._weight, set(words)))
        for n, shared in common.items():
            yield self.phrases[n], 2 * shared / (whole + self._weights[n])

    def _having(self, word: str) -> Iterable[int]:
        """Phrases with this word, with the same marks as far as both have them."""
        written = self._with_word.get(bare(word), {})
        if word.isascii():
            return (n for same in written.values() for n in same)
        plain = (n for n in written.get(bare(word), ()) if self.phrases[n].text.isascii())
        return (*written.get(word, ()), *plain)

    def _weight(self, word: str) -> float:
        users = self._users.get(bare(word), 1)
        return math.log(1 + self.elements / users)

    @cached_property
    def _weights(self) -> Sequence[float]:
        return [sum(map(self._weight, set(phrase.words))) for phrase in self.phrases]

    @cached_property
    def _users(self) -> Mapping[str, int]:
        """How many elements use a word."""
        found: dict[str, set[str]] = {}
        for phrase in self.phrases:
            for word in phrase.words:
                found.setdefault(bare(word), set()).add(phrase.element)
        return {word: len(elements) for word, elements in found.items()}

    @cached_property
    def _with_word(self) -> Mapping[str, Mapping[str, Sequence[int]]]:
        """Phrases by a word without marks, then by how they write it."""
        found: dict[str, dict[str, list[int]]] = {}
        for n, phrase in enumerate(self.phrases):
            for word in set(phrase.words):
                found.setdefault(bare(word), {}).setdefault(word, []).append(n)
        return found


def _by_share(found: tuple[float, Phrase]) -> float:
    return -found[0]
