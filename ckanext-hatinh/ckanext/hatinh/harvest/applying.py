"""Second half of a run: what was planned is done, a batch of records in each transaction.

Every commit carries the packages, their scores, records, outcomes and the notes of the outbox
together, and is refused when another worker has taken the run up. A kill at any moment leaves all
of a batch or nothing of it; whoever takes the run up goes on with the first batch not done.

Idle workers help whoever holds the run: each takes batches that nobody has locked.

    plan ─▶ batch, locked ─▶ CKAN ─▶ fence ─▶ commit ─▶ index      by the holder and by helpers
"""

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import msgspec
import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest import collecting, config, queue, snapshot
from ckanext.hatinh.harvest.archiving import archive
from ckanext.hatinh.harvest.batch.session import batch_session
from ckanext.hatinh.harvest.containment import Broken, contained
from ckanext.hatinh.harvest.files import remove_rowless, stored_path
from ckanext.hatinh.harvest.indexing import Sender, show_soon
from ckanext.hatinh.harvest.keeping import with_local_fields
from ckanext.hatinh.harvest.looking import Place, lock_packages, look
from ckanext.hatinh.harvest.model.outbox import stage_stale
from ckanext.hatinh.harvest.model.outcome import DONE, HarvestOutcome, count_left, take_planned
from ckanext.hatinh.harvest.model.record import (
    RecordState,
    keep_records,
    known_records,
    rows_as_they_are,
)
from ckanext.hatinh.harvest.model.run import HarvestRun
from ckanext.hatinh.harvest.model.source import HarvestSource
from ckanext.hatinh.harvest.staging import storable, successors
from ckanext.hatinh.harvest.watch import HelpersWatch, Watch
from ckanext.hatinh.harvest.writer import Planned, Refused, Writer, Written
from harvesters.pipeline import AWAY, may_hand_on
from harvesters.plan import NOTHING, SETTLED, WRITTEN, Found, KnownRecord, Offer, decide
from hatinh.dataset import Dataset
from hatinh.problem import error, warning

log = logging.getLogger(__name__)


LEAST_SHARE = 15
"""Records for which a batch of their own is worth its cost, that of three more records."""

HELPERS_PAUSE = 0.05
"""Seconds between two looks at batches that helpers are at, when no other is left."""

LONGEST_SILENCE = 120
"""Seconds that a transaction waits for a worker that is frozen; then others do its batch."""


@dataclass(frozen=True)
class Application:
    """A run that is being applied, by its holder or, with another ``commit``, by a helper."""

    run: HarvestRun
    row: HarvestSource
    user: str
    watch: Watch | HelpersWatch
    commit: Callable[[HarvestRun], None] = queue.commit


@dataclass(frozen=True)
class Before:
    """How the datasets and records of a batch were: by package id, and by identifier."""

    datasets: Mapping[str, snapshot.Rows]
    records: Mapping[str, dict[str, Any]]
    known: Mapping[str, KnownRecord]
    found: Mapping[str, Found]

    def of(self, outcome: HarvestOutcome) -> dict[str, Any]:
        """What a rollback of this outcome needs."""
        return {
            "record": self.records.get(outcome.guid),
            "rows": self.datasets.get(outcome.package_id or ""),
        }

    def stored_files(self, outcome: HarvestOutcome) -> Iterator[str]:
        """Ids of the resources whose bytes the portal stored."""
        rows = self.datasets.get(outcome.package_id or "", {})
        for resource in rows.get("resource", ()):
            if resource["url_type"] == "upload":
                yield resource["id"]


def apply_plan(application: Application) -> None:
    """Do what is still to be done of a plan. Raises what :class:`Watch` raises between batches."""
    run = application.run
    _settle(run)
    queue.commit(run)
    work_off(application)
    while count_left(run.id, 1):
        model.Session.commit()
        time.sleep(HELPERS_PAUSE)
        work_off(application)  # a helper may have died with its batch


def work_off(application: Application) -> None:
    """Do all batches that nobody else is at. Raises what ``watch`` raises between them."""
    run, watch = application.run, application.watch
    with batch_session() as session, Sender() as sender, collecting.paused():
        watch.look()
        while batch := _take_batch(run.id):
            written, closed = _apply_batch(application, batch)
            sender.settle()
            application.commit(run)
            remove_rowless(closed)
            sender.send(
                {package: result.document for package, result in written.items()},
                {package: result.modified for package, result in written.items()},
            )
            session.forget()
            session.expunge_all()
            collecting.collect()
            watch.yield_turn(lambda: queue.others_wait(run))
            watch.look()
        sender.settle()
        model.Session.commit()
    show_soon()


def _take_batch(run_id: str) -> list[HarvestOutcome]:
    """The next batch, locked until this transaction ends; the database ends one that is silent."""
    silence = sa.text(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_SILENCE}s'")
    model.Session.execute(silence)
    return take_planned(run_id, _share(run_id))


def least_share() -> int:
    """Records that are not divided any further."""
    return min(LEAST_SHARE, config.batch())


def _share(run_id: str) -> int:
    """A whole batch; near the end half of what is left, so that a helper can do the other half."""
    left = count_left(run_id, 2 * config.batch())
    return max(least_share(), math.ceil(left / 2))


