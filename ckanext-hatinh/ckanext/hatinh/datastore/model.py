"""The tables of the loader: each load of a file, and what its publisher chose."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from hatinh.loading import Policy

MOMENT = sa.DateTime(timezone=True)


class State(StrEnum):
    """Where a load stands; their names are the code list ``load_states``."""

    QUEUED = "queued"
    READING = "reading"
    TYPING = "typing"
    FILLING = "filling"
    SWAPPING = "swapping"
    INDEXING = "indexing"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    SUPERSEDED = "superseded"


WORKED_ON = (State.READING, State.TYPING, State.FILLING, State.SWAPPING, State.INDEXING)
ENDED = (State.DONE, State.REFUSED, State.FAILED, State.SUPERSEDED)


class DatastoreLoad(tk.BaseModel):
    """One load of a file into its table.

    ``signature`` is what it is made from, ``steps`` are its states with their moments. ``reason``
    is the problem that ended it, ``causes`` are those that made rows bad, ``remarks`` what else
    was found in the file. ``lease_until`` is, while it is queued, the moment before which nobody
    takes it up.
    """

    __tablename__ = "hatinh_datastore_load"

    id: Mapped[str] = mapped_column(primary_key=True, server_default=sa.text("gen_random_uuid()"))
    resource_id: Mapped[str] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    signature: Mapped[str]
    state: Mapped[str]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    causes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    columns: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    profile: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    rows: Mapped[int | None]
    kept: Mapped[int | None]
    bad: Mapped[int | None]
    worker: Mapped[str] = mapped_column(server_default="")
    lease_until: Mapped[datetime | None] = mapped_column(MOMENT)
    attempts: Mapped[int] = mapped_column(server_default="0")
    created: Mapped[datetime] = mapped_column(MOMENT, server_default=sa.func.now())
    finished: Mapped[datetime | None] = mapped_column(MOMENT)


class DatastoreChoice(tk.BaseModel):
    """What its publisher chose for a file: what bad rows mean, and which sheet is its table."""

    __tablename__ = "hatinh_datastore_choice"

    resource_id: Mapped[str] = mapped_column(
        sa.ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True
    )
    policy: Mapped[str]
    sheet: Mapped[str]


def newest(resource_id: str) -> DatastoreLoad | None:
    """The newest load of a resource."""
    return _newest(DatastoreLoad.resource_id == resource_id)


def published(resource_id: str) -> DatastoreLoad | None:
    """The load that the table of a resource is from, whatever became of it afterwards."""
    seen = DatastoreLoad.steps.contains([{"state": State.INDEXING.value}])
    return _newest(DatastoreLoad.resource_id == resource_id, seen)


def read_at(resource_id: str) -> datetime | None:
    """When the file was read that the table of a resource is from."""
    found = published(resource_id)
    read = [step["at"] for step in found.steps if step["state"] == State.READING] if found else []
    return datetime.fromisoformat(read[-1]) if read else None


def forget_published(resource_id: str) -> None:
    """Forget the loads whose table is taken away, with what was counted in it, in the open
    transaction."""
    seen = DatastoreLoad.steps.contains([{"state": State.INDEXING.value}])
    over = DatastoreLoad.state.in_([state.value for state in ENDED])
    gone = sa.delete(DatastoreLoad).where(DatastoreLoad.resource_id == resource_id, seen, over)
    model.Session.execute(gone.execution_options(synchronize_session=False))


def _newest(*conditions: sa.ColumnElement[bool]) -> DatastoreLoad | None:
    query = sa.select(DatastoreLoad).where(*conditions)
    query = query.order_by(DatastoreLoad.created.desc()).limit(1)
    return model.Session.scalar(query.execution_options(populate_existing=True))


def choice(resource: model.Resource) -> tuple[Policy, str]:
    """Policy and sheet of a resource: what was chosen, else by where its file came from.

    Who uploads a file sees at once why it is refused. Of a harvested one the good rows are loaded:
    its office is told of the bad ones, but nobody waits for them here.
    """
    found = model.Session.get(DatastoreChoice, resource.id, populate_existing=True)
    if found:
        return Policy(found.policy), found.sheet
    harvested = (resource.extras or {}).get("resource_guid")
    return Policy.GOOD_ROWS if harvested else Policy.WHOLE, ""


def choose(resource_id: str, policy: Policy, sheet: str) -> None:
    """Keep what was chosen, in the open transaction."""
    values = {"policy": policy.value, "sheet": sheet}
    row = insert(DatastoreChoice).values(resource_id=resource_id, **values)
    model.Session.execute(row.on_conflict_do_update(index_elements=["resource_id"], set_=values))


def listed(
    organization: str, state: str, limit: int, *, offices: Sequence[str] | None
) -> list[tuple[DatastoreLoad, Mapping[str, Any]]]:
    """The newest load of each file, the newest first, with file and dataset.

    ``offices`` are ids of the organisations whose private datasets count too; all for ``None``.
    """
    load, resource, package = DatastoreLoad, model.Resource, model.Package
    latest = (
        sa.select(load.id)
        .distinct(load.resource_id)
        .order_by(load.resource_id, load.created.desc())
    )
    query = (
        sa.select(load, resource.name.label("resource"), package.name.label("dataset"))
        .join(resource, resource.id == load.resource_id)
        .join(package, package.id == resource.package_id)
        .where(load.id.in_(latest), resource.state == "active", package.state == "active")
        .order_by(load.created.desc(), load.id)
        .limit(limit)
    )
    if organization:
        query = query.where(package.owner_org == organization)
    if state:
        query = query.where(load.state == state)
    if offices is not None:
        query = query.where(sa.or_(package.private.is_(False), package.owner_org.in_(offices)))
    rows = model.Session.execute(query)
    return [(row[0], {"resource": row.resource, "dataset": row.dataset}) for row in rows]
