"""Proposes the data element of a column from its header, its values and its neighbours.

A proposal has a confidence from 0 to 1 and its reasons; a person accepts it. Below the threshold
of ``schemas/suggest.yaml`` there is silence.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from itertools import islice
from typing import Any

import schemas
from hatinh.dictionary.model import Datatype, Dictionary, Element
from hatinh.dictionary.suggest_header import Header, Words, agree, bare, key, split, toned
from hatinh.dictionary.suggest_hints import Generic, Hints, load_hints
from hatinh.dictionary.suggest_index import Index
from hatinh.dictionary.suggest_values import Judge, Sample, proves

Row = Sequence[object] | Mapping[Any, object]
"""One row: cells in the order of the headers, or by header."""

READ_ROWS = 1000
"""Rows that are looked at."""

EXACT, PIECE, PREFIX, LED, TYPING, SEVERAL, ENDING = 0.92, 0.8, 0.84, 0.86, 0.76, 0.74, 0.76
"""Confidence of a header before its values: the words themselves, one piece of them, words that
go on, words after a leading one, words with a letter wrong, words with several meanings, an English
last word."""

LIKE_SHARE, LIKE_AHEAD, LIKE_SCORE = (0.72, 0.86), (0.06, 0.14), 0.68
"""Words in common that a guess takes, and how far ahead of others: with values and without."""

SURE = 0.88
"""Confidence that makes a column a witness for its neighbours."""

ENDING_WORDS = 0.66
"""Confidence of words that end a header: nothing without values that fit."""

LONE = 0.6
"""Confidence of a single first word that others follow: nothing without values that fit."""

MUTE, HEADED = 0.68, 0.62
"""Confidence of values alone: under a header that says nothing, or one that begins alike."""

OTHER_MARKS = 0.12
"""What other marks cost a phrase; a single word with other marks is another word (Năm, Nam)."""

VAGUE, SOME = 0.5, 0.4
"""What texts fit at least that are held against looks: under the very words of an element, or
when some of them do."""

ENOUGH = 3
"""Different values that say no to a synonym when none of them looks right."""

_PARTLY = frozenset({"header-part", "header-like", "values-fit"})
"""Reasons that leave words of a header unread."""

_NUMERIC = frozenset({Datatype.INTEGER, Datatype.DECIMAL})
_OTHER_KIND = {"ten": ("Ma", "So"), "ma": ("Ten", "HoVaTen", "Ngay")}
"""How elements begin that a header with this first word does not mean."""

_VOWEL = re.compile("[aeiou]")
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code with parameters; its text is in ``schemas/suggest.yaml``."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One element that a column may be, the confidence, and what speaks for and against it."""

    element: str
    confidence: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Guess:
    """An element with the confidence that the header alone gives."""

    element: str
    score: float
    reason: Reason


def suggest(
    header: str,
    samples: Iterable[object],
    dictionary: Dictionary,
    at: date,
    context: Iterable[str] = (),
) -> list[Suggestion]:
    """Elements that a column may be, best first; ``context`` are the other headers.

    ``samples`` are cells as they were read: texts, numbers, days, ``None``. Elements not in force
    ``at`` that day are left out.
    """
    return recogniser(dictionary).column(header, samples, at, context)


def suggest_table(
    headers: Sequence[object], rows: Iterable[Row], dictionary: Dictionary, at: date
) -> list[list[Suggestion]]:
    """Suggestions for every column of a table, in the order of its headers.

    Rows are sequences of cells in that order, or mappings of a header to its cell; cells that are
    not there are blank. Headers may be blank or repeated, and there may be no rows.
    """
    read = [_cells(row, headers) for row in islice(rows, READ_ROWS)]
    names = ["" if header is None else str(header) for header in headers]
    return recogniser(dictionary).table(names, [*zip(*read, strict=True)] or [()] * len(names), at)


def _cells(row: Row, headers: Sequence[object]) -> list[object]:
    if isinstance(row, Mapping):
        return [row.get(header) for header in headers]
    return [row[n] if n < len(row) else None for n in range(len(headers))]