def count_outcomes(run_id: str, unchanged: int) -> dict[str, int]:
    """The outcomes of a run by what became of the records; only some unchanged ones have a row."""
    action = HarvestOutcome.action
    query = sa.select(action, sa.func.count()).where(
        HarvestOutcome.run_id == run_id, HarvestOutcome.state == DONE
    )
    counts = dict(model.Session.execute(query.group_by(action)).tuples().all())
    return counts | {"unchanged": unchanged}


# -- outcomes that change no dataset ----------------------------------------------------------

KEEP_BEFORE = sa.text("""
    UPDATE hatinh_harvest_outcome o SET before = jsonb_build_object('record', to_jsonb(r))
    FROM hatinh_harvest_record r
    WHERE o.run_id = :run AND o.state = 'planned' AND o.action IN ('rejected', 'gone')
        AND r.source = :source AND r.guid = o.guid
""")
REMEMBER_REJECTED = sa.text("""
    INSERT INTO hatinh_harvest_record
        (source, guid, title, raw_hash, hash, problems, state)
    SELECT :source, guid, title, raw_hash, '', problems, 'rejected'
    FROM hatinh_harvest_outcome
    WHERE run_id = :run AND state = 'planned' AND action = 'rejected' AND raw_hash <> ''
    ON CONFLICT (source, guid) DO UPDATE SET
        title = excluded.title, raw_hash = excluded.raw_hash, problems = excluded.problems,
        state = excluded.state
""")
REMEMBER_GONE = sa.text("""
    UPDATE hatinh_harvest_record r SET state = 'gone', gone_since = now()
    FROM hatinh_harvest_outcome o
    WHERE o.run_id = :run AND o.state = 'planned' AND o.action = 'gone'
        AND r.source = :source AND r.guid = o.guid
""")
SETTLE = sa.text("""
    UPDATE hatinh_harvest_outcome o SET state = 'done'
    WHERE run_id = :run AND state = 'planned' AND action IN ('rejected', 'conflict', 'gone')
""")


def _settle(run: HarvestRun) -> None:
    """Remember what was refused and what is gone, all at once."""
    if not any(run.counts.get(action) for action in SETTLED):
        return
    for statement in (KEEP_BEFORE, REMEMBER_REJECTED, REMEMBER_GONE):
        model.Session.execute(statement, {"run": run.id, "source": run.source})
    model.Session.execute(SETTLE, {"run": run.id})


# -- outcomes that change a dataset -----------------------------------------------------------


def _apply_batch(
    application: Application, batch: Sequence[HarvestOutcome]
) -> tuple[dict[str, Written], list[str]]:
    """Do a batch up to but without the commit; gives what was written, by package id, and the
    files whose bytes the portal may no longer keep."""
    run = application.run
    before = _before(run.source, batch)
    _check_again(application.row, batch, before)
    planned = [o for o in batch if o.action in WRITTEN and not _is_there(o, before)]
    _keep_former_files(run.id, planned, before)
    _tell_lost_files(run.id, planned)
    items = [_planned(application, outcome, before) for outcome in planned]
    results = write_safely(Writer(run.source, application.user), items)
    for outcome, result in zip(planned, results, strict=True):
        if isinstance(result, Refused):
            _refuse(run.id, outcome, result, before)
    archived = [o.package_id or "" for o in batch if o.action == "archived"]
    archive(archived, application.user)
    written = {
        item.package_id: result
        for item, result in zip(items, results, strict=True)
        if isinstance(result, Written)
    }
    closed = [
        resource
        for item, outcome in zip(items, planned, strict=True)
        if not may_hand_on(item.dataset)
        for resource in before.stored_files(outcome)
    ]
    _remember(run, batch, before, written)
    stage_stale([*written, *archived])
    return written, closed


def write_safely(writer: Writer, items: Sequence[Planned]) -> list[Written | Refused]:
    """Write a batch; a record that brings a plugin down is found, refused and left out.

    The disk and open files are no record's fault.
    """
    whole = model.Session.begin_nested()
    name = f"Writing of {', '.join(item.guid for item in items)}"
    results = contained(name, lambda: writer.write_batch(items), OSError)
    if not isinstance(results, Broken):
        whole.commit()
        return list(results)
    whole.rollback()
    if len(items) > 1:
        return [result for item in items for result in write_safely(writer, [item])]
    return [Refused((error("package-crashed", "$", repr(results.error)),))]


def _before(source: str, batch: Sequence[HarvestOutcome]) -> Before:
    guids = [outcome.guid for outcome in batch]
    ids = [outcome.package_id for outcome in batch if outcome.package_id]
    lock_packages(ids)
    places = [Place(o.guid, o.package_id or "", _landing_page(o)) for o in batch]
    return Before(
        snapshot.take(ids),
        rows_as_they_are(source, guids),
        known_records(source, guids),
        look(source, places),
    )


def _landing_page(outcome: HarvestOutcome) -> str:
    return (outcome.dataset or {}).get("landing_page", "")


