"""Patterns of the numbers between two limits, as they are written."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

Digits = tuple[str, ...]
"""Patterns of single digits, the first first."""

LONGEST = 15
"""Digits of a whole number; longer ones are in no pattern."""

_ANY = "[0-9]"
_STEP = Decimal("0.000001")


def whole(low: float | None, high: float | None, thousands: str) -> Iterator[str]:
    """Whole numbers in ``[low, high]``; ``thousands`` may stand between groups of three digits."""
    floor = None if low is None else int(Decimal(low).to_integral_value(ROUND_CEILING))
    ceiling = None if high is None else int(Decimal(high).to_integral_value(ROUND_FLOOR))
    for sign, least, most in _signed(floor, ceiling):
        for digits in between(int(least or 0), None if most is None else int(most)):
            yield from _written(sign, digits, thousands, "")


def decimal(low: float | None, high: float | None, thousands: str, mark: str) -> Iterator[str]:
    """Numbers in ``[low, high]``; ``mark`` stands before a fraction, and may be missing.

    A number within a millionth of a limit may be in no pattern.
    """
    floor = None if low is None else Decimal(low).quantize(_STEP, ROUND_CEILING)
    ceiling = None if high is None else Decimal(high).quantize(_STEP, ROUND_FLOOR)
    for sign, least, most in _signed(floor, ceiling):
        for digits, fraction in _parts(Decimal(least or 0), most, mark):
            yield from _written(sign, digits, thousands, fraction)


def _signed(
    low: Decimal | int | None, high: Decimal | int | None
) -> Iterator[tuple[str, Decimal | int | None, Decimal | int | None]]:
    """The sign, the least and the most that may follow it."""
    if high is None or high >= 0:
        yield "[+]?", max(low or 0, 0), high
    if low is None or low < 0:
        yield "-", None if high is None else max(-high, 0), None if low is None else -low


def _written(sign: str, digits: Digits, thousands: str, fraction: str) -> Iterator[str]:
    yield f"{sign}0*{''.join(digits)}{fraction}"
    if thousands and len(digits) > 3:
        yield f"{sign}{_grouped(digits, thousands)}{fraction}"


def _grouped(digits: Digits, thousands: str) -> str:
    size = len(digits)
    marks = (thousands if at and (size - at) % 3 == 0 else "" for at in range(size))
    return "".join(mark + digit for mark, digit in zip(marks, digits, strict=True))


def _parts(low: Decimal, high: Decimal | int | None, mark: str) -> Iterator[tuple[Digits, str]]:
    """Whole parts and the fractions that may follow them."""
    first, least = _split(low)
    last, most = (None, "") if high is None else _split(Decimal(high))
    inner = first + bool(least)
    free = f"(?:{mark}[0-9]+)?" if mark else ""
    for digits in between(inner, None if last is None else last - 1):
        yield digits, free
    if last is not None and last >= inner:
        yield tuple(str(last)), _optional(mark, _up_to(most)) if mark else ""
    if least and mark and first != last:
        yield tuple(str(first)), f"{mark}(?:{'|'.join(_from(least))})"


def _split(number: Decimal) -> tuple[int, str]:
    """The whole part, and the digits of the fraction."""
    part = int(number)
    fraction = f"{number - part:.6f}"[2:].rstrip("0")
    return part, fraction


def _optional(mark: str, fractions: Iterator[str]) -> str:
    return f"(?:{mark}(?:{'|'.join(fractions)}))?"


def _from(least: str) -> Iterator[str]:
    """Fractions not below ``least``."""
    yield f"{least}[0-9]*"
    for at, digit in enumerate(least):
        if digit != "9":
            yield f"{least[:at]}[{int(digit) + 1}-9][0-9]*"


def _up_to(most: str) -> Iterator[str]:
    """Fractions not above ``most``."""
    yield f"{most}0*" if most else "0+"
    for at, digit in enumerate(most):
        if digit != "0":
            yield f"{most[:at]}[0-{int(digit) - 1}][0-9]*"
        if at:
            yield most[:at]


def between(low: int, high: int | None) -> Iterator[Digits]:
    """The whole numbers in ``[low, high]`` without zeros before them."""
    top = 10**LONGEST - 1 if high is None else min(high, 10**LONGEST - 1)
    for size in range(len(str(low)), len(str(max(top, 0))) + 1):
        least, most = max(low, 10 ** (size - 1) if size > 1 else 0), min(top, 10**size - 1)
        if least <= most:
            yield from _same_length(str(least), str(most))


def _same_length(low: str, high: str) -> Iterator[Digits]:
    if set(low) <= {"0"} and set(high) <= {"9"}:
        yield (_ANY,) * len(low)
    elif low[0] == high[0]:
        yield from ((low[0], *rest) for rest in _same_length(low[1:], high[1:]))
    else:
        yield from _apart(low, high)


def _apart(low: str, high: str) -> Iterator[Digits]:
    """The limits differ in their first digit."""
    rest = len(low) - 1
    first, last = int(low[0]), int(high[0])
    if set(low[1:]) - {"0"}:
        yield from ((low[0], *tail) for tail in _same_length(low[1:], "9" * rest))
        first += 1
    if set(high[1:]) - {"9"}:
        yield from ((high[0], *tail) for tail in _same_length("0" * rest, high[1:]))
        last -= 1
    if first <= last:
        yield (f"[{first}-{last}]", *(_ANY,) * rest)
