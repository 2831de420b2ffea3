"""What a chart shows, and whether its kind fits what is to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ChartKind(StrEnum):
    """How values are drawn."""

    BAR = "bar"
    LINE = "line"
    PIE = "pie"


class Unfit(StrEnum):
    """Why a chart cannot be drawn."""

    EMPTY = "empty"
    NEGATIVE = "negative"
    """A pie has no negative slices."""
    SINGLE = "single"
    """A line needs two points."""


@dataclass(frozen=True, slots=True)
class Datum:
    """One value under its name. ``at`` is where it stands on a line's axis, in any unit."""

    name: str
    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Values to draw, in their order, with the words that say what they are."""

    title: str
    description: str
    data: Sequence[Datum]
    language: str = "vi"

    def unfit(self, kind: ChartKind) -> Unfit | None:
        """Why these values cannot be drawn so; nothing when they can."""
        if not self.data:
            return Unfit.EMPTY
        if kind is ChartKind.LINE and len(self.data) < 2:
            return Unfit.SINGLE
        if kind is ChartKind.PIE:
            if any(datum.value < 0 for datum in self.data):
                return Unfit.NEGATIVE
            if not any(datum.value for datum in self.data):
                return Unfit.EMPTY
        return None
