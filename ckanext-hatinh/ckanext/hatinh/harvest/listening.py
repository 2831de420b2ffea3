"""How a worker that has nothing to do hears at once of new work: LISTEN and NOTIFY of PostgreSQL.

    queue: statement, ring() ─▶ commit ─▶ PostgreSQL ─▶ socket ─▶ Listener.wait() ends

Nothing depends on it. A worker that hears nothing, for its line is broken or leads through a pool
that lends connections out in turns, looks again after each pause.
"""

import logging
import select
from typing import cast

import psycopg2
import psycopg2.extensions as pg
from ckan import model

from ckanext.hatinh.harvest.queue import CHANNEL
from ckanext.hatinh.harvest.watch import Shutdown

log = logging.getLogger(__name__)


class Listener:
    """Waits for a ring, on a connection of its own that is made at the first wait."""

    def __init__(self, shutdown: Shutdown) -> None:
        self._shutdown = shutdown
        self._line: pg.connection | None = None

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_raised: object) -> None:
        self._hang_up()

    def wait(self, seconds: float) -> None:
        """Wait until somebody rings or has rung since the last wait, at most so long.

        It ends at once when it has only now begun to listen: whoever rang before was not heard.
        Raises :class:`ckanext.hatinh.harvest.watch.StopWorkError` when this process is asked to
        end.
        """
        try:
            if self._line is None:
                self._line = _listen()
            else:
                self._hear(self._line, seconds)
        except psycopg2.Error as err:
            log.warning("Nobody can be heard who has work; it is looked for now and then: %s", err)
            self._hang_up()
            self._shutdown.asked.wait(seconds)

    def _hear(self, line: pg.connection, seconds: float) -> None:
        with self._shutdown.may_break_off():
            select.select([line], [], [], seconds)
        line.poll()  # raises when what could be read was the end of the line
        line.notifies.clear()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _listen() -> pg.connection:
    """A connection that is no longer the pool's, without a transaction: it may stay for days."""
    pooled = model.Session.get_bind().engine.raw_connection()
    line = cast(pg.connection, pooled.dbapi_connection)
    pooled.detach()
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute(f"LISTEN {CHANNEL}")
    return line
