"""One portal per var directory: the lock, the version of the data, and who holds them."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.errors import LaunchError
from services.process import end_leftover
from services.settings import Settings

DATA_VERSION = 1
"""Layout of the var directory. Raise it when an older one can no longer be used as it is."""

STOP_SECONDS = 120


@contextmanager
def hold(settings: Settings) -> Iterator[None]:
    """Hold this portal's lock; raise `LaunchError` when another process has it."""
    with _lock_file(settings.run / "lock") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LaunchError(
                "already-running", pid=holder(settings) or "?", path=settings.var
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        try:
            yield
        finally:
            (settings.run / "ready").unlink(missing_ok=True)
            os.ftruncate(handle, 0)


@contextmanager
def hold_tools(settings: Settings) -> Iterator[None]:
    """Wait for our turn to change the virtual environment and the jars."""
    with _lock_file(settings.tools / ".lock") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _lock_file(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)  # gives the lock back, as the kernel does when we are killed


def holder(settings: Settings) -> int | None:
    """Process id of the running supervisor, None when there is none."""
    path = settings.run / "lock"
    if not path.is_file():
        return None
    with _lock_file(path) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(path.read_text() or 0) or None
    return None


def end_leftovers(settings: Settings) -> list[str]:
    """End what an earlier, killed run has left behind; return the names of the parts."""
    return [path.stem for path in sorted(settings.run.glob("*.pid")) if end_leftover(path)]


def check_version(settings: Settings) -> None:
    """Refuse data of another layout; stamp a new directory with ours."""
    stamp = settings.var / "VERSION"
    if not stamp.is_file():
        stamp.write_text(f"{DATA_VERSION}\n")
        return
    found = stamp.read_text().strip()
    if not found.isdecimal() or int(found) > DATA_VERSION:
        raise LaunchError("data-newer", path=settings.var, found=found, ours=DATA_VERSION)
    if int(found) < DATA_VERSION:
        raise LaunchError("data-older", path=settings.var, found=found, ours=DATA_VERSION)


def stop(settings: Settings) -> bool:
    """Ask the running supervisor to end and wait for it. False when none was running."""
    pid = holder(settings)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while holder(settings) == pid:
        if time.monotonic() > until:
            raise LaunchError("will-not-stop", pid=pid)
        time.sleep(0.2)
    return True


def parts(settings: Settings) -> list[dict[str, object]]:
    """The parts that the running supervisor watches."""
    path = settings.run / "parts.json"
    return json.loads(path.read_text())["parts"] if path.is_file() else []
