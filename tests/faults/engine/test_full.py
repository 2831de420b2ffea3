"""The disk of the index, or that of the database, is full: on small file systems of their own."""

import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import requests
from bench import Bench, drafts, shelf
from ckan import model
from forked import Fuse
from invariants import held, rows
from small_disk import SmallDisk, needs_mounts, small_disk

from ckanext.hatinh.harvest.model import outbox
from services.postgres import ACCOUNT, Postgres

pytestmark = needs_mounts

FIRST, SECOND = drafts(range(10)), drafts(range(10, 20))
WRITTEN = "sql INSERT INTO package "
OUTBOX = "SELECT count(*) FROM hatinh_harvest_outbox"
SMALL = "kho_nho"
ACTIVE = 3
"""How Solr says that no log is replayed."""


# -- the index (F21) --------------------------------------------------------------------------


@pytest.fixture
def full_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    """A core of the tests' Solr on a disk that is full, as the portal's index."""
    served, _, core = tk.config["solr_url"].rpartition("/")
    monkeypatch.setitem(tk.config, "solr_url", f"{served}/{SMALL}")
    known = administer(action="STATUS")["status"][core]["instanceDir"]
    home = Path(known).with_name(SMALL)
    with small_disk(home, 2) as disk:
        shutil.copytree(Path(known) / "conf", home / "conf")
        begin_core(home)
        disk.fill()
        yield disk
        administer(action="UNLOAD", core=SMALL)


def administer(about: str = "cores", **parameters: str) -> dict[str, Any]:
    """Ask Solr about its cores, or to do something with one."""
    served = tk.config["solr_url"].rpartition("/")[0]
    answer = requests.get(f"{served}/admin/{about}", parameters, timeout=20)
    answer.raise_for_status()
    return answer.json()


def begin_core(home: Path) -> None:
    """Open the core, as at a start of Solr; until its log is replayed it ignores commits."""
    administer(action="CREATE", name=SMALL, instanceDir=str(home))
    replayed = monotonic() + 20
    while monotonic() < replayed:
        state = administer("metrics", key=f"solr.core.{SMALL}:TLOG.state")["metrics"]
        if [*state.values()] == [ACTIVE]:
            return
        sleep(0.05)
    pytest.fail("Solr did not finish the replay of its log")


def restart_with_room(index: SmallDisk) -> None:
    """What an operator does. Room alone is not enough: Lucene closes a writer that had none."""
    index.make_room()
    administer(action="UNLOAD", core=SMALL)
    begin_core(index.path)


def test_f21_full_disk_of_the_index_keeps_documents_in_the_outbox(
    bench: Bench, full_index: SmallDisk
) -> None:
    """Every record lands; none is put off; all are indexed once there is room."""
    run_id = bench.queued()
    assert bench.worked(shelf(FIRST)) == 0
    assert bench.run(run_id).state == "complete"
    assert rows(OUTBOX) == [(10,)]
    assert rows("SELECT DISTINCT attempts FROM hatinh_harvest_outbox") == [(0,)]
    told = outbox.refusal()
    assert told is not None
    assert (told.waiting, bool(told.reason)) == (10, True)
    restart_with_room(full_index)
    assert bench.worked(shelf([])) == 0
    assert outbox.refusal() is None
    bench.landed(run_id, {"created": 10}, FIRST)


def test_f21_disk_that_fills_up_loses_no_document_that_was_taken(
    bench: Bench, full_index: SmallDisk
) -> None:
    """What Solr had taken is still there after its restart, what it had not waits."""
    full_index.make_room()
    first = bench.queued()
    assert bench.worked(shelf(FIRST)) == 0
    assert rows(OUTBOX) == [(0,)]
    full_index.fill()
    second = bench.queued("ke-khac")
    assert bench.worked(shelf(SECOND)) == 0
    assert rows(OUTBOX) == [(10,)]
    restart_with_room(full_index)
    assert bench.worked(shelf([])) == 0
    assert rows(OUTBOX) == [(0,)]
    bench.landed(first, {"created": 10}, FIRST)
    bench.landed(second, {"created": 10}, SECOND)


# -- the database (F22) -----------------------------------------------------------------------


@pytest.fixture
def database_disk(bench: Bench, postgres: Postgres) -> Iterator[SmallDisk]:
    """The portal's database on a small disk, which has room for now."""
    size = int(postgres.psql("postgres", "SELECT pg_database_size('ckan_test')"))
    with small_disk(Path(f"/var/tmp/hatinh-{SMALL}-{os.getpid()}"), size // 2**20 + 30) as disk:
        account = pwd.getpwnam(ACCOUNT)
        os.chown(disk.path, account.pw_uid, account.pw_gid)
        postgres.psql("postgres", f"CREATE TABLESPACE {SMALL} LOCATION '{disk.path}'")
        try:
            move_database(postgres, SMALL)
            yield disk
        finally:
            bench.workers.end()
            move_database(postgres, "pg_default")
            postgres.psql("postgres", f"DROP TABLESPACE {SMALL}")


def move_database(postgres: Postgres, tablespace: str) -> None:
    """Move all tables of the portal to another disk; nobody may be connected meanwhile."""
    model.Session.remove()
    assert model.meta.engine is not None
    model.meta.engine.dispose()
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'ckan_test'"
    move = f"ALTER DATABASE ckan_test SET TABLESPACE {tablespace}"
    postgres.psql("postgres", f"{others};\n{move};")


LONG = [*drafts(range(4)), *drafts(range(4, 6), notes=Random(1).randbytes(200_000).hex(" ", 8))]
"""The last two need room: a text that cannot be packed."""


@pytest.mark.parametrize(
    ("moment", "written"),
    [(["sql INSERT INTO hatinh_harvest_outcome"], 0), ([WRITTEN, "done commit"], 4)],
    ids=["before the plan is kept", "between two batches"],
)
def test_f22_full_disk_of_the_database_ends_the_run_and_leaves_no_half_batch(
    moment: list[str], written: int, bench: Bench, database_disk: SmallDisk
) -> None:
    """The worker lives, whole batches stay; with room the next run brings the rest."""
    run_id = bench.queued()
    assert bench.worked(shelf(LONG), Fuse(moment, database_disk.fill)) == 0
    database_disk.make_room()
    run = bench.run(run_id)
    assert (run.state, (run.error or {})["code"]) == ("failed", "run-database-full")
    assert bench.worked(shelf([])) == 0
    assert rows("SELECT run_id, kind FROM hatinh_harvest_notice") == [(run_id, "failed")]
    assert rows("SELECT count(*) FROM package") == [(written,)]
    held("ke-thu", LONG[:written])
    bench.invariants.check()
    again = bench.ran(shelf(LONG))
    unchanged = {"unchanged": written} if written else {}
    bench.landed(again.id, {"created": 6 - written, **unchanged}, LONG)
