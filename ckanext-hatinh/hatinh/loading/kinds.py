"""What the values of a column look like.

A column without an element gets its type by it, and what is searched of it.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import IntFlag
from types import MappingProxyType

from hatinh.dictionary.cell_form import ISO_DAY
from hatinh.loading.model import PgType, Words, Written

DIGITS = 15
"""Digits of a number; what has more is rather the number of a card or an account."""

_SPACES = " \t"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Kind(IntFlag):
    """What one value is; of a column, what all its values are together."""

    NOTHING = 0
    WHOLE = 1
    """``120``"""
    DIGITS = 2
    """``0120``, ``+84239``, or too many digits: more likely a code than a number."""
    FRACTION = 4
    """``12.5``, or ``5.1e-05`` as programs write it; ``2E10`` may be a code."""
    UNSURE = 8
    """``1.250``: a fraction, or one thousand two hundred and fifty as it is written here."""
    DAY = 16
    """``2025-12-31``"""
    LATIN = 32
    """``mot_lan``: the letters of English, as codes are written."""
    MAIL = 64
    """``lien.he@hatinh.gov.vn``"""
    OTHER = 128


_LEAP = "[12][0-9](?:0[48]|[2468][048]|[13579][26])|1200|1600|2000|2400|2800"
_INTEGER = "-?(?:0|[1-9][0-9]*)"
_EXPONENT = "[eE][+-][0-9]{1,3}"
_HOST = r"[A-Za-z]{2,}[0-9]*(?:\.[A-Za-z]{2,})+"
PATTERNS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.WHOLE: rf"-?(?:0|[1-9][0-9]{{0,{DIGITS - 1}}})",
        Kind.DIGITS: r"[+-]?[0-9]+",
        Kind.UNSURE: r"-?[1-9][0-9]{0,2}\.[0-9]{3}",
        Kind.FRACTION: rf"{_INTEGER}\.[0-9]+(?:{_EXPONENT})?|{_INTEGER}{_EXPONENT}",
        Kind.LATIN: "[A-Za-z]+(?:_[A-Za-z]+)*",
        Kind.MAIL: rf"[A-Za-z]+[0-9]*(?:[._-][A-Za-z]+[0-9]*)*@{_HOST}",
        Kind.DAY: rf"{ISO_DAY}|(?:{_LEAP})-02-29",
    }
)
"""Values of a kind, in the subset that all engines share: of days and fractions not quite all."""

_ORDER = (Kind.WHOLE, Kind.DIGITS, Kind.UNSURE, Kind.FRACTION, Kind.LATIN, Kind.MAIL)
"""The first that a value matches is its kind."""

_FORMS = [(kind, re.compile(PATTERNS[kind])) for kind in _ORDER]

Typed = tuple[PgType, Written]
TEXT: Typed = (PgType.TEXT, Written.AS_IS)
DAY: Typed = (PgType.DATE, Written.DAY)
NUMERIC: Typed = (PgType.NUMERIC, Written.PLAIN)
BIGINT: Typed = (PgType.BIGINT, Written.PLAIN)

_NUMBERS = Kind.WHOLE | Kind.FRACTION | Kind.UNSURE
_COUNTED = _NUMBERS | Kind.DIGITS
_ONE_WORD = _COUNTED | Kind.MAIL
"""Kinds of values that the parser of PostgreSQL takes for one word."""

_FITTING: Mapping[PgType, tuple[Typed, Kind]] = MappingProxyType(
    {
        PgType.TEXT: (TEXT, ~Kind.NOTHING),
        PgType.NUMERIC: (NUMERIC, _COUNTED),
        PgType.DOUBLE: ((PgType.DOUBLE, Written.PLAIN), _COUNTED),
        PgType.BIGINT: (BIGINT, Kind.WHOLE),
        PgType.DATE: (DAY, Kind.DAY),
    }
)
"""What a column may be told to be, and the kinds that fit."""


def kind_of(value: str) -> Kind:
    """The kind of one value."""
    text = value.strip(_SPACES)
    for kind, pattern in _FORMS:
        if pattern.fullmatch(text):
            return kind
    return Kind.DAY if _DAY.fullmatch(text) and _is_day(text) else Kind.OTHER


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def type_of(kinds: Kind, *, typed: bool) -> Typed:
    """The type that all values of a column have; text if in doubt.

    ``typed`` says that a point in a number of this file is one before a fraction.
    """
    if kinds == Kind.DAY:
        return DAY
    if kinds == Kind.WHOLE:
        return BIGINT
    sure = typed or Kind.FRACTION in kinds or Kind.UNSURE not in kinds
    return NUMERIC if kinds and sure and kinds in _NUMBERS else TEXT


def wished(kinds: Kind, wish: PgType | None) -> Typed | None:
    """The type that somebody wants for a column, if all its values fit."""
    if wish is None or wish not in _FITTING:
        return None
    found, fitting = _FITTING[wish]
    return found if kinds in fitting else None


def words_of(kinds: Kind) -> Words:
    """How a column is searched whose values are of these kinds."""
    if kinds == Kind.DAY:
        return Words.DAY
    if not kinds:
        return Words.PROSE
    if kinds in _ONE_WORD:
        return Words.ONE
    return Words.PARTS if kinds in _COUNTED | Kind.LATIN else Words.PROSE
