"""Workers of the harvest as processes of their own, and fuses that end them at a chosen moment.

A worker is forked from the test, so it costs no start of CKAN. A *moment* is a line of text: a
statement that is about to be sent, a commit before and after, a request that has been sent and
not yet answered, a file that is about to be renamed or linked, a record that has been read.
"""

import http.client
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from ckan import model
from sqlalchemy import event

from ckanext.hatinh.harvest import worker
from ckanext.hatinh.harvest.engine import Engine
from ckanext.hatinh.harvest.watch import Shutdown
from harvesters.source import Source

KILLED = -signal.SIGKILL
QUICKLY = 0.2
"""Seconds that a forked worker waits for a database that is away."""

Note = Callable[[str], None]


@dataclass
class Fuse:
    """Ends its process when the texts have come up in moments, one after the other; or at the
    ``number``-th moment. With neither it only counts."""

    texts: list[str] = field(default_factory=list)
    act: Callable[[], object] = lambda: os.kill(os.getpid(), signal.SIGKILL)
    number: int = 0
    count: int = 0

    def __call__(self, moment: str) -> None:
        """A moment of the main thread."""
        self.count += 1
        if self.number == self.count:
            self.act()
        self.hear(moment)

    def hear(self, moment: str) -> None:
        """A moment of any thread."""
        if self.texts and self.texts[0] in moment:
            self.texts.pop(0)
            if not self.texts:
                self.act()


@dataclass
class Forked:
    """A worker that runs; its exit code is negative when a signal ended it."""

    pid: int
    _code: int | None = None

    def ended(self, seconds: float) -> int:
        """Wait for its end; kill it and fail when it takes longer."""
        until = time.monotonic() + seconds
        while not self.is_over():
            if time.monotonic() > until:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError(f"the worker did not end within {seconds} s")
            time.sleep(0.01)
        assert self._code is not None
        return self._code

    def is_over(self) -> bool:
        """Whether it has ended."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code is not None

    def kill(self) -> None:
        """End it at once, if it is not over."""
        if not self.is_over():
            os.kill(self.pid, signal.SIGKILL)
            self.ended(5)


@dataclass
class Workers:
    """Starts workers, and ends them."""

    started: list[Forked] = field(default_factory=list)

    def start(
        self,
        source: Source,
        fuse: Fuse | None = None,
        before: Callable[[], object] = lambda: None,
        *,
        once: bool = True,
    ) -> Forked:
        """A worker that harvests from ``source``; ``before`` is called in it first."""

        def run() -> None:
            before()
            watch_moments(fuse or Fuse())
            shutdown = Shutdown()
            shutdown.listen()
            worker.work(Engine(shutdown, lambda _given, _visited: source), once=once)

        return self.fork(run)

    def fork(self, run: Callable[[], None]) -> Forked:
        """A process of the portal that does this."""
        model.Session.remove()
        pid = os.fork()
        if pid == 0:
            self._be_child(run)
        forked = Forked(pid)
        self.started.append(forked)
        return forked

    def end(self) -> None:
        """End those that still run."""
        for forked in self.started:
            forked.kill()

    def _be_child(self, run: Callable[[], None]) -> None:
        code = 1
        try:
            model.meta.engine.dispose(close=False)  # pyright: ignore[reportOptionalMemberAccess]
            worker.AWAY = worker.PAUSE = QUICKLY
            run()
            code = 0
        finally:
            # Whatever happened, the child must never come back into the tests.
            if code:
                logging.getLogger(__name__).exception("The worker fell")
            os._exit(code)


def watch_moments(fuse: Fuse) -> None:
    """Let the fuse see the requests of all threads, and the other moments of the main one."""
    main, last = threading.get_ident(), ["", ""]

    def note(moment: str) -> None:
        if threading.get_ident() == main:
            fuse(moment)

    def requested(moment: str) -> None:
        (fuse if threading.get_ident() == main else fuse.hear)(moment)

    def statement(_c: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        last[0] = " ".join(text.split())[:200]
        note(f"sql {last[0]}")

    engine = model.meta.engine
    assert engine is not None
    event.listen(engine, "before_cursor_execute", statement)
    _around(engine.dialect, "do_commit", note, lambda: f"commit after {last[0]}")
    _around(http.client.HTTPConnection, "getresponse", requested, lambda: "asked")

    def audited(name: str, given: tuple[Any, ...]) -> None:
        if name in ("os.rename", "os.link"):
            note(f"{name} {given[0]} {given[1]}")

    sys.addaudithook(audited)


def _around(owner: Any, name: str, note: Note, moment: Callable[[], str]) -> None:
    real = getattr(owner, name)

    def around(*args: Any, **options: Any) -> Any:
        said = moment()
        note(said)
        result = real(*args, **options)
        note(f"done {said}")
        return result

    setattr(owner, name, around)


def shift_clock(days: float) -> None:
    """Let this process's clock be wrong by so many days, whoever reads it."""
    shift, real_time, real = timedelta(days=days), time.time, datetime

    class Kind(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real)

    class Wrong(real, metaclass=Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return real.now(tz) + shift

        @classmethod
        def utcnow(cls) -> datetime:
            return real.now(UTC).replace(tzinfo=None) + shift

    time.time = lambda: real_time() + shift.total_seconds()
    for module in [*sys.modules.values()]:
        if getattr(module, "datetime", None) is real and module.__name__ != __name__:
            module.datetime = Wrong  # pyright: ignore[reportAttributeAccessIssue]
