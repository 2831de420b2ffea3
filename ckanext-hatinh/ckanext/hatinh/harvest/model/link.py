"""Addresses of public files that lie elsewhere, and the hosts that they are on."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.hatinh.harvest.model.columns import Moment
from hatinh.reading import PUBLIC


class HarvestLink(tk.BaseModel):
    """One address. ``there`` and ``away`` count visits in a row; ``told`` is the last verdict."""

    __tablename__ = "hatinh_harvest_link"

    resource_id: Mapped[str] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    url: Mapped[str]
    host: Mapped[str]
    there: Mapped[int] = mapped_column(server_default="0")
    away: Mapped[int] = mapped_column(server_default="0")
    told: Mapped[str] = mapped_column(server_default="")
    visited: Mapped[Moment | None]
    next_visit: Mapped[Moment]


class HarvestLinkHost(tk.BaseModel):
    """A host that was in trouble so often in a row, and until when it is left alone."""

    __tablename__ = "hatinh_harvest_link_host"

    host: Mapped[str] = mapped_column(primary_key=True)
    troubles: Mapped[int]
    not_before: Mapped[Moment]


@dataclass(frozen=True, slots=True)
class Due:
    """An address that is to be visited now."""

    resource_id: str
    url: str
    host: str
    format: str
    there: int
    away: int
    told: str


_WANTED = """
SELECT r.id, r.url, lower(substring(r.url from '^https?://(?:[^/?#@]*@)?([^/?#]+)')) AS host
FROM resource r JOIN package p ON p.id = r.package_id
WHERE r.state = 'active' AND p.state = 'active' AND NOT p.private
    AND p.extras ->> 'publication_class' = :public
    AND coalesce(r.url_type, '') <> 'upload' AND r.url ~ '^https?://[^/?#]+'
"""
_NOTE = f"""
INSERT INTO hatinh_harvest_link AS link (resource_id, url, host, next_visit)
SELECT id, url, host, now() FROM ({_WANTED}) wanted
ON CONFLICT (resource_id) DO UPDATE SET url = excluded.url, host = excluded.host, there = 0,
    away = 0, told = '', next_visit = now()
WHERE link.url <> excluded.url
"""
_DROP = f"DELETE FROM hatinh_harvest_link WHERE resource_id NOT IN (SELECT id FROM ({_WANTED}) w)"
_CLAIM = """
UPDATE hatinh_harvest_link link SET next_visit = now() + interval '1 hour'
FROM (
    SELECT DISTINCT ON (l.host) l.resource_id FROM hatinh_harvest_link l
    LEFT JOIN hatinh_harvest_link_host h ON h.host = l.host
    WHERE l.next_visit <= now() AND (h.not_before IS NULL OR h.not_before <= now())
    ORDER BY l.host, l.next_visit LIMIT :limit
) due, resource r
WHERE link.resource_id = due.resource_id AND r.id = link.resource_id AND link.next_visit <= now()
RETURNING link.resource_id, link.url, link.host, upper(coalesce(r.format, '')), link.there,
    link.away, link.told
"""


def note_links() -> None:
    """Bring the list of addresses in step with the files, in the open transaction."""
    for statement in (_NOTE, _DROP):
        model.Session.execute(sa.text(statement), {"public": PUBLIC})


def claim_links(limit: int) -> list[Due]:
    """Take up addresses that are due, at most one of each host, and commit.

    One whose visitor is killed is due again in an hour.
    """
    found = [Due(*row) for row in model.Session.execute(sa.text(_CLAIM), {"limit": limit})]
    model.Session.commit()
    return found


def note_visit(due: Due, later: timedelta, **values: Any) -> None:
    """Keep what a visit found, in the open transaction."""
    link = HarvestLink
    query = sa.update(link).where(link.resource_id == due.resource_id, link.url == due.url)
    values |= {"visited": sa.func.now(), "next_visit": sa.func.now() + later}
    model.Session.execute(query.values(values).execution_options(synchronize_session=False))


def troubles(host: str) -> int:
    """How often in a row a host was in trouble."""
    found = model.Session.get(HarvestLinkHost, host, populate_existing=True)
    return found.troubles if found else 0


def rest_host(host: str, times: int, pause: timedelta) -> None:
    """Leave a host alone for a while, in the open transaction."""
    values = {"troubles": times, "not_before": sa.func.now() + pause}
    row = insert(HarvestLinkHost).values(host=host, **values)
    model.Session.execute(row.on_conflict_do_update(index_elements=["host"], set_=values))


def clear_host(host: str) -> None:
    """A host that answers is not in trouble any more."""
    model.Session.execute(sa.delete(HarvestLinkHost).where(HarvestLinkHost.host == host))
