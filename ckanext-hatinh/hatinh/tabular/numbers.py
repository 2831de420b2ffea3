"""Which of two notations the numbers of a column are in, and what they are worth."""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

_SPACES = str.maketrans("", "", " \u00a0\u202f")
LOCAL = r"[+-]?[0-9]{1,3}(\.[0-9]{3})*(,[0-9]+)?|[+-]?[0-9]+(,[0-9]+)?"
PLAIN = r"[+-]?[0-9]+(\.[0-9]+)?"
"""How numbers are written in each notation; in the subset that all engines of patterns share."""

_LOCAL = re.compile(LOCAL)
_PLAIN = re.compile(PLAIN)


class Notation(StrEnum):
    """``LOCAL`` is written ``1.234,5``; ``PLAIN`` is written ``1234.5``."""

    LOCAL = "local"
    PLAIN = "plain"


_FORMS = {
    (Notation.LOCAL, False): _LOCAL,
    (Notation.PLAIN, False): _PLAIN,
    (Notation.LOCAL, True): re.compile(LOCAL.replace("(,[0-9]+)?", "(,0+)?")),
    (Notation.PLAIN, True): re.compile(PLAIN.replace(r"(\.[0-9]+)?", r"(\.0+)?")),
}
"""What numbers, and whole numbers, look like."""


def notation(values: Iterable[str], usual: Notation, *, whole: bool = False) -> Notation:
    """The notation that makes numbers (``whole`` ones) of most values; the usual one if equal.

    ``1.234`` fits both and tells nothing; one ``18.34`` beside it settles it for all.
    """
    known = [value.translate(_SPACES) for value in values]
    other = Notation.PLAIN if usual is Notation.LOCAL else Notation.LOCAL

    def fitting(written: Notation) -> int:
        return sum(map(bool, map(_FORMS[written, whole].fullmatch, known)))

    return max((usual, other), key=fitting)


def number(value: str, written: Notation) -> Decimal | None:
    """The exact number, or ``None`` when the text is none in that notation."""
    text = value.translate(_SPACES)
    if written is Notation.PLAIN:
        return Decimal(text) if _PLAIN.fullmatch(text) else None
    return Decimal(text.replace(".", "").replace(",", ".")) if _LOCAL.fullmatch(text) else None
