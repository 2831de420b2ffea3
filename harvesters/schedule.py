"""When a source is read, in words (lịch thu thập): cron is for machines, people read sentences.

The sentences are data, in ``schemas/schedule.yaml``. All times are those of the province.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

import yaml
from croniter import croniter

import schemas
from hatinh.local_time import LOCAL_TIME
from hatinh.text import Text

SHORTEST = timedelta(minutes=15)
"""No source is read more often: most stand on small servers of an office."""

PARTS = ("minute", "hour", "day", "month", "weekday")


class ScheduleError(ValueError):
    """A schedule that cannot be kept; :attr:`words` says why, for the person who wrote it."""

    def __init__(self, words: Text) -> None:
        self.words = words
        super().__init__(words.en)


@dataclass(frozen=True, slots=True)
class Choice:
    """A schedule that the form offers."""

    cron: str
    words: Text


def check(cron: str) -> None:
    """Raises :class:`ScheduleError` for what is no schedule, or one that runs too often."""
    if not cron:
        return
    if len(cron.split()) != len(PARTS) or not croniter.is_valid(cron):
        raise ScheduleError(_say("invalid", cron=cron))
    times = croniter(cron, datetime(2026, 1, 1, tzinfo=LOCAL_TIME), ret_type=datetime)
    try:
        fires = [times.get_next() for _ in range(60)]
    except ValueError as err:  # croniter: a day that never comes, such as 30 February
        raise ScheduleError(_say("never", cron=cron)) from err
    if min(b - a for a, b in pairwise(fires)) < SHORTEST:
        raise ScheduleError(_say("too_often", minutes=int(SHORTEST.total_seconds() // 60)))


def next_time(cron: str, after: datetime) -> datetime | None:
    """The next time after a moment, in UTC; ``None`` for a source that people start.

    It goes by the clock on the wall: once, where an hour comes twice, and after one that is left
    out.
    """
    if not cron:
        return None
    local = after.astimezone(LOCAL_TIME)
    found = croniter(cron, local.replace(tzinfo=None), ret_type=datetime).get_next()
    return found.replace(tzinfo=LOCAL_TIME, fold=local.fold).astimezone(UTC)


def explain(cron: str) -> Text:
    """A schedule as a sentence: ``0 2 * * *`` → *Hằng ngày lúc 02:00*."""
    if not cron:
        return _say("by_hand")
    minute, hour, *rest = cron.split()
    if minute.isdecimal() and hour.isdecimal():
        return _days(f"{int(hour):02}:{int(minute):02}", *rest) or _say("other", cron=cron)
    if rest == ["*"] * 3:
        return _often(minute, hour) or _say("other", cron=cron)
    return _say("other", cron=cron)


def choices() -> tuple[Choice, ...]:
    """What the form offers, the usual one first."""
    return tuple(Choice(cron, explain(cron)) for cron in _phrases()["choices"])


def _days(time: str, day: str, month: str, weekday: str) -> Text | None:
    if (day, month, weekday) == ("*", "*", "*"):
        return _say("daily", time=time)
    if (day, month) == ("*", "*"):
        return _weekdays(time, weekday)
    if weekday != "*" or not day.isdecimal():
        return None
    if month == "*":
        return _say("monthly", time=time, day=int(day))
    return _say("yearly", time=time, day=int(day), month=int(month)) if month.isdecimal() else None


def _weekdays(time: str, weekday: str) -> Text | None:
    first, dash, last = weekday.partition("-")
    if dash and first in "0123456" and last in "01234567":
        return _named("weekdays", time, first=first, last=last)
    if weekday.isdecimal() and int(weekday) <= 7:
        return _named("weekly", time, first=weekday)
    return None


def _named(phrase: str, time: str, **days: str) -> Text:
    names = _phrases()["weekdays"]
    texts = {name: names[int(day) % 7] for name, day in days.items()}
    return Text(
        *(
            _phrases()["phrases"][phrase][lang].format(
                time=time, **{name: text[lang] for name, text in texts.items()}
            )
            for lang in ("vi", "en")
        )
    )


def _often(minute: str, hour: str) -> Text | None:
    if minute.startswith("*/") and hour == "*":
        return _say("minutes", minutes=minute[2:])
    if minute.isdecimal() and hour == "*":
        return _say("hourly", minute=f"{int(minute):02}")
    if minute.isdecimal() and hour.startswith("*/"):
        return _say("hours", hours=hour[2:], minute=f"{int(minute):02}")
    return None


def _say(phrase: str, **values: object) -> Text:
    words: Mapping[str, str] = _phrases()["phrases"][phrase]
    return Text(words["vi"].format(**values), words["en"].format(**values))


@lru_cache(maxsize=1)
def _phrases() -> dict[str, Any]:
    return yaml.safe_load((schemas.ROOT / "schedule.yaml").read_text(encoding="utf-8"))
