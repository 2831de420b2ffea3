"""The index, the database and Valkey are away, restart or refuse in the middle of a harvest."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
import psycopg2
import pytest
from bench import BOUND, Bench, counted, drafts, shelf
from ckan import model
from ckan.lib import redis, search
from forked import Fuse
from invariants import documents, rows
from redis import ConnectionPool
from scripted import ChaosProxy, RawServer, answer, saying
from sqlalchemy.exc import DBAPIError

from ckanext.hatinh.shared.mapping import package_id
from services.postgres import Postgres

FIRST = drafts(range(10))
WRITTEN = "sql INSERT INTO package "
LOADING = b'{"error":{"msg":"SolrCore is loading","code":503}}'
OUTBOX = "SELECT count(*) FROM hatinh_harvest_outbox"


# -- the index (F21) --------------------------------------------------------------------------


@pytest.fixture
def line(chaos: Callable[..., ChaosProxy], monkeypatch: pytest.MonkeyPatch) -> ChaosProxy:
    """A line to Solr that can be spoilt."""
    there = urlsplit(tk.config["solr_url"])
    assert there.port is not None
    proxy = chaos(there.port)
    monkeypatch.setitem(tk.config, "solr_url", f"{proxy.url}{there.path}")
    monkeypatch.setitem(tk.config, "solr_timeout", 1)
    return proxy


@pytest.mark.parametrize(
    "fault",
    [{"refuse": True}, {"reset_after": 40}, {"cut_after": 10}, {"deaf": True}],
    ids=["refuses", "breaks off", "ends early", "is silent"],
)
def test_f21_index_away_the_database_goes_on(
    fault: dict[str, Any], bench: Bench, line: ChaosProxy
) -> None:
    """Every record lands; its document waits in the outbox and comes when the index is back."""
    for name, value in fault.items():
        setattr(line, name, value)
    began, run_id = time.monotonic(), bench.queued()
    assert bench.worked(shelf(FIRST)) == 0
    assert time.monotonic() - began < BOUND / 2
    assert rows(OUTBOX) == [(10,)]
    for name, former in {"refuse": False, "deaf": False}.items():
        setattr(line, name, former)
    line.reset_after = line.cut_after = None
    assert bench.worked(shelf([])) == 0
    assert rows(OUTBOX) == [(0,)]
    bench.landed(run_id, {"created": 10}, FIRST)


def test_f21_index_still_loading_is_an_index_that_is_away(
    bench: Bench, raw: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 refuses no document: none is put off, all come at the next try."""
    loading = raw(saying(answer(LOADING, status=503)))
    run_id = bench.queued()
    with monkeypatch.context() as patch:
        patch.setitem(tk.config, "solr_url", f"{loading.url}/solr/ckan")
        assert bench.worked(shelf(FIRST)) == 0
    assert rows("SELECT DISTINCT attempts FROM hatinh_harvest_outbox") == [(0,)]
    assert bench.worked(shelf([])) == 0
    bench.landed(run_id, {"created": 10}, FIRST)


def test_f21_index_lost_between_two_batches_has_the_first_at_once(
    bench: Bench, line: ChaosProxy
) -> None:
    """What was sent stays; the rest follows, no document twice."""
    source, run_id = shelf(FIRST), bench.queued()
    lost = Fuse([WRITTEN, "asked", WRITTEN], act=lambda: tk.config.update(solr_url=nowhere()))
    assert bench.worked(source, lost) == 0
    search.commit()
    assert documents().keys() == {package_id("ke-thu", f"bo-{n}") for n in range(4)}
    assert rows(OUTBOX) == [(6,)]
    assert bench.worked(source) == 0
    bench.landed(run_id, {"created": 10}, FIRST)


def nowhere() -> str:
    """An address on which nobody listens."""
    return "http://127.0.0.1:9/solr/ckan"


# -- the database (F22) -----------------------------------------------------------------------


@contextmanager
def cut_off() -> Iterator[None]:
    """The connections of this process are broken afterwards: forget them."""
    try:
        yield
    finally:
        model.Session.remove()
        model.meta.engine.dispose()  # pyright: ignore[reportOptionalMemberAccess]


def end_connections(postgres: Postgres) -> None:
    """End every connection of the portal to its database."""
    others = "datname = 'ckan_test' AND pid <> pg_backend_pid()"
    query = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
    postgres.psql("ckan_test", query)