def recogniser(dictionary: Dictionary) -> "Recogniser":
    """The recogniser of a dictionary, kept for the next column."""
    for known in _recognisers:
        if known.dictionary is dictionary:
            return known
    made = Recogniser(dictionary, shipped_hints())
    _recognisers.appendleft(made)
    return made


@cache
def shipped_hints() -> Hints:
    """The hints of ``schemas/suggest.yaml``."""
    return load_hints(schemas.ROOT)


_recognisers: deque["Recogniser"] = deque(maxlen=_KEPT)


@dataclass(frozen=True)
class Recogniser:
    """A dictionary prepared for looking up headers."""

    dictionary: Dictionary
    hints: Hints

    def column(
        self, header: str, cells: Iterable[object], at: date, context: Iterable[str] = ()
    ) -> list[Suggestion]:
        """See :func:`suggest`."""
        others = frozenset(e for other in context for e in self._index.sure(other))
        return self._column(self._index.read(header), Sample.of(cells, self.hints), at, others)

    def table(
        self, headers: Sequence[str], columns: Sequence[Iterable[object]], at: date
    ) -> list[list[Suggestion]]:
        """See :func:`suggest_table`; what is sure of a column helps to read its neighbours."""
        reads = [self._index.read(header) for header in headers]
        samples = [Sample.of(cells, self.hints) for cells in columns]
        named = [self._index.sure(header) for header in headers]
        for _ in range(2):
            found = [
                self._column(read, sample, at, frozenset().union(*named[:n], *named[n + 1 :]))
                for n, (read, sample) in enumerate(zip(reads, samples, strict=True))
            ]
            named = [said | _sure(first) for said, first in zip(named, found, strict=True)]
        return found

    def _column(
        self, read: Header, sample: Sample, at: date, others: frozenset[str]
    ) -> list[Suggestion]:
        best: dict[str, Suggestion] = {}
        for guess in self._guesses(read, sample, others):
            element = self.dictionary.elements.get(guess.element)
            if element is None or not _in_force(element, at):
                continue
            found = self._weigh(guess, element, read, sample)
            if found.confidence > best.get(element.id, _NOTHING).confidence:
                best[element.id] = found
        sure = (found for found in best.values() if found.confidence >= self.hints.threshold)
        return sorted(sure, key=lambda found: (-found.confidence, -self._special(found.element)))

    def _special(self, name: str) -> int:
        """How much it takes for values to fit: a list, a form, or nothing."""
        element = self.dictionary.elements[name]
        listed = bool(element.code_list) or name in self.hints.named_by
        return 2 * listed + bool(element.pattern or name in self.hints.looks)

    # -- what the header says -----------------------------------------------------------------

    def _guesses(self, read: Header, sample: Sample, others: frozenset[str]) -> Iterator[_Guess]:
        if self.hints.nothing.intersection(map(key, read.readings)):
            return
        several = list(self._several(read))
        yield from several
        yield from self._by_neighbours(read, others)
        exact = list(self._exact(read, SEVERAL if several else EXACT))
        yield from exact
        if not several and not exact:
            parts = [*self._pieces(read), *self._going_on(read), *self._misspelt(read)]
            kinds = list(self._kinds(read, sample))
            yield from parts
            yield from self._like(read, sample, sure=bool(parts or kinds))
            yield from self._ends(read)
            yield from kinds
        yield from self._by_values(read, sample)

    def _several(self, read: Header) -> Iterator[_Guess]:
        for words in self._index.wordings(read):
            yield from self._meanings(words, read, SEVERAL)

    def _meanings(self, words: Words, read: Header, score: float) -> Iterator[_Guess]:
        for element in self.hints.ambiguous.get(key(words), ()):
            if not read.units or self._unit_fits(element, read):
                yield _Guess(element, score, Reason("header-several", {"words": read.text}))

    def _by_neighbours(self, read: Header, others: frozenset[str]) -> Iterator[_Guess]:
        wordings = list(self._index.wordings(read))
        for rule in self.hints.neighbours:
            beside = rule.beside & others
            if len(beside) < rule.least or rule.without & others:
                continue
            if any(key(a) == key(b) and agree(a, b) for a in wordings for b in rule.words):
                columns = ", ".join(sorted(beside))
                yield _Guess(rule.element, 0.94, Reason("neighbours", {"columns": columns}))

    def _exact(self, read: Header, score: float = EXACT) -> Iterator[_Guess]:
        for words in self._index.wordings(read):
            yield from self._said("header", score, words, read)
            if rest := self._index.after_leading(words):
                yield from self._said("header-part", min(score, LED), rest, read)

    def _said(self, code: str, score: float, words: Words, read: Header) -> Iterator[_Guess]:
        for phrase in self._index.named(words, read.units):
            if agree(words, phrase.words):
                yield _Guess(phrase.element, score, Reason(code, {"words": phrase.text}))
            elif len(words) > 1:
                lower = score - OTHER_MARKS
                yield _Guess(phrase.element, lower, Reason(code, {"words": phrase.text}))

    def _pieces(self, read: Header) -> Iterator[_Guess]:
        """Words between dashes, slashes and colons; all pieces of one element make it sure."""
        found = [
            {p.element: p for words in part for p in self._index.named(words, read.units)}
            for part in read.parts
        ]
        for piece in (found[0], found[-1]) if found else ():
            for element, phrase in piece.items():
                everywhere = all(element in other for other in found)
                score, code = (EXACT, "header") if everywhere else (PIECE, "header-part")
                yield _Guess(element, score, Reason(code, {"words": phrase.text}))
        if read.parts:
            yield from self._counted(read)
            for words in read.parts[-1]:
                yield from self._meanings(words, read, SEVERAL - 0.04)

    def _counted(self, read: Header) -> Iterator[_Guess]:
        """``Lớp - Tổng số`` is the number of classes."""
        if {key(words) for words in read.parts[-1]} & self.hints.counted:
            for words in (words for part in read.parts[:-1] for words in part):
                yield from self._said("header-part", PREFIX, ("số", *words), read)

    def _going_on(self, read: Header) -> Iterator[_Guess]:
        """The longest beginning that names an element which allows more words."""
        for words in self._beginnings(read):
            for size in range(len(words) - 1, 0, -1):
                score = PREFIX - 0.02 * (len(words) - size) if size > 1 else LONE
                found = [
                    guess
                    for guess in self._said("header-part", score, words[:size], read)
                    if self._open(guess.element, words[size:], read)
                    and (size > 1 or self._formed(guess.element))
                ]
                yield from found
                if found:
                    break

    def _beginnings(self, read: Header) -> Iterator[Words]:
        for words in self._index.wordings(read):
            yield words
            if rest := self._index.after_leading(words):
                yield rest

    def _open(self, element: str, rest: Words, read: Header) -> bool:
        """Whether the rest of a header may follow the words of an element."""
        forbidden = self.hints.open.get(element)
        if forbidden is None:
            return False
        return not read.shared(rest, forbidden)

    def _misspelt(self, read: Header) -> Iterator[_Guess]:
        for words in self._index.wordings(read):
            for phrase in self._index.near(words):
                yield _Guess(
                    phrase.element, TYPING, Reason("header-typing", {"words": phrase.text})
                )

    def _like(self, read: Header, sample: Sample, *, sure: bool) -> Iterator[_Guess]:
        """Words in common with one element and no other, which the values bear out."""
        like = self._index.likest(read)
        element = like and self.dictionary.elements.get(like.phrase.element)
        if not like or not element or not _starts_alike(read, like.phrase.words):
            return
        words = like.phrase.words
        if _cut_short(read, words) or _turned(read, words):
            return
        if _left_out(read, words) and key(words[:1]) in self.hints.heads and not element.pattern:
            return
        fit = self._judge.fit(sample, element)
        alone = min(map(len, read.readings), default=1) == 1
        least = LIKE_SHARE[sure or alone or fit is None]
        if like.share >= least and like.ahead >= LIKE_AHEAD[fit is None] and fit in (None, 1.0):
            score = LIKE_SCORE + 0.65 * (like.share - LIKE_SHARE[0])
            yield _Guess(element.id, score, Reason("header-like", {"words": like.phrase.text}))

    def _ends(self, read: Header) -> Iterator[_Guess]:
        """English names say last what they are: ``stop_address``."""
        for words in self._index.wordings(read):
            if len(words) > 1 and (element := self.hints.ends.get(words[-1])):
                yield _Guess(element, ENDING, Reason("header-part", {"words": words[-1]}))
            if read.shared(words[:1], self.hints.kinds):
                continue
            for start in range(1, len(words) - 1):
                ending = self._said("header-part", ENDING_WORDS, words[start:], read)
                yield from (guess for guess in ending if self._formed(guess.element))

    def _formed(self, name: str) -> bool:
        """Whether values of an element have a form that chance does not give them."""
        element = self.dictionary.elements.get(name)
        if element is None or element.datatype in (Datatype.INTEGER, Datatype.DECIMAL):
            return False
        formed = element.pattern or element.code_list or element.datatype is Datatype.DATE
        return bool(formed or name in self.hints.looks or name in self.hints.named_by)

    def _kinds(self, read: Header, sample: Sample) -> Iterator[_Guess]:
        for rule in self.hints.generic:
            if read.has_year or not _is_kind(rule, sample) or not _allows(rule, read.units):
                continue
            rests = [_rest(words, rule) for words in self._index.wordings(read)]
            if any(rests) and not any(read.shared(rest[:1], rule.unless) for rest in rests):
                words = " ".join(read.text.split()[:1])
                yield _Guess(rule.element, rule.confidence, Reason("header-kind", {"words": words}))

    def _by_values(self, read: Header, sample: Sample) -> Iterator[_Guess]:
        """Elements that their values tell, when the header does not speak against them."""
        keys = {key(words).rstrip("0123456789") for words in read.readings}
        mute = bool(keys & {*self.hints.mute, ""})
        heads = {bare(words[0]) for words in read.readings if words}
        telling = heads - self.hints.mute
        for name, least in self.hints.by_values.items():
            element = self.dictionary.elements.get(name)
            if element is None or len(sample.values) < least:
                continue
            own = self._index.first_words[name]
            if not mute and not own & (telling if name in self.hints.looks else heads):
                continue
            if (self._judge.fit(sample, element) or 0) > 0.9 and proves(sample, element):
                yield _Guess(name, MUTE if mute else HEADED, _share_reason("values-fit", 1.0))

    # -- what the values say ------------------------------------------------------------------

    def _weigh(self, guess: _Guess, element: Element, read: Header, sample: Sample) -> Suggestion:
        score, reasons = guess.score, [guess.reason]
        if read.has_year and element.datatype == "period":
            score = 0.0
        if guess.reason.code in _PARTLY and self._another(guess, element, read):
            score = 0.0
        if unit := self._unit_reason(element, read):
            reasons.append(unit)
        fit = self._judge.fit(sample, element)
        if fit is not None and guess.reason.code != "values-fit":
            reasons.append(_share_reason("values-fit" if fit >= 0.5 else "values-differ", fit))
        if fit is not None and self._judge.vague(sample, element):
            sure = guess.reason.code == "header" and _own_name(guess, element)
            few = guess.reason.code == "header" and len(sample.values) < ENOUGH
            fit = max(fit, VAGUE) if fit >= SOME or sure or few else fit
        score = _with_values(score, fit, several=guess.reason.code == "header-several")
        if unit:
            score += 0.02 if unit.code == "unit" else -0.35
        return Suggestion(element.id, round(min(score, 0.99), 3), tuple(reasons))

    def _another(self, guess: _Guess, element: Element, read: Header) -> bool:
        """Whether a word beside the element's own makes it another thing: ``hộ tái nghèo``."""
        own = {bare(toned(word)) for word in split(guess.reason.params.get("words", ""))}
        rest = tuple(word for words in read.readings for word in words if bare(word) not in own)
        other = element.unit != "%" and read.shared(rest, self.hints.another)
        return other or _crossed(read, element.id)

    def _unit_reason(self, element: Element, read: Header) -> Reason | None:
        if "%" in read.units and not element.unit and element.datatype in _NUMERIC:
            return Reason("unit-differs", {"unit": "%", "own": "–"})
        if not read.units or not element.unit:
            return None
        said = next(iter(sorted(read.units)))
        if element.unit in read.units:
            return Reason("unit", {"unit": said})
        if self._unit_fits(element.id, read):
            return None
        return Reason("unit-differs", {"unit": said, "own": element.unit})

    def _unit_fits(self, name: str, read: Header) -> bool:
        element = self.dictionary.elements.get(name)
        if element is None or not element.unit or element.unit in read.units:
            return element is not None
        return any(element.unit in same and read.units & same for same in self.hints.alike)

    # -- prepared once ------------------------------------------------------------------------

    @cached_property
    def _index(self) -> Index:
        return Index(self.dictionary, self.hints)

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self.dictionary.code_lists, self.hints)


