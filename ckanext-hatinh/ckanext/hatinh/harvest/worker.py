"""The worker: takes runs from the queue one by one, and between them does what is due.

With nothing in the queue it helps with a run that another worker applies. While there is nothing
to do it waits to be told, and looks itself now and then.

Any number of workers may run, on any machine that reaches the database; the spool and the file
store must then be on a disk that they share. A worker that is killed loses nothing: its lease
ends, and another one goes on.
"""

import logging
import time
from collections.abc import Callable, Collection
from contextlib import suppress

from ckan import model
from sqlalchemy.exc import DBAPIError

from ckanext.hatinh.harvest import config, notices, queue
from ckanext.hatinh.harvest.containment import Broken, contained, is_away
from ckanext.hatinh.harvest.engine import Engine
from ckanext.hatinh.harvest.indexing import drain_if_possible
from ckanext.hatinh.harvest.listening import Listener
from ckanext.hatinh.harvest.model.run import ENDED, RunState, run_by_id
from ckanext.hatinh.harvest.sources import enqueue_due, synchronise
from ckanext.hatinh.harvest.tidying import sweep
from ckanext.hatinh.harvest.watch import StopWorkError
from ckanext.hatinh.shared.workers import this_worker
from hatinh.errors import SchemaError

log = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds between two looks at an empty queue, unless somebody rings before."""

TICK = 15.0
"""Seconds between two looks at schedules, letters and left spools."""

AWAY = 5.0
"""Seconds to wait for a database that does not answer."""

RESTING = (*ENDED, RunState.WAITING)


def work(engine: Engine, *, once: bool = False) -> None:
    """Work until this process is asked to end; with ``once``, until nothing is left to do."""
    worker, next_tick, has_file = this_worker(), 0.0, False

    def step() -> bool:
        nonlocal next_tick, has_file
        if not has_file:
            _take_over_file()
            has_file = True
        if time.monotonic() >= next_tick:
            tick()
            next_tick = time.monotonic() + TICK
        if _take_one(engine, worker) or engine.help() or drain_if_possible():
            return True
        model.Session.remove()  # no transaction stays open while nothing is done
        return False

    with suppress(StopWorkError), Listener(engine.shutdown) as listener:
        while not engine.shutdown.asked.is_set():
            if _patiently(engine, step):
                continue
            if once and not queue.SILENCE.is_watched:
                break
            listener.wait(PAUSE)
    log.info("Worker %s ends", worker)


def help_until_done(engine: Engine, run_ids: Collection[str]) -> None:
    """Work on these runs, beside other workers, until each has ended or waits for a person."""
    worker = this_worker()

    done = False

    def step() -> bool:
        nonlocal done
        done = _are_done(run_ids)
        return done or _take_one(engine, worker, run_ids)

    with suppress(StopWorkError), Listener(engine.shutdown) as listener:
        while not done and not engine.shutdown.asked.is_set():
            if not _patiently(engine, step):
                listener.wait(PAUSE)
        while not engine.shutdown.asked.is_set() and drain_if_possible():
            pass


def tick() -> None:
    """What is due by the clock: scheduled runs and letters; and what dead workers have left.

    One duty that breaks keeps neither the others nor the queue waiting.
    """
    for duty in (lambda: enqueue_due(queue.now()), sweep, notices.send):
        if isinstance(contained("What is due by the clock", duty), Broken):
            model.Session.rollback()


def _patiently(engine: Engine, step: Callable[[], bool]) -> bool:
    """Do a step; gives whether there was anything to do. A database that is away is waited for."""
    try:
        return step()
    except DBAPIError as err:
        if not is_away(err):
            raise
        log.warning("The database does not answer: %s", err)
        _forget_connection()
        engine.shutdown.asked.wait(AWAY)
        return True


def _take_over_file() -> None:
    """A fault in the file of sources is the operator's to mend; the others still run."""
    try:
        synchronise(config.sources().values())
    except SchemaError as err:
        log.warning("The file of sources was not taken over: %s", err)


def _take_one(engine: Engine, worker: str, only: Collection[str] | None = None) -> bool:
    run = queue.claim(worker, only)
    if run is None:
        return False
    log.info("Run %s of source %s: %s", run.id, run.source, run.state)
    engine.execute(run)
    model.Session.remove()
    return True


def _are_done(run_ids: Collection[str]) -> bool:
    found = (run_by_id(run_id) for run_id in run_ids)
    done = all(run is None or run.state in RESTING for run in found)
    model.Session.rollback()
    return done


def _forget_connection() -> None:
    """What was begun is undone by the database; the lease ends by itself."""
    try:
        model.Session.rollback()
    except DBAPIError:
        model.Session.remove()
