"""What CKAN and people keep with a table of the DataStore, so that it outlives the next load."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg2.extensions as pg

from hatinh.loading import PgType

MARK = "hatinh "
"""The comment of a table that we loaded begins with this, and goes on with JSON."""

INFO = "_info"
"""Where CKAN's comment of a column keeps what the data dictionary says of it."""

_WISHED = {"timestamp": PgType.DATE, "int": PgType.BIGINT, "integer": PgType.BIGINT}
"""Types that CKAN's form of the data dictionary offers, and what they are here."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index by what follows USING in its definition."""

    definition: str
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A right that somebody was given on a table or a view."""

    role: str
    right: str
    grantable: bool


@dataclass(frozen=True, slots=True)
class View:
    """A view of a table; CKAN's aliases show all of its columns."""

    name: str
    definition: str
    is_alias: bool
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A table as it stands. ``mark`` is what we noted with it ourselves."""

    oid: int
    comments: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    mark: Mapping[str, Any] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    views: tuple[View, ...] = ()
    indexes: Mapping[str, Index] = field(default_factory=dict)
    triggers: tuple[str, ...] = ()

    @property
    def wishes(self) -> dict[str, PgType]:
        """The types that a steward set for columns."""
        types = {c: (said.get(INFO) or {}).get("type_override") for c, said in self.said.items()}
        known = {column: _WISHED.get(kind, kind) for column, kind in types.items() if kind}
        return {c: PgType(kind) for c, kind in known.items() if kind in set(PgType)}

    @property
    def said(self) -> dict[str, dict[str, Any]]:
        """What is said of columns, also of those that the table had once."""
        return {**self.mark.get("former", {}), **self.comments}


def look(cursor: pg.cursor, name: str) -> Known | None:
    """What is known of a table; nothing where there is none."""
    cursor.execute(
        "SELECT oid, obj_description(oid, 'pg_class') FROM pg_class"
        " WHERE relname = %s AND relkind = 'r' AND relnamespace = 'public'::regnamespace",
        (name,),
    )
    found = cursor.fetchone()
    if found is None:
        return None
    oid, remark = found
    columns = _columns(cursor, oid)
    return Known(
        oid=oid,
        comments={column: said for column, text in columns.items() if (said := _json(text))},
        mark=_json(remark.removeprefix(MARK)) if (remark or "").startswith(MARK) else {},
        grants=grants(cursor, oid),
        views=_views(cursor, oid, list(columns)),
        indexes=indexes(cursor, oid),
        triggers=_triggers(cursor, oid),
    )


def index_name(table: str, expression: str) -> str:
    """CKAN's name of an index; it makes none where one of this name is there."""
    return hashlib.sha1((table + expression).encode()).hexdigest()


def grants(cursor: pg.cursor, oid: int) -> tuple[Grant, ...]:
    """Rights on a relation of others than its owner; roles are quoted where they need it."""
    cursor.execute(
        "SELECT CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,"
        " g.privilege_type, g.is_grantable FROM pg_class c, aclexplode(c.relacl) g"
        " WHERE c.oid = %s AND g.grantee <> c.relowner ORDER BY 1, 2",
        (oid,),
    )
    return tuple(Grant(*row) for row in cursor.fetchall())


def indexes(cursor: pg.cursor, oid: int) -> dict[str, Index]:
    """The indexes of a table that are whole, but for its primary key."""
    cursor.execute(
        "SELECT i.relname, pg_get_indexdef(i.oid), x.indisunique FROM pg_index x"
        " JOIN pg_class i ON i.oid = x.indexrelid"
        " WHERE x.indrelid = %s AND NOT x.indisprimary AND x.indisvalid ORDER BY i.relname",
        (oid,),
    )
    return {
        name: Index(definition.partition(" USING ")[2], unique)
        for name, definition, unique in cursor.fetchall()
    }


def _columns(cursor: pg.cursor, oid: int) -> dict[str, str]:
    cursor.execute(
        "SELECT attname, coalesce(col_description(attrelid, attnum), '') FROM pg_attribute"
        " WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (oid,),
    )
    return dict(cursor.fetchall())


def _views(cursor: pg.cursor, oid: int, columns: list[str]) -> tuple[View, ...]:
    cursor.execute(
        "SELECT DISTINCT v.oid, v.relname, pg_get_viewdef(v.oid) FROM pg_depend d"
        " JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class"
        " WHERE d.refobjid = %s AND d.classid = 'pg_rewrite'::regclass AND v.oid <> d.refobjid"
        " ORDER BY v.relname",
        (oid,),
    )
    return tuple(
        View(name, definition, list(_columns(cursor, view)) == columns, grants(cursor, view))
        for view, name, definition in cursor.fetchall()
    )


def _triggers(cursor: pg.cursor, oid: int) -> tuple[str, ...]:
    cursor.execute(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
        " WHERE tgrelid = %s AND NOT tgisinternal AND tgname <> 'zfulltext' ORDER BY tgname",
        (oid,),
    )
    return tuple(row[0] for row in cursor.fetchall())


def _json(text: str) -> dict[str, Any]:
    """The object that a comment holds; nothing where it is one of other words."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
