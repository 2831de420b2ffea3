"""Columns of a table and the values of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

from hatinh.text import fold

Value = Any
"""What the database gives for a cell: text, number, day, moment, boolean, JSON or nothing."""
Row = Sequence[Value]

encoded = msgspec.json.Encoder(decimal_format="number").encode
"""A value as JSON; decimals are numbers with all their digits, days are ISO 8601."""


_CODES = ("ma", "stt", "tt", "id", "code", "so thu tu", "so hieu", "so dien thoai")
_PLACES = ("kinh do", "vi do", "kinhdo", "vido", "lon", "lng", "longitude", "lat", "latitude")
"""Headings, and how they begin."""


class Kind(StrEnum):
    """What can be done with the values of a column."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    BOOLEAN = "boolean"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """A column (cột). ``label`` is the heading as it was written, ``element`` its meaning, and
    ``stored`` its type in the words of PostgreSQL."""

    id: str
    label: str
    kind: Kind
    element: str = ""
    stored: str = "text"

    @property
    def drawable(self) -> bool:
        """Whether its values can stand along the axis of a chart."""
        return self.kind is not Kind.OTHER

    @property
    def ordered(self) -> bool:
        """Whether a value can be asked for by a range that people understand."""
        return self.kind in (Kind.NUMBER, Kind.DATE, Kind.MOMENT)

    @property
    def is_code(self) -> bool:
        """Whether its values name something, by its heading: ``18073`` is then no quantity."""
        return _is_called(self.label, _CODES)

    @property
    def counted(self) -> bool:
        """Whether its numbers are quantities, which can be added up."""
        return self.kind is Kind.NUMBER and not _is_called(self.label, (*_CODES, *_PLACES))


@dataclass(frozen=True, slots=True)
class Digits:
    """Decimal digits of the longest numbers of a column: before and after the point."""

    whole: int
    after: int


def written(value: Value) -> str:
    """A value as plain text: ``1234.5``, ``2026-09-05``, ``true``; nothing is empty."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool | list | dict):
        return encoded(value).decode()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date | time) else str(value)


@lru_cache(maxsize=4096)
def _is_called(label: str, beginnings: tuple[str, ...]) -> bool:
    words = f"{fold(label).replace('_', ' ')} "
    return words.startswith(tuple(f"{beginning} " for beginning in beginnings))
