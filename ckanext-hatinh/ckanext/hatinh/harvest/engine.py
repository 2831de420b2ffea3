"""Brings a run that a worker has taken up to its next resting place, and says how it ended.

gathering ─▶ waiting (for a person) | applying ─▶ complete
rolling-back ─▶ rolled-back
anything ─▶ failed | cancelled | given back to the queue
"""

import hashlib
import logging
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import DBAPIError

import schemas
from ckanext.hatinh.harvest import collecting, config, notices, queue
from ckanext.hatinh.harvest.account import harvester
from ckanext.hatinh.harvest.applying import (
    Application,
    apply_plan,
    count_outcomes,
    least_share,
    work_off,
)
from ckanext.hatinh.harvest.containment import Broken, contained, is_full
from ckanext.hatinh.harvest.gathering import Task, finish_plan, gather
from ckanext.hatinh.harvest.indexing import drain_if_possible
from ckanext.hatinh.harvest.model.record import count_present
from ckanext.hatinh.harvest.model.run import ENDED, HarvestRun, RunState, run_by_id
from ckanext.hatinh.harvest.model.source import HarvestSource, find_source
from ckanext.hatinh.harvest.queue import LostLeaseError
from ckanext.hatinh.harvest.sources import config_of, enqueue_due
from ckanext.hatinh.harvest.staging import storable
from ckanext.hatinh.harvest.tidying import remove_unfinished, supersede, tidy
from ckanext.hatinh.harvest.undoing import undo
from ckanext.hatinh.harvest.watch import (
    CancelledError,
    HelpersWatch,
    Shutdown,
    StopWorkError,
    TooLongError,
    TurnOverError,
    Watch,
)
from ckanext.hatinh.shared.formulas import formulas
from ckanext.hatinh.shared.vocabulary import dictionary, vocabulary
from harvesters.conditional import Visited
from harvesters.errors import SourceError
from harvesters.http import Client
from harvesters.pipeline import Judge
from harvesters.plan import FULL_EVERY
from harvesters.registry import open_source
from harvesters.source import Source, SourceConfig
from harvesters.sources.adapter import Adapter
from hatinh.dataset import MAPPING_VERSION
from hatinh.errors import SchemaError

log = logging.getLogger(__name__)

MAX_CLAIMS = 5
"""A run that has brought down so many workers is given up."""

BATCHES_AT_END = 10
"""Batches of documents that are indexed at the end of a run; the worker's pauses do the rest."""

FORESEEN = (
    LostLeaseError, TurnOverError, CancelledError, SourceError, TooLongError, SchemaError,
)  # fmt: skip
"""What ends a run, or a turn of it, in a way of its own."""

Opener = Callable[[SourceConfig, Visited], Source]
"""Makes the adapter of a source with its memory; may raise what opening raises."""


def over_the_network(given: SourceConfig, visited: Visited) -> Source:
    """The adapter of a source, with the hardened client."""
    return open_source(given, Client(), visited)


def judge() -> Judge:
    """What records are judged by, today."""
    known = vocabulary()
    return Judge(known, formulas().on(known.today))


@dataclass(frozen=True)
class Engine:
    """Executes runs. ``shutdown`` says when to stop; ``opener`` is how sources are reached."""

    shutdown: Shutdown
    opener: Opener = over_the_network

    def execute(self, run: HarvestRun) -> None:
        """Work on a claimed run until it ends, waits for a person, or is given back.

        Raises :class:`StopWorkError` when this process has been asked to end, and
        :class:`sqlalchemy.exc.DBAPIError` when the database is away: the run then goes on later.
        """
        try:
            with collecting.set_aside(), Watch(run, self.shutdown) as watch:
                self._execute(run, watch)
        except LostLeaseError as err:
            model.Session.rollback()
            log.warning("%s", err)
            return
        except TurnOverError:
            model.Session.rollback()
            enqueue_due(queue.now())  # before it, so that they go first
            _hand_back(run)
            return
        except StopWorkError:
            _hand_back(run)
            raise
        drain_if_possible(BATCHES_AT_END)
        if isinstance(contained(f"What follows {run.id}", lambda: self._tell(run)), Broken):
            model.Session.rollback()

    def help(self) -> bool:
        """Do batches of a run that another worker applies; gives whether there were enough left.

        Raises what :meth:`execute` raises.
        """
        run = queue.in_need_of_help(more_than=least_share())
        row = find_source(run.source) if run else None
        if run is None or row is None:
            return False
        watch = HelpersWatch(self.shutdown)
        application = Application(run, row, harvester(), watch, queue.commit_beside)
        name, ending = f"Help with run {run.id}", (LostLeaseError, TurnOverError)
        try:
            with collecting.set_aside():
                done = contained(name, lambda: work_off(application), *ending)
            return not isinstance(done, Broken)
        except ending as err:
            log.info("%s ends: %s", name, err)
            return True
        finally:
            model.Session.rollback()

    def _execute(self, run: HarvestRun, watch: Watch) -> None:
        name = f"Run {run.id} of source {run.source}"
        try:
            done = contained(name, lambda: self._take_steps(run, watch), *FORESEEN)
        except CancelledError:
            model.Session.rollback()
            _end(run, RunState.CANCELLED)
        except (SourceError, TooLongError) as err:
            _fail(run, {"code": err.code, "text": str(err)})
        except SchemaError as err:
            _fail(run, {"code": "source-misconfigured", "text": str(err)})
        except DBAPIError as err:
            if not is_full(err):
                raise
            _fail(run, {"code": "run-database-full", "text": str(err.orig)})
        else:
            if isinstance(done, Broken):
                _fail(run, {"code": "run-crashed", "text": repr(done.error)})

    def _take_steps(self, run: HarvestRun, watch: Watch) -> None:
        row = find_source(run.source)
        if run.stats["claims"] > MAX_CLAIMS:
            _end(run, RunState.INTERRUPTED, {"code": "run-interrupted"})
            return
        if run.state == RunState.ROLLING_BACK:
            undo(run, harvester(), watch)
            return
        if row is None:
            _end(run, RunState.FAILED, {"code": "source-deleted"})
            return
        if run.state == RunState.GATHERING:
            self._gather(run, row, watch)
        if run.state == RunState.APPLYING:
            began = time.monotonic()
            apply_plan(Application(run, row, harvester(), watch))
            _note(run, seconds_apply=_since(began))
            _complete(run)

    def _gather(self, run: HarvestRun, row: HarvestSource, watch: Watch) -> None:
        began, given = time.monotonic(), config_of(row)
        version = version_of(given)
        full = run.full or is_full_due(row, queue.now())
        same_rules = row.visited and last_version(run.source) == version
        visited = Visited.from_json({} if full or not same_rules else row.visited)
        source = self.opener(given, visited)
        task = Task(run, row, given, source, judge(), version, full, watch)
        with self.shutdown.may_break_off():
            intake = gather(task)
        _note(run, version=version, seconds_gather=_since(began), **_asked(source))
        queue.fence(run)  # until the commit nobody else can take the run up and use its spool
        config.spool(run.id).note("visited", visited.as_json())
        supersede(run)
        finish_plan(task, intake)

    def _tell(self, run: HarvestRun) -> None:
        ended = run_by_id(run.id)
        if ended is None:
            return
        notices.note(ended)
        if ended.state in ENDED:
            tidy(ended)


