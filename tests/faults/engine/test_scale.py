"""A portal with years of runs behind it: what is asked often costs the same as on the first day.

The rows are made by SQL, not harvested: a million outcomes, a hundred thousand runs, as many stale
documents. Each statement is explained: none may read a large table from end to end.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from bench import Bench
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp
from sqlalchemy import event

from ckanext.hatinh.harvest import queue, tidying, worker
from ckanext.hatinh.harvest.model import outbox
from ckanext.hatinh.harvest.model.run import HarvestRun, last_success, run_by_id
from services.postgres import Postgres

SOURCES = 200
RUNS = 100_000
OUTCOMES = 1_000_000
STALE = 100_000
NEWS = 1_000
LARGE = {f"hatinh_harvest_{name}" for name in ("run", "outcome", "outbox", "record")}
MADE = f"""
SET session_replication_role = replica;
INSERT INTO hatinh_harvest_source (name, kind, title, url, owner, next_run)
SELECT 'nguon-' || n, 'folder', '{{"vi": "Nguồn"}}', 'http://127.0.0.1:1/', 'so-gddt',
       now() + interval '1 day' FROM generate_series(0, {SOURCES - 1}) n;
INSERT INTO hatinh_harvest_run
       (id, source, state, queued, started, finished, counts, guard, stats, total)
SELECT 'luot-' || n, 'nguon-' || n % {SOURCES},
       CASE WHEN n % 7 = 0 THEN 'failed' ELSE 'complete' END, at, at, at + interval '1 min',
       '{{"created": 1}}', '[]', '{{}}', 1
  FROM (SELECT n, now() - ({RUNS} - n) * interval '1 min' AS at
          FROM generate_series(1, {RUNS}) n) past;
INSERT INTO hatinh_harvest_run (id, source, state, queued, counts, guard, stats)
SELECT 'cho-' || n, 'nguon-' || n, 'queued', now() + n * interval '1 s', '{{}}', '[]', '{{}}'
  FROM generate_series(0, {SOURCES - 1}) n;
INSERT INTO hatinh_harvest_outcome
       (run_id, position, guid, title, action, files, problems, diff, package_id)
SELECT 'luot-' || {RUNS} - n / 10000, n, 'bo-' || n, 'Bộ ' || n, 'unchanged', '{{}}',
       CASE WHEN n % 50 = 0 THEN '[{{"code": "title-missing", "severity": "error", "path": "$",
       "value": "", "count": 1, "params": {{}}}}]' ELSE '[]' END::jsonb, '[]', 'goi-' || n
  FROM generate_series(0, {OUTCOMES - 1}) n;
INSERT INTO hatinh_harvest_record (source, guid, package_id, hash, problems)
SELECT 'nguon-' || n % {SOURCES}, 'bo-' || n, 'goi-' || n, '', '[]'
  FROM generate_series(1, {STALE}) n;
INSERT INTO hatinh_harvest_outbox (package_id, attempts, error)
SELECT 'goi-' || n, 0, '' FROM generate_series(1, {STALE}) n;
INSERT INTO hatinh_harvest_notice (source, run_id, kind, mailed)
SELECT 'nguon-' || n % {SOURCES}, 'luot-' || n, 'failed', now() FROM generate_series(1, {NEWS}) n;
ANALYZE hatinh_harvest_source, hatinh_harvest_run, hatinh_harvest_outcome, hatinh_harvest_record,
        hatinh_harvest_outbox, hatinh_harvest_notice;
"""
FAR = f"luot-{RUNS}"
"""A run with ten thousand outcomes."""


@pytest.fixture
def years(bench: Bench, postgres: Postgres) -> Iterator[Bench]:
    """A portal after years of harvests."""
    postgres.psql("ckan_test", f"ALTER TABLE hatinh_harvest_outcome SET UNLOGGED; {MADE}")
    yield bench
    model.Session.remove()
    emptied = f"TRUNCATE {', '.join(LARGE)}, hatinh_harvest_notice, hatinh_harvest_source"
    postgres.psql("ckan_test", f"{emptied}; ALTER TABLE hatinh_harvest_outcome SET LOGGED")


def newest() -> HarvestRun:
    """The run that ended last."""
    found = run_by_id(FAR)
    assert found is not None
    return found


OFTEN: dict[str, tuple[Callable[[], Any], int]] = {
    "claim a run": (lambda: queue.claim("may-khac:1:1"), 3),
    "see what is due": (worker.tick, 8),
    "take stale documents": (lambda: outbox.awaiting_index(100), 1),
    "say when it last worked": (last_success, 1),
    "tidy up after a run": (lambda: tidying.tidy(newest()), 10),
}
"""What workers and every page do, and the statements that it may take."""
PAGES = (
    "/thu-thap/",
    "/thu-thap/nguon/nguon-1",
    "/thu-thap/ban-lam-viec/",
    "/thu-thap/ban-lam-viec/nguon/nguon-1",
    f"/thu-thap/ban-lam-viec/luot/{FAR}?page=100",
    "/thu-thap/ban-lam-viec/thong-bao",
    "/api/3/action/hatinh_run_list?limit=100",
    "/metrics",
)
STATEMENTS = 50
"""What a page may take, however much it lists; most of it is CKAN's, to know who asks."""
COUNTED = ("SELECT hatinh_harvest_run.state, count(*)", "SELECT count(*)")
"""Monitors are told how many rows there are: that, and only that, is counted."""


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile."""
    found: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, text: str, values: Any, *_rest: Any) -> None:
        found.append((text, values))

    event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(model.meta.engine, "before_cursor_execute", note)


def read_from_end_to_end(text: str, values: Any) -> list[str]:
    """The large tables that the database would read whole for a statement."""
    if not text.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")):
        return []
    assert model.meta.engine is not None
    with model.meta.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values).scalar_one()
    nodes = [plan[0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", []))
    scanned = [node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"]
    return [name for name in scanned if name in LARGE]


def test_f32_years_of_runs_cost_no_more_than_the_first_day(years: Bench, app: CKANTestApp) -> None:
    """Claiming, the lists, the desk and the figures: few statements, each by an index."""
    admin = factories.Sysadmin()["name"]
    officer = {"Authorization": factories.APIToken(user=admin, scopes=["full"])["token"]}
    pages = {page: (partial(app.get, page, headers=officer, status=200), STATEMENTS)
             for page in PAGES}  # fmt: skip
    for name, (work, limit) in {**OFTEN, **pages}.items():
        model.Session.remove()
        with statements() as sent:
            work()
        assert len(sent) <= limit, (name, len(sent))
        whole = {" ".join(text.split()): read_from_end_to_end(text, values) for text, values in sent
                 if name != "/metrics" or not text.startswith(COUNTED)}  # fmt: skip
        assert not {text: found for text, found in whole.items() if found}, name
