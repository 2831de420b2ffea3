"""kill -9 of a worker at any moment: the next one goes on, nothing is lost, nothing doubled."""

import os
import random

import pytest
from bench import Bench, counted, draft, drafts, shelf
from forked import KILLED, Fuse
from invariants import held, rows

from ckanext.hatinh.harvest import engine, queue
from ckanext.hatinh.harvest.files import stored_path
from ckanext.hatinh.shared.mapping import package_id, resource_id

SEEDS = int(os.environ.get("PORTAL_KILL_SEEDS", "20"))
"""How many histories are tried; ``make test-soak`` tries 200."""

WRITTEN = "sql INSERT INTO package "
STAGES = {
    "after the claim": ["sql UPDATE hatinh_harvest_run SET state=CASE", "done commit"],
    "while the plan is kept": ["sql INSERT INTO hatinh_harvest_outcome"],
    "between plan and guard": ["sql INSERT INTO hatinh_harvest_outcome", "done commit"],
    "in the savepoint": [WRITTEN],
    "between two files": ["/resources/", "/resources/"],
    "before the commit": [WRITTEN, "commit after"],
    "between commit and index": [WRITTEN, "done commit"],
    "in the request to the index": [WRITTEN, "done commit", "asked"],
    "between index and outbox": [WRITTEN, "sql DELETE FROM hatinh_harvest_outbox"],
    "at the end": ["sql UPDATE hatinh_harvest_source SET"],
    "after the end": ["sql UPDATE hatinh_harvest_source SET", "done commit"],
}
FIRST = drafts(range(10))
CHANGED = drafts((0, 1, 2, 4), title="Sửa lần hai")
SECOND = [*CHANGED, draft(3, publisher=""), *FIRST[5:9], *drafts((20, 21, 22))]
CHANGES = {"updated": 4, "rejected": 1, "unchanged": 4, "created": 3, "gone": 1}


@pytest.mark.parametrize("stage", STAGES)
def test_f20_worker_killed_at_a_stage_loses_and_doubles_nothing(stage: str, bench: Bench) -> None:
    """The first import, cut off at each stage, is finished by the next worker."""
    source, run_id = shelf(FIRST), bench.queued()
    assert bench.worked(source, Fuse([*STAGES[stage]])) == KILLED
    assert bench.worked(source) == 0
    bench.landed(run_id, {"created": 10}, FIRST)
    bench.writes_nothing_again(source)


def test_f20_worker_killed_while_it_reads_begins_to_read_anew(bench: Bench) -> None:
    """Half of a source is no source; nothing of it was kept."""
    run_id = bench.queued()
    assert bench.worked(shelf(FIRST, at_end=Fuse().act)) == KILLED
    assert rows("SELECT count(*) FROM package") == [(0,)]
    assert bench.worked(shelf(FIRST)) == 0
    bench.landed(run_id, {"created": 10}, FIRST)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_f20_worker_killed_anywhere_ends_as_if_undisturbed(seed: int, bench: Bench) -> None:
    """An update, killed up to four times at moments that the seed chooses (I1 to I8)."""
    dice, source = random.Random(seed), shelf(SECOND)
    assert counted(bench.ran(shelf(FIRST))) == {"created": 10}
    run_id = bench.queued()
    moments = [dice.randrange(1, 200) for _ in range(dice.randrange(1, engine.MAX_CLAIMS))]
    for moment in moments:
        assert bench.worked(source, Fuse(number=moment)) in (KILLED, 0), moments
    assert bench.worked(source) == 0
    bench.landed(run_id, CHANGES, [d for d in SECOND if d.fields["publisher"]])
    bench.writes_nothing_again(source)


@pytest.mark.parametrize("text", ["/resources/", "commit after UPDATE hatinh_harvest_run SET lea"])
def test_f20_cancelled_after_a_kill_files_and_rows_agree(text: str, bench: Bench) -> None:
    """Bytes that were stored for a batch that never was are not shown with the former row."""
    bench.ran(shelf(FIRST))
    source, run_id = shelf(drafts(range(10), title="Hai")), bench.queued()
    assert bench.worked(source, Fuse(["sql SAVEPOINT", text])) == KILLED
    queue.cancel(run_id)
    assert bench.worked(source) == 0
    assert bench.run(run_id).state == "cancelled"
    held(bench.run(run_id).source, FIRST)
    bench.invariants.check()


def test_f20_cancelled_after_a_kill_leaves_no_bytes_without_a_row(bench: Bench) -> None:
    """Bytes that were stored for new records that never came to be are removed."""
    run_id = bench.queued()
    assert bench.worked(shelf(FIRST), Fuse([WRITTEN, "commit after"])) == KILLED
    files = [stored_path(resource_id(package_id("ke-thu", f"bo-{n}"), f"tep-{n}")) for n in (0, 4)]
    assert files[0].is_file()
    queue.cancel(run_id)
    assert bench.worked(shelf(FIRST)) == 0
    assert bench.run(run_id).state == "cancelled"
    assert [file for file in files if file.is_file()] == []
    bench.invariants.check()


def test_f31_run_that_kills_every_worker_is_given_up(bench: Bench) -> None:
    """A source that takes all memory ends as interrupted; the next source runs (I4)."""
    run_id = bench.queued()
    for _ in range(engine.MAX_CLAIMS):
        assert bench.worked(shelf(FIRST, at_end=Fuse().act)) == KILLED
    other = bench.queued("ke-khac")
    assert bench.worked(shelf(FIRST)) == 0
    run = bench.run(run_id)
    assert (run.state, (run.error or {})["code"]) == ("interrupted", "run-interrupted")
    bench.landed(other, {"created": 10}, FIRST)
