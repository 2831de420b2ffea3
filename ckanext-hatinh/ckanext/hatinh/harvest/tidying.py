"""What runs leave behind, and how long it is kept."""

from collections.abc import Sequence

import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest import config
from ckanext.hatinh.harvest.files import stored_path
from ckanext.hatinh.harvest.model.outcome import PLANNED, HarvestOutcome
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState

UNDOABLE = 5
"""Runs of a source, the newest, of which is kept what a rollback needs."""

TOLD = 30
"""Runs of a source of which is kept what became of each record."""


def supersede(run: HarvestRun) -> None:
    """End the plans of earlier runs of the source that still wait: this one is newer. Commits."""
    model.Session.execute(
        sa.update(HarvestRun)
        .where(HarvestRun.source == run.source, HarvestRun.id != run.id)
        .where(HarvestRun.state == RunState.WAITING.value, HarvestRun.started < run.started)
        .values(
            state=RunState.CANCELLED.value,
            finished=sa.func.clock_timestamp(),
            error={"code": "run-superseded", "text": run.id},
        )
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()


def put_back_unfinished(run_id: str) -> None:
    """Give records that a run did not finish the files back that it may have replaced already.

    A file is stored before its row is committed; a run that is killed in between and then
    cancelled would else leave the new bytes under the old row.
    """
    resource, outcome = model.resource_table.c, HarvestOutcome
    query = (
        sa.select(resource.id)
        .join(outcome, outcome.package_id == resource.package_id)
        .where(outcome.run_id == run_id, outcome.state == PLANNED, resource.url_type == "upload")
    )
    former = config.former_files(run_id)
    for resource_id in model.Session.scalars(query):
        former.restore(resource_id, stored_path(resource_id))


def tidy(run: HarvestRun) -> None:
    """After the end of a run: drop its spool, and what older runs need no longer keep. Commits."""
    if run.state != RunState.COMPLETE:
        put_back_unfinished(run.id)
    config.spool(run.id).remove()
    ended = _ended_runs(run.source)
    for old in ended[UNDOABLE:]:
        config.former_files(old).remove()
    _forget_before(ended[UNDOABLE:TOLD])
    if ended[TOLD:]:
        told = sa.delete(HarvestOutcome).where(HarvestOutcome.run_id.in_(ended[TOLD:]))
        model.Session.execute(told)
    model.Session.commit()


def _ended_runs(source: str) -> list[str]:
    """Ids of the ended runs of a source that wrote or refused something, the newest first."""
    query = (
        sa.select(HarvestRun.id)
        .where(HarvestRun.source == source, HarvestRun.finished.is_not(None))
        .where(sa.exists().where(HarvestOutcome.run_id == HarvestRun.id))
        .order_by(HarvestRun.finished.desc())
    )
    return list(model.Session.scalars(query))


def _forget_before(run_ids: Sequence[str]) -> None:
    if run_ids:
        model.Session.execute(
            sa.update(HarvestOutcome)
            .where(HarvestOutcome.run_id.in_(run_ids), HarvestOutcome.before.is_not(None))
            .values(before=sa.null())
            .execution_options(synchronize_session=False)
        )
