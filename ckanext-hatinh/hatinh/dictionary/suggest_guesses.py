"""What elements the header of a column may name, before its values are weighed.

A header names an element by its very words, by a part of them, by words in common with it, by a
head that tells the kind, or by what its neighbours are; values alone name one where the header
says nothing.
"""

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hatinh.dictionary.model import Datatype, Dictionary, Element
from hatinh.dictionary.suggest_header import Header, Words, agree, key, split
from hatinh.dictionary.suggest_hints import Generic, Hints
from hatinh.dictionary.suggest_index import Index
from hatinh.dictionary.suggest_values import Judge, Sample, proves

EXACT, PIECE, PREFIX, LED, TYPING, SEVERAL, ENDING = 0.92, 0.84, 0.84, 0.86, 0.84, 0.74, 0.76
"""Confidence of a header before its values: the words themselves, the last piece of them, words
that go on, words after a leading one, words with a letter wrong, words with several meanings,
English last words."""

BY_VALUES = 0.64
"""Confidence of values alone, before they count as fitting."""

OTHER_MARKS = 0.12
"""What other marks cost a phrase; a single word with other marks is another word (Năm, Nam)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code with parameters; its text is in ``schemas/suggest.yaml``."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guess:
    """An element with the confidence that the header alone gives."""

    element: str
    score: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Guesses:
    """Makes the guesses of one dictionary."""

    dictionary: Dictionary
    hints: Hints
    index: Index
    judge: Judge

    def of(self, read: Header, sample: Sample, others: frozenset[str]) -> Iterator[Guess]:
        """Every element that a column may be; ``others`` are those of its neighbours."""
        if self.hints.nothing.intersection(map(key, read.readings)):
            return
        several = list(self._several(read))
        yield from several
        yield from self._by_neighbours(read, others)
        exact = list(self._exact(read, SEVERAL if several else EXACT))
        yield from exact
        if not several and not exact:
            yield from self._pieces(read)
            yield from self._going_on(read)
            yield from self._misspelt(read)
            yield from self._ends(read)
            yield from self._kinds(read, sample)
        if not exact:
            yield from self._by_values(sample)

    def _several(self, read: Header) -> Iterator[Guess]:
        for words in self.index.wordings(read):
            yield from self._meanings(words, read, SEVERAL)

    def _meanings(self, words: Words, read: Header, score: float) -> Iterator[Guess]:
        for element in self.hints.ambiguous.get(key(words), ()):
            if not read.units or unit_fits(self.dictionary, self.hints, element, read):
                yield Guess(element, score, Reason("header-several", {"words": read.text}))

    def _by_neighbours(self, read: Header, others: frozenset[str]) -> Iterator[Guess]:
        wordings = list(self.index.wordings(read))
        same = operator.eq if read.marked else (lambda a, b: key(a) == key(b))
        for rule in self.hints.neighbours:
            beside = rule.beside & others
            if len(beside) < rule.least or rule.without & others:
                continue
            if any(same(a, b) for a in wordings for b in rule.words):
                columns = ", ".join(sorted(beside))
                yield Guess(rule.element, 0.94, Reason("neighbours", {"columns": columns}))

    def _exact(self, read: Header, score: float = EXACT) -> Iterator[Guess]:
        for words in self.index.wordings(read):
            yield from self._said("header", score, words, read)
            if rest := self.index.after_leading(words):
                yield from self._said("header-part", min(score, LED), rest, read)

    def _said(self, code: str, score: float, words: Words, read: Header) -> Iterator[Guess]:
        for phrase in self.index.named(words, read.units):
            if agree(words, phrase.words):
                yield Guess(phrase.element, score, Reason(code, {"words": phrase.text}))
            elif len(words) > 1:
                lower = score - OTHER_MARKS
                yield Guess(phrase.element, lower, Reason(code, {"words": phrase.text}))

    def _pieces(self, read: Header) -> Iterator[Guess]:
        """Words between dashes and colons, the last one counting; all pieces that a slash parts."""
        found = [
            {p.element: p for words in part for p in self.index.named(words, read.units)}
            for part in read.parts
        ]
        for element, phrase in found[-1].items() if found else ():
            if all(element in other for other in found):
                yield Guess(element, EXACT, Reason("header", {"words": phrase.text}))
            elif "/" not in read.text and self._countable(self.dictionary.elements[element], read):
                yield Guess(element, PIECE, Reason("header-part", {"words": phrase.text}))
        if found and {key(words) for words in read.parts[-1]} & self.hints.counted:
            for words in (words for part in read.parts[:-1] for words in part):
                yield from self._said("header-part", PREFIX, ("số", *words), read)

    def _going_on(self, read: Header) -> Iterator[Guess]:
        """The longest beginning that names an element which allows more words."""
        for words in self._beginnings(read):
            for size in range(len(words) - 1, 1, -1):
                score = PREFIX - 0.02 * (len(words) - size)
                found = [
                    guess
                    for guess in self._said("header-part", score, words[:size], read)
                    if self._open(guess.element, words[:size], words[size:], read)
                ]
                yield from found
                if found:
                    break

    def _beginnings(self, read: Header) -> Iterator[Words]:
        for words in self.index.wordings(read):
            yield words
            if rest := self.index.after_leading(words):
                yield rest

    def _open(self, name: str, words: Words, rest: Words, read: Header) -> bool:
        """Whether the rest of a header may follow the words of an element."""
        forbidden = self.hints.open.get(name)
        if forbidden is None or read.shared(rest, forbidden):
            return False
        element = self.dictionary.elements[name]
        return self._countable(element, read) and not _shortened(element, words)

    @staticmethod
    def _countable(element: Element, read: Header) -> bool:
        """Whether part of a count's words may name it: any number fits, so the unit must say it."""
        count = element.datatype is Datatype.INTEGER and element.maximum is None
        return not count or element.unit in read.units

    def _misspelt(self, read: Header) -> Iterator[Guess]:
        for words in self.index.wordings(read):
            for phrase in self.index.near(words):
                yield Guess(phrase.element, TYPING, Reason("header-typing", {"words": phrase.text}))

    def _ends(self, read: Header) -> Iterator[Guess]:
        """English names say last what they are: ``stop_address``."""
        for words in self.index.wordings(read):
            for size in range(1, min(len(words), 3)):
                if element := self.hints.ends.get(key(words[-size:])):
                    said = " ".join(words[-size:])
                    yield Guess(element, ENDING, Reason("header-part", {"words": said}))

    def _kinds(self, read: Header, sample: Sample) -> Iterator[Guess]:
        if read.has_year or not sample.values or sample.numbers <= 0.9 or sample.dates >= 0.5:
            return
        for rule in self.hints.generic:
            if not _allows(rule, read.units):
                continue
            rests = [_rest(words, rule) for words in self.index.wordings(read)]
            if any(rests) and not any(read.shared(rest[:1], rule.unless) for rest in rests):
                words = " ".join(read.text.split()[:1])
                yield Guess(rule.element, rule.confidence, Reason("header-kind", {"words": words}))

    def _by_values(self, sample: Sample) -> Iterator[Guess]:
        """Elements that their values tell, whatever the header begins with."""
        for name, least in self.hints.by_values.items():
            element = self.dictionary.elements.get(name)
            if element is None or len(sample.values) < least:
                continue
            if (self.judge.fit(sample, element) or 0) > 0.9 and proves(sample, element):
                yield Guess(name, BY_VALUES, share_reason("values-fit", 1.0))


def unit_fits(dictionary: Dictionary, hints: Hints, name: str, read: Header) -> bool:
    """Whether an element may have the units that a header gives."""
    element = dictionary.elements.get(name)
    if element is None or not element.unit or element.unit in read.units:
        return element is not None
    return any(element.unit in same and read.units & same for same in hints.alike)


def share_reason(code: str, share: float) -> Reason:
    """A reason that tells a share of the values."""
    return Reason(code, {"share": f"{share:.0%}"})


def _shortened(element: Element, words: Words) -> bool:
    """Whether words are the beginning of an element's name: ``Mật độ`` of the population."""
    said, name = key(words), key(split(element.name.vi))
    return said != name and name.startswith(said)


def _allows(rule: Generic, units: frozenset[str]) -> bool:
    """Whether a kind of column may have these units, or none."""
    return not rule.units or bool(units <= rule.units and (units or not rule.needs_unit))


def _rest(words: Words, rule: Generic) -> Words:
    """The words beside the head of a kind, the longest head first."""
    sizes = (size for size in (2, 1) if len(words) > size and key(words[:size]) in rule.words)
    return next((words[size:] for size in sizes), ())
