"""Runs the SELECT of a figure over plain tables, by the code that verifies audit packs."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hatinh.pack import verifier

Columns = Mapping[str, Mapping[str, str]]
"""For each table its columns with their types, TEXT or INTEGER."""


def reads(query: str, columns: Columns) -> dict[str, dict[str, str]]:
    """The tables, and of each the columns, that a query looks at: no others need be fetched.

    All of them for a query that joins by USING, which SQLite does not tell of.

    Raises :class:`sqlite3.Error` for a query that cannot be run.
    """
    empty = verifier.filled(columns, dict.fromkeys(columns, ()))
    seen: set[tuple[str, str]] = set()

    def note(action: int, table: str | None, column: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_READ:
            seen.add((table or "", column or ""))
        return sqlite3.SQLITE_OK

    empty.set_authorizer(note)
    empty.execute(query)
    needed = {
        name: {column: kind for column, kind in wanted.items() if (name, column) in seen}
        or dict([next(iter(wanted.items()))])  # rows that are only counted
        for name, wanted in columns.items()
        if any(table == name for table, _ in seen)
    }
    return needed if _runs(query, needed) else {name: dict(all_) for name, all_ in columns.items()}


def _runs(query: str, columns: Columns) -> bool:
    """Whether these columns are enough."""
    try:
        verifier.filled(columns, dict.fromkeys(columns, ())).execute(query)
    except sqlite3.OperationalError:
        return False
    return True


def run(
    query: str, columns: Columns, rows: Mapping[str, Iterable[Sequence[Any]]]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and rows that a query gives; the same rows give the same answer.

    Raises :class:`sqlite3.Error` for a query that cannot be run, :class:`ValueError` for one that
    gives a fraction: both are mistakes of the program.
    """
    return verifier.asked(verifier.filled(columns, rows), query)
