"""Keeps the lease of a run alive while it is worked on, and hears meanwhile that it should stop."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

import sqlalchemy as sa
from ckan import model
from sqlalchemy.exc import DBAPIError

from ckanext.hatinh.harvest import config
from ckanext.hatinh.harvest.leases import beat
from ckanext.hatinh.harvest.model.run import HarvestRun
from ckanext.hatinh.harvest.queue import LostLeaseError
from hatinh.errors import HatinhError

log = logging.getLogger(__name__)

Item = TypeVar("Item")


LONGEST_WORK = 12 * 3600.0
"""Seconds that one worker works on one run at most: nothing hangs for ever."""

TURN = 120.0
"""Seconds after which a run lets those of other sources go first."""


class CancelledError(HatinhError):
    """Somebody cancelled the run."""


class TurnOverError(HatinhError):
    """The run has been worked on for long enough, and others wait."""


class TooLongError(HatinhError):
    """The run does not come to its end."""

    code = "run-too-long"


class StopWorkError(BaseException):
    """This process has been asked to end. No ``Exception``: nothing but the worker may catch it."""


class Shutdown:
    """Whether this process has been asked to end (SIGTERM, SIGINT)."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._may_break_off = False

    def listen(self) -> None:
        """Take the signals over."""
        signal.signal(signal.SIGTERM, self._hear)
        signal.signal(signal.SIGINT, self._hear)

    @contextmanager
    def may_break_off(self) -> Iterator[None]:
        """Work that waits for others and may be broken off in the middle of a wait."""
        self._may_break_off = True
        try:
            self.check()
            yield
        finally:
            self._may_break_off = False

    def check(self) -> None:
        """Raise :class:`StopWorkError` once it has been asked to end."""
        if self.asked.is_set():
            raise StopWorkError

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.asked.set()
        if self._may_break_off:
            self._may_break_off = False
            raise StopWorkError


@dataclass(frozen=True)
class HelpersWatch:
    """What a helper looks at between its batches; the run's holder keeps the lease alive."""

    shutdown: Shutdown

    def look(self) -> None:
        """Raise :class:`StopWorkError` once this process has been asked to end."""
        self.shutdown.check()

    def yield_turn(self, others_wait: Callable[[], bool]) -> None:
        """Raise :class:`TurnOverError` when there is work that nobody does."""
        if others_wait():
            raise TurnOverError("others wait for this helper")


class Watch:
    """A heartbeat beside the work on one run, by a database connection of its own."""

    def __init__(self, run: HarvestRun, shutdown: Shutdown) -> None:
        self._id, self._token = run.id, run.token
        self.shutdown = shutdown
        self._done = threading.Event()
        self._lost = False
        self._cancelled = run.cancel_requested
        self._engine = model.Session.get_bind().engine
        self._lease = config.lease()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._done.set()
        self._thread.join()

    def check(self) -> None:
        """Raise what keeps this worker from going on, if anything does."""
        if self._lost:
            raise LostLeaseError(f"run {self._id} belongs to another worker")
        if self._cancelled:
            raise CancelledError(self._id)
        if time.monotonic() - self._began > LONGEST_WORK:
            raise TooLongError(f"no end after {LONGEST_WORK / 3600:g} h")
        self.shutdown.check()

    def yield_turn(self, others_wait: Callable[[], bool]) -> None:
        """Raise :class:`TurnOverError` when this run has had its time and others wait."""
        if time.monotonic() - self._began > TURN and others_wait():
            raise TurnOverError(self._id)

    def over(self, items: Iterable[Item]) -> Iterator[Item]:
        """The same items, with a look before each."""
        for item in items:
            self.check()
            yield item

    def look(self) -> None:
        """Ask the database now, then :meth:`check`."""
        self._renew()
        self.check()

    def _beat(self) -> None:
        pause = beat(self._lease.total_seconds())
        while not self._done.wait(pause) and not self._lost:
            try:
                self._renew()
            except DBAPIError as err:
                log.warning("The heartbeat of run %s was not taken: %s", self._id, err)

    def _renew(self) -> None:
        renewed = (
            sa.update(HarvestRun)
            .where(HarvestRun.id == self._id, HarvestRun.token == self._token)
            .values(lease_until=sa.func.clock_timestamp() + self._lease)
            .returning(HarvestRun.cancel_requested)
        )
        with self._engine.begin() as connection:
            found = connection.scalar(renewed)
        self._lost = found is None
        self._cancelled = bool(found)
