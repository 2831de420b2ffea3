"""The machine's clock steps by hours while a run is under way; days of 23 and of 25 hours (F24).

The database's clock is the one that leases and schedules go by. It is stepped for the portal alone:
functions of the same names stand before PostgreSQL's own in the search path of its account.
"""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from bench import BOUND, Bench, drafts, shelf
from ckan import model
from forked import Forked, Fuse
from invariants import rows

from ckanext.hatinh.harvest import leases
from ckanext.hatinh.harvest.model.source import HarvestSource
from harvesters import schedule
from services.postgres import Postgres

FIRST = drafts(range(10))
WRITTEN = "sql INSERT INTO package "
CLOCK = """
CREATE SCHEMA stepped;
CREATE TABLE stepped.clock (step interval);
INSERT INTO stepped.clock VALUES ('0');
CREATE FUNCTION stepped.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
'SELECT pg_catalog.clock_timestamp() + step FROM stepped.clock';
CREATE FUNCTION stepped.now() RETURNS timestamptz LANGUAGE sql STABLE AS
'SELECT pg_catalog.now() + step FROM stepped.clock';
GRANT USAGE ON SCHEMA stepped TO ckan;
GRANT SELECT, UPDATE ON stepped.clock TO ckan;
ALTER ROLE ckan IN DATABASE ckan_test SET search_path = public, stepped, pg_catalog;
"""
REAL = """
ALTER ROLE ckan IN DATABASE ckan_test RESET search_path;
DROP SCHEMA stepped CASCADE;
"""


@pytest.fixture
def clock(bench: Bench, postgres: Postgres) -> Iterator[None]:
    """A database whose clock can be set."""
    postgres.psql("ckan_test", CLOCK)
    connect_anew()
    yield
    bench.workers.end()
    postgres.psql("ckan_test", REAL)
    connect_anew()


def connect_anew() -> None:
    """A search path holds for connections made after it."""
    model.Session.remove()
    assert model.meta.engine is not None
    model.meta.engine.dispose()


def step(hours: float) -> None:
    """Set the clock by so many hours, at once and for everybody."""
    assert model.meta.engine is not None
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE stepped.clock SET step = step + make_interval(secs => :seconds)"),
            {"seconds": hours * 3600},
        )


def claims(run_id: str) -> int:
    """How often a run was taken up."""
    found = rows("SELECT stats ->> 'claims' FROM hatinh_harvest_run WHERE id = :id", id=run_id)
    model.Session.remove()
    return int(found[0][0])


@pytest.mark.parametrize(
    ("hours", "moment"), [(-2, "sql INSERT INTO hatinh_harvest_outcome"), (2, WRITTEN)]
)
def test_f24_clock_that_steps_during_a_run_changes_nothing_of_it(
    hours: float, moment: str, bench: Bench, clock: None
) -> None:
    """The lease ends by the new clock at once, or hours later: either way the run is done once,
    and the worker goes on with it."""
    source, run_id = shelf(FIRST), bench.queued()
    assert bench.worked(source, Fuse([moment], lambda: step(hours))) == 0
    assert claims(run_id) == 1
    bench.landed(run_id, {"created": 10}, FIRST)


@pytest.mark.parametrize("hours", [-2, 2])
def test_f24_clock_that_steps_beside_an_idle_worker_doubles_nothing(
    hours: float, bench: Bench, clock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sees that the run is being worked on, and leaves it to its worker."""
    monkeypatch.setattr(leases, "BEATS", 1000)  # the holder has time, however slow the machine
    source = shelf(FIRST, at_end=lambda: time.sleep(1.5))
    run_id = bench.queued()
    working = bench.workers.start(source)
    idle = bench.workers.start(source, once=False)
    wait_for(working, "SELECT 1 FROM hatinh_harvest_run WHERE state = 'gathering'")
    step(hours)
    assert working.ended(BOUND) == 0
    wait_for(idle, "SELECT 1 FROM hatinh_harvest_run WHERE state = 'complete'")
    idle.kill()
    assert claims(run_id) == 1
    bench.landed(run_id, {"created": 10}, FIRST)
    bench.writes_nothing_again(source)


def wait_for(worker: Forked, query: str) -> None:
    """Until the database has such a row."""
    late = time.monotonic() + BOUND
    while not rows(query):
        assert time.monotonic() < late, query
        model.Session.remove()
        time.sleep(0.02)
    model.Session.remove()


def test_f24_schedule_is_kept_once_whichever_way_the_clock_steps(bench: Bench, clock: None) -> None:
    """Due early by a clock that was set ahead, it is not due again when that is put right."""
    bench.queued(schedule="0 2 * * *", active=True)
    assert bench.worked(shelf(FIRST)) == 0
    model.Session.execute(sa.update(HarvestSource).values(next_run=in_hours(1)))
    model.Session.commit()
    for hours, runs in ((0, 1), (2, 2), (-2, 2), (2, 2)):
        step(hours)
        assert bench.worked(shelf(FIRST)) == 0
        assert rows("SELECT count(*) FROM hatinh_harvest_run") == [(runs,)], hours
    bench.invariants.check()


def in_hours(hours: float) -> datetime:
    """A moment of the real clock."""
    return datetime.now(UTC) + timedelta(hours=hours)


# -- cron over days that are shorter or longer -------------------------------------------------


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("cron", ["0 2 * * *", "30 2 * * *", "15 1 * * *", "0 3 * * *"])
def test_f24_daily_schedule_runs_once_a_day_also_when_the_clocks_change(
    zone: str, cron: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a night without that hour it runs after it; in one that has it twice, once."""
    monkeypatch.setattr(schedule, "LOCAL_TIME", ZoneInfo(zone))
    days = Counter(at.astimezone(ZoneInfo(zone)).date() for at in times(cron, timedelta(0)))
    assert set(days.values()) == {1}
    assert len(days) == (max(days) - min(days)).days + 1


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=40), timedelta(hours=3)])
def test_f24_often_kept_schedule_never_goes_back_in_time(
    late: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a worker that comes late find it due at once again, when the clocks change."""
    monkeypatch.setattr(schedule, "LOCAL_TIME", ZoneInfo("Europe/Berlin"))
    for at, then in pairwise(times("*/15 * * * *", late)):
        assert timedelta(0) < then - at <= late + timedelta(hours=1, minutes=15)


def times(cron: str, late: timedelta) -> Iterator[datetime]:
    """When a source is due from autumn to spring, if each run is asked for so late."""
    at = datetime(2026, 10, 20, tzinfo=UTC)
    while at < datetime(2027, 4, 5, tzinfo=UTC):
        due = schedule.next_time(cron, at)
        assert due is not None
        yield due
        at = due + late