_NOTHING = Suggestion("", -1.0, ())


def _sure(found: Sequence[Suggestion]) -> frozenset[str]:
    return frozenset(one.element for one in found[:1] if one.confidence >= SURE)


def _with_values(score: float, fit: float | None, *, several: bool) -> float:
    """Confidence of a header when its values were seen.

    Fitting values halve the doubt; values that do not fit speak louder than a header.
    """
    if fit is None:
        return score * (0.8 if several else 0.97)
    if fit >= 0.8:
        return score + (1 - score) * (0.5 if fit >= 0.95 else 0.3)
    if fit >= 0.5:
        return score - (0.2 if several else 0.06)
    return score * (0.3 + 0.6 * fit)


def _starts_alike(read: Header, words: Words) -> bool:
    """Whether some reading of a header begins with one of these words: a head tells the kind."""
    heads = {bare(reading[0]) for reading in read.readings if reading}
    return bool(heads & set(map(bare, words)))


def _cut_short(read: Header, words: Words) -> bool:
    """Whether a header only begins like these words: what comes last says which one it is."""
    said = tuple(map(bare, words))
    heads = (tuple(map(bare, reading)) for reading in read.readings)
    return any(len(head) < len(said) and said[: len(head)] == head for head in heads)


def _own_name(guess: _Guess, element: Element) -> bool:
    """Whether the words are a name of the element, not one of its synonyms."""
    said = key(split(guess.reason.params["words"]))
    return said in {key(split(name)) for name in (element.id, *element.name)}


