"""Runs (lượt thu thập): how far each is, who works on it, and what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import Mapped, aliased, mapped_column

from ckanext.hatinh.harvest.model.columns import Json, JsonList, JsonOrNone, Moment, iso
from ckanext.hatinh.harvest.model.source import HarvestSource
from harvesters.plan import OUTCOMES


class RunState(StrEnum):
    """How far a run is (tình trạng lượt thu thập)."""

    QUEUED = "queued"
    GATHERING = "gathering"
    WAITING = "waiting"
    APPLYING = "applying"
    ROLLING_BACK = "rolling-back"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    ROLLED_BACK = "rolled-back"


WORKED_ON = (RunState.GATHERING, RunState.APPLYING, RunState.ROLLING_BACK)
"""States in which a worker holds the run; one run of a source at a time can be in them."""

ENDED = (
    RunState.COMPLETE, RunState.FAILED, RunState.CANCELLED, RunState.INTERRUPTED,
    RunState.ROLLED_BACK,
)  # fmt: skip

UNDOABLE = tuple(state for state in ENDED if state is not RunState.ROLLED_BACK)
"""States of runs that can be rolled back: whatever ended them, what they wrote stands."""


class HarvestRun(tk.BaseModel):
    """One run over one source.

    ``token`` grows with every worker that takes the run up: only the newest may commit.
    ``guard`` lists why it waits for a person, as ``{"code": …, …}``.
    ``stats`` has requests, bytes, seconds by stage, and ``peak_mb``: the most memory that its last
    worker ever had, with all that this process did before.
    """

    __tablename__ = "hatinh_harvest_run"
    __table_args__ = (sa.Index("hatinh_harvest_run_newest", "source", "queued"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=lambda: str(uuid4()))
    source: Mapped[str]
    state: Mapped[str] = mapped_column(default=RunState.QUEUED.value)
    trigger: Mapped[str] = mapped_column(default="command")
    requested_by: Mapped[str] = mapped_column(default="")
    queued: Mapped[Moment] = mapped_column(server_default=sa.func.now())
    started: Mapped[Moment | None]
    finished: Mapped[Moment | None]
    token: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    worker: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[Moment | None]
    full: Mapped[bool] = mapped_column(default=False)
    not_modified: Mapped[bool] = mapped_column(default=False)
    total: Mapped[int | None]
    counts: Mapped[Json]
    guard: Mapped[JsonList]
    approved_by: Mapped[str] = mapped_column(default="")
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    error: Mapped[JsonOrNone]
    stats: Mapped[Json]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that the API gives."""
        return {
            "id": self.id,
            "source": self.source,
            "state": self.state,
            "trigger": self.trigger,
            "requested_by": self.requested_by,
            "queued": iso(self.queued),
            "started": iso(self.started),
            "finished": iso(self.finished),
            "full": self.full,
            "not_modified": self.not_modified,
            "total": self.total,
            "counts": {name: self.counts.get(name, 0) for name in OUTCOMES},
            "guard": self.guard,
            "approved_by": self.approved_by,
            "cancel_requested": self.cancel_requested,
            "error": self.error,
            "stats": self.stats,
        }


def latest_runs(*states: RunState) -> dict[str, HarvestRun]:
    """The newest run of each source, of all or of those in these states, by the source's name."""
    # A look into the index for each source, however many runs it has had.
    newest = sa.select(HarvestRun).where(HarvestRun.source == HarvestSource.name)
    if states:
        newest = newest.where(HarvestRun.state.in_([state.value for state in states]))
    one = newest.order_by(HarvestRun.queued.desc()).limit(1).correlate(HarvestSource).lateral()
    query = sa.select(aliased(HarvestRun, one)).select_from(sa.join(HarvestSource, one, sa.true()))
    return {run.source: run for run in model.Session.scalars(query)}


def runs(source: str | None, limit: int) -> list[HarvestRun]:
    """The newest runs, of one source or of all."""
    query = sa.select(HarvestRun).order_by(HarvestRun.queued.desc()).limit(limit)
    if source:
        query = query.where(HarvestRun.source == source)
    return list(model.Session.scalars(query))


def last_success() -> datetime | None:
    """When the newest run that ended as it should did so."""
    query = sa.select(HarvestRun.finished).where(HarvestRun.state == RunState.COMPLETE.value)
    return model.Session.scalar(query.order_by(HarvestRun.queued.desc()).limit(1))


def run_by_id(run_id: str) -> HarvestRun | None:
    """One run as the database has it now, or ``None``."""
    return model.Session.get(HarvestRun, run_id, populate_existing=True)


def previous_run(run: HarvestRun) -> HarvestRun | None:
    """The other run of the same source that ended, or was taken back, last."""
    query = (
        sa.select(HarvestRun)
        .where(HarvestRun.source == run.source, HarvestRun.id != run.id)
        .where(HarvestRun.finished.is_not(None), HarvestRun.started.is_not(None))
        .order_by(HarvestRun.finished.desc())
        .limit(1)
    )
    return model.Session.scalar(query)
