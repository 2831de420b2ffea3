"""Reading rows by the role that may only read, each statement within its time."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.exc import DataError, DBAPIError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from ckanext.datastore.backend.postgres import get_read_engine
from hatinh.rows.column import Row

SECONDS = 60
"""Time of a statement; of a stream, the time until each next piece."""
STREAMS = 4
"""Streams at a time in one process: files must not keep others from searching."""
WAIT = 5
"""Seconds that a stream waits for its turn."""
ROWS_AT_A_TIME = 2000


class TooBusyError(Exception):
    """As many streams as may be are being read."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows from a cursor of the server. Whoever opens it closes it."""

    rows: Iterator[Row]
    connection: sa.Connection

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()


@contextmanager
def opened() -> Iterator[sa.Connection]:
    """A connection for questions that are answered at once, each within its time."""
    with closing(get_read_engine().connect()) as connection:
        _prepare(connection)
        yield connection


def read(statement: sa.Select[Any]) -> list[Row]:
    """All rows of a statement that gives few. Raises ``ValidationError``."""
    with opened() as connection:
        return fetched(connection, statement)


def fetched(connection: sa.Connection, statement: sa.Select[Any]) -> list[Row]:
    """All rows of a statement that gives few. Raises ``ValidationError``."""
    with _in_words():
        return [tuple(row) for row in connection.execute(statement)]


def stream(statement: sa.Select[Any]) -> Stream:
    """The rows of a statement, one set as of one moment. Raises ``ValidationError``."""
    try:
        connection = _streams(tk.config["ckan.datastore.read_url"]).connect()
    except NoConnectionError as err:
        raise TooBusyError from err
    with ExitStack() as stack:
        stack.callback(connection.close)
        with _in_words():
            rows = _rows(connection, statement)
        stack.pop_all()
        return Stream(rows, connection)


def _rows(connection: sa.Connection, statement: sa.Select[Any]) -> Iterator[Row]:
    """The rows; the first is asked for now, so that a fault is told before anything is sent."""
    _prepare(connection)
    options = {"stream_results": True, "yield_per": ROWS_AT_A_TIME}
    rows = iter(connection.execute(statement, execution_options=options))
    first = list(islice(rows, 1))
    return chain(first, rows)


def _prepare(connection: sa.Connection) -> None:
    connection.exec_driver_sql(
        f"SET LOCAL statement_timeout = '{SECONDS}s';"
        f"SET LOCAL idle_in_transaction_session_timeout = '{SECONDS}s'"
    )


@contextmanager
def _in_words() -> Iterator[None]:
    """Tell who asked what the database did not like about the question."""
    try:
        yield
    except (DataError, ProgrammingError) as err:
        words = tk._("A value does not fit its column: {reason}")
        reason = str(err.orig).splitlines()[0]
        raise tk.ValidationError({"filters": [words.format(reason=reason)]}) from err
    except DBAPIError as err:
        if getattr(err.orig, "pgcode", "") != "57014":
            raise
        raise tk.ValidationError({"query": [tk._("This question takes too long")]}) from err


@lru_cache(maxsize=1)
def _streams(url: str) -> sa.Engine:
    return sa.create_engine(
        url, pool_size=STREAMS, max_overflow=0, pool_timeout=WAIT, pool_pre_ping=True
    )
