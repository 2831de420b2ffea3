"""How far the systems are connected (REQ-50): connected ÷ (all − approved exceptions)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from hatinh.register.model import Row
from hatinh.text import parse_date

_DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}-\d{1,2}-\d{1,2}")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_BARE = re.compile(r"\b(?:ngày|số)\b", re.IGNORECASE)
_PENDING = re.compile(r"\b(?:đang|chờ|chưa|dự kiến)\b", re.IGNORECASE)
"""Words of an approval that is asked for, planned or missing."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Ids of systems: all of them, connected ones, exceptions, and exceptions nobody approved.

    A system that is connected is never an exception.
    """

    systems: tuple[str, ...]
    connected: tuple[str, ...]
    exceptions: tuple[str, ...]
    claimed: tuple[str, ...]

    @property
    def denominator(self) -> int:
        """All systems but the approved exceptions."""
        return len(self.systems) - len(self.exceptions)

    @property
    def percent(self) -> float | None:
        """From 0 to 100; nothing where there is no system to connect."""
        if not self.denominator:
            return None
        return round(100 * len(self.connected) / self.denominator, 1)


def is_approved(reason: str, approval: str, today: date) -> bool:
    """Whether an exception counts: a reason, who approved it, and the day of that, not to come.

    Words that tell of an approval still to come make it none.
    """
    said = unicodedata.normalize("NFC", approval)
    if not reason.strip() or _PENDING.search(said):
        return False
    days = [parse_date(found) for found in _DAY.findall(said)]
    by = _BARE.sub(" ", _DAY.sub(" ", said))
    return bool(_LETTERS.search(by)) and any(day is not None and day <= today for day in days)


def coverage(systems: Iterable[Row], connected: str, today: date) -> Coverage:
    """The coverage of some systems; ``connected`` is the code of that state."""
    rows = list(systems)
    linked = [row for row in rows if row.lgsp_status == connected]
    asking = [row for row in rows if row.lgsp_status != connected and row.exception.strip()]
    approved = [row for row in asking if is_approved(row.exception, row.approval, today)]
    return Coverage(
        systems=_ids(rows),
        connected=_ids(linked),
        exceptions=_ids(approved),
        claimed=_ids(row for row in asking if row not in approved),
    )


def _ids(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(row.id for row in rows)