def version_of(given: SourceConfig) -> str:
    """A word for all that decides what becomes of a record, besides what the source says of it."""
    settings = [given.kind, given.url, given.owner, given.defaults, given.options]
    parts = [MAPPING_VERSION, dictionary().edition, _rules(), settings]
    encoded = msgspec.json.encode(parts, order="deterministic")
    return hashlib.blake2b(encoded, digest_size=8).hexdigest()


@lru_cache(maxsize=1)
def _rules() -> str:
    """The digest of the dictionary, the offices and the formula that came with this release."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(schemas.ROOT.rglob("*")):
        if path.suffix in (".yaml", ".csv"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_full_due(row: HarvestSource, now: datetime) -> bool:
    """Whether it is time to look at everything, whatever the source says of changes."""
    return row.last_full is None or row.last_full <= now - FULL_EVERY


def last_version(source: str) -> str:
    """The version by which the last complete run of a source judged."""
    query = (
        sa.select(HarvestRun.stats["version"].as_string())
        .where(HarvestRun.source == source, HarvestRun.state == RunState.COMPLETE.value)
        .order_by(HarvestRun.finished.desc())
        .limit(1)
    )
    return model.Session.scalar(query) or ""


def _complete(run: HarvestRun) -> None:
    """Close a run that did all it had planned, and keep what the next one shall know."""
    counts = count_outcomes(run.id, run.counts.get("unchanged", 0))
    changes: dict[str, Any] = {"last_full": sa.func.now()} if run.full else {}
    visited = config.spool(run.id).noted("visited")
    changes["visited"] = visited if visited and not _leaves_open(run, counts) else {}
    model.Session.execute(
        sa.update(HarvestSource)
        .where(HarvestSource.name == run.source)
        .values(changes)
        .execution_options(synchronize_session=False)
    )
    _end(run, RunState.COMPLETE, counts=counts)


def _leaves_open(run: HarvestRun, counts: Mapping[str, int]) -> bool:
    """Whether something must be looked at again, even if the source stays as it is.

    Conflicts, what the portal refused, removals that a person decided on; records whose files were
    lost on the way; and records that cannot be remembered, for one that repeats an identifier must
    be refused at every run.
    """
    settled = counts.get("rejected", 0) == run.counts.get("rejected", 0)
    remembered = count_present(run.source) == run.total
    return bool(counts.get("conflict") or run.guard or not settled or not remembered)


def _hand_back(run: HarvestRun) -> None:
    """Give back what this worker still holds; another one may hold it by now."""
    model.Session.rollback()
    try:
        queue.hand_back(run)
    except LostLeaseError as err:
        log.warning("%s", err)


def _fail(run: HarvestRun, error: dict[str, Any]) -> None:
    model.Session.rollback()
    _end(run, RunState.FAILED, error)


def _end(
    run: HarvestRun, state: RunState, error: dict[str, Any] | None = None, **values: Any
) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    _note(run, peak_mb=peak)
    queue.fence(run)  # from here on no helper commits, so the counts are the last
    if state is not RunState.COMPLETE and run.total is not None:
        values["counts"] = count_outcomes(run.id, run.counts.get("unchanged", 0))
        remove_unfinished(run)
    queue.move(run, state, error=storable(error), stats=run.stats, **values)


def _note(run: HarvestRun, **values: Any) -> None:
    run.stats = {**run.stats, **values}


def _since(began: float) -> float:
    return round(time.monotonic() - began, 2)


def _asked(source: Source) -> dict[str, int]:
    """How much a source was asked for."""
    if not isinstance(source, Adapter):
        return {}
    return {"requests": source.client.asked.requests, "bytes": source.client.asked.bytes}
