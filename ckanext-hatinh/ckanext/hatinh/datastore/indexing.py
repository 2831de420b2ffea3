"""What a table gets besides its rows: indexes, and the profile of its columns.

Small tables get their indexes before anybody sees them. Large ones are searchable at once, slowly,
and get theirs afterwards, while they are read; who writes rows into one waits for the index that is
being made. One whose maker is killed is undone.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import ckan.plugins.toolkit as tk
import psycopg2.extensions as pg
from psycopg2.sql import SQL, Identifier

from ckanext.hatinh.datastore.filling import MEMORY, UNFIT, create_index
from ckanext.hatinh.datastore.known import Index, Known, index_name, look
from ckanext.hatinh.datastore.statistics import describe
from hatinh.dictionary.check import Standard
from hatinh.loading import ColumnProfile, LoadColumn, Loaded

LARGE = 100_000
"""Rows from which on indexes come after the table."""

FILTERED = 8
"""Columns with an index of their own at most."""

Indexes = Mapping[str, Index]
Counted = tuple[LoadColumn, ColumnProfile]
"""A column, and what was counted in it."""


def plan(
    table: str, loaded: Loaded, standard: Standard, known: Known | None
) -> tuple[Indexes, Indexes]:
    """The indexes of a table by their names: those made before it is seen, and those after.

    The former table's are kept; what keeps its rows apart is always there first.
    """
    method = tk.config["ckan.datastore.default_fts_index_method"]
    names = _filtered(loaded.columns, standard)
    ours = {index_name(table, f'"{name}"'): Index(f'btree ("{name}")') for name in names}
    full_text = {index_name(table, '"_full_text"'): Index(f'{method} ("_full_text")')}
    indexes = {**(known.indexes if known else {}), **ours, **full_text}
    if loaded.kept < LARGE:
        return indexes, {}
    first = {name: index for name, index in indexes.items() if index.unique}
    return first, {name: index for name, index in indexes.items() if name not in first}


def finish(
    connection: pg.connection, table: str, later: Indexes, columns: Sequence[Counted]
) -> list[dict[str, Any]]:
    """Make the indexes that are missing, then the profile of the columns."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"SET maintenance_work_mem = '{MEMORY}'")
        cursor.execute(SQL("ANALYZE {}").format(Identifier(table)))
        known = look(cursor, table)
        missing = [n for n in later if known and n not in known.indexes]
        for name in missing:
            with suppress(*UNFIT):
                cursor.execute(create_index(name, table, later[name]))
        return [describe(cursor, table, *counted) for counted in columns]


def _filtered(columns: Sequence[LoadColumn], standard: Standard) -> list[str]:
    """Columns by which rows are looked up: codes, and those that tell rows apart."""
    elements, keys = standard.dictionary.elements, set(standard.schema.key)
    coded = {name for name, element in elements.items() if element.code_list}
    found = [c.id for c in columns if c.label in keys or c.element in coded]
    return found[:FILTERED]
