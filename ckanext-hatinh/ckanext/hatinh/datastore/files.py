"""The files that have, or should have, a table: which they are, and what each is loaded by."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.search import SearchIndexError
from ckan.lib.uploader import get_resource_uploader
from ckan.logic import index_update_package
from ckan.types import Context

from ckanext.hatinh.datastore.model import ENDED, WORKED_ON, State, choice, forget_published
from ckanext.hatinh.shared.bindings import chosen
from ckanext.hatinh.shared.vocabulary import dictionary, today
from hatinh.dictionary.check import REFUSING, Standard, TableFacts
from hatinh.dictionary.table_schema import TableSchema
from hatinh.errors import SchemaError
from hatinh.loading import Job
from hatinh.problem import Problem
from hatinh.quality import FileEvidence, of_table
from hatinh.tabular.reader import FORMATS
from hatinh.text import parse_date

log = logging.getLogger(__name__)

VERSION = "1"
"""Of the loader; with another one every file is loaded anew."""

_WANTED = """
SELECT r.id, e.said -> 'datastore_active' AS active,
    md5(jsonb_build_array(:version, r.url, upper(r.format), r.hash, r.size, r.last_modified,
        e.said -> 'schema', c.policy, c.sheet,
        CAST(:chosen AS jsonb) -> r.id)::text) AS signature
FROM resource r JOIN package p ON p.id = r.package_id
CROSS JOIN LATERAL (SELECT CAST(r.extras AS jsonb) AS said) e
LEFT JOIN hatinh_datastore_choice c ON c.resource_id = r.id
WHERE r.state = 'active' AND p.state = 'active' AND r.url_type = 'upload'
    AND upper(r.format) = ANY(:formats) AND (CAST(:only AS text) IS NULL OR r.id = :only)
