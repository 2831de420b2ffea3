"""How many records stand together: means that do not depend on any order, and places with ties."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sum:
    """Marks added up: ``hundredths`` of points over ``count`` records that have the mark."""

    hundredths: int = 0
    count: int = 0

    @property
    def mean(self) -> float | None:
        """The mean in points, to two digits, halves up; ``None`` when nothing was measured.

        It is made of whole numbers, so equal marks are equal on every machine.
        """
        if not self.count:
            return None
        return (2 * self.hundredths + self.count) // (2 * self.count) / 100


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of several records: all of them, their totals, and each dimension."""

    records: int = 0
    total: Sum = Sum()
    dimensions: Mapping[str, Sum] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a ranking. Equal means share a place, and the next ones after it are left out."""

    rank: int
    tied: bool


def places(means: Mapping[str, float | None]) -> dict[str, Place]:
    """The place of each name by its mean, the greatest first; names without a mean have none."""
    known = [mean for mean in means.values() if mean is not None]
    return {
        name: Place(1 + sum(other > mean for other in known), known.count(mean) > 1)
        for name, mean in means.items()
        if mean is not None
    }
