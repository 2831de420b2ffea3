"""The ledger of the harvest: runs, outcomes, what is known of each record, what awaits indexing.

Everything lives in PostgreSQL, so that losing the cache or the index loses nothing here.
"""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

OUTCOMES = ("created", "updated", "unchanged", "rejected", "gone")
"""What can become of a record; a run's counts have these keys and add up to its records."""


class RunState(StrEnum):
    """How far a run is (tình trạng lượt thu thập)."""

    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class HarvestRun(tk.BaseModel):
    """One run over one source (lượt thu thập)."""

    __tablename__ = "hatinh_harvest_run"

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid4()))
    source: Mapped[str] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default=RunState.RUNNING.value)
    started: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    finished: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that the API gives."""
        return {
            "id": self.id,
            "source": self.source,
            "state": self.state,
            "started": self.started.isoformat(),
            "finished": self.finished.isoformat() if self.finished else None,
            "counts": {name: self.counts.get(name, 0) for name in OUTCOMES},
            "error": self.error,
        }


class HarvestOutcome(tk.BaseModel):
    """What became of one record in one run, and every problem found in it."""

    __tablename__ = "hatinh_harvest_outcome"

    run_id: Mapped[str] = mapped_column(
        sa.ForeignKey("hatinh_harvest_run.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    guid: Mapped[str]
    title: Mapped[str]
    action: Mapped[str]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that the API gives."""
        return {
            "position": self.position,
            "guid": self.guid,
            "title": self.title,
            "action": self.action,
            "problems": self.problems,
        }


class HarvestRecord(tk.BaseModel):
    """What is known of a source's record: its package and the hash that was last written."""

    __tablename__ = "hatinh_harvest_record"

    source: Mapped[str] = mapped_column(primary_key=True)
    guid: Mapped[str] = mapped_column(primary_key=True)
    package_id: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str]


class HarvestOutbox(tk.BaseModel):
    """Packages whose search document is older than their row; written in the row's transaction."""

    __tablename__ = "hatinh_harvest_outbox"

    package_id: Mapped[str] = mapped_column(primary_key=True)


# -- runs -------------------------------------------------------------------------------------


def start_run(source: str, now: datetime) -> str:
    """Open a run and give its id.

    Earlier runs of the source that never ended are marked as interrupted: the caller holds the
    source's lock, so their process is gone.
    """
    model.Session.execute(
        sa.update(HarvestRun)
        .where(HarvestRun.source == source, HarvestRun.state == RunState.RUNNING.value)
        .values(state=RunState.INTERRUPTED.value, finished=now)
    )
    run = HarvestRun(source=source, started=now, counts={}, state=RunState.RUNNING.value)
    model.Session.add(run)
    model.Session.commit()
    return run.id


def finish_run(
    run_id: str, state: RunState, counts: Mapping[str, int], error: Mapping[str, Any] | None = None
) -> None:
    """Close a run with its counts."""
    model.Session.execute(
        sa.update(HarvestRun)
        .where(HarvestRun.id == run_id)
        .values(
            state=state.value,
            finished=datetime.now(UTC),
            counts=dict(counts),
            error=dict(error) if error else None,
        )
    )
    model.Session.commit()


def latest_runs() -> dict[str, HarvestRun]:
    """The newest run of each source, by the source's name."""
    newest = (
        sa.select(HarvestRun).distinct(HarvestRun.source).order_by(
            HarvestRun.source, HarvestRun.started.desc()
        )
    )  # fmt: skip
    return {run.source: run for run in model.Session.scalars(newest)}


def runs(source: str | None, limit: int) -> list[HarvestRun]:
    """The newest runs, of one source or of all."""
    query = sa.select(HarvestRun).order_by(HarvestRun.started.desc()).limit(limit)
    if source:
        query = query.where(HarvestRun.source == source)
    return list(model.Session.scalars(query))


def last_success() -> datetime | None:
    """When a run last ended as it should."""
    query = sa.select(sa.func.max(HarvestRun.finished))
    return model.Session.scalar(query.where(HarvestRun.state == RunState.COMPLETE.value))


def run_by_id(run_id: str) -> HarvestRun | None:
    """One run, or ``None``."""
    return model.Session.get(HarvestRun, run_id)


def outcomes(run_id: str, action: str | None = None) -> list[HarvestOutcome]:
    """The records of a run in the source's order, all or those with one outcome."""
    query = sa.select(HarvestOutcome).where(HarvestOutcome.run_id == run_id)
    if action:
        query = query.where(HarvestOutcome.action == action)
    return list(model.Session.scalars(query.order_by(HarvestOutcome.position)))


# -- records ----------------------------------------------------------------------------------


def known_hashes(source: str) -> dict[str, str]:
    """The hash that was last written of each record of a source, by guid."""
    query = sa.select(HarvestRecord.guid, HarvestRecord.hash).where(HarvestRecord.source == source)
    return dict(model.Session.execute(query).tuples().all())


def stage_record(source: str, guid: str, package_id: str, digest: str) -> None:
    """Note in the open transaction that a package was written and awaits indexing."""
    record = insert(HarvestRecord).values(
        source=source, guid=guid, package_id=package_id, hash=digest
    )
    model.Session.execute(
        record.on_conflict_do_update(index_elements=["source", "guid"], set_={"hash": digest})
    )
    model.Session.execute(
        insert(HarvestOutbox).values(package_id=package_id).on_conflict_do_nothing()
    )


def stage_outcome(
    run_id: str, position: int, guid: str, title: str, action: str, problems: list[dict[str, Any]]
) -> None:
    """Note in the open transaction what became of a record."""
    model.Session.add(
        HarvestOutcome(
            run_id=run_id,
            position=position,
            guid=guid,
            title=title,
            action=action,
            problems=problems,
        )
    )


def awaiting_index(limit: int) -> list[str]:
    """Packages whose search document is stale."""
    return list(model.Session.scalars(sa.select(HarvestOutbox.package_id).limit(limit)))


def mark_indexed(package_ids: list[str]) -> None:
    """Forget stale documents that have been indexed."""
    model.Session.execute(sa.delete(HarvestOutbox).where(HarvestOutbox.package_id.in_(package_ids)))
    model.Session.commit()


# -- locks ------------------------------------------------------------------------------------


@contextmanager
def source_lock(source: str) -> Iterator[bool]:
    """Hold a source for one run; gives ``False`` when another process holds it.

    The lock belongs to a database connection of its own and falls with it, so a killed
    process never leaves it behind.
    """
    key = zlib.crc32(f"hatinh_harvest:{source}".encode())
    with model.Session.get_bind().engine.connect() as connection:
        held = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))))
        try:
            yield held
        finally:
            if held:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))
