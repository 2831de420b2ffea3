"""The table of fragments: what the catalogue says of each public record, made when it changes.

Its ``key`` tells what a fragment was made from. Only records that everybody may see have one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

ROWS_AT_ONCE = 100
KINDS = ("dataset", "dataservice")
"""Records that are in the catalogue."""


class CatalogFragment(tk.BaseModel):
    """One record in N-Triples, and in plain JSON."""

    __tablename__ = "hatinh_catalog_fragment"

    package_id: Mapped[str] = mapped_column(
        sa.ForeignKey("package.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str]
    uri: Mapped[str]
    key: Mapped[str]
    made: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    hash: Mapped[str]
    nt: Mapped[str]
    plain: Mapped[str]


@dataclass(frozen=True)
class Window:
    """Which records: those after an id, at most so many, changed since a moment."""

    after: str = ""
    limit: int | None = None
    since: datetime | None = None


WHOLE = Window()

_PUBLIC = """
SELECT p.id, p.type AS kind, p.name, p.metadata_modified AS modified, md5(concat_ws('|',
        :version, p.metadata_modified, o.name, o.title, (
            SELECT string_agg(t.name || t.title, ',' ORDER BY t.name)
            FROM member m JOIN "group" t ON t.id = m.group_id
            WHERE m.table_id = p.id AND m.table_name = 'package' AND m.state = 'active'
                AND t.state = 'active' AND NOT t.is_organization))) AS key
FROM package p LEFT JOIN "group" o ON o.id = p.owner_org
WHERE p.state = 'active' AND NOT p.private AND p.type IN ('dataset', 'dataservice')
    AND p.id > :after AND (CAST(:since AS timestamp) IS NULL OR p.metadata_modified >= :since)
ORDER BY p.id LIMIT :limit
"""
"""What everybody may see, each with the key of the fragment that it should have."""


def stale(version: str, window: Window = WHOLE) -> dict[str, str]:
    """Records whose fragment is missing or of another key: id → the key that it should have."""
    query = sa.text(
        f"SELECT w.id, w.key FROM ({_PUBLIC}) w "
        "LEFT JOIN hatinh_catalog_fragment f ON f.package_id = w.id "
        "WHERE f.key IS DISTINCT FROM w.key ORDER BY w.id"
    )
    given = _parameters(window) | {"version": version}
    return {row.id: row.key for row in model.Session.execute(query, given)}


def aged(before: datetime, most: int) -> dict[str, str]:
    """The fragments that were made longest ago, before a moment: id → key."""
    fragment, package = CatalogFragment, model.Package
    query = (
        sa.select(fragment.package_id, fragment.key)
        .join(package, package.id == fragment.package_id)
        .where(fragment.made < before)
        .where(package.state == "active", package.private.is_(False))
        .order_by(fragment.made)
        .limit(most)
    )
    return {row.package_id: row.key for row in model.Session.execute(query)}


def save(rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep fragments, in place of earlier ones. A row has all columns of the table."""
    fresh = insert(CatalogFragment).values(rows)
    columns = (column.key for column in sa.inspect(CatalogFragment).columns)
    values = {name: fresh.excluded[name] for name in columns if name != "package_id"}
    model.Session.execute(fresh.on_conflict_do_update(index_elements=["package_id"], set_=values))


def drop(package_ids: Collection[str]) -> None:
    """Forget the fragments of some records; those of hidden ones stay for :func:`has_hidden`."""
    package, fragment = model.Package, CatalogFragment
    public = sa.select(package.id).where(package.state == "active", package.private.is_(False))
    query = sa.delete(fragment).where(
        fragment.package_id.in_(package_ids), fragment.package_id.in_(public)
    )
    model.Session.execute(query, execution_options={"synchronize_session": False})


_HIDDEN = (
    "hatinh_catalog_fragment f, package p "
    "WHERE p.id = f.package_id AND (p.private OR p.state <> 'active')"
)


def has_hidden() -> bool:
    """Whether there is a fragment of a record that not everybody may see any more."""
    query = sa.text(f"SELECT EXISTS (SELECT 1 FROM {_HIDDEN})")
    return model.Session.execute(query).scalar_one()


def drop_hidden(told: Sequence[str]) -> None:
    """Forget the fragments of records that not everybody may see any more, except those ``told``
    in the newest dump."""
    query = (
        "DELETE FROM hatinh_catalog_fragment"
        f" WHERE package_id IN (SELECT p.id FROM {_HIDDEN} AND p.id <> ALL(:told))"
    )
    model.Session.execute(sa.text(query), {"told": list(told)})


