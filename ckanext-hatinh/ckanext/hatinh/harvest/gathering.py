"""First half of a run: everything the source has is read, judged and planned; no dataset changes.

source ─▶ spool ─▶ judge ─▶ decide ─▶ planned outcomes ─▶ guard ─▶ waiting | applying
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest import config, queue
from ckanext.hatinh.harvest.model.outcome import PLANNED, HarvestOutcome
from ckanext.hatinh.harvest.model.record import forget_records, known_records
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState, previous_run
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.harvest.staging import stage
from ckanext.hatinh.harvest.watch import Watch
from ckanext.hatinh.shared.mapping import package_id
from harvesters.conditional import NotModifiedError
from harvesters.pipeline import Judge, candidates
from harvesters.plan import KnownRecord, Plan, guard, removals
from harvesters.source import Source, SourceConfig
from harvesters.spool import Intake, Known

STAGED = 100
"""Records that are planned in one transaction."""

PLANNED_VALUES = ("counts", "total", "full", "not_modified", "guard", "stats")

Item = TypeVar("Item")


@dataclass(frozen=True)
class Task:
    """A run with all that is needed to gather it.

    ``version`` stands for all that decides what becomes of a record, besides the source's words;
    ``full``: nothing is taken for unchanged because its words are.
    """

    run: HarvestRun
    row: HarvestSource
    config: SourceConfig
    source: Source
    judge: Judge
    version: str
    full: bool
    watch: Watch


@dataclass
class Gathering:
    """A plan in the making: what was known, what the source gave, and the outcomes so far."""

    known: dict[str, KnownRecord]
    intake: Intake = field(default_factory=Intake)
    counts: Counter[str] = field(default_factory=Counter)


def gather(task: Task) -> Gathering:
    """Read, judge and stage every record that the source has.

    Raises :class:`harvesters.errors.SourceError` when the source cannot be read whole.
    """
    _forget_plan(task.run)
    gathering = Gathering(known_records(task.run.source))
    queue.commit(task.run)  # no transaction stays open while the source is read
    spool = config.spool(task.run.id, task.run.token)
    spool.begin()
    known = {} if task.full else _skippable(gathering.known)
    try:
        drafts = task.watch.over(task.source.drafts())
        gathering.intake = spool.drain(drafts, known, task.version)
    except NotModifiedError:
        task.run.not_modified = True
        gathering.intake = _as_before(gathering.known)
        return gathering
    found = candidates(task.source, task.judge, task.config.defaults, spool)
    for batch in batched(task.watch.over(found), STAGED):
        gathering.counts.update(stage(task.run.id, task.row, gathering.known, batch))
        queue.commit(task.run)
    return gathering


def finish_plan(task: Task, gathering: Gathering) -> None:
    """Add what has vanished, ask the guard, and let the run wait or go on. Commits."""
    run, intake, counts = task.run, gathering.intake, gathering.counts
    counts["unchanged"] += intake.same
    counts["rejected"] += intake.same_rejected
    seen = None if run.not_modified else intake.seen
    vanished = removals(gathering.known, seen, queue.now(), config.grace())
    after = intake.total
    for action, guids in (("gone", vanished.gone), ("archived", vanished.archived)):
        _note_vanished(run, action, guids, after)
        counts.update([action] * len(guids))
        after += len(guids)
    _forget(task.row, vanished.forgotten)
    _note_unchanged(run, after)
    run.counts, run.total, run.full = dict(counts), intake.total, task.full
    run.guard = guard(_in_numbers(task, gathering), config.limits())
    queue.move(
        run,
        RunState.WAITING if run.guard else RunState.APPLYING,
        **{name: getattr(run, name) for name in PLANNED_VALUES},
    )


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of that size; the last may be shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _forget_plan(run: HarvestRun) -> None:
    """An earlier worker may have died in the middle of planning."""
    model.Session.execute(sa.delete(HarvestOutcome).where(HarvestOutcome.run_id == run.id))


def _skippable(known: Mapping[str, KnownRecord]) -> dict[str, Known]:
    """Records of which equal words mean that nothing is to be done."""
    return {
        guid: Known(record.raw_hash, rejected=record.standing == "rejected")
        for guid, record in known.items()
        if record.raw_hash and record.standing in ("live", "rejected")
    }


def _as_before(known: Mapping[str, KnownRecord]) -> Intake:
    """What came in when the source is as it was at its last complete run."""
    present = [record.standing for record in known.values()]
    live, rejected = present.count("live"), present.count("rejected")
    return Intake(live + rejected, same=live, same_rejected=rejected)


def _forget(row: HarvestSource, guids: tuple[str, ...]) -> None:
    """Let go of records that never became datasets.

    What is remembered of the source told of them: until a run is complete, it is read again.
    """
    if guids:
        forget_records(row.name, guids)
        row.visited = {}


def _in_numbers(task: Task, gathering: Gathering) -> Plan:
    before = previous_run(task.run)
    return Plan(
        live=sum(record.live for record in gathering.known.values()),
        given=gathering.intake.total,
        counts=gathering.counts,
        approval=task.row.approval,
        after_rollback=before is not None and before.state == RunState.ROLLED_BACK,
    )


def _note_vanished(run: HarvestRun, action: str, guids: tuple[str, ...], first: int) -> None:
    """Plan what becomes of records that the source no longer gives; they may be all of them."""
    rows = (
        {
            "run_id": run.id, "position": position, "guid": guid, "action": action,
            "state": PLANNED, "package_id": package_id(run.source, guid), "title": "",
        }
        for position, guid in enumerate(guids, first)
    )  # fmt: skip
    for batch in batched(rows, STAGED):
        model.Session.execute(sa.insert(HarvestOutcome), batch)
    if guids:
        model.Session.execute(NAME_VANISHED, {"run": run.id, "source": run.source})


NAME_VANISHED = sa.text("""
    UPDATE hatinh_harvest_outcome o SET title = r.title
    FROM hatinh_harvest_record r
    WHERE o.run_id = :run AND o.action IN ('gone', 'archived') AND o.title = ''
        AND r.source = :source AND r.guid = o.guid
""")
UNCHANGED = sa.text("""
    INSERT INTO hatinh_harvest_outcome
        (run_id, position, guid, title, action, state, problems, package_id)
    SELECT :run, :first + row_number() OVER (ORDER BY r.guid) - 1, r.guid, r.title,
        CASE r.state WHEN 'rejected' THEN 'rejected' ELSE 'unchanged' END, 'done', r.problems,
        CASE r.state WHEN 'live' THEN r.package_id END
    FROM hatinh_harvest_record r
    WHERE r.source = :source AND r.state IN ('live', 'rejected') AND r.problems <> '[]'
        AND NOT EXISTS (
            SELECT FROM hatinh_harvest_outcome o WHERE o.run_id = :run AND o.guid = r.guid)
""")


def _note_unchanged(run: HarvestRun, first: int) -> None:
    """Tell again what is wrong with the records that stayed as they were."""
    model.Session.execute(UNCHANGED, {"run": run.id, "source": run.source, "first": first})
