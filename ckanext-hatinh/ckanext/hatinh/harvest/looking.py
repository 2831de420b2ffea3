"""What the portal holds where a batch of records would be written."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from ckan import model
from ckan.lib.search import SearchError, make_connection
from pysolr import SolrError

from ckanext.hatinh.harvest.model.outcome import DONE, HarvestOutcome
from ckanext.hatinh.harvest.model.record import HarvestRecord, owners_of
from ckanext.hatinh.shared.mapping import from_package
from ckanext.hatinh.shared.vocabulary import dictionary
from harvesters.plan import WRITES, Found, is_global
from hatinh.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record goes: its identifiers, its package, and the address of its page."""

    guid: str
    package_id: str
    landing_page: str = ""


def lock_packages(ids: Sequence[str]) -> None:
    """Let nobody edit these until the commit: what is looked at now is what is written over."""
    package = model.package_table.c
    query = sa.select(package.id).where(package.id.in_(ids)).order_by(package.id)
    model.Session.execute(query.with_for_update())


def changed_since(run_id: str, package_ids: Collection[str] | None = None) -> dict[str, str]:
    """Datasets that are no longer as a run left them, all or among these: names by package id.

    Somebody has edited, deleted, brought back or purged them.
    """
    outcome, record, package = HarvestOutcome, HarvestRecord, model.package_table.c
    archived = outcome.action == "archived"
    changed = sa.or_(
        package.id.is_(None),
        sa.and_(archived, package.state != "deleted"),
        sa.and_(~archived, record.written != sa.func.timezone("UTC", package.metadata_modified)),
        sa.and_(outcome.action.in_(("updated", "restored")), package.state == "deleted"),
    )
    query = (
        sa.select(outcome.package_id, sa.func.coalesce(package.name, outcome.guid))
        .outerjoin(model.package_table, package.id == outcome.package_id)
        .outerjoin(record, record.package_id == outcome.package_id)
        .where(outcome.run_id == run_id, outcome.state == DONE, outcome.action.in_(WRITES))
        .where(changed)
    )
    if package_ids is not None:
        query = query.where(outcome.package_id.in_(package_ids))
    return {id_: name for id_, name in model.Session.execute(query) if id_}


def look(source: str, places: Sequence[Place]) -> dict[str, Found]:
    """What there is at each place, by identifier: two questions to the database."""
    rows = _packages([place.package_id for place in places])
    elsewhere = _elsewhere(source, [place for place in places if place.package_id not in rows])
    found = {}
    for place in places:
        row = rows.get(place.package_id)
        found[place.guid] = Found(
            exists=row is not None,
            deleted=row is not None and row.state == "deleted",
            edited=row is not None and _is_edited(row.metadata_modified, row.written),
            elsewhere=elsewhere.get(place.guid, ""),
            owner=(row.owner or "") if row is not None else "",
        )
    return found


def _packages(ids: Collection[str]) -> dict[str, Any]:
    package, group = model.package_table.c, model.group_table
    query = (
        sa.select(
            package.id, package.state, package.metadata_modified,
            group.c.name.label("owner"), HarvestRecord.written,
        )
        .outerjoin_from(model.package_table, group, group.c.id == package.owner_org)
        .outerjoin(HarvestRecord, HarvestRecord.package_id == package.id)
        .where(package.id.in_(ids))
    )  # fmt: skip
    return {row.id: row for row in model.Session.execute(query)}


def _is_edited(modified: datetime, written: datetime | None) -> bool:
    return written is not None and modified.replace(tzinfo=UTC) != written


def _elsewhere(source: str, places: Iterable[Place]) -> dict[str, str]:
    """By identifier, the source that has brought the same dataset under the same name."""
    names = {
        name: place.guid
        for place in places
        for name in (place.guid, place.landing_page)
        if is_global(name)
    }
    return {names[name]: owner for name, owner in owners_of(names, source).items()} if names else {}


def shown(package_ids: Collection[str]) -> dict[str, Dataset]:
    """Datasets as the search index has them, in one request; for comparing, not for writing.

    Empty while the index is away; what cannot be read as a dataset is left out.
    """
    query = f"{{!terms f=id}}{','.join(package_ids)}"
    fields = {"fl": "id,validated_data_dict", "rows": len(package_ids)}
    try:
        answer = make_connection(decode_dates=False).search("*:*", fq=query, **fields)
    except (SolrError, SearchError):
        return {}
    found = {}
    for document in answer.docs:
        try:
            package = msgspec.json.decode(document["validated_data_dict"])
            found[document["id"]] = from_package(package, dictionary().code_lists["themes"])
        except (KeyError, ValueError):  # somebody gave it a form that no source can give
            continue
    return found
