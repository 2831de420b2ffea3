"""A load in a confined process: its rows come through a pipe, for whoever copies them on.

    with Loading(job) as loading:
        start = loading.start()          # columns and delimiter
        cursor.copy_expert(…, loading.rows)
        loaded = loading.ended()         # what became of the file

The process that copies has no thread for it, and neither has the one that reads. That one takes
longer to start than to read a small file, so who has many files keeps one ready (:class:`Ready`).
"""

import fcntl
import os
import pickle
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from hatinh.confined import Allowance, Confined
from hatinh.deadline import after
from hatinh.dictionary.check import Standard
from hatinh.errors import UnreadableTableError
from hatinh.loading.model import Loaded, PgType, Policy

SECONDS = 900
"""How long one load may take, and how much of a processor's time its reading may use."""

_ALLOWANCE = Allowance(memory=3 << 30, processor=SECONDS, file=4 << 30)
_CHILD = ("-m", "hatinh.loading.child")
_AHEAD = 1 << 20
"""Bytes that the rows may be ahead of who copies them."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to load, and by what; ``sheet`` names one of a workbook's visible sheets."""

    path: Path
    name: str
    format: str
    standard: Standard
    policy: Policy
    sheet: str = ""
    wishes: Mapping[str, PgType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Start:
    """The ids of the columns, and what stands between the cells of a row."""

    ids: tuple[str, ...]
    delimiter: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the process says at its end: the result, or why there is none."""

    loaded: Loaded | None = None
    reason: str = ""
    why: str = ""


class Reader:
    """A confined process that reads one file, once it is told which."""

    def __init__(self) -> None:
        self._left = ExitStack()
        out, into = os.pipe()
        with suppress(OSError):
            fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, _AHEAD)
        self.rows: BinaryIO = self._left.enter_context(os.fdopen(out, "rb"))
        with os.fdopen(into, "wb"):
            self.process = Confined((*_CHILD, str(into)), _ALLOWANCE, given=(into,))
        self._left.enter_context(self.process)

    def close(self) -> None:
        """End it, if it has not ended."""
        self._left.close()


class Ready:
    """Holds a reader that waits for a file; it ends with its block."""

    def __init__(self) -> None:
        self._reader: Reader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._reader:
            self._reader.close()

    def prepare(self) -> None:
        """Start one, unless one waits."""
        self._reader = self._reader or Reader()

    def take(self) -> Reader:
        """The one that waits, or a new one, where none waits or it was ended meanwhile."""
        taken, self._reader = self._reader, None
        if taken and taken.process.is_running:
            return taken
        if taken:
            taken.close()
        return Reader()


class Loading:
    """One load, beginning now; it ends with its block at the latest, and then leaves nothing."""

    def __init__(self, job: Job, seconds: float = SECONDS, reader: Reader | None = None) -> None:
        reader = reader or Reader()
        self._name = job.name
        self._seconds = seconds
        self._child = reader.process
        self.rows = reader.rows
        self._left = ExitStack()
        self._left.callback(reader.close)
        self._left.enter_context(after(seconds, self._child.kill))
        self._child.send(pickle.dumps(job))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None
    ) -> None:
        self._left.close()

    def start(self) -> Start:
        """The columns. Raises :class:`UnreadableTableError` where the file is no table."""
        line = self._child.line()
        said = msgspec.json.decode(line) if line.endswith(b"\n") else {}
        if "ids" in said:
            return msgspec.convert(said, Start)
        raise self._why(msgspec.convert(said, Told))

    def ended(self) -> Loaded:
        """What became of the file, once the last row was taken.

        Raises :class:`UnreadableTableError`, then the rows that were taken are worth nothing.
        """
        code, line = self._child.ended(self._seconds)
        told = Told() if code else msgspec.json.decode(line, type=Told)
        if told.loaded is None:
            raise self._why(told)
        return told.loaded

    def _why(self, told: Told) -> UnreadableTableError:
        """Why there is no result; a process that says nothing was ended by its limits."""
        why = told.why or "its reader was ended"
        return UnreadableTableError(self._name, why, told.reason or "too-heavy")
