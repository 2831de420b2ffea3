"""On which days a score moves though nobody does anything."""

from datetime import date, timedelta

import pytest

from hatinh.quality import load_formula, next_move
from hatinh.quality.freshness import days_late
from schemas import ROOT

FORMULA = load_formula(ROOT / "quality.yaml")
START = date(2026, 1, 1)


def share_lost(frequency: str, modified: date, day: date) -> float | None:
    """What sống loses on a day; nothing when it is not measured."""
    if modified > day:
        return -1.0
    late = days_late(frequency, modified, day, FORMULA)
    return None if late is None else min(1.0, late / FORMULA.cycles[frequency].days)


@pytest.mark.parametrize("ahead", [0, 5])
@pytest.mark.parametrize("frequency", ["ngay", "tuan", "thang", "khi_phat_sinh"])
def test_score_moves_exactly_on_the_days_foretold(frequency: str, ahead: int) -> None:
    """Between two foretold days nothing moves, and on each of them something may."""
    modified = START + timedelta(ahead)
    expected: date | None = START
    for number in range(150):
        day = START + timedelta(number)
        moved = share_lost(frequency, modified, day) != share_lost(
            frequency, modified, day - timedelta(1)
        )
        if expected == day:
            expected = next_move(frequency, modified, day, FORMULA)
        elif number:
            assert not moved, day
        assert expected is None or expected > day


def test_record_without_day_never_moves() -> None:
    """Nobody promised anything."""
    assert next_move("thang", None, START, FORMULA) is None


def test_record_that_has_lost_all_never_moves_again() -> None:
    """It cannot fall below zero, so nobody needs to look every night."""
    assert next_move("tuan", START, START + timedelta(400), FORMULA) is None
