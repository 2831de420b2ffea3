"""kill -9 of a loader at any moment: readers have the old table or the new; the next goes on."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2.extensions as pg
import pytest
import sqlalchemy as sa
from ckan import model
from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine
from forked import KILLED, Fuse, Workers, watch_moments
from psycopg2.sql import Composable
from tables import Desk, sql, work_tables

from ckanext.hatinh.datastore import database, indexing, loading, queue, swapping
from ckanext.hatinh.datastore.sweeping import sweep
from ckanext.hatinh.datastore.worker import Shutdown, take_one
from ckanext.hatinh.shared.workers import this_worker

OLD, NEW = "ma;so\n001;1\n002;2\n", "ma;so;ngay\n001;5;2025-01-31\n002;6;\n003;7;2025-02-01\n"
OLD_ROWS = [["001", 1], ["002", 2]]
NEW_ROWS = [["001", 5, "2025-01-31"], ["002", 6, None], ["003", 7, "2025-02-01"]]
STAGES = {
    "after the claim": ["sql UPDATE hatinh_datastore_load", "done commit"],
    "before the copy": ["data COPY"],
    "after the copy": ["done data COPY"],
    "while the table is filled": ["data CREATE TABLE"],
    "after the table is filled": ["done data CREATE TABLE"],
    "while indexes are built": ["data CREATE INDEX"],
    "before the lock": ["data LOCK TABLE"],
    "under the lock": ["done data LOCK TABLE"],
    "when the old table is dropped": ["done data LOCK", "done data DROP TABLE"],
    "before the count is kept": ["data INSERT INTO _table_stats"],
    "before the commit": ["published"],
    "after the commit": ["published", "data SELECT"],
    "while columns are profiled": ["data SELECT min"],
    "before the end": ["published", "data SELECT min", "sql UPDATE hatinh_datastore_load"],
    "after the end": ["data SELECT min", "sql UPDATE hatinh_datastore_load", "done commit"],
}


def killed(workers: Workers, fuse: Fuse, desk: Desk, table: str) -> int:
    """The exit code of a worker that loads what waits. Meanwhile its readers see whole tables."""

    def run() -> None:
        for engine in (get_write_engine(), get_read_engine()):
            engine.dispose(close=False)
        watch_moments(fuse)
        _watch_tables(fuse)
        take_one(this_worker(), Shutdown())

    worker = workers.fork(run)
    while not worker.is_over():
        assert desk.rows(table) in (OLD_ROWS, NEW_ROWS)
    return worker.ended(30)


def _watch_tables(fuse: Fuse) -> None:
    """Let the fuse know of every statement on the DataStore, and of the end of the swap."""

    class Watched(pg.cursor):
        def execute(self, query: Any, *given: Any) -> None:
            text = query.as_string(self) if isinstance(query, Composable) else str(query)
            with _around(f"data {text[:100]}", fuse):
                super().execute(query, *given)

        def copy_expert(self, sql: Any, file: Any, *size: Any) -> None:
            with _around("data COPY", fuse):
                super().copy_expert(sql, file, *size)

    @contextmanager
    def watched() -> Iterator[pg.connection]:
        with database.connected() as connection:
            connection.cursor_factory = Watched
            yield connection

    publish = swapping.publish

    def published(*given: Any) -> None:
        publish(*given)
        fuse("published")

    swapping.publish = published
    loading.connected = watched


@contextmanager
def _around(moment: str, fuse: Fuse) -> Iterator[None]:
    fuse(moment)
    yield
    fuse(f"done {moment}")


@pytest.fixture
def table(desk: Desk) -> str:
    """A table whose file has changed, so that it waits for its load."""
    found = desk.upload(OLD)
    desk.load()
    desk.replace(found, NEW)
    sweep()
    return found


def landed(desk: Desk, table: str) -> None:
    """The file is its table, all is told of it, nothing is left over."""
    assert desk.rows(table) == NEW_ROWS
    found = desk.state(table)
    assert (found["state"], found["kept"], found["current"]) == ("done", 3, True)
    assert desk.do("hatinh_column_list", {"resource_id": table})[1]["max"] == "7"
    assert desk.do("datastore_search", {"resource_id": table})["total"] == 3
    assert work_tables() == []
    assert desk.load() == 0


@pytest.mark.parametrize("stage", STAGES)
def test_loader_killed_at_a_stage_leaves_a_whole_table(stage, desk, table, workers):
    """Readers see the old table or the new; the next worker finishes the load."""
    assert killed(workers, Fuse([*STAGES[stage]]), desk, table) == KILLED
    assert desk.rows(table) in (OLD_ROWS, NEW_ROWS)
    take_one(this_worker(), Shutdown())
    landed(desk, table)


@pytest.mark.parametrize("seed", range(5))
def test_loader_killed_anywhere_ends_as_if_undisturbed(seed, desk, table, workers):
    """Killed twice at moments that the seed chooses, the third worker ends it."""
    dice = random.Random(seed)
    for _ in range(2):
        moment = dice.randrange(1, 150)
        assert killed(workers, Fuse(number=moment), desk, table) in (KILLED, 0), moment
    take_one(this_worker(), Shutdown())
    landed(desk, table)


@pytest.mark.parametrize("moment", ["data CREATE INDEX", "done data CREATE INDEX"])
def test_loader_killed_while_a_large_table_is_indexed(moment, desk, table, workers, monkeypatch):
    """The table is there already; the next worker only makes what is missing."""
    monkeypatch.setattr(indexing, "LARGE", 1)
    assert killed(workers, Fuse(["published", moment]), desk, table) == KILLED
    assert desk.rows(table) == NEW_ROWS
    take_one(this_worker(), Shutdown())
    landed(desk, table)
    found = sql("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
    assert found == [(0,)]


def test_file_over_which_workers_die_is_given_up(desk, table, workers):
    """The fourth worker does not try again, says so, and the old table stays."""
    for _ in range(queue.ATTEMPTS):
        assert killed(workers, Fuse(["data COPY"]), desk, table) == KILLED
    take_one(this_worker(), Shutdown())
    found = desk.state(table)
    assert (found["state"], found["reason"]["code"]) == ("failed", "load-given-up")
    assert desk.rows(table) == OLD_ROWS
    desk.do("hatinh_load_start", {"resource_id": table, "force": True})
    take_one(this_worker(), Shutdown())
    landed(desk, table)


def test_server_that_ends_the_connection_costs_only_time(desk, table, workers):
    """The load is undone and waits for another try, which is not counted against the file."""

    def cut() -> None:
        sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'COPY%%' AND pid <> pg_backend_pid()")  # fmt: skip

    assert killed(workers, Fuse(["done data COPY"], cut), desk, table) == 0
    assert desk.state(table)["state"] == "queued"
    assert desk.rows(table) == OLD_ROWS
    wait_is_over(table)
    take_one(this_worker(), Shutdown())
    landed(desk, table)


def test_table_that_is_read_all_the_time_is_tried_again_later(desk, table, monkeypatch):
    """A reader who does not let go keeps the old table; nobody waits behind the loader."""
    monkeypatch.setattr(swapping, "LONGEST", 1.0)
    with database.connected() as reader, reader.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        take_one(this_worker(), Shutdown())
        assert desk.state(table)["state"] == "queued"
        assert desk.rows(table) == OLD_ROWS
    wait_is_over(table)
    take_one(this_worker(), Shutdown())
    landed(desk, table)


def wait_is_over(table: str) -> None:
    """Let the pause before another try be over."""
    model.Session.execute(
        sa.text("UPDATE hatinh_datastore_load SET lease_until = now() WHERE resource_id = :id"),
        {"id": table},
    )
    model.Session.commit()
