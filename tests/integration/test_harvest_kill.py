"""kill -9 of a worker at any moment, again and again: nothing lost, nothing twice (F20, I1-I6).

The worker is a child of the test, forked so that no time goes into starting CKAN. It is killed at
a moment that a seed decides; the next one goes on at once, since it sees that the first is dead.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import requests
import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest import queue, worker
from ckanext.hatinh.harvest.engine import Engine
from ckanext.hatinh.harvest.indexing import index_documents
from ckanext.hatinh.harvest.model.outbox import HarvestOutbox
from ckanext.hatinh.harvest.model.outcome import outcomes
from ckanext.hatinh.harvest.model.record import HarvestRecord
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState, run_by_id
from ckanext.hatinh.harvest.watch import Shutdown
from harvesters.source import Source, SourceConfig
from hatinh.dataset import Draft
from hatinh.text import Text

SEEDS = int(os.environ.get("PORTAL_KILL_SEEDS", "20"))
"""How many histories are tried; ``make test-soak`` tries 200."""

KILLS = 3
"""How often each run is killed before it is left in peace; fewer times than it is given up for."""

RECORDS = 40
CONFIG = SourceConfig("ke-thu", "folder", Text("Kệ thử"), "http://127.0.0.1:1/a.json", "so-gddt")
FILE = "http://127.0.0.1:1/bang.csv"
FIELDS: dict[str, Any] = {
    "publisher": "so-gddt", "themes": ["HT05"], "licence": "CC-BY-4.0", "frequency": "nam",
    "data_layer": "tong_hop", "sharing_level": "mo", "publication_class": "cong_khai",
    "pii_class": "none", "importance_class": "khac", "legal_basis": "Kế hoạch 731/KH-UBND",
    "notes": "Số liệu theo năm học.",
    "contact": "Văn phòng Sở",
}  # fmt: skip


def draft(number: int, version: int) -> Draft:
    """A record with a file; every third one changes with the version."""
    part = version if number % 3 == 0 else 0
    fields = FIELDS | {"title": f"Bộ dữ liệu số {number}, lần {part}"}
    file = {"guid": "tep", "url": f"{FILE}?{number}&{part}", "format": "CSV", "name": "Bảng"}
    return Draft(f"bo-{number}", fields, [file], f"row {number}")


def filled(shelf: Callable[..., Source], version: int) -> Source:
    """A source at a version: some records are new, some have gone."""
    records = [draft(number, version) for number in range(version, RECORDS + version)]
    files = {r.resources[0]["url"]: b"a,b\n1,%d\n" % number for number, r in enumerate(records)}
    return shelf(records, files)


def in_child(source: Source) -> int:
    """Start a worker that empties the queue; gives its process id."""
    model.Session.remove()
    engine = model.meta.engine
    assert engine is not None
    child = os.fork()
    if child == 0:
        # Whatever happens, the child must never come back into pytest.
        try:
            engine.dispose(close=False)
            worker.work(Engine(Shutdown(), lambda _given, _visited: source), once=True)
        finally:
            os._exit(0)
    return child


def killed_after(seconds: float, source: Source) -> None:
    """Let a worker work for a while, then kill it."""
    child = in_child(source)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_worker_loses_and_doubles_nothing(seed: int, harvest: Any, shelf: Any) -> None:
    """First import, then an update with new and vanished records, killed at random moments."""
    dice = random.Random(seed)
    for version in (0, 1):
        source = filled(shelf, version)
        run_id = harvest.queued(CONFIG)
        for _ in range(dice.randrange(1, KILLS + 1)):
            killed_after(dice.uniform(0.05, 2.5), source)
        os.waitpid(in_child(source), 0)
        check_invariants(run_id, version)
    again = harvest(CONFIG, filled(shelf, 1))
    assert {name: n for name, n in again.counts.items() if n} == {"unchanged": RECORDS}


def check_invariants(run_id: str, version: int) -> None:
    """What must hold whatever happened."""
    run = run_by_id(run_id)
    assert run is not None
    assert run.state == RunState.COMPLETE, run.error
    counts = dict(run.counts)
    gone = counts.pop("gone", 0) + counts.pop("archived", 0)
    assert sum(counts.values()) == run.total == RECORDS
    assert (gone, counts.get("rejected", 0)) == (version, 0)
    told = outcomes(run_id)
    assert len({outcome.guid for outcome in told}) == len(told)
    guids = {f"bo-{number}" for number in range(RECORDS + version)}
    assert {r.guid for r in model.Session.scalars(sa.select(HarvestRecord))} == guids
    ids = set(model.Session.scalars(sa.select(model.Package.id).where(state_is_active())))
    assert len(ids) == len(guids)
    assert model.Session.scalar(sa.select(sa.func.count()).select_from(HarvestOutbox)) == 0
    check_index(ids)
    model.Session.remove()


def state_is_active() -> sa.ColumnElement[bool]:
    """Of packages that people see."""
    return model.package_table.c.state == "active"


def check_index(ids: set[str]) -> None:
    """The index holds what the database holds, and says the same (I5)."""
    fields = {"q": "*:*", "rows": 1000, "fq": "entity_type:package", "fl": "id,title"}
    answer = requests.get(f"{tk.config['solr_url']}/select", fields, timeout=10).json()
    found = {document["id"]: document["title"] for document in answer["response"]["docs"]}
    assert found == {d["id"]: d["title"] for d in index_documents(sorted(ids))}


def test_stopped_worker_hands_its_run_back(harvest: Any, shelf: Any) -> None:
    """SIGTERM ends a worker in seconds, and another one goes on at once (F33)."""
    source = filled(shelf, 0)
    run_id = harvest.queued(CONFIG)
    child = in_stoppable_child(source)
    time.sleep(1.0)
    began = time.monotonic()
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    assert time.monotonic() - began < 30
    run = run_by_id(run_id)
    assert run is not None
    assert run.worker == ""
    if run.state != RunState.COMPLETE:
        taken = queue.claim("may-khac:1:1", [run_id])
        assert isinstance(taken, HarvestRun)
        assert taken.stats["claims"] == 1
        queue.hand_back(taken)
    os.waitpid(in_child(source), 0)
    check_invariants(run_id, 0)


def in_stoppable_child(source: Source) -> int:
    """A worker that listens to signals, as the command does."""
    model.Session.remove()
    engine = model.meta.engine
    assert engine is not None
    child = os.fork()
    if child == 0:
        try:
            engine.dispose(close=False)
            shutdown = Shutdown()
            shutdown.listen()
            worker.work(Engine(shutdown, lambda _given, _visited: source))
        finally:
            os._exit(0)
    return child
