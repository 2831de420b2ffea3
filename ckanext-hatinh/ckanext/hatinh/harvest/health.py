"""How the sources are (sức khỏe của nguồn): from their runs, for pages, API and metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import aliased

from ckanext.hatinh.harvest.model.columns import iso
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState, latest_runs
from ckanext.hatinh.harvest.model.source import HarvestSource

BAD = (RunState.FAILED.value, RunState.INTERRUPTED.value)


@dataclass(frozen=True, slots=True)
class Health:
    """``streak`` counts the failures since the last success."""

    last: HarvestRun | None
    success: HarvestRun | None
    streak: int
    next_run: datetime | None = None

    @property
    def state(self) -> str:
        """One word: never, good, failing, or the state of a run that is under way."""
        if self.last is None:
            return "never"
        if self.last.state in BAD:
            return "failing"
        settled = (RunState.COMPLETE.value, RunState.CANCELLED.value, RunState.ROLLED_BACK.value)
        return "good" if self.last.state in settled else self.last.state

    @property
    def age(self) -> float | None:
        """Seconds since the last success ended."""
        ended = self.success and self.success.finished
        return (datetime.now(UTC) - ended).total_seconds() if ended else None

    @property
    def duration(self) -> float | None:
        """Seconds that the last run took."""
        if self.last is None or self.last.started is None or self.last.finished is None:
            return None
        return (self.last.finished - self.last.started).total_seconds()

    def public(self) -> dict[str, Any]:
        """What everybody may know (REQ-54)."""
        return {
            "state": self.state,
            "last_success": iso(self.success.finished) if self.success else None,
            "age": self.age,
            "next_run": iso(self.next_run),
        }

    def whole(self) -> dict[str, Any]:
        """What the owner's officers see."""
        return self.public() | {
            "streak": self.streak,
            "counts": self.last.as_dict()["counts"] if self.last else {},
            "duration": self.duration,
        }


def of_sources(next_runs: Mapping[str, datetime | None]) -> dict[str, Health]:
    """The health of each named source, from a handful of queries for all."""
    last, success, streaks = latest_runs(), latest_runs(RunState.COMPLETE), _streaks()
    return {
        name: Health(last.get(name), success.get(name), streaks.get(name, 0), due)
        for name, due in next_runs.items()
    }


def public_run(run: HarvestRun) -> dict[str, Any]:
    """What everybody may know of a run: how it is, and how many records; no word of a source."""
    whole = run.as_dict()
    return {
        name: whole[name] for name in ("id", "source", "state", "started", "finished", "counts")
    }


def _streaks() -> dict[str, int]:
    """Failures of each source since its last success."""
    run, good = HarvestRun, aliased(HarvestRun)
    since = (
        sa.select(sa.func.max(good.queued))
        .where(good.source == HarvestSource.name, good.state == RunState.COMPLETE.value)
        .correlate(HarvestSource)
        .scalar_subquery()
    )
    failures = (
        sa.select(sa.func.count())
        .where(run.source == HarvestSource.name, run.state.in_(BAD))
        .where(run.queued > sa.func.coalesce(since, sa.text("'-infinity'::timestamptz")))
        .correlate(HarvestSource)
        .scalar_subquery()
    )
    return dict(model.Session.execute(sa.select(HarvestSource.name, failures)).tuples().all())
