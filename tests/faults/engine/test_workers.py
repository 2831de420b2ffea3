"""Workers beside each other, clocks that differ, cancelled runs, full disks, polite ends."""

import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from bench import BOUND, Bench, counted, draft, drafts, shelf, until
from ckan import model
from forked import Forked, Fuse, shift_clock
from invariants import rows

from ckanext.hatinh.harvest import queue, watch
from ckanext.hatinh.harvest.model.run import RunState
from hatinh.dataset import Resource

FIRST = drafts(range(10))
WRITTEN = "sql INSERT INTO package "
SETTING = "ckanext.hatinh.harvest."
PATIENCE = 10.0
"""Seconds within which a worker hears that it shall stop (the promise is 30)."""


def besides(statement: str) -> None:
    """Somebody else changes the database, by another connection, while a worker works."""
    assert model.meta.engine is not None
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text(statement))


# -- clocks (F24) -----------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-1, 1])
def test_f24_worker_with_another_clock_keeps_its_lease(days: int, bench: Bench) -> None:
    """Leases are the database's: nobody takes a run up whose worker works."""
    run_id = bench.queued()
    slow = shelf(FIRST, at_end=lambda: time.sleep(3))
    working = bench.workers.start(slow, before=lambda: shift_clock(days))
    until(lambda: bench.state_of(run_id) == "gathering", "the run to begin")
    shift = Fuse()
    taking = bench.workers.start(shelf([]), shift, before=lambda: shift_clock(-days))
    assert taking.ended(BOUND) == 0
    assert working.ended(BOUND) == 0
    bench.landed(run_id, {"created": 10}, FIRST)


def test_f24_runs_under_clocks_that_jump_agree(bench: Bench) -> None:
    """Made tomorrow, changed yesterday: no edit is seen that nobody made, nothing done twice."""
    made, changed = bench.queued(), drafts(range(10), title="Hai")
    assert bench.worked(shelf(FIRST), before=lambda: shift_clock(1)) == 0
    bench.landed(made, {"created": 10}, FIRST)
    updated = bench.queued(policy="ask")
    assert bench.worked(shelf(changed), before=lambda: shift_clock(-1)) == 0
    bench.landed(updated, {"updated": 10}, changed)
    bench.writes_nothing_again(shelf(changed))


def test_f24_clock_a_month_ahead_archives_nothing_early(bench: Bench) -> None:
    """The time of grace is counted by the database's clock."""
    bench.ran(shelf(drafts(range(12))))
    left = shelf(drafts(range(11)))
    assert counted(bench.ran(left)) == {"unchanged": 11, "gone": 1}
    run_id = bench.queued()
    assert bench.worked(left, before=lambda: shift_clock(30)) == 0
    bench.landed(run_id, {"unchanged": 11}, drafts(range(12)))


# -- two workers (F27) ------------------------------------------------------------------------


def test_f27_two_workers_never_work_on_one_source(bench: Bench) -> None:
    """A run asked for by hand waits for the scheduled one, and is then done once."""
    scheduled = bench.queued()
    slow = shelf(FIRST, at_end=lambda: time.sleep(2))
    first = bench.workers.start(slow)
    until(lambda: bench.state_of(scheduled) == "gathering", "the run to begin")
    by_hand = queue.enqueue("ke-thu", "hand", "test")
    assert queue.enqueue("ke-thu", "schedule", "") == by_hand
    assert bench.worked(shelf([])) == 0
    assert bench.state_of(by_hand) == "queued"
    assert first.ended(BOUND) == 0
    one, other = bench.run(scheduled), bench.run(by_hand)
    assert one.finished is not None
    assert other.started is not None
    assert one.finished <= other.started
    bench.landed(scheduled, {"created": 10}, FIRST)
    bench.landed(by_hand, {"unchanged": 10}, FIRST)