def _check_again(row: HarvestSource, batch: Sequence[HarvestOutcome], before: Before) -> None:
    """Somebody may have edited a dataset since the plan was made."""
    heirs = successors()
    for outcome in batch:
        if outcome.action not in WRITTEN:
            continue
        found = before.found.get(outcome.guid, NOTHING)
        offer = Offer(outcome.guid, outcome.hash, (outcome.dataset or {}).get("publisher", ""))
        action, remark = decide(offer, before.known.get(outcome.guid), found, row.policy, heirs)
        if action == "conflict" and remark is not None:
            outcome.action = "conflict"
            outcome.problems = [*outcome.problems, remark.as_dict()]


def _is_there(outcome: HarvestOutcome, before: Before) -> bool:
    """Whether a record that came back finds its dataset as it was left."""
    known = before.known.get(outcome.guid)
    found = before.found.get(outcome.guid, NOTHING)
    return (
        outcome.action == "restored"
        and known is not None
        and known.hash == outcome.hash
        and found.exists
        and not found.deleted
    )


def _planned(application: Application, outcome: HarvestOutcome, before: Before) -> Planned:
    dataset = msgspec.convert(outcome.dataset, Dataset)
    found = before.found.get(outcome.guid, NOTHING)
    if found.exists and not found.deleted:
        dataset = with_local_fields(dataset, outcome.package_id or "", application.row)
    spool = config.spool(application.run.id)
    kept = {guid: spool.file(digest) for guid, digest in outcome.files.items()}
    return Planned(
        guid=outcome.guid,
        package_id=outcome.package_id or "",
        dataset=dataset,
        files={guid: file for guid, file in kept.items() if file is not None},
        score=outcome.score,
        problems=outcome.problems,
    )


def _keep_former_files(run_id: str, planned: Sequence[HarvestOutcome], before: Before) -> None:
    """Keep the bytes of every file of these datasets; a rollback puts them back."""
    former = config.former_files(run_id)
    for outcome in planned:
        for resource in before.stored_files(outcome):
            former.keep(resource, stored_path(resource))


def _tell_lost_files(run_id: str, planned: Sequence[HarvestOutcome]) -> None:
    """A file that the disk lost since the plan was made is a file that could not be fetched.

    The record is remembered as one that was never written, so the next run fetches it anew.
    """
    spool = config.spool(run_id)
    for outcome in planned:
        kept = {guid for guid, digest in outcome.files.items() if spool.file(digest)}
        if lost := outcome.files.keys() - kept:
            resources = enumerate((outcome.dataset or {})["resources"])
            told = [_lost(n, item["url"]) for n, item in resources if item["guid"] in lost]
            outcome.problems = [*outcome.problems, *told]
            outcome.hash = outcome.raw_hash = ""


def _lost(number: int, url: str) -> dict[str, Any]:
    return warning(AWAY, f"$.resources[{number}].url", url, why="spool-lost").as_dict()


def _refuse(run_id: str, outcome: HarvestOutcome, result: Refused, before: Before) -> None:
    """Nothing of the record was written; files that were stored before it was refused go too."""
    outcome.action = "rejected"
    found = [problem.as_dict() for problem in result.problems]
    outcome.problems = storable([*outcome.problems, *found])
    former = config.former_files(run_id)
    for resource in before.stored_files(outcome):
        former.restore(resource, stored_path(resource))
    remove_rowless(outcome.file_ids)


def _remember(
    run: HarvestRun,
    batch: Sequence[HarvestOutcome],
    before: Before,
    written: Mapping[str, Written],
) -> None:
    """The records of a batch, and its outcomes as done."""
    rows = []
    for outcome in batch:
        outcome.before = before.of(outcome)
        if outcome.action != "conflict":
            rows.append(_record(run, outcome, before.records.get(outcome.guid), written))
        outcome.state, outcome.dataset, outcome.score = DONE, None, None
    model.Session.flush()
    keep_records(rows, *(rows[0].keys() - {"source", "guid"} if rows else ()))


def _record(
    run: HarvestRun,
    outcome: HarvestOutcome,
    row: Mapping[str, Any] | None,
    written: Mapping[str, Written],
) -> dict[str, Any]:
    """The row of a record after its outcome."""
    known = dict(row or {})
    record = {
        "source": run.source,
        "guid": outcome.guid,
        "title": outcome.title or known.get("title", ""),
        "package_id": known.get("package_id"),
        "raw_hash": outcome.raw_hash,
        "hash": known.get("hash", ""),
        "problems": outcome.problems,
        "state": RecordState.LIVE.value,
        "gone_since": None,
        "written": known.get("written"),
    }
    if outcome.action == "rejected":  # by the portal, which may think otherwise another time
        return record | {"state": RecordState.REJECTED.value, "raw_hash": ""}
    if outcome.action == "archived":
        kept = {name: known.get(name) for name in ("raw_hash", "hash", "problems", "gone_since")}
        return record | kept | {"state": RecordState.ARCHIVED.value}
    if result := written.get(outcome.package_id or ""):
        at = result.modified.replace(tzinfo=UTC)
        return record | {"package_id": outcome.package_id, "hash": outcome.hash, "written": at}
    return record
