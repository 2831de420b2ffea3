"""Records: what is known of each record of a source, from run to run."""

from enum import StrEnum

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.hatinh.harvest.model.columns import JsonList, Moment


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

    ``raw_hash`` covers what the source said, ``hash`` what was last written.
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
    last_run: Mapped[str] = mapped_column(default="")


def known_hashes(source: str) -> dict[str, str]:
    """The hash that was last written of each record of a source, by guid."""
    query = sa.select(HarvestRecord.guid, HarvestRecord.hash).where(HarvestRecord.source == source)
    return dict(model.Session.execute(query).tuples().all())


def stage_record(source: str, guid: str, package_id: str, digest: str) -> None:
    """Note in the open transaction that a package was written."""
    record = insert(HarvestRecord).values(
        source=source, guid=guid, package_id=package_id, hash=digest, problems=[]
    )
    model.Session.execute(
        record.on_conflict_do_update(index_elements=["source", "guid"], set_={"hash": digest})
    )