def test_f27_workers_share_sources_without_loss(bench: Bench) -> None:
    """Many sources, three workers: each source once."""
    asked = [bench.queued(f"ke-{n}") for n in range(6)]
    working = [bench.workers.start(shelf(drafts(range(4)))) for _ in range(3)]
    assert [worker.ended(BOUND) for worker in working] == [0, 0, 0]
    done = [bench.run(run_id) for run_id in asked]
    assert [(run.error, counted(run)) for run in done] == [(None, {"created": 4})] * 6
    bench.invariants.check()


def test_f27_workers_that_begin_together_make_one_account(bench: Bench) -> None:
    """The first two runs of a portal may come at once: both find the account that harvests."""
    asked = [bench.queued(f"ke-{n}") for n in range(2)]
    making = ['sql INSERT INTO "user"']
    sources = [shelf(drafts(range(n, n + 4), keywords=[f"từ {n}"])) for n in (0, 10)]
    working = [
        bench.workers.start(source, Fuse([*making], lambda: time.sleep(1))) for source in sources
    ]
    assert [worker.ended(BOUND) for worker in working] == [0, 0]
    done = [bench.run(run_id) for run_id in asked]
    assert [(run.error, counted(run)) for run in done] == [(None, {"created": 4})] * 2
    bench.invariants.check()


