"""Finds by looking what should be loaded, whoever changed the files and however.

No hook is asked: files that come with a dataset, from a batch or from a copy of the database make
none. A file that is as it was costs one comparison.
"""

import logging

from ckan import model
from psycopg2 import errors

from ckanext.hatinh.datastore import files, queue, swapping
from ckanext.hatinh.datastore.database import connected
from ckanext.hatinh.datastore.known import MARK
from ckanext.hatinh.datastore.model import State

log = logging.getLogger(__name__)

DELETED_DAYS = 30
"""Days that a table outlives its deleted file: deleting can be taken back."""

HISTORY = 10
"""Loads of one file that are remembered."""


def sweep() -> int:
    """Bring queue and tables in step with the files; gives how many loads were asked for."""
    found, tables = files.wanted(), _tables()
    due = [file for file in found if file.is_due]
    lost = [f for f in found if not f.is_due and f.state == State.DONE and f.id not in tables]
    for file in (*due, *lost):
        queue.enqueue(file.id, file.signature)
    for file in found:
        if file.state == State.DONE and file.id in tables and not file.active:
            files.activate(file.id)
    files.drop_unwanted([file.id for file in found])
    files.forget_old(HISTORY)
    gone = files.gone(sorted(tables), DELETED_DAYS)
    unwanted = files.unwanted(sorted(tables))
    model.Session.commit()
    for table in unwanted:
        files.withdraw(table)
    for table in (*gone, *unwanted):
        _drop(table)
    return len(due) + len(lost)


def _tables() -> set[str]:
    """The tables that we loaded."""
    with connected() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
            " AND starts_with(obj_description(oid, 'pg_class'), %s)",
            (MARK,),
        )
        return {row[0] for row in cursor.fetchall()}


def _drop(table: str) -> None:
    """Drop a table; one that is being read waits for the next sweep."""
    with connected() as connection, connection.cursor() as cursor:
        try:
            swapping.drop(cursor, table)
        except errors.LockNotAvailable:
            return
        connection.commit()
    log.info("The table of resource %s is dropped: its file is gone, or no table any more", table)