def _visible(window: Window) -> Any:
    """Fragments of a window, only of records that everybody may see at this moment."""
    package, fragment = model.Package, CatalogFragment
    query = (
        sa.select(fragment.package_id, fragment.kind, fragment.uri, fragment.nt, fragment.plain)
        .join(package, package.id == fragment.package_id)
        .where(package.state == "active", package.private.is_(False))
        .where(fragment.package_id > window.after)
        .order_by(fragment.package_id)
    )
    if window.since:
        query = query.where(package.metadata_modified >= window.since)
    return query.limit(window.limit)


def fragments(window: Window) -> list[Any]:
    """The fragments of a window in the order of their ids."""
    return list(model.Session.execute(_visible(window)))


def every_fragment(kinds: Collection[str]) -> Iterator[Any]:
    """All fragments of some kinds, of which only a hundred are in memory at a time."""
    after = ""
    while rows := fragments(Window(after, ROWS_AT_ONCE)):
        yield from (row for row in rows if row.kind in kinds)
        after = rows[-1].package_id


class Named(NamedTuple):
    """A record and what it is called."""

    id: str
    title: str
    notes: str


def public_names(package_ids: Collection[str]) -> list[Named]:
    """What those of some records are called that everybody may see."""
    package = model.Package
    query = (
        sa.select(package.id, package.title, package.notes)
        .where(package.id.in_(package_ids))
        .where(package.state == "active", package.private.is_(False))
        .order_by(package.id)
    )
    return [Named(*row) for row in model.Session.execute(query)]


def count(since: datetime | None = None) -> int:
    """How many records everybody may see."""
    given = _parameters(Window(since=since)) | {"version": ""}
    query = sa.text(f"SELECT count(*) FROM ({_PUBLIC}) w")
    return model.Session.execute(query, given).scalar_one()


def is_empty() -> bool:
    """Whether there is no record that everybody may see."""
    package = model.Package
    public = sa.select(package.id).where(
        package.state == "active", package.private.is_(False), package.type.in_(KINDS)
    )
    return not model.Session.execute(sa.select(sa.exists(public))).scalar_one()


def hashes() -> list[tuple[str, str, str, str]]:
    """Id, kind, address and hash of every fragment that everybody may see, by id."""
    package, fragment = model.Package, CatalogFragment
    query = (
        sa.select(fragment.package_id, fragment.kind, fragment.uri, fragment.hash)
        .join(package, package.id == fragment.package_id)
        .where(package.state == "active", package.private.is_(False))
        .order_by(fragment.package_id)
    )
    return [tuple(row) for row in model.Session.execute(query)]


PAGES = """
SELECT p.type AS kind, p.name, p.metadata_modified AS modified, 1 AS rank FROM package p
WHERE p.state = 'active' AND NOT p.private AND p.type IN ('dataset', 'system', 'dataservice')
UNION ALL SELECT CASE WHEN g.is_organization THEN 'organization' ELSE 'group' END, g.name, NULL, 0
FROM "group" g WHERE g.state = 'active'
"""
"""Records, organisations and themes, each of which has a page that everybody may see."""


def count_pages() -> int:
    """How many records, organisations and themes have a page."""
    return model.Session.execute(sa.text(f"SELECT count(*) FROM ({PAGES}) w")).scalar_one()


def record_pages(skipped: int, limit: int) -> list[Any]:
    """Kind, name and last change of what has a page; themes and organisations come first."""
    query = sa.text(
        f"SELECT kind, name, modified FROM ({PAGES}) w ORDER BY rank, kind, name "
        "OFFSET :skipped LIMIT :limit"
    )
    return list(model.Session.execute(query, {"skipped": max(skipped, 0), "limit": limit}))


def last_change() -> datetime | None:
    """When a public record was changed last."""
    given = _parameters(WHOLE) | {"version": ""}
    query = sa.text(f"SELECT max(w.modified) FROM ({_PUBLIC}) w")
    return model.Session.execute(query, given).scalar_one()


def lock(number: int) -> None:
    """Wait for a lock that only one can hold, and hold it until this transaction ends."""
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _parameters(window: Window) -> dict[str, Any]:
    return {"after": window.after, "limit": window.limit, "since": window.since}
