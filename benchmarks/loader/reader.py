"""Somebody who looks at a table 20 times a second while it is loaded, and notes what he saw.

A look is right when the table has all its rows, of one file, and the last of them can be searched.
"""

import sys
import threading
import time
from typing import Any

import psycopg2
from psycopg2 import Error

from benchmarks.loader.obeying import obey

PAUSE = 0.05
LOOK = """
SELECT (SELECT max(_id) FROM {table}),
       (SELECT _full_text IS NOT NULL FROM {table} ORDER BY _id DESC LIMIT 1)
"""


class Looks:
    """What was seen since :meth:`begin`."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._wrong = self._longest = 0.0
        self._count = 0

    def begin(self, url: str, table: str, rows: int) -> None:
        """Look until :meth:`end`."""
        arguments = (url, LOOK.format(table=f'"{table}"'), rows)
        self._thread = threading.Thread(target=self._look, args=arguments, daemon=True)
        self._thread.start()

    def end(self) -> dict[str, Any]:
        """How many looks there were, the seconds between a wrong one and the next, and the
        longest that one had to wait."""
        self._ended.set()
        self._thread.join()
        return {
            "looks": self._count,
            "inconsistent_seconds": round(self._wrong, 2),
            "longest_look_ms": round(self._longest * 1000),
        }

    def _look(self, url: str, look: str, rows: int) -> None:
        connection = psycopg2.connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not self._ended.is_set():
                began = time.perf_counter()
                right = _seen(cursor, look) == (rows, True)
                self._longest = max(self._longest, time.perf_counter() - began)
                self._count += 1
                self._ended.wait(PAUSE)
                if not right:
                    self._wrong += time.perf_counter() - began
        connection.close()


def _seen(cursor: Any, look: str) -> tuple[Any, ...] | None:
    """What the table looks like; nothing where there is none."""
    try:
        cursor.execute(look)
    except Error:
        return None
    return cursor.fetchone()


def main() -> int:
    """Obey until standard input ends: begin looking, or end and tell."""
    looks = [Looks()]

    def act(url: str = "", table: str = "", rows: int = 0) -> dict[str, Any]:
        if url:
            looks.append(Looks())
            looks[-1].begin(url, table, rows)
            return {}
        return looks[-1].end()

    obey(act)
    return 0


if __name__ == "__main__":
    sys.exit(main())
