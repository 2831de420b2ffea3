"""What runs leave behind, and how long it is kept."""

from collections.abc import Collection
from itertools import islice

import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import aliased, load_only

from ckanext.hatinh.harvest import config, notices
from ckanext.hatinh.harvest.files import remove_rowless, stored_path
from ckanext.hatinh.harvest.model.outcome import DONE, PLANNED, HarvestOutcome
from ckanext.hatinh.harvest.model.record import HarvestRecord
from ckanext.hatinh.harvest.model.run import ENDED, UNDOABLE, HarvestRun, RunState, run_by_id
from harvesters.plan import WRITES

CHUNK = 500
"""Records that are looked at together."""

KEPT_UNDOABLE = 5
"""Runs of a source, the newest that wrote something, of which is kept what a rollback needs."""

TOLD = 30
"""Runs of a source of which is kept what became of each record."""

LISTED = 1000
"""Runs of a source that are remembered at all, beside the last that succeeded."""


def supersede(run: HarvestRun) -> None:
    """End the plans of earlier runs of the source that still wait, in the open transaction.

    Whoever commits it commits the newer plan with it.
    """
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


def put_back_unfinished(run: HarvestRun) -> None:
    """Give records that a run did not finish the files back that it may have replaced already.

    A file is stored before its row is committed; a run that is killed in between and then
    cancelled would else leave the new bytes under the old row. Datasets that a newer run or a
    person has written since have their own files.
    """
    resource, package = model.resource_table.c, model.package_table.c
    outcome, record = HarvestOutcome, HarvestRecord
    modified = sa.func.timezone("UTC", package.metadata_modified)
    edited = sa.and_(modified > run.started, modified.is_distinct_from(record.written))
    query = (
        sa.select(resource.id)
        .join(outcome, outcome.package_id == resource.package_id)
        .join(model.package_table, package.id == resource.package_id)
        .outerjoin(record, record.package_id == package.id)
        .where(outcome.run_id == run.id, outcome.state == PLANNED, resource.url_type == "upload")
        .where(~_written_later(run), ~edited)
    )
    former = config.former_files(run.id)
    for resource_id in model.Session.scalars(query):
        former.restore(resource_id, stored_path(resource_id))


def remove_unfinished(run: HarvestRun) -> None:
    """Remove bytes that were stored for records that the run did not write after all.

    To be called in the transaction that ends the run: no other run of the source stores files yet.
    """
    brings = HarvestOutcome.files != sa.text("'{}'::jsonb")
    query = (
        sa.select(HarvestOutcome)
        .options(load_only(HarvestOutcome.package_id, HarvestOutcome.files))
        .where(HarvestOutcome.run_id == run.id, HarvestOutcome.state == PLANNED, brings)
    )
    for outcomes in model.Session.scalars(query.execution_options(yield_per=CHUNK)).partitions():
        remove_rowless(name for outcome in outcomes for name in outcome.file_ids)


def _written_later(run: HarvestRun) -> sa.ColumnElement[bool]:
    """Whether a newer run has written the dataset of an outcome."""
    later, newer = aliased(HarvestOutcome), aliased(HarvestRun)
    return (
        sa.exists()
        .where(later.package_id == HarvestOutcome.package_id)
        .where(later.state == DONE, later.action.in_(WRITES))
        .where(newer.id == later.run_id, newer.id != run.id, newer.started > run.started)
    )


def tidy(run: HarvestRun) -> None:
    """After the end of a run: drop its spool, and what older runs need no longer keep. Commits.

    Doing it again does no more.
    """
    if run.state != RunState.COMPLETE:
        put_back_unfinished(run)
    config.spool(run.id).remove()
    told = _told_runs(run.source)
    undoable = _undoable_runs(run.source, told)
    for old in {run.id, *told} - {*undoable}:
        if not config.spool(old).folder.exists():  # else its files are still to be put back
            config.former_files(old).remove()
    _forget_before({*told} - {*undoable})
    if told[TOLD:]:
        forgotten = sa.delete(HarvestOutcome).where(HarvestOutcome.run_id.in_(told[TOLD:]))
        model.Session.execute(forgotten)
    _forget_runs(run.source)
    model.Session.commit()


def sweep() -> None:
    """What follows the end of runs at which nobody worked then, or could do no more. Commits."""
    for run_id in config.spooled_runs():
        run = run_by_id(run_id)
        if run is None:
            config.spool(run_id).remove()
        elif run.state in ENDED:
            notices.note(run)
            tidy(run)
    model.Session.rollback()


def _told_runs(source: str) -> list[str]:
    """Ids of the ended runs of a source of which outcomes are kept, the newest first."""
    return _ended_runs(source, sa.exists().where(HarvestOutcome.run_id == HarvestRun.id))


def _undoable_runs(source: str, told: Collection[str]) -> list[str]:
    """Ids of the newest of these runs that wrote a dataset and were not taken back."""
    counted = sa.or_(*(HarvestRun.counts[action].as_integer() > 0 for action in WRITES))
    ours = _ended_runs(source, HarvestRun.id.in_(told), HarvestRun.state.in_(UNDOABLE), counted)
    return list(islice(filter(_wrote, ours), KEPT_UNDOABLE))


def _wrote(run_id: str) -> bool:
    """Whether a run wrote a dataset: those of a plan that was set aside are only counted.

    Asked of one run at a time, it is a look into an index, however many outcomes there are.
    """
    outcome = HarvestOutcome
    written = sa.exists().where(
        outcome.run_id == run_id, outcome.state == DONE, outcome.action.in_(WRITES)
    )
    return bool(model.Session.scalar(sa.select(written)))


def _ended_runs(source: str, *conditions: sa.ColumnElement[bool]) -> list[str]:
    query = (
        sa.select(HarvestRun.id)
        .where(HarvestRun.source == source, HarvestRun.finished.is_not(None), *conditions)
        .order_by(HarvestRun.finished.desc())
    )
    return list(model.Session.scalars(query))


def _forget_before(run_ids: Collection[str]) -> None:
    if run_ids:
        model.Session.execute(
            sa.update(HarvestOutcome)
            .where(HarvestOutcome.run_id.in_(run_ids), HarvestOutcome.before.is_not(None))
            .values(before=sa.null())
            .execution_options(synchronize_session=False)
        )


def _forget_runs(source: str) -> None:
    """Drop the oldest runs of a source with their outcomes and notices."""
    ours = sa.select(HarvestRun.id).where(HarvestRun.source == source)
    newest = ours.order_by(HarvestRun.queued.desc())
    last_good = newest.where(HarvestRun.state == RunState.COMPLETE.value).limit(1)
    listed = newest.limit(LISTED)
    model.Session.execute(
        sa.delete(HarvestRun)
        .where(HarvestRun.source == source, HarvestRun.finished.is_not(None))
        .where(HarvestRun.id.not_in(listed), HarvestRun.id.not_in(last_good))
        .execution_options(synchronize_session=False)
    )
