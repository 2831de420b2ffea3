"""One child process: how it is started, recognised later, and ended.

A pid file holds the process id with its start time, so that a number which the system has given
to another program meanwhile is never taken for ours.
"""

import ctypes
import json
import os
import pwd
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 10 * 1024**2

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Part:
    """A long-lived process of the portal.

    `ready` tells whether it serves; `stop_signal` asks it to end in good order (PostgreSQL's
    SIGINT is its fast shutdown). `user` is the account to run under when we are root; `given` is
    what it reads from standard input. With `output`, standard output goes there, else to the log.
    """

    name: str
    command: Sequence[str]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    cwd: Path | None = None
    stop_signal: int = signal.SIGTERM
    ready_seconds: float = 60
    stop_seconds: float = 15
    given: bytes = b""
    output: Path | None = None


@dataclass(frozen=True)
class PidFile:
    """The process that a pid file speaks of."""

    pid: int
    started: int

    @classmethod
    def read(cls, path: Path) -> "PidFile | None":
        try:
            content = json.loads(path.read_text())
            return cls(int(content["pid"]), int(content["started"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        path.write_text(json.dumps({"pid": self.pid, "started": self.started}))

    def alive(self) -> bool:
        """Whether that very process (not merely its number) still runs."""
        return start_time(self.pid) == self.started


def start_time(pid: int) -> int | None:
    """Clock ticks since boot at which a process began; None when it is gone or a zombie."""
    try:
        # The second field is the program's name in brackets and may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def spawn(part: Part, log: Path) -> subprocess.Popen[bytes]:
    """Start a part in a process group of its own, its output appended to `log`.

    The kernel sends the child its stop signal when we die, so that `kill -9` of the supervisor
    leaves nothing behind.
    """
    rotate(log)
    identity: dict[str, object] = {}
    if part.user and os.geteuid() == 0:
        account = pwd.getpwnam(part.user)
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    with ExitStack() as files:
        given = files.enter_context(tempfile.TemporaryFile())
        given.write(part.given)
        given.seek(0)
        errors = files.enter_context(log.open("ab"))
        output = files.enter_context(part.output.open("wb")) if part.output else errors
        return subprocess.Popen(
            part.command,
            stdin=given,
            stdout=output,
            stderr=errors,
            env={**os.environ, **part.environment},
            cwd=part.cwd,
            start_new_session=True,
            preexec_fn=lambda: _die_with_parent(part.stop_signal),  # noqa: PLW1509 - one thread
            **identity,  # pyright: ignore[reportArgumentType,reportCallIssue]
        )


def _die_with_parent(signal_number: int) -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


def rotate(log: Path) -> None:
    """Keep one older log once it has grown beyond the limit."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))


def end_group(pid: int, signal_number: int = signal.SIGKILL) -> None:
    """Signal what is left of a child's process group."""
    try:
        os.killpg(pid, signal_number)
    except (ProcessLookupError, PermissionError):
        return


def end_leftover(path: Path, seconds: float = 10) -> bool:
    """End the process of an earlier run that a pid file names. Tells whether there was one."""
    record = PidFile.read(path)
    found = record is not None and record.alive()
    if record is not None and found:
        # Its own death signal may be at work already: first wait, then insist.
        if not _wait_gone(record, seconds / 2):
            end_group(record.pid, signal.SIGTERM)
        if not _wait_gone(record, seconds / 2):
            end_group(record.pid)
            _wait_gone(record, seconds)
    path.unlink(missing_ok=True)
    return found


def _wait_gone(record: PidFile, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while record.alive():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