"""
"""The files that should have a table, each with what its load would be made from."""

_LATEST = """
LEFT JOIN LATERAL (
    SELECT l.signature, l.state FROM hatinh_datastore_load l
    WHERE l.resource_id = w.id AND l.state <> 'superseded' ORDER BY l.created DESC LIMIT 1
) l ON true
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that should have a table. ``state`` is that of its newest load, if any."""

    id: str
    signature: str
    loaded: str | None
    state: str | None
    active: bool

    @property
    def is_due(self) -> bool:
        """Whether it is not yet loaded, or asked for, as it is now."""
        return self.loaded != self.signature and self.state not in WORKED_ON


def wanted(only: str | None = None) -> list[Wanted]:
    """Every file that should have a table, or one of them."""
    query = sa.text(
        f"SELECT w.*, l.signature AS loaded, l.state FROM ({_WANTED}) w {_LATEST} ORDER BY w.id"
    )
    given = {
        "version": f"{VERSION} {dictionary().edition}",
        "chosen": json.dumps({rid: _hash(columns) for rid, columns in chosen(only).items()}),
        "formats": sorted(FORMATS),
        "only": only,
    }
    rows = model.Session.execute(query, given)
    return [Wanted(r.id, r.signature, r.loaded, r.state, r.active is True) for r in rows]


def job(resource_id: str) -> Job | None:
    """What a file is loaded by; nothing when it has none, or none on this portal.

    Raises :class:`SchemaError` when what was promised of its columns makes no sense.
    """
    resource = model.Session.get(model.Resource, resource_id, populate_existing=True)
    if resource is None or resource.url_type != "upload":
        return None
    path = Path(get_resource_uploader({"url_type": "upload"}).get_path(resource_id))
    if not path.is_file():
        return None
    policy, sheet = choice(resource)
    standard = Standard(_schema(resource), dictionary(), _day(resource), _place(resource))
    return Job(path, resource.url, resource.format, standard, policy, sheet)


def evidence(
    resource_id: str, facts: TableFacts | None, problems: Sequence[Problem], place: str
) -> FileEvidence:
    """What was found in a file, by which its dataset is scored; ``place`` is how it was called."""
    resource = model.Session.get_one(model.Resource, resource_id)
    return of_table(resource.format, facts, problems, place, resource.hash or "")


def activate(resource_id: str) -> None:
    """Say of a file that it has a table, and commit. The dataset is not changed by that."""
    _mark(resource_id, active=True)


def withdraw(resource_id: str) -> None:
    """Say of a file that it has no table, forget what was told of the former one, and commit."""
    forget_published(resource_id)
    model.Session.commit()
    _mark(resource_id, active=False)


def _mark(resource_id: str, *, active: bool) -> None:
    table = model.resource_table
    query = sa.select(table.c.package_id, table.c.extras).where(table.c.id == resource_id)
    found = model.Session.execute(query.with_for_update()).first()
    if found is None or bool((found.extras or {}).get("datastore_active")) is active:
        model.Session.rollback()
        return
    extras = {**(found.extras or {}), "datastore_active": active}
    model.Session.execute(sa.update(table).where(table.c.id == resource_id).values(extras=extras))
    model.Session.commit()
    try:
        index_update_package(Context(user="", ignore_auth=True), found.package_id)
    except SearchIndexError:
        log.exception("Dataset %s was not indexed; it will be with its next change", resource_id)


def drop_unwanted(kept: list[str]) -> None:
    """Take out of the queue what should not be loaded any more, in the open transaction."""
    model.Session.execute(
        sa.text(
            "UPDATE hatinh_datastore_load SET state = :superseded, finished = now()"
            " WHERE state = :queued AND resource_id <> ALL(:kept)"
        ),
        {"superseded": State.SUPERSEDED.value, "queued": State.QUEUED.value, "kept": kept},
    )


def forget_old(keep: int) -> None:
    """Forget all but the newest loads of each file, in the open transaction."""
    model.Session.execute(
        sa.text(
            "DELETE FROM hatinh_datastore_load WHERE id IN (SELECT id FROM (SELECT id, row_number()"
            " OVER (PARTITION BY resource_id ORDER BY created DESC) AS n, state"
            " FROM hatinh_datastore_load) l WHERE n > :keep AND state = ANY(:ended))"
        ),
        {"keep": keep, "ended": [state.value for state in ENDED]},
    )


def gone(resource_ids: list[str], days: int) -> list[str]:
    """Of these resources, those that are purged, or were deleted so many days ago."""
    query = sa.text(
        "SELECT i FROM unnest(CAST(:ids AS text[])) i LEFT JOIN resource r ON r.id = i"
        " LEFT JOIN package p ON p.id = r.package_id WHERE r.id IS NULL OR"
        " ((r.state = 'deleted' OR p.state = 'deleted') AND greatest(r.metadata_modified,"
        " p.metadata_modified) < now() AT TIME ZONE 'UTC' - make_interval(days => :days))"
    )
    return list(model.Session.scalars(query, {"ids": resource_ids, "days": days}))


def unwanted(resource_ids: list[str]) -> list[str]:
    """Of these resources, those that are there with a file that is no table here any more, or was
    found to hold what is never published."""
    query = sa.text(
        "SELECT r.id FROM resource r JOIN package p ON p.id = r.package_id"
        " WHERE r.id = ANY(:ids) AND r.state = 'active' AND p.state = 'active'"
        " AND (r.url_type IS DISTINCT FROM 'upload'"
        " OR coalesce(upper(r.format), '') <> ALL(:formats)"
        " OR (SELECT l.reason ->> 'code' FROM hatinh_datastore_load l WHERE l.resource_id = r.id"
        " ORDER BY l.created DESC LIMIT 1) = ANY(:refusing)) ORDER BY r.id"
    )
    given = {"ids": resource_ids, "formats": sorted(FORMATS), "refusing": sorted(REFUSING)}
    return list(model.Session.scalars(query, given))


def _schema(resource: model.Resource) -> TableSchema:
    """What was promised of the columns, with the elements that people chose."""
    stored = (resource.extras or {}).get("schema") or {}
    try:
        read = json.loads(stored) if isinstance(stored, str) else stored
    except ValueError as err:
        raise SchemaError(f"resource {resource.id}", str(err)) from err
    promise = TableSchema.from_dict(read)
    bound = tk.h.hatinh_bound_columns({"id": resource.id, "schema": stored})
    return replace(promise, columns=tuple(bound))


def _day(resource: model.Resource) -> date:
    """The day that the data speaks of."""
    package = model.Session.get(model.Package, resource.package_id)
    extras = (package.extras if package else None) or {}
    said = extras.get("period_end") or extras.get("modified")
    return parse_date(str(said)[:10]) or today()


def _place(resource: model.Resource) -> str:
    return f"$.resources[{resource.position or 0}]"


def _hash(columns: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(columns.items())).encode()).hexdigest()
