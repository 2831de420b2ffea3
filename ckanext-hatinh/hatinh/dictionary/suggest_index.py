"""Finds the elements that words name: the names and synonyms of a dictionary, by their letters."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from hatinh.dictionary.model import Dictionary
from hatinh.dictionary.suggest_header import Header, Words, agree, bare, key, read_header
from hatinh.dictionary.suggest_hints import Hints

_REMEMBERED = 5000
"""Headers kept in taken-apart form."""

_GLUED = 6
"""Letters of a word that may be several words without gaps."""

_LONG = 10
"""Letters that words need before one wrong letter is forgiven."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that name an element; ``units`` is what their brackets demand."""

    element: str
    words: Words
    units: frozenset[str]
    text: str


@dataclass(frozen=True)
class Index:
    """A dictionary prepared for looking up headers."""

    dictionary: Dictionary
    hints: Hints
    _headers: dict[str, Header] = field(default_factory=dict)
    _sure: dict[str, frozenset[str]] = field(default_factory=dict)

    def read(self, text: str) -> Header:
        """A header taken apart."""
        if text not in self._headers:
            _make_room(self._headers)
            self._headers[text] = read_header(text, self.hints.vocabulary)
        return self._headers[text]

    def sure(self, text: str) -> frozenset[str]:
        """Elements that a header names exactly."""
        if text not in self._sure:
            _make_room(self._sure)
            read = self.read(text)
            found = (
                phrase.element
                for words in self.wordings(read)
                for phrase in self.named(words, read.units)
                if agree(words, phrase.words)
            )
            self._sure[text] = frozenset(found)
        return self._sure[text]

    def wordings(self, read: Header) -> Iterator[Words]:
        """Each reading of a header, also without words that change nothing."""
        yield from self._with_short((*read.readings, *self._unglued(read)))

    def _with_short(self, readings: Iterable[Words]) -> Iterator[Words]:
        for words in dict.fromkeys(readings):
            yield words
            short = tuple(w for w in words if bare(w) not in self.hints.vocabulary.fillers)
            if short and short != words:
                yield short

    def _unglued(self, read: Header) -> Iterator[Words]:
        """The words of a header that was written without gaps, if it falls into known ones."""
        word, *more = (*read.readings[:1], ("",))[0] or ("",)
        if not more and len(word) >= _GLUED and word.isascii():
            yield from filter(None, [_fewest(word, self._known_words)])

    def after_leading(self, words: Words) -> Words:
        """What follows words like ``Tổng số`` or ``Thông tin``; nothing without them."""
        for size in (3, 2, 1):
            if len(words) > size and key(words[:size]) in self.hints.leading:
                return words[size:]
        return ()

    def named(self, words: Words, units: frozenset[str]) -> Iterator[Phrase]:
        """Phrases of these letters; those that demand the header's unit go before all others."""
        found = self._phrases.get(key(words), ())
        fitting = [phrase for phrase in found if phrase.units & units]
        yield from fitting or (phrase for phrase in found if not phrase.units)

    def near(self, words: Words) -> Iterator[Phrase]:
        """Long phrases that differ in one letter from words of which one is unknown."""
        wanted = key(words)
        if (
            len(wanted) < _LONG
            or not wanted.isalpha()
            or all(bare(word) in self._known_words for word in words)
        ):
            return
        for other in {k for short in _shorter(wanted) for k in self._by_shorter.get(short, ())}:
            if _one_wrong(wanted, other):
                yield from self._phrases[other]

    @cached_property
    def _known_words(self) -> frozenset[str]:
        """Words of all phrases, without marks."""
        phrases = (phrase for same in self._phrases.values() for phrase in same)
        return frozenset(bare(word) for phrase in phrases for word in phrase.words)

    @cached_property
    def _phrases(self) -> Mapping[str, Sequence[Phrase]]:
        """Names and synonyms by their letters, also with abbreviations written out."""
        found: dict[str, dict[Phrase, None]] = {}
        for phrase in self._written():
            found.setdefault(key(phrase.words), {})[phrase] = None
        return {words: tuple(phrases) for words, phrases in found.items()}

    def _written(self) -> Iterator[Phrase]:
        certain = self.hints.vocabulary.certain
        for element in self.dictionary.elements.values():
            for text in (element.id, *element.name, *element.synonyms):
                read = read_header(text, certain)
                if "(" in text and not read.units:
                    continue  # its words would lose what the brackets say
                for words in filter(key, self._with_short(read.readings)):
                    yield Phrase(element.id, words, read.units, text)

    @cached_property
    def _by_shorter(self) -> Mapping[str, Sequence[str]]:
        """Keys of long phrases by what is left of them when one letter is lost."""
        found: dict[str, list[str]] = {}
        for wanted in self._phrases:
            if len(wanted) >= _LONG:
                for short in _shorter(wanted):
                    found.setdefault(short, []).append(wanted)
        return found


def _fewest(text: str, known: frozenset[str]) -> Words:
    """The fewest known words of two letters and more that a text falls into; or none."""
    best: list[Words | None] = [(), *[None] * len(text)]
    for end in range(2, len(text) + 1):
        for start in range(max(0, end - 7), end - 1):
            head, word = best[start], text[start:end]
            if head is not None and word in known:
                now = best[end]
                if now is None or len(head) + 1 < len(now):
                    best[end] = (*head, word)
    return best[-1] or ()


def _make_room(remembered: dict[str, Any]) -> None:
    if len(remembered) >= _REMEMBERED:
        remembered.clear()


def _one_wrong(one: str, other: str) -> bool:
    """Whether one letter is missing, added, exchanged or swapped with the next."""
    if len(one) != len(other):
        return abs(len(one) - len(other)) == 1
    wrong = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    swapped = len(wrong) == 2 and sorted(one[n] for n in wrong) == sorted(other[n] for n in wrong)
    return len(wrong) <= 1 or (swapped and wrong[1] - wrong[0] == 1)


def _shorter(word: str) -> set[str]:
    """The word, and the word without any one of its letters."""
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}
