"""The queue of runs, in PostgreSQL: who asks for a run, who works on it, and until when.

A worker holds a run by a *lease* that ends by the database's clock unless it is renewed, and by
a *fencing token* that grows with every worker that takes the run up. Whoever was thought dead and
comes back finds a newer token at its next commit, and that commit is refused.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from ckanext.hatinh.harvest import config
from ckanext.hatinh.harvest.leases import Lease, Silence
from ckanext.hatinh.harvest.looking import changed_since
from ckanext.hatinh.harvest.model.outcome import DONE, PLANNED, HarvestOutcome, count_left
from ckanext.hatinh.harvest.model.run import (
    ENDED,
    UNDOABLE,
    WORKED_ON,
    HarvestRun,
    RunState,
    run_by_id,
)
from ckanext.hatinh.harvest.model.source import HarvestSource, is_due
from ckanext.hatinh.shared.workers import THIS_MACHINE, is_alive
from harvesters.plan import REMOVALS, WRITES
from hatinh.errors import HatinhError

CHANNEL = "hatinh_harvest"
"""Where whoever waits for work is told of it (``listening.py``)."""

SILENCE = Silence()
"""What this process knows of the leases of others."""

NAMED = 20
"""Runs or datasets that a refusal names."""


class RefusedError(HatinhError):
    """What was asked of a run cannot be done now; ``code`` says why."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.params = params


class LostLeaseError(HatinhError):
    """Another worker has the run now: nothing more of it may be committed here."""


# -- asking -----------------------------------------------------------------------------------


def enqueue(source: str, trigger: str, by: str, *, full: bool = False) -> str:
    """Ask for a run of a source and commit; gives its id, or that of the run that waits already."""
    fresh = insert(HarvestRun).values(
        source=source, state=RunState.QUEUED.value, trigger=trigger, requested_by=by, full=full
    )
    statement = fresh.on_conflict_do_update(
        index_elements=["source"],
        index_where=sa.text("state = 'queued'"),
        set_={"full": HarvestRun.full | fresh.excluded.full},
    ).returning(HarvestRun.id)
    run_id = model.Session.scalar(statement)
    ring()
    model.Session.commit()
    return str(run_id)


def approve(run_id: str, by: str, *, without_removals: bool = False) -> None:
    """Let a waiting run go on and commit. Raises :class:`RefusedError`."""
    run = _locked(run_id, RunState.WAITING, "run-not-waiting")
    if without_removals:
        _drop_removals(run)
    run.approved_by, run.state, run.worker, run.lease_until = by, RunState.APPLYING.value, "", None
    _commit_unless_busy()


def cancel(run_id: str) -> None:
    """Stop a run and commit: at once while nobody works on it, else within a batch.

    Raises :class:`RefusedError` when it has ended.
    """
    run = _locked(run_id)
    if run.state in (RunState.QUEUED, RunState.WAITING):
        run.state, run.finished = RunState.CANCELLED.value, sa.func.now()
    elif run.state in (RunState.GATHERING, RunState.APPLYING):
        run.cancel_requested = True
    else:
        model.Session.rollback()
        raise RefusedError("run-ended", state=run.state)
    model.Session.commit()


def cancel_runs_of(source: str) -> None:
    """Stop every run of a source, in the open transaction."""
    run, unsettled = HarvestRun, (RunState.QUEUED.value, RunState.WAITING.value)
    ours = sa.update(run).where(run.source == source)
    at_once = ours.where(run.state.in_(unsettled)).values(
        state=RunState.CANCELLED.value, finished=sa.func.now()
    )
    soon = ours.where(run.state.in_((RunState.GATHERING.value, RunState.APPLYING.value))).values(
        cancel_requested=True
    )
    for statement in (at_once, soon):
        model.Session.execute(statement.execution_options(synchronize_session=False))


def rollback(run_id: str, by: str) -> None:
    """Ask that what a run did be undone, and commit; a worker does it.

    Raises :class:`RefusedError`: the run has not ended, changed no dataset, or what it wrote was
    changed since, by the runs or in the datasets that ``params`` names.
    """
    run = _locked(run_id)
    if run.state not in UNDOABLE:
        raise RefusedError("run-not-complete", state=run.state)
    if later := later_runs(run):
        raise RefusedError("rollback-later-run", runs=later)
    if changed := changed_since(run.id):
        raise RefusedError("rollback-edited-since", datasets=sorted(changed.values())[:NAMED])
    kept = _kept_before(run)
    if not kept:
        raise RefusedError("rollback-nothing")
    if not all(kept):
        raise RefusedError("rollback-too-old")
    run.state, run.requested_by = RunState.ROLLING_BACK.value, by
    run.worker, run.lease_until = "", None
    _commit_unless_busy()


