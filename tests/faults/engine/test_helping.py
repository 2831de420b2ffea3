"""Idle workers help with a run that another one applies: sooner done, and nothing else differs."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import ckan.plugins.toolkit as tk
import psycopg2
import pytest
from bench import BOUND, Bench, counted, drafts, shelf, until
from forked import KILLED, Forked, Fuse
from harvesting import Shelf
from invariants import held, rows

from ckanext.hatinh.harvest import applying, listening, queue, worker
from ckanext.hatinh.harvest.model.outcome import HarvestOutcome

MANY = drafts(range(36), keywords=["giáo dục", "trường học", "thống kê"])
WRITTEN = "sql INSERT INTO package "
DONE = {"created": len(MANY)}
FEW = MANY[:3]
SEEDS = int(os.environ.get("PORTAL_KILL_SEEDS", "20")) // 4


def holder(bench: Bench, source: Shelf, fuse: Fuse | None = None, pause: float = 0.1) -> Forked:
    """A worker that applies a run so slowly that others have time to help."""

    def slowly() -> None:
        apply = applying._apply_batch

        def slow(application: applying.Application, batch: list[HarvestOutcome]) -> object:
            time.sleep(pause)
            return apply(application, batch)

        applying._apply_batch = slow

    return bench.workers.start(source, fuse, before=slowly)


def helper(bench: Bench, run_id: str, fuse: Fuse | None = None) -> Forked:
    """A worker that comes when a run is being applied, and has no source of its own."""
    until(lambda: bench.state_of(run_id) == "applying", "the run to be applied")
    return bench.workers.start(shelf([]), fuse)


def tags_are_single() -> bool:
    """Whether no two free tags have one name."""
    return (
        rows("SELECT name FROM tag WHERE vocabulary_id IS NULL GROUP BY name HAVING count(*) > 1")
        == []
    )


def test_idle_worker_takes_its_share_of_batches(bench: Bench, tmp_path: Path) -> None:
    """Both write; each record is written once, each new tag made once."""
    run_id, sign = bench.queued(), tmp_path / "helped"
    first = holder(bench, shelf(MANY))
    second = helper(bench, run_id, Fuse([WRITTEN], act=sign.touch))
    assert (first.ended(BOUND), second.ended(BOUND)) == (0, 0)
    assert sign.exists()
    assert tags_are_single()
    bench.landed(run_id, DONE, MANY)
    bench.writes_nothing_again(shelf(MANY))


def test_records_of_one_title_get_names_of_their_own(bench: Bench) -> None:
    """Two batches that want the same name at the same time: one of them takes a longer one."""
    alike = drafts(range(36), title="Báo cáo tháng")
    run_id = bench.queued()
    first, second = holder(bench, shelf(alike)), helper(bench, run_id)
    assert (first.ended(BOUND), second.ended(BOUND)) == (0, 0)
    bench.landed(run_id, DONE, alike)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_f20_helper_killed_anywhere_leaves_its_batch_to_the_holder(seed: int, bench: Bench) -> None:
    """Its locks end with it."""
    run_id, moment = bench.queued(), random.Random(seed).randrange(1, 60)
    first = holder(bench, shelf(MANY))
    second = helper(bench, run_id, Fuse(number=moment))
    assert first.ended(BOUND) == 0
    assert second.ended(BOUND) in (KILLED, 0)
    bench.landed(run_id, DONE, MANY)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_f20_holder_killed_while_it_is_helped_is_replaced(seed: int, bench: Bench) -> None:
    """Whoever helped commits nothing more for it; the next holder finishes the run."""
    source, run_id = shelf(MANY), bench.queued()
    first = holder(bench, source, Fuse(["sql INSERT INTO package ", *["done commit"] * (1 + seed)]))
    second = helper(bench, run_id)
    assert first.ended(BOUND) == KILLED
    assert second.ended(BOUND) == 0
    assert bench.worked(source) == 0
    bench.landed(run_id, DONE, MANY)


def test_cancelled_run_counts_what_helpers_wrote(bench: Bench) -> None:
    """What is counted is what stands, whoever wrote it, and nothing comes after the end."""
    run_id = bench.queued()
    first, second = holder(bench, shelf(MANY), pause=0.3), helper(bench, run_id)
    until(lambda: rows("SELECT count(*) FROM package")[0][0] >= 8, "some datasets")
    queue.cancel(run_id)
    assert (first.ended(BOUND), second.ended(BOUND)) == (0, 0)
    run = bench.run(run_id)
    assert run.state == "cancelled"
    [(there,)] = rows("SELECT count(*) FROM package")
    assert counted(run) == {"created": there}
    assert there < len(MANY)


def test_frozen_helper_keeps_the_holder_waiting_no_longer_than_a_lease(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database ends a transaction in which nothing happens, and its locks with it."""
    monkeypatch.setattr(applying, "LONGEST_SILENCE", 2)
    run_id = bench.queued()
    first = holder(bench, shelf(MANY))
    second = helper(
        bench, run_id, Fuse([WRITTEN], act=lambda: os.kill(os.getpid(), signal.SIGSTOP))
    )
    assert first.ended(BOUND) == 0
    os.kill(second.pid, signal.SIGCONT)
    assert second.ended(BOUND) == 0
    held(bench.run(run_id).source, MANY)
    bench.landed(run_id, DONE, MANY)


