"""Proposes the data element of a column from its header, its values and its neighbours.

A proposal has a confidence from 0 to 1 and its reasons; a person accepts it. Below the threshold
of ``schemas/suggest.yaml`` there is silence.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import islice
from typing import Any

import schemas
from hatinh.dictionary.model import Datatype, Dictionary, Element
from hatinh.dictionary.suggest_guesses import Guess, Guesses, Reason, share_reason, unit_fits
from hatinh.dictionary.suggest_header import Header, key, split
from hatinh.dictionary.suggest_hints import Hints, load_hints
from hatinh.dictionary.suggest_index import Index
from hatinh.dictionary.suggest_values import Judge, Sample

Row = Sequence[object] | Mapping[Any, object]
"""One row: cells in the order of the headers, or by header."""

READ_ROWS = 1000
"""Rows that are looked at."""

SURE = 0.88
"""Confidence that makes a column a witness for its neighbours."""

VAGUE, SOME = 0.5, 0.4
"""What texts fit at least that are held against looks: under the very words of an element, or
when some of them do."""

_NUMERIC = frozenset({Datatype.INTEGER, Datatype.DECIMAL})

_KEPT = 4


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One element that a column may be, the confidence, and what speaks for and against it."""

    element: str
    confidence: float
    reasons: tuple[Reason, ...]


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
        for guess in self._guesses.of(read, sample, others):
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

    # -- what the values say ------------------------------------------------------------------

    def _weigh(self, guess: Guess, element: Element, read: Header, sample: Sample) -> Suggestion:
        score, reasons = guess.score, [guess.reason]
        if unit := self._unit_reason(element, read):
            reasons.append(unit)
        fit = self._judge.fit(sample, element)
        if fit is not None and guess.reason.code != "values-fit":
            reasons.append(share_reason("values-fit" if fit >= 0.5 else "values-differ", fit))
        if fit is not None and self._judge.vague(sample, element):
            sure = guess.reason.code == "header" and _own_name(guess, element)
            fit = max(fit, VAGUE) if fit >= SOME or sure else fit
        several = guess.reason.code == "header-several"
        score = _with_values(score, fit, several=several, seen=bool(sample.values))
        if unit:
            score += 0.02 if unit.code == "unit" else -0.35
        return Suggestion(element.id, round(min(score, 0.99), 3), tuple(reasons))

    def _unit_reason(self, element: Element, read: Header) -> Reason | None:
        if "%" in read.units and not element.unit and element.datatype in _NUMERIC:
            return Reason("unit-differs", {"unit": "%", "own": "–"})
        if not read.units or not element.unit:
            return None
        said = next(iter(sorted(read.units)))
        if element.unit in read.units:
            return Reason("unit", {"unit": said})
        if unit_fits(self.dictionary, self.hints, element.id, read):
            return None
        return Reason("unit-differs", {"unit": said, "own": element.unit})

    # -- prepared once ------------------------------------------------------------------------

    @cached_property
    def _index(self) -> Index:
        return Index(self.dictionary, self.hints)

    @cached_property
    def _guesses(self) -> Guesses:
        return Guesses(self.dictionary, self.hints, self._index, self._judge)

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self.dictionary.code_lists, self.hints)


_NOTHING = Suggestion("", -1.0, ())


def _sure(found: Sequence[Suggestion]) -> frozenset[str]:
    return frozenset(one.element for one in found[:1] if one.confidence >= SURE)


def _with_values(score: float, fit: float | None, *, several: bool, seen: bool) -> float:
    """Confidence of a header when its values were seen.

    Fitting values halve the doubt; values that do not fit speak louder than a header.
    """
    if fit is None:
        return score * (0.8 if several else 0.97 if seen else 1.0)
    if fit >= 0.8:
        return score + (1 - score) * (0.5 if fit >= 0.95 else 0.3)
    if fit >= 0.5:
        return score - (0.2 if several else 0.06)
    return score * (0.3 + 0.6 * fit)


def _own_name(guess: Guess, element: Element) -> bool:
    """Whether the words are a name of the element, not one of its synonyms."""
    said = key(split(guess.reason.params["words"]))
    return said in {key(split(name)) for name in (element.id, *element.name)}


def _in_force(element: Element, at: date) -> bool:
    return (element.valid_from is None or element.valid_from <= at) and (
        element.valid_to is None or at <= element.valid_to
    )
