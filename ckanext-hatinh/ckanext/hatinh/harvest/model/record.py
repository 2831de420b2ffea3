"""Records: what is known of each record of a source, from run to run."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.hatinh.harvest.model.columns import JsonList, Moment
from harvesters.plan import KnownRecord


class RecordState(StrEnum):
    """Where a record stands."""

    LIVE = "live"
    REJECTED = "rejected"
    """Its newest version was refused; ``package_id`` holds the last good one, if there was one."""
    GONE = "gone"
    """The source no longer has it; the dataset stays until the grace period is over."""
    ARCHIVED = "archived"
    """Its dataset is deleted, and comes back with it."""


class HarvestRecord(tk.BaseModel):
    """What is known of a source's record.

    ``raw_hash`` covers what the source said, ``hash`` what was last written; it is empty when
    the dataset lacks a file that was gathered.
    ``written`` is the package's ``metadata_modified`` as the harvest left it: a later one means
    that somebody edited the dataset in the portal.
    """

    __tablename__ = "hatinh_harvest_record"

    source: Mapped[str] = mapped_column(primary_key=True)
    guid: Mapped[str] = mapped_column(primary_key=True)
    package_id: Mapped[str | None] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(default="")
    raw_hash: Mapped[str] = mapped_column(default="")
    hash: Mapped[str] = mapped_column(default="")
    problems: Mapped[JsonList]
    state: Mapped[str] = mapped_column(default=RecordState.LIVE.value)
    gone_since: Mapped[Moment | None]
    written: Mapped[Moment | None]


def known_records(source: str, guids: Collection[str] | None = None) -> dict[str, KnownRecord]:
    """What earlier runs left of a source's records, of all or of these, by identifier."""
    record = HarvestRecord
    query = sa.select(
        record.guid, record.state, record.raw_hash, record.hash,
        record.package_id.is_not(None), record.gone_since,
    ).where(record.source == source)  # fmt: skip
    if guids is not None:
        query = query.where(record.guid.in_(guids))
    return {guid: KnownRecord(*rest) for guid, *rest in model.Session.execute(query)}


def count_present(source: str) -> int:
    """How many records that the source gave at its last run are remembered, and written whole."""
    record = HarvestRecord
    whole = sa.and_(record.state == RecordState.LIVE.value, record.hash != "")
    present = sa.or_(whole, record.state == RecordState.REJECTED.value)
    return (
        model.Session.scalar(sa.select(sa.func.count()).where(record.source == source, present))
        or 0
    )


def rows_as_they_are(source: str, guids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The rows of these records, for a rollback, by identifier."""
    query = sa.text(
        "SELECT guid, to_jsonb(r) FROM hatinh_harvest_record r"
        " WHERE source = :source AND guid = ANY(:guids)"
    )
    found = model.Session.execute(query, {"source": source, "guids": [*guids]})
    return dict(found.tuples().all())


def keep_records(rows: Sequence[dict[str, Any]], *changed: str) -> None:
    """Write rows in the open transaction; of rows that exist only the ``changed`` columns.

    A row that would stay the same is not written.
    """
    if not rows:
        return
    fresh = insert(HarvestRecord).values(list(rows))
    columns = HarvestRecord.__table__.c
    differs = sa.or_(*(columns[name].is_distinct_from(fresh.excluded[name]) for name in changed))
    model.Session.execute(
        fresh.on_conflict_do_update(
            index_elements=["source", "guid"],
            set_={name: fresh.excluded[name] for name in changed},
            where=differs,
        )
    )


def put_back_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Make records what they were, in the open transaction."""
    names = [column.name for column in HarvestRecord.__table__.c]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    statement = sa.text(
        "INSERT INTO hatinh_harvest_record"
        " SELECT * FROM jsonb_populate_recordset(NULL::hatinh_harvest_record, :rows)"
        f" ON CONFLICT (source, guid) DO UPDATE SET {changes}"
    ).bindparams(sa.bindparam("rows", type_=JSONB))
    if rows:
        model.Session.execute(statement, {"rows": list(rows)})


def forget_records(source: str, guids: Collection[str]) -> None:
    """Remove records in the open transaction."""
    model.Session.execute(
        sa.delete(HarvestRecord).where(
            HarvestRecord.source == source, HarvestRecord.guid.in_(guids)
        )
    )


def owners_of(guids: Collection[str], source: str) -> dict[str, str]:
    """Which other source has a live dataset of each of these identifiers."""
    record = HarvestRecord
    query = sa.select(record.guid, record.source).where(
        record.guid.in_(guids), record.source != source, record.package_id.is_not(None),
        record.state.in_((RecordState.LIVE.value, RecordState.REJECTED.value)),
    )  # fmt: skip
    return dict(model.Session.execute(query).tuples().all())