@pytest.mark.parametrize("moment", [[WRITTEN], [WRITTEN, "done commit"]])
def test_f27_worker_thought_dead_finds_its_commit_refused(
    moment: list[str], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sleeps beyond its lease, in a transaction or between two; another one goes on."""
    monkeypatch.setitem(tk.config, f"{SETTING}lease_seconds", 1)
    run_id, source = bench.queued(), shelf(FIRST)
    asleep = bench.workers.start(
        source, Fuse([*moment], lambda: os.kill(os.getpid(), signal.SIGSTOP))
    )
    until(lambda: is_stopped(asleep), "the worker to fall asleep")
    token = bench.run(run_id).token
    time.sleep(1.5)  # longer than the lease
    taking = bench.workers.start(source)
    until(lambda: bench.run(run_id).token > token, "another worker to take the run up")
    os.kill(asleep.pid, signal.SIGCONT)
    assert [asleep.ended(BOUND), taking.ended(BOUND)] == [0, 0]
    bench.landed(run_id, {"created": 10}, FIRST)
    bench.writes_nothing_again(source)


def is_stopped(forked: Forked) -> bool:
    """Whether a process sleeps by SIGSTOP."""
    stat = Path(f"/proc/{forked.pid}/stat").read_text(encoding="utf-8")
    return stat.rpartition(")")[2].split()[0] == "T"


# -- cancelled, deleted (F28) -----------------------------------------------------------------


def test_f28_cancelled_while_it_reads_a_run_ends_within_seconds(bench: Bench) -> None:
    """Nothing of it is written; the next run is a whole one."""
    run_id = bench.queued()
    working = bench.workers.start(Endless())
    until(lambda: bench.state_of(run_id) == "gathering", "the run to begin")
    queue.cancel(run_id)
    assert working.ended(PATIENCE) == 0
    assert bench.state_of(run_id) == "cancelled"
    assert rows("SELECT count(*) FROM package") == [(0,)]
    assert counted(bench.ran(shelf(FIRST))) == {"created": 10}
    bench.invariants.check()


class Endless:
    """A source that has always one more record."""

    def drafts(self) -> Any:
        """A record every now and then."""
        for number in range(100_000):
            time.sleep(0.02)
            yield draft(number)

    def content(self, resource: Resource) -> bytes:
        """Every file is the same but for its address."""
        return resource.url.encode()


def test_f28_cancelled_while_it_writes_a_run_keeps_whole_batches(bench: Bench) -> None:
    """What is written stays and agrees with the index; the next run brings the rest."""
    run_id, source = bench.queued(), shelf(FIRST)
    cancel = "UPDATE hatinh_harvest_run SET cancel_requested = true"
    assert bench.worked(source, Fuse([WRITTEN, "done commit"], lambda: besides(cancel))) == 0
    assert bench.state_of(run_id) == "cancelled"
    assert rows("SELECT count(*) FROM package") == [(4,)]
    bench.invariants.check()
    assert counted(bench.ran(source)) == {"created": 6, "unchanged": 4}
    bench.writes_nothing_again(source)


@pytest.mark.parametrize(
    ("moment", "written"), [("sql INSERT INTO hatinh_harvest_outcome", 0), (WRITTEN, 4)]
)
def test_f28_source_deleted_meanwhile_ends_its_runs(
    moment: str, written: int, bench: Bench, tmp_path: Path
) -> None:
    """What is written stays and agrees with the index; no run of it is left over."""
    run_id, begun = bench.queued(), tmp_path / "begun"

    def be_slow() -> None:
        begun.touch()
        time.sleep(2)

    working = bench.workers.start(shelf(FIRST), Fuse([moment], be_slow))
    until(begun.exists, "the worker to begin")
    waiting = queue.enqueue("ke-thu", "hand", "test")
    delete({"ignore_auth": True}, {"id": "ke-thu"})
    assert working.ended(PATIENCE) == 0
    assert [bench.state_of(found) for found in (run_id, waiting)] == ["cancelled"] * 2
    assert rows("SELECT count(*) FROM package") == [(written,)]
    bench.invariants.check()


def delete(context: Any, data: dict[str, str]) -> None:
    """Somebody deletes a source."""
    tk.get_action("hatinh_source_delete")(context, data)
    model.Session.remove()


# -- the machine (F31) ------------------------------------------------------------------------


def limit_files(size: int) -> None:
    """No file may become longer, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_f31_full_disk_while_reading_fails_the_run_alone(bench: Bench) -> None:
    """Nothing was written; the same worker does the next source; later the run succeeds."""
    big = shelf(FIRST)
    big.files = {url: body * 4000 for url, body in big.files.items()}
    run_id = bench.queued()
    assert bench.worked(big, before=lambda: limit_files(100_000)) == 0
    run = bench.run(run_id)
    assert (run.state, (run.error or {})["code"]) == ("failed", "run-crashed")
    assert rows("SELECT count(*) FROM package") == [(0,)]
    assert counted(bench.ran(big)) == {"created": 10}
    bench.invariants.check()


def test_f31_full_disk_while_storing_files_fails_the_run_and_refuses_no_record(
    bench: Bench,
) -> None:
    """No record is to blame; rows and files still agree, and the next run brings all."""
    bench.ran(shelf(FIRST))
    changed = shelf(drafts(range(10), title="Hai"))
    changed.files = {url: body * 4000 for url, body in changed.files.items()}
    run_id = bench.queued()
    full = Fuse(["sql SAVEPOINT"], lambda: limit_files(100_000))
    assert bench.worked(changed, full) == 0
    run = bench.run(run_id)
    assert (run.state, counted(run).get("rejected")) == ("failed", None)
    bench.invariants.check()
    assert counted(bench.ran(changed)) == {"updated": 10}
    bench.invariants.check()


def test_f31_no_file_handles_fail_the_run_alone(bench: Bench) -> None:
    """The worker lives on: as soon as there are handles it does the next run."""
    many = resource.getrlimit(resource.RLIMIT_NOFILE)

    def leave_none() -> None:
        if source.read == 1:
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, many[1]))

    source, first = shelf(FIRST, at_end=leave_none), bench.queued()
    working = bench.workers.start(source, once=False)
    until(lambda: bench.state_of(first) == "failed", "the run to fail")
    assert (bench.run(first).error or {})["code"] == "run-crashed"
    resource.prlimit(working.pid, resource.RLIMIT_NOFILE, many)
    second = bench.queued("ke-khac")
    until(lambda: bench.state_of(second) == "complete", "the next run to be done")
    os.kill(working.pid, signal.SIGTERM)
    assert working.ended(PATIENCE) == 0
    bench.landed(second, {"created": 10}, FIRST)


# -- backlogs (F32) ---------------------------------------------------------------------------


