"""Counts of calls as a gateway's operator exports them: a CSV of service, day and number."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hatinh.problem import Problem, error
from hatinh.text import clean, fold, parse_day, parse_number

HEADERS: Mapping[str, frozenset[str]] = {
    "service": frozenset({"dich vu", "ma dich vu", "service"}),
    "day": frozenset({"ngay", "thang", "ky", "day", "date", "month"}),
    "count": frozenset({"so luot goi", "luot goi", "calls", "count"}),
}
"""Words for the columns, whatever their marks or case."""

MOST = 10**12
"""No service is called more often in a day: a larger number is a slip."""


@dataclass(frozen=True, slots=True)
class CallCount:
    """Calls of one service on one day; a month's count stands on its last day."""

    service: str
    day: date
    count: int


def read_calls(content: bytes, today: date) -> tuple[list[CallCount], list[Problem]]:
    """The counts of a file, and what is wrong with its rows, counted from 1 below the header.

    A row that says again what another said is a fault: nobody knows which of them is right.
    """
    try:
        text = content.decode("utf-8-sig")
        header, *lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    except (UnicodeDecodeError, ValueError, csv.Error) as err:
        return [], [error("calls-unreadable", "$", err)]
    places = _places(header)
    if missing := [name for name in HEADERS if name not in places]:
        return [], [error("calls-column-missing", "$", ", ".join(missing))]
    problems: list[Problem] = []
    counts: dict[tuple[str, date], CallCount] = {}
    for number, cells in enumerate(lines, 1):
        row = {name: clean(cells[at]) if at < len(cells) else "" for name, at in places.items()}
        if not any(row.values()):
            continue
        found = _count(f"$.rows[{number}]", row, today, problems)
        if found and (found.service, found.day) in counts:
            problems.append(error("calls-twice", f"$.rows[{number}].service", found.service))
        elif found:
            counts[found.service, found.day] = found
    return list(counts.values()), problems


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _places(header: list[str]) -> dict[str, int]:
    folded = [fold(clean(cell)) for cell in header]
    return {
        name: next(at for at, word in enumerate(folded) if word in words)
        for name, words in HEADERS.items()
        if words & set(folded)
    }


def _count(
    path: str, row: Mapping[str, str], today: date, problems: list[Problem]
) -> CallCount | None:
    """What a row says, or nothing when one of its cells is wrong."""
    faults: list[Problem] = []
    if not row["service"]:
        faults.append(error("calls-service-missing", f"{path}.service"))
    day = parse_day(row["day"], end=True)
    if day is None:
        faults.append(error("calls-day-unreadable", f"{path}.day", row["day"]))
    elif day > today:
        faults.append(error("calls-day-to-come", f"{path}.day", row["day"]))
    number = parse_number(row["count"])
    if number is None or not 0 <= number <= MOST or number != int(number):
        faults.append(error("calls-count-wrong", f"{path}.count", row["count"]))
    problems += faults
    if faults or day is None or number is None:
        return None
    return CallCount(row["service"], day, int(number))
