"""The data worker: loads the files that wait, looks for others, and does what plugins registered.

Any number of workers may run. One that is killed loses nothing: its lease ends, and another one
begins the load anew.
"""

import logging
import signal
import threading
import time
from collections.abc import Collection
from types import FrameType

import psycopg2
from ckan import model
from sqlalchemy.exc import DBAPIError

from ckanext.hatinh.datastore import loading, queue
from ckanext.hatinh.datastore.sweeping import sweep
from ckanext.hatinh.shared import background
from ckanext.hatinh.shared.workers import this_worker
from hatinh.errors import HatinhError
from hatinh.loading import Reader, Ready

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two looks at an empty queue."""

TICK = 15.0
"""Seconds between two sweeps."""

AWAY = 5.0
"""Seconds to wait for a database that does not answer."""


class Shutdown:
    """Whether this process has been asked to end (SIGTERM, SIGINT)."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def listen(self) -> None:
        """Take the signals over."""
        signal.signal(signal.SIGTERM, self._hear)
        signal.signal(signal.SIGINT, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.asked.set()


def work(shutdown: Shutdown) -> None:
    """Work until this process is asked to end."""
    worker = this_worker()
    with Ready() as ready:
        _until_asked(worker, shutdown, ready)
    log.info("Worker %s ends", worker)


def _until_asked(worker: str, shutdown: Shutdown, ready: Ready) -> None:
    next_sweep = 0.0
    while not shutdown.asked.is_set():
        try:
            if time.monotonic() >= next_sweep:
                sweep()
                next_sweep = time.monotonic() + TICK
            background.do_due()
            ready.prepare()
            if not take_one(worker, shutdown, started=ready.take):
                shutdown.asked.wait(PAUSE)
        except (DBAPIError, psycopg2.Error) as err:
            log.warning("The database does not answer: %s", err)
            _rest(shutdown)
        except (HatinhError, OSError):
            log.exception("What was being done is left; its lease ends")
            _rest(shutdown)


def _rest(shutdown: Shutdown) -> None:
    """Wait a little, with nothing of the transaction that broke."""
    model.Session.remove()
    shutdown.asked.wait(AWAY)


def take_one(
    worker: str,
    shutdown: Shutdown,
    only: Collection[str] | None = None,
    started: loading.Started = Reader,
) -> bool:
    """Load the file that has waited longest, of these; gives whether there was one."""
    load = queue.claim(worker, only)
    if load is None:
        return False
    loading.run(load, shutdown.asked.is_set, started)
    log.info("Load %s of resource %s: %s", load.id, load.resource_id, load.state)
    model.Session.remove()
    return True