# -- hearing of work --------------------------------------------------------------------------

LISTENERS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN %'
"""


def sleepy() -> None:
    """A worker that looks for work once an hour, if nobody wakes it."""
    worker.PAUSE = 3600.0


def idle(bench: Bench, before: Callable[[], object], fuse: Fuse | None = None) -> Forked:
    """A worker that has looked for work in vain and waits to be told of some."""
    others = {*rows(LISTENERS)}
    waiting = bench.workers.start(shelf(FEW), fuse, before=before, once=False)
    until(lambda: {*rows(LISTENERS)} > others, "a worker that listens")
    return waiting


def ended(waiting: Forked) -> int:
    """End a worker as its supervisor does."""
    os.kill(waiting.pid, signal.SIGTERM)
    return waiting.ended(BOUND)


def test_worker_that_waits_is_woken_by_each_run(bench: Bench) -> None:
    """By one that is queued, and by one that is approved."""
    waiting = idle(bench, sleepy)
    run_id = bench.queued(approval="always")
    until(lambda: bench.state_of(run_id) == "waiting", "the run to be planned")
    queue.approve(run_id, "test")
    until(lambda: bench.state_of(run_id) == "complete", "the run to be applied")
    bench.landed(run_id, {"created": len(FEW)}, FEW)
    assert ended(waiting) == 0


def test_small_run_is_shared_with_a_worker_that_waits(bench: Bench, tmp_path: Path) -> None:
    """It hears of the batches when there are some, and does half of what is less than two."""
    tk.config["ckanext.hatinh.harvest.batch"] = 50
    begin, sign, run_id = tmp_path / "begin", tmp_path / "helped", bench.queued()
    source = shelf(MANY, at_end=lambda: wait_for(begin))
    first = bench.workers.start(source, Fuse([WRITTEN], act=lambda: wait_for(sign)))
    until(lambda: bench.state_of(run_id) == "gathering", "the run to be gathered")
    second = idle(bench, sleepy, Fuse([WRITTEN], act=sign.touch))
    begin.touch()
    assert first.ended(BOUND) == 0
    assert ended(second) == 0
    bench.landed(run_id, DONE, MANY)


def wait_for(sign: Path) -> None:
    """Until there is such a file."""
    late = time.monotonic() + BOUND
    while not sign.exists():
        assert time.monotonic() < late, sign
        time.sleep(0.02)


def test_worker_that_nobody_can_wake_looks_for_work(bench: Bench) -> None:
    """The line on which it listens is broken, and broken again: it goes by its pause."""
    waiting = idle(bench, lambda: None)
    rows("SELECT pg_terminate_backend(pid) FROM (" + LISTENERS + ") AS l")
    run_id = bench.queued()
    until(lambda: bench.state_of(run_id) == "complete", "the run to be found")
    bench.landed(run_id, {"created": len(FEW)}, FEW)
    assert ended(waiting) == 0


def test_worker_without_a_line_to_listen_on_looks_for_work(bench: Bench) -> None:
    """The database grants it no further connection."""

    def refused() -> NoReturn:
        raise psycopg2.OperationalError("too many connections")

    def deaf() -> None:
        listening._listen = refused

    waiting = bench.workers.start(shelf(FEW), before=deaf, once=False)
    run_id = bench.queued()
    until(lambda: bench.state_of(run_id) == "complete", "the run to be found")
    bench.landed(run_id, {"created": len(FEW)}, FEW)
    assert ended(waiting) == 0