def later_runs(run: HarvestRun) -> list[str]:
    """Ids of runs that wrote a dataset after this run had written it."""
    ours, theirs = aliased(HarvestOutcome), aliased(HarvestOutcome)
    query = (
        sa.select(theirs.run_id)
        .distinct()
        .join(HarvestRun, HarvestRun.id == theirs.run_id)
        .join(ours, ours.package_id == theirs.package_id)
        .where(
            ours.run_id == run.id, theirs.run_id != run.id,
            *(o.action.in_(WRITES) for o in (ours, theirs)),
            *(o.state == DONE for o in (ours, theirs)),
            HarvestRun.state != RunState.ROLLED_BACK.value,
            HarvestRun.started > run.started,
        )
        .limit(NAMED)
    )  # fmt: skip
    return list(model.Session.scalars(query))


def _kept_before(run: HarvestRun) -> set[bool]:
    """Of what a run wrote, whether what was there before is kept: of some, of others not."""
    outcome = HarvestOutcome
    query = (
        sa.select(outcome.before.is_not(None))
        .distinct()
        .where(outcome.run_id == run.id, outcome.state == DONE, outcome.action.in_(WRITES))
    )
    return set(model.Session.scalars(query))


def _drop_removals(run: HarvestRun) -> None:
    model.Session.execute(
        sa.delete(HarvestOutcome).where(
            HarvestOutcome.run_id == run.id,
            HarvestOutcome.state == PLANNED,
            HarvestOutcome.action.in_(REMOVALS),
        )
    )
    run.counts = {name: n for name, n in run.counts.items() if name not in REMOVALS}


def _locked(run_id: str, state: RunState | None = None, otherwise: str = "") -> HarvestRun:
    run = model.Session.get(HarvestRun, run_id, populate_existing=True, with_for_update=True)
    if run is None:
        raise tk.ObjectNotFound(tk._("No such harvest run"))
    if state is not None and run.state != state:
        found = run.state
        model.Session.rollback()
        raise RefusedError(otherwise, state=found)
    return run


def ring() -> None:
    """Wake the workers that wait, once the open transaction is committed."""
    model.Session.execute(sa.text(f"NOTIFY {CHANNEL}"))


def _commit_unless_busy() -> None:
    """Commit; the index that lets one run of a source be worked on may refuse."""
    try:
        ring()
        model.Session.commit()
    except IntegrityError as err:
        model.Session.rollback()
        raise RefusedError("source-busy") from err


# -- working ----------------------------------------------------------------------------------


def claim(worker: str, only: Collection[str] | None = None) -> HarvestRun | None:
    """Take up the run that has waited longest, or ``None``; commits.

    ``only`` limits it to these runs. A run whose worker is known to be dead, or whose lease has
    ended and is seen not to be renewed, is taken up where it stood.
    """
    free, silent = _given_up_by_others(worker)
    for _ in range(10):
        try:
            run_id = model.Session.scalar(_claiming(worker, free, silent, only))
            model.Session.commit()
        except IntegrityError:  # another worker was first with this source
            model.Session.rollback()
            continue
        run = run_by_id(run_id) if run_id else None
        if run is None:
            return None
        # From here on it says what this worker holds, not what the database has.
        model.Session.expunge(run)
        return run
    return None


def _claiming(
    worker: str,
    free: Collection[str],
    silent: Collection[Lease],
    only: Collection[str] | None,
) -> sa.Executable:
    run, other = HarvestRun, aliased(HarvestRun)
    working = [state.value for state in WORKED_ON]
    busy = sa.exists().where(other.source == run.source, other.state.in_(working))
    clock = sa.func.clock_timestamp()
    abandoned = sa.or_(
        run.lease_until.is_(None),
        run.worker.in_([*free, ""]),
        sa.tuple_(run.id, run.token, run.lease_until).in_(silent),
    )
    ready = sa.or_(
        sa.and_(run.state == RunState.QUEUED.value, ~busy),
        sa.and_(run.state.in_(working), abandoned),
    )
    since = sa.func.greatest(run.queued, run.lease_until)
    chosen = sa.select(run.id).where(ready).order_by(since).limit(1)
    if only is not None:
        chosen = chosen.where(run.id.in_(only))
    gathering = sa.case(
        (run.state == RunState.QUEUED.value, RunState.GATHERING.value), else_=run.state
    )
    claims = sa.case(
        (run.worker == "", 1),
        else_=sa.func.coalesce(run.stats["claims"].as_integer(), 0) + 1,
    )
    return (
        sa.update(run)
        .where(run.id == chosen.with_for_update(skip_locked=True).scalar_subquery())
        .values(
            state=gathering,
            token=sa.text("nextval('hatinh_harvest_token')"),
            worker=worker,
            lease_until=clock + config.lease(),
            started=sa.func.coalesce(run.started, sa.func.now()),
            stats=run.stats.concat(sa.func.jsonb_build_object("claims", claims)),
        )
        .returning(run.id)
    )


