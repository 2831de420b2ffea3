"""What is shown of a column: range, mean, histogram, commonest values; made by the database."""

from contextlib import suppress
from datetime import date
from typing import Any

import psycopg2.extensions as pg
from psycopg2 import errors
from psycopg2.sql import SQL, Composable, Identifier, Literal

from hatinh.loading import ColumnProfile, LoadColumn, PgType

BUCKETS = 10
TOP = 10
EPOCH = date(1970, 1, 1).toordinal()
LONGEST = 200
"""Letters of a commonest value."""

_NUMBERS = frozenset({PgType.BIGINT, PgType.NUMERIC, PgType.DOUBLE})


def describe(
    cursor: pg.cursor, table: str, column: LoadColumn, counted: ColumnProfile
) -> dict[str, Any]:
    """The profile of a column. Of personal values nothing is told but how many there are.

    The connection must be in the mode in which every statement stands for itself.
    """
    told: dict[str, Any] = {
        "id": column.id,
        "missing": counted.missing,
        "distinct": counted.distinct,
        "more": counted.more,
    }
    if column.personal:
        return told
    if column.type in _NUMBERS or column.type is PgType.DATE:
        with suppress(errors.DataError):  # numbers of hundreds of digits have no histogram
            told |= _range(cursor, table, column)
    if not counted.more:
        told["top"] = _top(cursor, table, column)
    return told


def _range(cursor: pg.cursor, table: str, column: LoadColumn) -> dict[str, Any]:
    name, source = Identifier(column.id), Identifier(table)
    mean = SQL("avg({})::double precision").format(name)
    shown = mean if column.type in _NUMBERS else SQL("NULL")
    cursor.execute(
        SQL("SELECT min({c})::text, max({c})::text, {m}, min({n}), max({n}) FROM {t}").format(
            c=name, m=shown, n=_measure(column), t=source
        )
    )
    row = cursor.fetchone()
    if row is None or row[0] is None:
        return {}
    lowest, highest, mean_value, low, high = row
    told = {"min": lowest, "max": highest, "mean": mean_value}
    if low < high:
        told["histogram"] = _histogram(cursor, table, column, (low, high))
    return told


def _histogram(
    cursor: pg.cursor, table: str, column: LoadColumn, ends: tuple[float, float]
) -> list[dict[str, Any]]:
    """Equal parts of the range, each with its first value and how many rows are in it."""
    low, high = ends
    cursor.execute(
        SQL(
            "SELECT least(width_bucket({n}, {lo}::double precision, {hi}::double precision, {b}),"
            " {b}), count(*) FROM {t} WHERE {n} IS NOT NULL GROUP BY 1"
        ).format(
            n=_measure(column),
            lo=Literal(low),
            hi=Literal(high),
            b=SQL(str(BUCKETS)),
            t=Identifier(table),
        )
    )
    counts = dict(cursor.fetchall())
    width = (high - low) / BUCKETS
    return [
        {"from": _shown(low + width * n, column), "count": counts.get(n + 1, 0)}
        for n in range(BUCKETS)
    ]


def _measure(column: LoadColumn) -> Composable:
    """A column as a number; of days, those since 1970."""
    name = Identifier(column.id)
    if column.type is PgType.DATE:
        return SQL("({} - DATE '1970-01-01')::double precision").format(name)
    return SQL("{}::double precision").format(name)


def _shown(value: float, column: LoadColumn) -> float | str:
    if column.type is not PgType.DATE:
        return value
    return date.fromordinal(EPOCH + int(value)).isoformat()


def _top(cursor: pg.cursor, table: str, column: LoadColumn) -> list[dict[str, Any]]:
    cursor.execute(
        SQL(
            "SELECT left({c}::text, {l}), count(*) FROM {t} WHERE {c} IS NOT NULL"
            " GROUP BY {c} ORDER BY 2 DESC, {c} LIMIT {n}"
        ).format(
            c=Identifier(column.id),
            t=Identifier(table),
            l=SQL(str(LONGEST)),
            n=SQL(str(TOP)),
        )
    )
    return [{"value": value, "count": count} for value, count in cursor.fetchall()]
