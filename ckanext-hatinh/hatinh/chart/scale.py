"""Round numbers along an axis, and numbers in words of a language."""

import math
from dataclasses import dataclass

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high`` with a mark at every ``step``; it holds zero."""

    low: float
    high: float
    step: float

    @property
    def marks(self) -> list[float]:
        """The values at which marks stand."""
        count = round((self.high - self.low) / self.step)
        return [round(self.low + at * self.step, 12) for at in range(count + 1)]

    def share(self, value: float) -> float:
        """How far along the axis a value stands, from 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def scale(least: float, most: float, marks: int = 5) -> Scale:
    """An axis for values between two ends, with about so many marks."""
    low, high = min(least, 0.0), max(most, 0.0)
    if low == high:
        return Scale(0.0, 1.0, 1.0)
    rough = (high - low) / marks
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * size for size in _STEPS if power * size >= rough * 0.999999)
    return Scale(math.floor(low / step) * step, math.ceil(high / step) * step, step)


def number(value: float, language: str = "vi", digits: int = 2) -> str:
    """A number as people write it: ``1.234,5`` in Vietnamese, ``1,234.5`` in English."""
    words = f"{value:,.{digits}f}"
    if "." in words:
        words = words.rstrip("0").rstrip(".")
    if words == "-0":
        words = "0"
    return words if language == "en" else words.translate(str.maketrans(",.", ".,"))
