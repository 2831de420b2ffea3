"""Work on what strangers sent, in a process of its own that has limits and leaves nothing.

It imports our packages, but sees nothing else of this one's environment, which may hold secrets.
Its temporary files lie in a folder that goes with it. What it starts ends with it, also
other confined processes.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import hatinh
import schemas
from hatinh.deadline import after

_ROOTS = [str(Path(package.__path__[0]).parent) for package in (hatinh, schemas)]
_KEPT = ("PATH", "LD_LIBRARY_PATH")
_INNER = "HATINH_CONFINED"
"""Set where a confined process runs: those that it starts stay in its group."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a process may use; the system ends it when it wants more.

    ``memory`` is bytes of address space, ``processor`` seconds, ``file`` bytes of any one file,
    ``answer`` bytes of a line, or of all that it says until it ends.
    """

    memory: int
    processor: int
    file: int
    answer: int = 64 << 20


class Confined:
    """One run of Python, beginning now and ending with :meth:`close` at the latest.

    ``given`` are open files that it may use too, by their numbers.
    """

    def __init__(
        self, arguments: Sequence[str], allowance: Allowance, given: Sequence[int] = ()
    ) -> None:
        self._most = allowance.answer
        self._folder = tempfile.TemporaryDirectory(
            prefix="hatinh-confined-", ignore_cleanup_errors=True
        )
        self._leads = _INNER not in os.environ
        self._process = subprocess.Popen(
            [sys.executable, "-P", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(self._folder.name),
            start_new_session=self._leads,
            pass_fds=given,
        )
        _limit(self._process.pid, resource.RLIMIT_AS, allowance.memory)
        _limit(self._process.pid, resource.RLIMIT_CPU, allowance.processor)
        _limit(self._process.pid, resource.RLIMIT_FSIZE, allowance.file)
        _limit(self._process.pid, resource.RLIMIT_CORE, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send(self, message: bytes) -> None:
        """Give it something to read; one that has ended meanwhile does not answer."""
        if stream := self._process.stdin:
            with suppress(BrokenPipeError):
                stream.write(message)
                stream.flush()

    def line(self) -> bytes:
        """The next line that it says; without its end when it ended, or says too much."""
        stream = self._process.stdout
        return stream.readline(self._most) if stream else b""

    def ended(self, seconds: float) -> tuple[int, bytes]:
        """Wait for its end: its exit code, below zero when it was ended, and what it said."""
        stream = self._process.stdout
        with after(seconds, self.kill):
            told = stream.read(self._most + 1) if stream else b""
            if len(told) > self._most:
                self.kill()
            os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        self.close()
        return self._process.returncode, told

    def kill(self) -> None:
        """End it with all that it has started."""
        if self._process.returncode is None:
            end = os.killpg if self._leads else os.kill
            with suppress(ProcessLookupError):
                end(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it, if it has not ended, and remove what it left."""
        self.kill()
        self._process.communicate()
        self._folder.cleanup()


def _environment(folder: str) -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "PYTHONPATH": os.pathsep.join(_ROOTS),
        "LC_ALL": "C.UTF-8",
        "TMPDIR": folder,
        _INNER: "1",
    }


def _limit(process: int, kind: int, most: int) -> None:
    """The soft limit, which a process may raise for itself; never more than its parent has."""
    _, hard = resource.prlimit(process, kind)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.prlimit(process, kind, (soft, hard))
