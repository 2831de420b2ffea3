"""The rows that make up a dataset, as they were: taken before a run writes, put back by a rollback.

PostgreSQL itself turns rows into JSON and back, so every column comes back exactly, also those
that an extension of CKAN adds to these tables.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB

Rows = dict[str, list[dict[str, Any]]]
"""Rows by table."""

PARTS = {
    "resource_view": "resource_id IN (SELECT id FROM resource WHERE package_id = ANY(:ids))",
    "resource": "package_id = ANY(:ids)",
    "package_tag": "package_id = ANY(:ids)",
    "member": "table_name = 'package' AND table_id = ANY(:ids)",
    "package_relationship": "subject_package_id = ANY(:ids)",
    "hatinh_quality_score": "package_id = ANY(:ids)",
    "hatinh_quality_evidence": "package_id = ANY(:ids)",
}
"""Tables that hold parts of a dataset, those that refer to others first; and which rows."""

OWNERS = {
    "resource_view": "(SELECT package_id FROM resource r WHERE r.id = t.resource_id)",
    "member": "table_id",
    "package_relationship": "subject_package_id",
}
"""The dataset that a row is part of, where no column ``package_id`` says so."""


def take(package_ids: Sequence[str]) -> dict[str, Rows]:
    """The rows of each of the datasets that exist, by dataset and table."""
    model.Session.flush()
    found: dict[str, Rows] = {
        row["id"]: {"package": [row]} for _, row in _rows("package", "id = ANY(:ids)", package_ids)
    }
    for table, condition in PARTS.items() if found else ():
        for owner, row in _rows(table, condition, [*found]):
            found[owner].setdefault(table, []).append(row)
    return found


def put_back(snapshots: Mapping[str, Rows]) -> None:
    """Make datasets what they were, row by row, in the open transaction."""
    ids = [*snapshots]
    model.Session.flush()
    _upsert("package", [row for rows in snapshots.values() for row in rows["package"]])
    for table, condition in PARTS.items():
        _execute(f"DELETE FROM {table} WHERE {condition}", ids=ids)
    for table in reversed(PARTS):
        _insert(table, [row for rows in snapshots.values() for row in rows.get(table, ())])
    model.Session.expire_all()


def _rows(
    table: str, condition: str, ids: Collection[str]
) -> Sequence[sa.Row[tuple[str, dict[str, Any]]]]:
    owner = "id" if table == "package" else OWNERS.get(table, "package_id")
    query = f"SELECT {owner} AS owner, to_jsonb(t) FROM {table} t WHERE {condition}"
    return model.Session.execute(sa.text(query), {"ids": [*ids]}).all()


def _insert(table: str, rows: Sequence[Mapping[str, Any]], otherwise: str = "") -> None:
    if rows:
        populated = f"jsonb_populate_recordset(NULL::{table}, :rows)"
        statement = sa.text(f"INSERT INTO {table} SELECT * FROM {populated} {otherwise}")
        statement = statement.bindparams(sa.bindparam("rows", type_=JSONB))
        model.Session.execute(statement, {"rows": rows})


def _upsert(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = sorted(rows[0].keys() - {"id"}) if rows else ()
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns)
    _insert(table, rows, f"ON CONFLICT (id) DO UPDATE SET {changes}")


def _execute(statement: str, **values: Any) -> None:
    model.Session.execute(sa.text(statement), values)
