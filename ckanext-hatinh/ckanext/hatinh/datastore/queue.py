"""The queue of loads, in PostgreSQL: which files wait, who works on which, and until when.

A worker holds a load by a lease, which ends by the database's clock unless it is renewed. One that
was thought dead and comes back finds that the load is another's before it publishes anything.
"""

import threading
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from ckanext.hatinh.datastore.model import ENDED, WORKED_ON, DatastoreLoad, State
from ckanext.hatinh.shared.workers import THIS_MACHINE, is_alive
from hatinh.errors import HatinhError

LEASE = timedelta(seconds=60)
BEAT = 10.0
"""Seconds between two renewals of a lease."""

ATTEMPTS = 3
"""Workers that may end over one load."""

_CLOCK = sa.func.clock_timestamp()


class LostLeaseError(HatinhError):
    """Another worker has the load now: nothing of it may be published here."""


def enqueue(resource_id: str, signature: str) -> None:
    """Ask for a load and commit. One that waits already is taken for this one."""
    open_index = {
        "index_elements": ["resource_id"],
        "index_where": sa.text(f"state NOT IN ({', '.join(repr(s.value) for s in ENDED)})"),
    }
    table = DatastoreLoad
    row = insert(table).values(
        resource_id=resource_id,
        signature=signature,
        state=State.QUEUED.value,
        steps=sa.func.jsonb_build_array(_step(State.QUEUED)),
    )
    waits = table.state == State.QUEUED.value
    changed = {"signature": signature}
    model.Session.execute(row.on_conflict_do_update(**open_index, set_=changed, where=waits))
    model.Session.commit()


def claim(worker: str, only: Collection[str] | None = None) -> DatastoreLoad | None:
    """Take up the load that has waited longest, or nothing; commits.

    ``only`` limits it to these resources. A load whose worker is dead, or whose lease has ended,
    is begun anew.
    """
    table = DatastoreLoad
    working = table.state.in_([state.value for state in WORKED_ON])
    overdue = sa.or_(table.lease_until.is_(None), table.lease_until < _CLOCK)
    abandoned = sa.or_(overdue, table.worker.in_(_dead_workers()))
    ready = sa.or_(sa.and_(table.state == State.QUEUED.value, overdue), sa.and_(working, abandoned))
    chosen = sa.select(table.id).where(ready).order_by(table.created).limit(1)
    if only is not None:
        chosen = chosen.where(table.resource_id.in_(only))
    begun = sa.case((table.state == State.QUEUED.value, State.READING.value), else_=table.state)
    query = (
        sa.update(table)
        .where(table.id == chosen.with_for_update(skip_locked=True).scalar_subquery())
        .values(
            state=begun,
            worker=worker,
            lease_until=_CLOCK + LEASE,
            attempts=table.attempts + 1,
        )
        .returning(table.id)
        .execution_options(synchronize_session=False)
    )
    load_id = model.Session.scalar(query)
    model.Session.commit()
    found = model.Session.get(table, load_id, populate_existing=True) if load_id else None
    if found is not None:
        model.Session.expunge(found)
    model.Session.rollback()
    return found


def fence(load: DatastoreLoad) -> None:
    """Renew the lease and commit. Raises :class:`LostLeaseError`."""
    _change(load, {})


def move(load: DatastoreLoad, state: State, **values: Any) -> None:
    """Take a load to a state, note the moment, and commit. Raises :class:`LostLeaseError`."""
    steps = DatastoreLoad.steps.concat(sa.func.jsonb_build_array(_step(state)))
    changed: dict[str, Any] = {"state": state.value, "steps": steps, **values}
    if state in ENDED:
        changed |= {"worker": "", "lease_until": None, "finished": _CLOCK}
    _change(load, changed)
    load.state = state.value


def hand_back(load: DatastoreLoad, seconds: float) -> None:
    """Let it wait so long for another try, which does not count as one of a worker's deaths."""
    later = _CLOCK + timedelta(seconds=seconds)
    values = {"worker": "", "attempts": DatastoreLoad.attempts - 1}
    move(load, State.QUEUED, lease_until=later, **values)


class Heartbeat:
    """Renews the lease of a load beside the work on it, over a connection of its own."""

    def __init__(self, load: DatastoreLoad) -> None:
        self._ours = _held(load)
        self._engine = model.Session.get_bind().engine
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._done.wait(BEAT):
            try:
                with self._engine.begin() as connection:
                    connection.execute(self._ours.values(lease_until=_CLOCK + LEASE))
            except DBAPIError:
                continue  # a database that is away is found out by the work itself


def _held(load: DatastoreLoad) -> sa.Update:
    table = DatastoreLoad
    return (
        sa.update(table)
        .where(table.id == load.id, table.worker == load.worker, table.attempts == load.attempts)
        .execution_options(synchronize_session=False)
    )


def _change(load: DatastoreLoad, values: dict[str, Any]) -> None:
    renewed = {"lease_until": _CLOCK + LEASE} | values
    query = _held(load).values(renewed).returning(DatastoreLoad.id)
    if model.Session.scalar(query) is None:
        model.Session.rollback()
        raise LostLeaseError(f"load {load.id} belongs to another worker")
    model.Session.commit()


def _step(state: State) -> sa.ColumnElement[Any]:
    return sa.func.jsonb_build_object("state", state.value, "at", _CLOCK)


def _dead_workers() -> list[str]:
    """Workers of this machine that hold a load and whose process is gone."""
    query = sa.select(DatastoreLoad.worker).where(
        DatastoreLoad.state.in_([state.value for state in WORKED_ON]),
        DatastoreLoad.worker.startswith(THIS_MACHINE, autoescape=True),
    )
    return [name for name in model.Session.scalars(query) if not is_alive(name)]