def _left_out(read: Header, words: Words) -> bool:
    """Whether some reading of a header has only words of these and not all, or these and more."""
    said = set(map(bare, words))
    heads = [set(map(bare, reading)) for reading in read.readings]
    return any(head < said or head > said for head in heads)


def _crossed(read: Header, name: str) -> bool:
    """Whether a header asks for a name and the element is a code, or the other way round."""
    heads = {bare(reading[0]) for reading in read.readings if reading}
    asked = next((_OTHER_KIND[head] for head in heads if head in _OTHER_KIND), ())
    return name.startswith(tuple(asked))


def _turned(read: Header, words: Words) -> bool:
    """Whether a header without marks has the words in common in another order."""
    if read.marked:
        return False
    said = [bare(word) for word in words]
    return not any(
        [word for word in said if word in reading] == [word for word in reading if word in said]
        for reading in (tuple(map(bare, reading)) for reading in read.readings)
    )


def _is_kind(rule: Generic, sample: Sample) -> bool:
    share = {"whole": sample.whole, "number": sample.numbers, "text": 1 - sample.numbers}
    fits = bool(sample.values) and share[rule.values] > 0.9 and sample.dates < 0.5
    return fits and not (rule.values == "whole" and sample.counting)


def _allows(rule: Generic, units: frozenset[str]) -> bool:
    """Whether a kind of column may have these units, or none."""
    return not rule.units or bool(units <= rule.units and (units or not rule.needs_unit))


def _rest(words: Words, rule: Generic) -> Words:
    """The words beside the head of a kind, the longest head first."""
    if len(words) > 1 and key(words[-1:]) in rule.last:
        return words[:-1]
    sizes = (size for size in (2, 1) if len(words) > size and key(words[:size]) in rule.words)
    rest = next((words[size:] for size in sizes), ())
    spelt = rule.values != "whole" or any(_VOWEL.search(bare(word)) for word in rest)
    return rest if spelt else ()


def _in_force(element: Element, at: date) -> bool:
    return (element.valid_from is None or element.valid_from <= at) and (
        element.valid_to is None or at <= element.valid_to
    )


def _share_reason(code: str, share: float) -> Reason:
    return Reason(code, {"share": f"{share:.0%}"})
