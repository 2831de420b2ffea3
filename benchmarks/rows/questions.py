"""Questions that people ask of a table, as SQL and in the words of both addresses."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from benchmarks.tables import HEADER, promise

PAGE = 50
LANGUAGE = "hatinh"
_SIGNS = {"eq": "=", "gte": ">=", "lt": "<"}

Condition = tuple[str, str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A page of a filtered set. ``where`` has a column, a comparison and a value each."""

    where: tuple[Condition, ...] = ()
    sort: str = ""
    down: bool = False
    q: str = ""
    offset: int = 0

    def page(self, table: str) -> tuple[str, dict[str, Any]]:
        """The bare statement; rows that are equal stand by their number, as ours do."""
        columns = ", ".join(f'"{name}"' for name in ("_id", *HEADER))
        rank = f"ts_rank(_full_text, plainto_tsquery('{LANGUAGE}', %(q)s), 32)"
        order = [f'"{self.sort}" {"desc" if self.down else "asc"}'] if self.sort else []
        by = ", ".join([*(order or ([f"{rank} desc"] if self.q else [])), "_id"])
        shown = f"{columns}, {rank}" if self.q else columns
        found = f'SELECT {shown} FROM "{table}" {self._conditions()}'
        return f"{found} ORDER BY {by} LIMIT {PAGE} OFFSET {self.offset}", self._values()

    def count(self, table: str) -> tuple[str, dict[str, Any]]:
        """The bare statement of the total."""
        return f'SELECT count(*) FROM "{table}" {self._conditions()}', self._values()

    def asked(self) -> dict[str, Any]:
        """Parameters of ``datastore_search`` and of a file of rows."""
        filters: dict[str, Any] = {}
        for column, sign, value in self.where:
            filters.setdefault(column, {})[sign] = value
        words = f"{self.sort} desc" if self.down else self.sort
        told = {"filters": json.dumps(filters), "sort": words, "q": self.q, "offset": self.offset}
        return {name: value for name, value in told.items() if value} | {"limit": PAGE}

    def form(self) -> dict[str, Any]:
        """Parameters of the table page."""
        words = f"{self.sort} desc" if self.down else self.sort
        parts = dict(zip("fov", zip(*self.where, strict=True), strict=True)) if self.where else {}
        return {**parts, "sort": words, "q": self.q, "page": self.offset // PAGE + 1}

    def _conditions(self) -> str:
        parts = [
            f'"{column}" {_SIGNS[sign]} %(v{at})s'
            for at, (column, sign, _) in enumerate(self.where)
        ]
        words = [f"_full_text @@ plainto_tsquery('{LANGUAGE}', %(q)s)"] if self.q else []
        return "WHERE " + " AND ".join([*parts, *words])

    def _values(self) -> dict[str, Any]:
        return {"q": self.q} | {f"v{at}": one[2] for at, one in enumerate(self.where)}


def questions(count: int, rows: int, seed: int) -> Iterator[tuple[str, Question]]:
    """So many of every kind, in turn, with values that the table has."""
    chance = random.Random(seed)  # questions, not secrets
    places = [code for code in promise().codes("ma_xa") if len(code) == 5]
    for _ in range(count):
        place = ("ma_xa", "eq", chance.choice(places))
        number, at = chance.randrange(4900), chance.randrange(5) * PAGE
        day = date(2015, 1, 1) + timedelta(chance.randrange(3900))
        month = ("ngay", "gte", str(day)), ("ngay", "lt", str(day + timedelta(30)))
        yield "one row by its key", Question((("ma", "eq", f"{chance.randrange(rows):08d}"),))
        yield "rows of a commune", Question((place,), offset=at)
        yield "a commune, sorted by a number", Question((place,), "so_luong", True, offset=at)
        yield "a commune and a limit", Question((place, ("so_luong", "gte", number)), "ten")
        yield "days of a month, newest first", Question(month, "ngay", True)
        yield "a number up to a limit, sorted", Question((("so_luong", "lt", 50),), "ty_le")
        yield "words in any column", Question(q=f"truong {chance.randrange(rows)}")
