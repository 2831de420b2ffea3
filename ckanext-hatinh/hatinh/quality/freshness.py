"""Whether a record is updated as often as it promises (sống)."""

from datetime import date, timedelta
from enum import StrEnum

from hatinh.quality.formula import Formula


class UpdateState(StrEnum):
    """Update state of a record (tình trạng cập nhật)."""

    ON_TIME = "on_time"
    OVERDUE = "overdue"
    UNKNOWN = "unknown"


def days_late(frequency: str, modified: date | None, today: date, formula: Formula) -> int | None:
    """Days since the grace ended, 0 while it lasts; ``None`` when no date is promised or known."""
    cycle = formula.cycles.get(frequency)
    if cycle is None or modified is None or modified > today:
        return None
    return max(0, (today - modified).days - cycle.days - cycle.grace)


def next_move(frequency: str, modified: date | None, today: date, formula: Formula) -> date | None:
    """The first day after today on which the score moves if nothing happens; ``None`` if never."""
    if modified is None:
        return None
    if modified > today:
        return modified
    late = days_late(frequency, modified, today, formula)
    cycle = formula.cycles.get(frequency)
    if cycle is None or late is None or late >= cycle.days:
        return None
    return max(today, modified + timedelta(cycle.days + cycle.grace)) + timedelta(1)


def update_state(
    frequency: str, modified: date | None, today: date, formula: Formula
) -> UpdateState:
    """On time, overdue, or unknown because nobody promised or noted a date."""
    late = days_late(frequency, modified, today, formula)
    if late is None:
        return UpdateState.UNKNOWN
    return UpdateState.OVERDUE if late else UpdateState.ON_TIME
