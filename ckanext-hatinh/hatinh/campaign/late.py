"""Who is late (sổ theo dõi chậm nộp), and who is written to before a deadline."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hatinh.campaign.model import Action, Part


class Standing(StrEnum):
    """How a unit stands to its deadline."""

    IN_TIME = "dung_han"
    LATE = "muon"
    DUE = "con_han"
    MISSING = "qua_han"


@dataclass(frozen=True, slots=True)
class Line:
    """One unit in the register: when it signed off, and how many days late, now or then."""

    part: Part
    signed: date | None
    standing: Standing
    days_late: int


def register(parts: Iterable[Part], before: date, today: date) -> list[Line]:
    """Every unit in its order. A part that is not signed off is late from the deadline on."""
    return [_line(part, before, today) for part in sorted(parts, key=lambda part: part.position)]


def _line(part: Part, before: date, today: date) -> Line:
    signed = part.last(Action.SIGN)
    late = max(0, ((signed or today) - before).days + 1)
    if signed:
        return Line(part, signed, Standing.LATE if late else Standing.IN_TIME, late)
    return Line(part, None, Standing.MISSING if late else Standing.DUE, late)


def reminder(before: date, today: date, days: Iterable[int], told: Collection[int]) -> int | None:
    """Which reminder is due: so many days before the deadline; ``None`` when none is.

    Of reminders that were missed, while the portal stood still, only the latest is sent.
    """
    left = (before - today).days
    passed = [day for day in days if left <= day]
    latest = min(passed, default=None)
    return None if latest is None or latest in told else latest