def now() -> datetime:
    """The database's clock: those of the workers may differ."""
    return model.Session.execute(sa.select(sa.func.clock_timestamp())).scalar_one()


def fence(run: HarvestRun) -> None:
    """Renew the lease in the open transaction, as its last statement before the commit.

    Raises :class:`LostLeaseError` when another worker has taken the run up since.
    """
    renewed = (
        sa.update(HarvestRun)
        .where(HarvestRun.id == run.id, HarvestRun.token == run.token)
        .where(HarvestRun.state.in_([state.value for state in WORKED_ON]))
        .values(lease_until=sa.func.clock_timestamp() + config.lease())
        .returning(HarvestRun.id)
        .execution_options(synchronize_session=False)
    )
    if model.Session.scalar(renewed) is None:
        model.Session.rollback()
        raise LostLeaseError(f"run {run.id} belongs to another worker")


def commit(run: HarvestRun) -> None:
    """Commit what this worker did for its run. Raises :class:`LostLeaseError`."""
    fence(run)
    model.Session.commit()


def commit_beside(run: HarvestRun) -> None:
    """Commit what a helper did for a run that another worker holds.

    Raises :class:`LostLeaseError` when the run is no longer being applied by that worker, or is to
    be cancelled.
    """
    held = (
        sa.select(HarvestRun.id)
        .where(HarvestRun.id == run.id, HarvestRun.token == run.token)
        .where(HarvestRun.state == RunState.APPLYING.value, ~HarvestRun.cancel_requested)
        .with_for_update(read=True)
    )
    if model.Session.scalar(held) is None:
        model.Session.rollback()
        raise LostLeaseError(f"run {run.id} is no longer applied")
    model.Session.commit()


def in_need_of_help(more_than: int) -> HarvestRun | None:
    """The run with the oldest start that a worker applies, and of which more is left."""
    run = HarvestRun
    query = (
        sa.select(run)
        .where(run.state == RunState.APPLYING.value, ~run.cancel_requested)
        .where(run.lease_until > sa.func.clock_timestamp())
        .order_by(run.started)
    )
    for found in model.Session.scalars(query):
        if count_left(found.id, more_than + 1) > more_than:
            model.Session.expunge(found)
            return found
    return None


def move(run: HarvestRun, state: RunState, **values: Any) -> None:
    """Take a run to its next state and commit. Raises :class:`LostLeaseError`.

    Whoever waits is told: there may be batches to share, or another run may begin now.
    """
    fence(run)
    changed = {"state": state.value, **values}
    if state is RunState.WAITING or state in ENDED:
        changed |= {"worker": "", "lease_until": None}
    if state in ENDED:
        changed["finished"] = sa.func.clock_timestamp()
    model.Session.execute(
        sa.update(HarvestRun)
        .where(HarvestRun.id == run.id)
        .values(changed)
        .execution_options(synchronize_session=False)
    )
    ring()
    model.Session.commit()
    run.state = state.value


def hand_back(run: HarvestRun) -> None:
    """Give the lease back, so that another worker goes on at once, after others that wait."""
    move(run, RunState(run.state), worker="", lease_until=sa.func.clock_timestamp())


def others_wait(run: HarvestRun) -> bool:
    """Whether runs of other sources wait for a worker, or are due and nobody had time to ask."""
    waiting = sa.exists().where(
        HarvestRun.state == RunState.QUEUED.value, HarvestRun.source != run.source
    )
    due = sa.exists().where(is_due(sa.func.clock_timestamp()), HarvestSource.name != run.source)
    return bool(model.Session.scalar(sa.select(sa.or_(waiting, due))))


def _given_up_by_others(worker: str) -> tuple[set[str], list[Lease]]:
    """Workers that hold a run and no longer work, besides this one; and leases nobody renews.

    Workers of this machine are known by their processes, others by their silence.
    """
    run = HarvestRun
    has_ended = run.lease_until < sa.func.clock_timestamp()
    query = sa.select(run.id, run.token, run.lease_until, run.worker, has_ended).where(
        run.state.in_([state.value for state in WORKED_ON]), run.worker != ""
    )
    free, ended = {worker}, []
    for run_id, token, until, name, is_over in model.Session.execute(query).tuples():
        if name.startswith(THIS_MACHINE) and not is_alive(name):
            free.add(name)
        elif is_over and until is not None:
            ended.append((run_id, token, until))
    return free, SILENCE.broken(ended, config.lease().total_seconds())
