"""What the database itself says of a table: its columns with their types and their meaning."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from ckanext.datastore.backend import DatastoreBackend
from ckanext.datastore.backend.postgres import get_write_engine

ROW_ID = "_id"
"""Number of a row, in every table of the DataStore."""
_ABSENT = frozenset({"42P01", "42809", "42501"})
"""No such relation; an index or a sequence, which has no rows; one that readers may not read."""
_DESCRIBED = """
LOCK TABLE public.{table} IN ACCESS SHARE MODE;
SELECT a.attname, t.typname, d.description
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = a.attnum
 AND d.classoid = 'pg_catalog.pg_class'::regclass
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = %(name)s AND c.relkind = 'r'
ORDER BY a.attnum
"""
"""One way to the server and back. The lock, which every reader takes anyway, keeps the columns what
they are until the rows have been read."""

Field = dict[str, Any]


def real_name(name: str) -> str:
    """The table behind an alias; the same name where it is none."""
    _there, real = DatastoreBackend.get_active_backend().resource_id_from_alias(name)
    return real or name


def fields_of(connection: sa.Connection, name: str) -> list[Field]:
    """Columns as ``datastore_search`` tells them, the row's number first; none of no table."""
    if name.startswith("_") or name != storable(name):
        return []
    quoted = connection.dialect.identifier_preparer.quote_identifier(name)
    try:
        rows = connection.exec_driver_sql(_DESCRIBED.format(table=quoted), {"name": name}).all()
    except ProgrammingError as err:
        connection.rollback()
        if getattr(err.orig, "pgcode", "") in _ABSENT:
            return []
        raise
    found = [_field(*row) for row in rows if not row[0].startswith("_")]
    return [{"id": ROW_ID, "type": "int"}, *found] if rows else []


def rows_in(name: str) -> int:
    """Number of rows of a whole table, which CKAN keeps."""
    with get_write_engine().begin() as connection:
        return connection.execute(sa.select(sa.func.cached_table_row_count(name))).scalar_one()


def storable(words: str) -> str:
    """The text without what PostgreSQL cannot hold: NUL and half letters."""
    return words.replace("\0", "").encode(errors="ignore").decode()


def _field(name: str, type_: str, comment: str | None) -> Field:
    info = _info(comment) if comment else None
    return {"id": name, "type": type_} | ({"info": info} if info else {})


def _info(comment: str) -> Any:
    """What CKAN's data dictionary keeps in the comment of a column."""
    try:
        told = json.loads(comment)
    except ValueError:
        return None
    return told.get("_info") if isinstance(told, dict) else None
