"""Legal instruments that pages may cite: dated rows in a table, never sentences in code."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

SHOWN = frozenset({"A", "B"})
"""Confidence that is good enough to be shown as law: official text or reputable secondary."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A legal instrument (văn bản): number, title, and dates as far as they are known."""

    number: str
    title: str
    issued: str
    effective: str
    source: str


def citable(table: Path, today: date) -> Iterator[Instrument]:
    """The instruments in force on that day whose reading is confirmed well enough to show."""
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["confidence"] in SHOWN and _in_force(row, today):
                yield Instrument(
                    row["instrument"], row["title"], row["issued"], row["effective"], row["source"]
                )


def _in_force(row: dict[str, str], today: date) -> bool:
    day = today.isoformat()
    started = (row["effective"] or row["issued"]) <= day
    return started and not (row["expired"] and row["expired"] < day)