def test_f32_sources_get_their_turn_in_the_order_of_asking(bench: Bench) -> None:
    """Who asks again waits behind all others; a thousand waiting runs cost no time."""
    besides("INSERT INTO hatinh_harvest_run (id, source, state, counts, guard, stats)"
            " SELECT 'lau-' || n, 'nguon-' || n % 500, 'complete', '{}', '[]', '{}'"
            " FROM generate_series(1, 20000) n")  # fmt: skip
    besides("INSERT INTO hatinh_harvest_run (id, source, state, queued, counts, guard, stats)"
            " SELECT 'cho-' || n, 'cho-' || n, 'queued', now() - (2000 - n) * interval '1 s',"
            " '{}', '[]', '{}' FROM generate_series(1, 1000) n")  # fmt: skip
    began, taken = time.monotonic(), []
    for number in range(1, 21):
        run = queue.claim(f"may-khac:{number}:1")
        assert run is not None
        taken.append(run.id)
        queue.move(run, RunState.COMPLETE)
        queue.enqueue(run.source, "hand", "test")
    assert taken == [f"cho-{number}" for number in range(1, 21)]
    assert time.monotonic() - began < 20 * 0.5


def test_f32_large_source_lets_small_ones_through(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its turn a run goes to the end of the queue, where it stood; it loses nothing."""
    monkeypatch.setattr(watch, "TURN", 0.0)
    large, small = bench.queued("ke-lon"), bench.queued("ke-nho")
    assert bench.worked(shelf(drafts(range(20)))) == 0
    assert bench.run(small).finished < bench.run(large).finished  # pyright: ignore
    bench.landed(large, {"created": 20}, drafts(range(20)))
    bench.landed(small, {"created": 20}, drafts(range(20)))


def test_f32_backlog_of_the_index_lets_runs_through(bench: Bench) -> None:
    """Five thousand stale documents do not keep a worker from its runs, or from its end."""
    besides("INSERT INTO hatinh_harvest_outbox (package_id, attempts, error)"
            " SELECT 'lau-' || n, 0, '' FROM generate_series(1, 5000) n")  # fmt: skip
    run_id = bench.queued()
    assert bench.worked(shelf(FIRST), Fuse([WRITTEN, "done commit", "asked"], stopped)) == 0
    left = rows("SELECT count(*) FROM hatinh_harvest_outbox")[0][0]
    assert left > 0, "the worker was asked to end and went on indexing"
    assert bench.worked(shelf(FIRST)) == 0
    bench.landed(run_id, {"created": 10}, FIRST)


def stopped() -> None:
    """Somebody asks this process to end."""
    os.kill(os.getpid(), signal.SIGTERM)


# -- polite ends (F33) ------------------------------------------------------------------------


@pytest.mark.parametrize("moment", [
    ["sql INSERT INTO hatinh_harvest_outcome"], [WRITTEN], [WRITTEN, "commit after"],
    [WRITTEN, "done commit", "asked"],
])  # fmt: skip
def test_f33_stopped_worker_hands_its_run_back(moment: list[str], bench: Bench) -> None:
    """Whole batches stay; another worker goes on at once, and it does not count as a fall."""
    run_id, source = bench.queued(), shelf(FIRST)
    working = bench.workers.start(source, Fuse([*moment], stopped))
    assert working.ended(PATIENCE) == 0
    run = bench.run(run_id)
    assert (run.worker, run.state in ("gathering", "applying")) == ("", True)
    assert rows("SELECT count(*) FROM package")[0][0] in (0, 4)
    assert bench.worked(source) == 0
    assert bench.run(run_id).stats["claims"] == 1
    bench.landed(run_id, {"created": 10}, FIRST)
    bench.writes_nothing_again(source)


def test_f33_stopped_while_it_waits_for_a_source_a_worker_does_not_wait_on(bench: Bench) -> None:
    """A read that hangs is broken off."""
    run_id = bench.queued()
    working = bench.workers.start(shelf(FIRST, at_end=lambda: time.sleep(60)))
    until(lambda: bench.state_of(run_id) == "gathering", "the run to begin")
    time.sleep(0.5)
    os.kill(working.pid, signal.SIGTERM)
    assert working.ended(PATIENCE) == 0
    assert bench.worked(shelf(FIRST)) == 0
    bench.landed(run_id, {"created": 10}, FIRST)
