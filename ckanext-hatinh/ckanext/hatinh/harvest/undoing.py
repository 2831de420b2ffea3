"""Takes a run back: every dataset it wrote is again, row by row and byte by byte, what it was.

All of it is one transaction, so there is no portal that is half the old one. What the run made is
deleted softly; what it changed or deleted comes back with its former ``metadata_modified``. Each
dataset is locked and looked at first: one that somebody changed since the run stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest import config, queue, snapshot
from ckanext.hatinh.harvest.archiving import archive
from ckanext.hatinh.harvest.files import stored_path
from ckanext.hatinh.harvest.looking import changed_since, lock_packages
from ckanext.hatinh.harvest.model.outbox import stage_stale
from ckanext.hatinh.harvest.model.outcome import DONE, HarvestOutcome
from ckanext.hatinh.harvest.model.record import forget_records, put_back_rows
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.harvest.watch import Watch
from ckanext.hatinh.shared.withdrawal import Cause
from harvesters.plan import WRITES
from hatinh.problem import warning

CHUNK = 100


@dataclass
class Undone:
    """How far a rollback is: the files that are to be put back, and how many datasets stay."""

    files: list[str] = field(default_factory=list)
    kept: int = 0


def undo(run: HarvestRun, user: str, watch: Watch) -> None:
    """Take a run back and commit; it is then ``rolled-back``.

    What somebody changed since it was asked for stays as it is, and the run says so.
    """
    undone, position = Undone(), -1
    while outcomes := _next(run.id, position):
        watch.check()
        _undo(run, outcomes, user, undone)
        position = outcomes[-1].position
        model.Session.flush()
        model.Session.expunge_all()
    _forget_visits(run.source)
    _restore_files(run, undone.files)
    partly = {"code": "rollback-partly", "kept": undone.kept}
    queue.move(run, RunState.ROLLED_BACK, **({"error": partly} if undone.kept else {}))
    config.former_files(run.id).remove()


def left_out(run: HarvestRun) -> int:
    """How many datasets a rollback left as they are, because somebody had changed them."""
    return (run.error or {}).get("kept", 0) if run.state == RunState.ROLLED_BACK else 0


def _next(run_id: str, after: int) -> list[HarvestOutcome]:
    outcome = HarvestOutcome
    query = sa.select(outcome).where(
        outcome.run_id == run_id, outcome.state == DONE, outcome.position > after,
        outcome.action.in_((*WRITES, "gone", "rejected")),
        sa.or_(outcome.before.is_not(None), outcome.action == "rejected"),
    )  # fmt: skip
    return list(model.Session.scalars(query.order_by(outcome.position).limit(CHUNK)))


def _undo(run: HarvestRun, outcomes: Sequence[HarvestOutcome], user: str, undone: Undone) -> None:
    written = [o.package_id for o in outcomes if o.action in WRITES and o.package_id]
    lock_packages(written)
    changed = changed_since(run.id, written)
    stay = [o for o in outcomes if o.action in WRITES and o.package_id in changed]
    for outcome in stay:
        outcome.problems = [*outcome.problems, warning("rollback-kept-edit", "$").as_dict()]
    undone.kept += len(stay)
    taken_back = [o for o in outcomes if o not in stay]
    records = {o.guid: (o.before or {}).get("record") for o in taken_back if _touched_record(o)}
    undone.files += _put_back(taken_back, user)
    put_back_rows([row for row in records.values() if row])
    forget_records(run.source, [guid for guid, row in records.items() if not row])


def _put_back(outcomes: Sequence[HarvestOutcome], user: str) -> list[str]:
    """Make datasets what they were; gives the ids of their files."""
    written = [o for o in outcomes if o.action in WRITES and o.package_id]
    former = {o.package_id or "": _rows(o) for o in written if _rows(o)}
    made = [o.package_id or "" for o in written if not _rows(o)]
    if former:
        snapshot.put_back(former)
    archive(made, user, Cause.ROLLBACK)
    stage_stale([*former, *made])
    return [row["id"] for rows in former.values() for row in rows.get("resource", ())]


def _restore_files(run: HarvestRun, resource_ids: Sequence[str]) -> None:
    """Last of all: until then a rollback that breaks off has changed nothing."""
    former = config.former_files(run.id)
    for resource_id in resource_ids:
        former.restore(resource_id, stored_path(resource_id))


def _rows(outcome: HarvestOutcome) -> snapshot.Rows:
    return (outcome.before or {}).get("rows") or {}


def _touched_record(outcome: HarvestOutcome) -> bool:
    """Whether the run changed what is remembered of this outcome's record.

    One that was refused for repeating another's identifier did not.
    """
    return outcome.action != "rejected" or outcome.raw_hash != "" or outcome.before is not None


def _forget_visits(source: str) -> None:
    """The next run must read the source again: what it gave is no longer what we hold."""
    model.Session.execute(
        sa.update(HarvestSource)
        .where(HarvestSource.name == source)
        .values(visited={})
        .execution_options(synchronize_session=False)
    )
