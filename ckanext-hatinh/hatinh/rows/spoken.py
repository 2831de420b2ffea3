"""A value as its reader writes it, in the plain words that the database takes.

What is given back means the same when it is read again in any language, so an address that carries
it can be taken to the page of the other one.
"""

import re
from datetime import datetime

from hatinh.rows.column import Column, Kind
from hatinh.text import fold, parse_date

MOST_DIGITS = 300
"""A number with more is no quantity, and none that a column holds."""
_BITS = {"int2": 15, "int4": 31, "int8": 63}
"""Of the whole numbers that a column of such a type holds, without the sign."""
_BOOLEANS = {
    "true": ("true", "yes", "co", "t", "1"),
    "false": ("false", "no", "khong", "f", "0"),
}
_ENDLESS = re.compile(r"nan|[+-]?inf(inity)?", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_GROUPED = {
    "vi": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?", re.ASCII),
    "en": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", re.ASCII),
}
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_DAY_AND_TIME = re.compile(r"(\S+?)[ T]+(\d.*)")


def read_value(column: Column, words: str, language: str) -> str | None:
    """The value in plain words: ``71234.5``, ``2024-12-31``, ``true``; nothing where it is none of
    the column's."""
    if column.kind is Kind.NUMBER:
        return _number(column, words, language)
    words = words.strip() if column.kind is not Kind.TEXT else words
    match column.kind:
        case Kind.DATE:
            return found.isoformat() if (found := parse_date(words)) else None
        case Kind.MOMENT:
            return _moment(words)
        case Kind.BOOLEAN:
            return next((plain for plain, said in _BOOLEANS.items() if fold(words) in said), None)
    return words


def _number(column: Column, words: str, language: str) -> str | None:
    words = "".join(words.split()).replace("\u2212", "-")
    if _ENDLESS.fullmatch(words):
        return words if column.stored not in _BITS else None
    plain = _plain(words, "" if column.is_code else language)
    if plain is None or len(plain) > MOST_DIGITS:
        return None
    whole, _point, part = plain.partition(".")
    if column.stored in _BITS:
        return whole if not part.strip("0") and _fits(whole, _BITS[column.stored]) else None
    # Three digits behind a point are a group of thousands in Vietnamese: one more zero is not.
    return f"{plain}0" if len(part) == 3 else plain


def _plain(words: str, language: str) -> str | None:
    """Digits with a point before the decimals; marks of groups are gone. A code has no marks."""
    if (grouped := _GROUPED.get(language)) and grouped.fullmatch(words):
        comma, point = (".", "") if language == "vi" else ("", ".")
        return words.translate({ord(","): comma, ord("."): point}).removeprefix("+")
    if language == "vi" and _COMMA.fullmatch(words):
        words = words.replace(",", ".")
    return words.removeprefix("+") if _PLAIN.fullmatch(words) else None


def _fits(whole: str, bits: int) -> bool:
    return -(1 << bits) <= int(whole) < 1 << bits


def _moment(words: str) -> str | None:
    """A day, or a day and a time of it."""
    found = _DAY_AND_TIME.fullmatch(words)
    day = parse_date(found[1] if found else words)
    if day is None or found is None:
        return day.isoformat() if day else None
    try:
        return datetime.fromisoformat(f"{day.isoformat()}T{found[2]}").isoformat()
    except ValueError:
        return None