@pytest.mark.parametrize(
    "texts",
    [
        [WRITTEN, WRITTEN],
        [WRITTEN, "sql SAVEPOINT"],
        [WRITTEN, "sql RELEASE"],
        [WRITTEN, "commit after"],
    ],
)
def test_f22_ended_connections_cost_a_batch_that_is_written_again(
    texts: list[str], bench: Bench, postgres: Postgres
) -> None:
    """As after a failover or ``idle_in_transaction_session_timeout``: no half batch stays."""
    source, run_id = shelf(FIRST), bench.queued()
    with cut_off():
        assert bench.worked(source, Fuse([*texts], act=lambda: end_connections(postgres))) == 0
    bench.landed(run_id, {"created": 10}, FIRST)
    bench.writes_nothing_again(source)


def test_f22_restarted_server_is_waited_for(bench: Bench, postgres: Postgres) -> None:
    """The worker neither ends nor gives its run up."""
    server = int((postgres.data / "postmaster.pid").read_text().split()[0])
    source, run_id = shelf(FIRST), bench.queued()
    with cut_off():
        stopping = Fuse([WRITTEN], act=lambda: os.kill(server, signal.SIGINT))
        assert bench.worked(source, stopping) == 0
        until_serving(postgres)
    bench.landed(run_id, {"created": 10}, FIRST)


def until_serving(postgres: Postgres) -> None:
    """Wait for the supervisor to bring the server back."""
    until = time.monotonic() + BOUND
    while not postgres.is_ready():
        assert time.monotonic() < until, "the server did not come back"
        time.sleep(0.1)


def test_f22_deadlock_is_lost_and_the_batch_written_again(bench: Bench, postgres: Postgres) -> None:
    """Two transactions wait for each other; the worker's is the one that is sacrificed."""
    bench.ran(shelf(FIRST))
    ids = sorted(package_id("ke-thu", f"bo-{n}") for n in range(4))
    changed, run_id = drafts(range(10), title="Hai"), bench.queued()
    with as_superuser(postgres) as other:
        other.execute("SET deadlock_timeout = '1min'")
        other.execute("SELECT FROM package WHERE id = %s FOR UPDATE", [ids[3]])
        working = bench.workers.start(shelf(changed))
        until_one_waits(other)
        other.execute("SELECT FROM package WHERE id = %s FOR UPDATE", [ids[0]])
        other.connection.rollback()
    assert working.ended(BOUND) == 0
    assert "deadlock detected" in bench.invariants.log.read_text(encoding="utf-8")
    bench.landed(run_id, {"updated": 10}, changed)


@contextmanager
def as_superuser(postgres: Postgres) -> Iterator[Any]:
    """A connection that no limit holds for."""
    url = postgres.url("postgres", "ckan_test")
    connection = psycopg2.connect(url)
    try:
        yield connection.cursor()
    finally:
        connection.close()


def until_one_waits(other: Any) -> None:
    """Wait until some connection waits for a lock."""
    until = time.monotonic() + BOUND
    found = 0
    while not found:
        assert time.monotonic() < until, "nobody waits for a lock"
        other.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        found = other.fetchone()[0]


def test_f22_full_server_is_waited_for(bench: Bench, postgres: Postgres) -> None:
    """No connection is left for the worker; once there is one, it goes on."""
    source, run_id = shelf(FIRST), bench.queued()
    with cut_off():
        postgres.psql("postgres", "ALTER ROLE ckan CONNECTION LIMIT 0")
        try:
            working = bench.workers.start(source)
            time.sleep(1)
            assert not working.is_over()
        finally:
            postgres.psql("postgres", "ALTER ROLE ckan CONNECTION LIMIT -1")
        assert working.ended(BOUND) == 0
    bench.landed(run_id, {"created": 10}, FIRST)


def test_f22_database_that_falls_away_for_a_statement_leaves_no_half_batch(bench: Bench) -> None:
    """A serialization failure or a broken line at any statement of a batch."""

    def fall() -> None:
        raise DBAPIError.instance(
            "", None, psycopg2.OperationalError("could not serialize access"), psycopg2.Error
        )

    for moment in range(20, 140, 30):
        name = f"ke-{moment}"
        run_id, records = bench.queued(name), drafts(range(moment, moment + 6))
        assert bench.worked(shelf(records), Fuse(number=moment, act=fall)) == 0
        run = bench.run(run_id)
        assert (run.state, counted(run)) == ("complete", {"created": 6})
    bench.invariants.check()


# -- Valkey (F23) -----------------------------------------------------------------------------


def test_f23_harvest_needs_no_valkey(bench: Bench) -> None:
    """What was asked for is remembered when Valkey forgets, and done while it is away."""
    source, run_id = shelf(FIRST), bench.queued()
    redis.connect_to_redis().flushall()

    def without() -> None:
        redis._connection_pool = ConnectionPool.from_url("redis://127.0.0.1:9/0")

    assert bench.worked(source, before=without) == 0
    bench.landed(run_id, {"created": 10}, FIRST)
