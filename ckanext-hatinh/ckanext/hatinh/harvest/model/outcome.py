"""Outcomes: what is planned for, and what became of, each record of a run."""

from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import Mapped, defer, mapped_column

from ckanext.hatinh.harvest.model.columns import PackedDict, PackedList, PackedOrNone
from ckanext.hatinh.shared.mapping import resource_id
from harvesters.plan import WRITES

PLANNED, DONE = "planned", "done"


class HarvestOutcome(tk.BaseModel):
    """One record in one run, with every problem found in it.

    A ``planned`` one carries what is to be written (``dataset``, ``score``, and ``files``: resource
    guid → SHA-256); a ``done`` one what a rollback needs (``before``: rows by table).
    ``diff`` lists ``{"field", "before", "after"}``. Unchanged records without problems have none.
    """

    __tablename__ = "hatinh_harvest_outcome"
    __table_args__ = (
        sa.Index(
            "hatinh_harvest_outcome_planned", "run_id", "position",
            postgresql_where=sa.text("state = 'planned'"),
        ),
    )  # fmt: skip

    run_id: Mapped[str] = mapped_column(
        sa.ForeignKey("hatinh_harvest_run.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    guid: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    action: Mapped[str]
    state: Mapped[str] = mapped_column(default=DONE)
    hash: Mapped[str] = mapped_column(default="")
    raw_hash: Mapped[str] = mapped_column(default="")
    dataset: Mapped[PackedOrNone]
    score: Mapped[PackedOrNone]
    files: Mapped[PackedDict]
    problems: Mapped[PackedList]
    diff: Mapped[PackedList]
    before: Mapped[PackedOrNone]
    package_id: Mapped[str | None]

    @property
    def file_ids(self) -> list[str]:
        """Ids of the resources whose bytes it brings."""
        return [resource_id(self.package_id or "", guid) for guid in self.files]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that the API gives."""
        return {
            "position": self.position,
            "guid": self.guid,
            "title": self.title,
            "action": self.action,
            "state": self.state,
            "problems": self.problems,
            "diff": self.diff,
            "package_id": self.package_id,
        }


def take_planned(run_id: str, limit: int) -> list[HarvestOutcome]:
    """The next datasets to be written or archived that nobody else is at, locked in their order."""
    outcome = HarvestOutcome
    query = (
        _still_to_do(run_id)
        .order_by(outcome.position)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(model.Session.scalars(query))


def count_left(run_id: str, at_most: int) -> int:
    """How much is still to be done of a run, by this worker or by others; so much is counted."""
    left = _still_to_do(run_id).with_only_columns(sa.literal(1)).limit(at_most).subquery()
    return model.Session.execute(sa.select(sa.func.count()).select_from(left)).scalar_one()


def _still_to_do(run_id: str) -> sa.Select[tuple[HarvestOutcome]]:
    outcome = HarvestOutcome
    return sa.select(outcome).where(
        outcome.run_id == run_id, outcome.state == PLANNED, outcome.action.in_(WRITES)
    )


def outcomes(
    run_id: str, action: str | None = None, limit: int | None = None, offset: int = 0
) -> list[HarvestOutcome]:
    """The records of a run in the source's order, all or those with one outcome.

    What only the harvest itself reads of them is left in the database until it is asked for.
    """
    outcome = HarvestOutcome
    large = (defer(column) for column in (outcome.dataset, outcome.score, outcome.before))
    query = sa.select(outcome).options(*large).where(outcome.run_id == run_id)
    if action:
        query = query.where(HarvestOutcome.action == action)
    query = query.order_by(HarvestOutcome.position).limit(limit).offset(offset)
    return list(model.Session.scalars(query))
