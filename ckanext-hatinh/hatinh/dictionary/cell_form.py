"""What the rules of a column accept for sure, as a pattern; all else is looked at exactly.

A form is a pre-filter, never a rule: it may miss a right value, never take a wrong one. So it only
speaks of letters that are beyond doubt (:mod:`hatinh.dictionary.letters`) and of plain digits.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from hatinh.dictionary.digits import decimal, whole
from hatinh.dictionary.letters import NOTHING, SURE, one_of, within
from hatinh.dictionary.model import Datatype, Element
from hatinh.dictionary.table_subject import Bound
from hatinh.dictionary.value_rules import PERIOD
from hatinh.tabular.numbers import Notation

ALL = SURE + " "

_BOOLEANS = ("true", "false", "1", "0", "có", "không", "Có", "Không", "TRUE", "FALSE")
_CODES = 400
"""Codes of a list that are named in a pattern; those of longer lists are looked up."""

_COUNTED = 100
"""Letters that a pattern counts; of longer texts the bytes are counted."""

_LATE = r"(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31"
ISO_DAY = rf"[12][0-9]{{3}}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|{_LATE})"
_LOCAL_LATE = r"(?:29|30)/(?:0[13-9]|1[0-2])|31/(?:0[13578]|1[02])"
_LOCAL_DAY = rf"(?:(?:0[1-9]|1[0-9]|2[0-8])/(?:0[1-9]|1[0-2])|{_LOCAL_LATE})/[12][0-9]{{3}}"
"""Days that exist in every year; 29 February is looked at exactly."""

_TYPED = frozenset(Datatype) - {Datatype.STRING, Datatype.CODE}
_MARKS = {Notation.LOCAL: (r"\.", ","), Notation.PLAIN: ("", ".")}
"""Between thousands, and before a fraction."""

Right = Callable[[str], bool]
"""Whether the rules find nothing to say of a value."""


@dataclass(frozen=True, slots=True)
class Form:
    """The right values of a column.

    ``pattern`` makes the pattern of those that consist of some letters. Beside it a value must be
    none of ``words`` and have no more than ``length`` letters; and no surplus spaces if ``tidy``,
    which the pattern takes if it is ``loose``. Where no pattern can say what is right (``asked``)
    the rules are asked once for each value.
    """

    pattern: Callable[[str], str]
    words: frozenset[str] = frozenset()
    length: int | None = None
    loose: bool = False
    tidy: bool = False
    asked: bool = False

    def expression(self) -> re.Pattern[str]:
        """The pattern, for single values."""
        return re.compile(self.pattern(ALL))

    @property
    def plain(self) -> bool:
        """Whether the pattern says all."""
        return self.length is None and not (self.words or self.loose or self.asked)

    def fits(self, value: str) -> bool:
        """What the pattern does not say."""
        if self.asked or value in self.words:
            return False
        if self.length is not None and len(value) > self.length:
            return False
        return not (self.loose and self.tidy and _has_surplus(value))


def form_of(bound: Bound | None, nulls: frozenset[str], right: Right) -> Form:
    """The form of a column; ``nulls`` are words for no value."""
    element = bound.element if bound else None
    if bound is None or element is None:
        return _free_form(None, nulls)
    if _is_beyond_patterns(bound, element):
        return Form(partial(_text, None), asked=True)
    if bound.codes is not None:
        valid = {code.code for code in bound.codes.at(bound.at)}
        return Form(partial(_named, sorted(filter(right, valid))))
    if element.datatype in _TYPED:
        return _without(nulls, Form(partial(_typed, element, bound.notation, right)))
    if not element.pattern:
        return _free_form(element.max_length, nulls)
    found = partial(_formed, element.pattern)
    loose = found(ALL) != found(SURE)
    return _without(nulls, Form(found, frozenset(), element.max_length, loose=loose, tidy=True))


def _is_beyond_patterns(bound: Bound, element: Element) -> bool:
    """Whether its rules are too many, or too odd, for one pattern."""
    if bound.codes is not None:
        return len(bound.codes.codes) > _CODES
    if element.datatype in _TYPED:
        return bool(element.pattern) or element.max_length is not None
    return bool(element.pattern) and within(element.pattern, ALL) is None


def _without(nulls: frozenset[str], form: Form) -> Form:
    """The form, and which of those words it has to leave out."""
    takes = re.compile(form.pattern(ALL)).fullmatch
    return replace(form, words=frozenset(filter(takes, nulls)))


def _free_form(limit: int | None, nulls: frozenset[str]) -> Form:
    """Any text up to a length that is no word for no value."""
    counted = limit if limit is not None and limit <= _COUNTED else None
    tidy = any(" " in word for word in nulls)
    length = None if counted is not None else limit
    return Form(partial(_text, counted), nulls, length, loose=counted is not None, tidy=tidy)


def _formed(pattern: str, letters: str) -> str:
    return within(pattern, letters) or NOTHING


def _text(limit: int | None, letters: str) -> str:
    """Tidy text; or text that begins and ends with a letter and is not too long."""
    letter, inner = one_of(letters.replace(" ", "")), one_of(letters)
    if limit is None:
        return f"{letter}+(?: {letter}+)*"
    if limit < 2:
        return letter if limit else NOTHING
    return f"{letter}(?:{inner}{{0,{limit - 2}}}{letter})?"


def _named(words: Iterable[str], letters: str) -> str:
    fine = (re.escape(word) for word in words if not set(word) - set(letters))
    return "|".join(fine) or NOTHING


def _typed(element: Element, written: Notation, right: Right, letters: str) -> str:
    match element.datatype:
        case Datatype.INTEGER | Datatype.DECIMAL:
            return "|".join(_number(element, written, letters)) or NOTHING
        case Datatype.DATE:
            return f"{ISO_DAY}|{_LOCAL_DAY}"
        case Datatype.PERIOD:
            return PERIOD
        case Datatype.BOOLEAN:
            return _named(filter(right, _BOOLEANS), letters)
    return f"https?://{one_of(''.join(letter for letter in letters if '!' <= letter <= '~'))}+"


def _number(element: Element, written: Notation, letters: str) -> Iterator[str]:
    thousands, mark = _MARKS[written]
    fraction = re.escape(mark) if mark in letters and element.datatype is Datatype.DECIMAL else ""
    if element.minimum is not None or element.maximum is not None:
        limits = element.minimum, element.maximum
        yield from decimal(*limits, thousands, fraction) if fraction else whole(*limits, thousands)
        return
    end = f"(?:{fraction}[0-9]+)?" if fraction else ""
    yield f"[+-]?[0-9]+{end}"
    if thousands:
        yield f"[+-]?[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+{end}"


def _has_surplus(value: str) -> bool:
    return "  " in value or value[0] == " " or value[-1] == " "
