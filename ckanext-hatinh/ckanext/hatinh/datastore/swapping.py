"""The new table in place of the old one: readers see the one or the other, never half of either.

A search of CKAN keeps its lock on the table until its connection is back in the pool, and meanwhile
may ask over a second connection. Who waited long for the table between the two would wait for ever,
and the database could not tell. So the lock is asked for shortly, and again after a pause.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import psycopg2.extensions as pg
from psycopg2 import errors
from psycopg2.sql import SQL, Composable, Identifier, Literal

from ckanext.hatinh.datastore.filling import Fresh
from ckanext.hatinh.datastore.known import INFO, MARK, Grant, Known, View, grants, look
from hatinh.errors import HatinhError
from hatinh.loading import LoadColumn

LONGEST = 60.0
"""Seconds that readers are waited for."""

PAUSE = 0.05
LONGEST_PAUSE = 1.0

ELEMENT = "hatinh_element"
"""Where the data dictionary of a column keeps its element."""

_BUSY = (errors.LockNotAvailable, errors.DeadlockDetected, errors.DuplicateTable)
"""Somebody reads the table, or made or dropped it this very moment."""


class BusyError(HatinhError):
    """The table was read all the time."""


@dataclass(frozen=True, slots=True)
class Publication:
    """A new table, and what it becomes. ``indexes`` gives its passing names their final ones."""

    name: str
    fresh: Fresh
    columns: Sequence[LoadColumn]
    rows: int
    mark: Mapping[str, Any]
    indexes: Mapping[str, str]


def publish(cursor: pg.cursor, publication: Publication, ours: Callable[[], object]) -> None:
    """Put the new table in place; the caller commits at once.

    ``ours`` is asked while nobody else can change the table, and raises if the load is another's.
    Raises :class:`BusyError`.
    """
    _patiently(cursor, publication.name, lambda: _swap(cursor, publication))
    ours()


def withdraw(cursor: pg.cursor, name: str, ours: Callable[[], object]) -> None:
    """Take a table away; the caller commits at once. ``ours`` and faults as for publishing."""
    _patiently(cursor, name, lambda: drop(cursor, name))
    ours()


def drop(cursor: pg.cursor, name: str) -> None:
    """Drop a table, if it is there, with all that hangs on it. Raises ``LockNotAvailable``."""
    cursor.execute("SET LOCAL lock_timeout = '200ms'")
    cursor.execute(SQL("DROP TABLE IF EXISTS {} CASCADE").format(Identifier(name)))
    cursor.execute("DELETE FROM _table_stats WHERE resource_id = %s", (name,))


def _patiently(cursor: pg.cursor, name: str, work: Callable[[], object]) -> None:
    """Do what needs a table for itself; who reads it is waited for. Raises :class:`BusyError`."""
    until = time.monotonic() + LONGEST
    for attempt in count(1):
        cursor.execute("SAVEPOINT swap")
        try:
            work()
        except _BUSY as err:
            cursor.execute("ROLLBACK TO SAVEPOINT swap")
            if time.monotonic() > until:
                raise BusyError(name) from err
            time.sleep(min(PAUSE * attempt, LONGEST_PAUSE))
        else:
            return


def _swap(cursor: pg.cursor, publication: Publication) -> None:
    name = publication.name
    cursor.execute("SET LOCAL lock_timeout = '200ms'")
    known = _locked(cursor, name)
    if known:
        for view in known.views:
            cursor.execute(SQL("DROP VIEW {}").format(Identifier(view.name)))
        cursor.execute(SQL("DROP TABLE {}").format(Identifier(name)))
    for statement in _renames(publication):
        cursor.execute(statement)
    for statement in _comments(publication, known):
        cursor.execute(statement)
    if known:
        _give_back(cursor, name, known)
    cursor.execute(
        "INSERT INTO _table_stats VALUES (%s, jsonb_build_object('rows', %s))"
        " ON CONFLICT (resource_id) DO UPDATE SET stats = _table_stats.stats || excluded.stats",
        (name, publication.rows),
    )


def _locked(cursor: pg.cursor, name: str) -> Known | None:
    """The old table and its views, which nobody else reads or changes from now on."""
    seen = look(cursor, name)
    if seen is None:
        return None
    names = [*(view.name for view in seen.views), name]
    locked = SQL(", ").join(map(Identifier, names))
    try:
        cursor.execute(SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(locked))
    except errors.UndefinedTable as err:
        raise errors.LockNotAvailable(name) from err
    return look(cursor, name)


def _renames(publication: Publication) -> list[Composable]:
    name, fresh = publication.name, publication.fresh
    names = {fresh.key: f"{name}_pkey", **publication.indexes}
    renamed = [("INDEX", old, new) for old, new in names.items()]
    renamed += [("SEQUENCE", fresh.sequence, f"{name}__id_seq"), ("TABLE", fresh.name, name)]
    return [
        SQL(f"ALTER {kind} {{}} RENAME TO {{}}").format(Identifier(old), Identifier(new))
        for kind, old, new in renamed
    ]


def _comments(publication: Publication, known: Known | None) -> list[Composable]:
    """The data dictionary; what was said of columns that are gone is kept for their return."""
    table, said = Identifier(publication.name), dict(known.said) if known else {}
    statements = []
    for column in publication.columns:
        words = _commented(said.pop(column.id, {}), column)
        statements.append(
            SQL("COMMENT ON COLUMN {}.{} IS {}").format(
                table, Identifier(column.id), Literal(" " + _json(words))
            )
        )
    mark = MARK + _json({**publication.mark, "former": said})
    statements.append(SQL("COMMENT ON TABLE {} IS {}").format(table, Literal(mark)))
    return statements


def _commented(said: Mapping[str, Any], column: LoadColumn) -> dict[str, Any]:
    """What CKAN's data dictionary says of a column; a person's words stay."""
    kept = {key: words for key, words in (said.get(INFO) or {}).items() if key != ELEMENT}
    info = {"label": column.label, **kept}
    return {**said, INFO: info | ({ELEMENT: column.element} if column.element else {})}


def _give_back(cursor: pg.cursor, name: str, known: Known) -> None:
    """Rights, triggers and views as the old table had them."""
    _set_rights(cursor, name, known.grants)
    for trigger in known.triggers:
        cursor.execute(trigger)
    for view in known.views:
        cursor.execute(_view(view, name))
        _set_rights(cursor, view.name, view.grants)


def _set_rights(cursor: pg.cursor, name: str, given: Sequence[Grant]) -> None:
    """These rights and no others; a new relation comes with those that are the default."""
    cursor.execute("SELECT %s::regclass::oid", (f'"{name}"',))
    (oid,) = cursor.fetchone() or (0,)
    for role in {grant.role for grant in grants(cursor, oid)}:
        cursor.execute(SQL("REVOKE ALL ON {} FROM {}").format(Identifier(name), SQL(role)))
    for grant in given:
        cursor.execute(
            SQL("GRANT {} ON {} TO {}{}").format(
                SQL(grant.right),
                Identifier(name),
                SQL(grant.role),
                SQL(" WITH GRANT OPTION" if grant.grantable else ""),
            )
        )


def _view(view: View, table: str) -> Composable:
    """An alias shows all columns of the table; another view what it showed."""
    shown = SQL("SELECT * FROM {}").format(Identifier(table))
    definition = shown if view.is_alias else SQL(view.definition)
    return SQL("CREATE VIEW {} AS {}").format(Identifier(view.name), definition)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
