"""Runs a source: judged candidates go to the writer, every record's outcome to the ledger."""

import logging
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest.indexing import drain_if_possible
from ckanext.hatinh.harvest.model.outcome import HarvestOutcome
from ckanext.hatinh.harvest.model.record import known_hashes
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState
from ckanext.hatinh.harvest.writer import Writer, WriteRefusedError
from harvesters.errors import SourceError
from harvesters.pipeline import Candidate, Judge, candidates
from harvesters.source import Source, SourceConfig
from hatinh.errors import SchemaError
from hatinh.problem import Problem

log = logging.getLogger(__name__)

Opener = Callable[[SourceConfig], Source]
"""Makes the adapter of a source; may raise what opening raises."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended: its state, its counts by outcome, and the error that stopped it."""

    source: str
    state: RunState
    counts: Mapping[str, int]
    error: Mapping[str, Any] | None = None
    run_id: str = ""


def run_source(config: SourceConfig, opener: Opener, judge: Judge, user: str) -> RunResult:
    """Run one source to its end. One source's failure never reaches another."""
    with source_lock(config.name) as held:
        if not held:
            return RunResult(config.name, RunState.FAILED, {}, {"code": "source-busy"})
        run_id = start_run(config.name, datetime.now(UTC))
        counts: Counter[str] = Counter()
        state, failure = RunState.COMPLETE, None
        try:
            found = candidates(opener(config), judge, config.defaults)
            _write_all(run_id, found, Writer(config.name, user), counts)
        except SourceError as err:
            state, failure = RunState.FAILED, {"code": err.code, "text": str(err)}
        except SchemaError as err:
            state, failure = RunState.FAILED, {"code": "source-misconfigured", "text": str(err)}
        except Exception as err:  # the one catch-all: a source must not stop the others
            log.exception("Source %s failed", config.name)
            state, failure = RunState.FAILED, {"code": "run-crashed", "text": repr(err)}
        if failure:
            model.Session.rollback()
        finish_run(run_id, state, counts, failure)
        drain_if_possible()
        return RunResult(config.name, state, dict(counts), failure, run_id)


def _write_all(
    run_id: str, found: Iterable[Candidate], writer: Writer, counts: Counter[str]
) -> None:
    hashes = known_hashes(writer.source)
    missing = dict.fromkeys(hashes)
    positions = count()
    for position, candidate in zip(positions, found, strict=False):
        missing.pop(candidate.guid, None)
        action, problems = _write(candidate, writer, hashes)
        counts[action] += 1
        stage_outcome(
            run_id, position, candidate.guid, candidate.title, action,
            [problem.as_dict() for problem in problems],
        )  # fmt: skip
        model.Session.commit()
    # What vanished from the source stays in the portal, and its owner is told (REQ-53).
    for guid in missing:
        counts["gone"] += 1
        stage_outcome(run_id, next(positions), guid, "", "gone", [])
    model.Session.commit()


def _write(
    candidate: Candidate, writer: Writer, hashes: Mapping[str, str]
) -> tuple[str, Sequence[Problem]]:
    """What became of a candidate, and every problem found in it."""
    if candidate.dataset is None:
        return "rejected", candidate.problems
    if hashes.get(candidate.guid) == candidate.hash:
        return "unchanged", candidate.problems
    try:
        return writer.write(candidate, candidate.dataset), candidate.problems
    except WriteRefusedError as err:
        return "rejected", (*candidate.problems, *err.problems)


def start_run(source: str, now: datetime) -> str:
    """Open a run and give its id.

    Earlier runs of the source that never ended are marked as interrupted: the caller holds the
    source's lock, so their process is gone.
    """
    model.Session.execute(
        sa.update(HarvestRun)
        .where(HarvestRun.source == source, HarvestRun.state == RunState.APPLYING.value)
        .values(state=RunState.INTERRUPTED.value, finished=now)
    )
    run = HarvestRun(source=source, started=now, counts={}, state=RunState.APPLYING.value)
    model.Session.add(run)
    model.Session.commit()
    return run.id


def finish_run(
    run_id: str, state: RunState, counts: Mapping[str, int], error: Mapping[str, Any] | None = None
) -> None:
    """Close a run with its counts."""
    model.Session.execute(
        sa.update(HarvestRun)
        .where(HarvestRun.id == run_id)
        .values(
            state=state.value,
            finished=datetime.now(UTC),
            counts=dict(counts),
            error=dict(error) if error else None,
        )
    )
    model.Session.commit()


def stage_outcome(
    run_id: str, position: int, guid: str, title: str, action: str, problems: list[dict[str, Any]]
) -> None:
    """Note in the open transaction what became of a record."""
    model.Session.add(
        HarvestOutcome(
            run_id=run_id,
            position=position,
            guid=guid,
            title=title,
            action=action,
            problems=problems,
        )
    )


@contextmanager
def source_lock(source: str) -> Iterator[bool]:
    """Hold a source for one run; gives ``False`` when another process holds it.

    The lock belongs to a database connection of its own and falls with it, so a killed
    process never leaves it behind.
    """
    key = zlib.crc32(f"hatinh_harvest:{source}".encode())
    with model.Session.get_bind().engine.connect() as connection:
        held = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))))
        try:
            yield held
        finally:
            if held:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))

