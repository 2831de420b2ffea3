"""Watches the parts: restarts one that died, gives up with a reason, stops all in reverse order."""

import json
import os
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services import command, process
from services.errors import LaunchError
from services.process import Part, PidFile

RESTARTS = 5
RESTART_WINDOW = 600.0
PAUSE = 0.25
SETTLED = 60.0


@dataclass
class Child:
    """A part, its process and when it was restarted."""

    part: Part
    popen: subprocess.Popen[bytes]
    since: float
    deaths: deque[float] = field(default_factory=deque)


class Supervisor:
    """Owns the child processes of one portal.

    `clock` is monotonic seconds and `sleep` waits; both are arguments so that tests need not wait.
    """

    def __init__(
        self,
        run: Path,
        log: Path,
        tell: Callable[[str, Mapping[str, object]], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._run = run
        self._log = log
        self._tell = tell
        self._clock = clock
        self._sleep = sleep
        self._children: list[Child] = []

    def start(self, part: Part) -> None:
        """Start a part and wait until it serves. Raise `LaunchError` when it does not."""
        child = Child(part, self._spawn(part), self._clock())
        self._children.append(child)
        self._await_ready(child)

    def run(self, task: Part) -> int:
        """Run a task to its end while watching the parts; its log begins anew. Its exit code."""
        (self._log / f"{task.name}.log").unlink(missing_ok=True)
        popen = self._spawn(task)
        try:
            while popen.poll() is None:
                self.check()
                self._sleep(PAUSE)
        finally:
            self._end(Child(task, popen, self._clock()))
        return popen.returncode

    def watch(self) -> None:
        """Watch for ever; ends by `LaunchError` or by the signal that the caller turns into one."""
        while True:
            self.check()
            self._sleep(PAUSE * 2)

    def check(self) -> None:
        """Restart every part that has died since the last look."""
        for child in self._children:
            code = child.popen.poll()
            if code is not None:
                self._restart(child, code)

    def stop(self) -> None:
        """End all parts, the last started first, each within its time limit."""
        while self._children:
            self._end(self._children.pop())
        self._write_state()

    def _spawn(self, part: Part) -> subprocess.Popen[bytes]:
        popen = process.spawn(part, self._log / f"{part.name}.log")
        started = process.start_time(popen.pid)
        if started is not None:
            PidFile(popen.pid, started).write(self._run / f"{part.name}.pid")
        return popen

    def _await_ready(self, child: Child) -> None:
        until = self._clock() + child.part.ready_seconds
        while not child.part.ready():
            code = child.popen.poll()
            if code is not None:
                raise self._death(child, "part-died", exit_code=code)
            if self._clock() > until:
                raise self._death(child, "part-silent", seconds=int(child.part.ready_seconds))
            self._sleep(PAUSE)
        self._write_state()

    def _restart(self, child: Child, code: int) -> None:
        now = self._clock()
        child.deaths.append(now)
        while child.deaths and now - child.deaths[0] > RESTART_WINDOW:
            child.deaths.popleft()
        if len(child.deaths) > RESTARTS:
            minutes = int(RESTART_WINDOW / 60)
            raise self._death(child, "part-restarts", times=RESTARTS, minutes=minutes)
        process.end_group(child.popen.pid)
        wait = 0.0 if now - child.since > SETTLED else min(2.0 ** len(child.deaths) / 2, 8)
        self._tell("part-restarted", {"part": child.part.name, "exit_code": code, "wait": wait})
        self._sleep(wait)
        child.popen = self._spawn(child.part)
        child.since = self._clock()
        self._write_state()

    def _death(self, child: Child, message: str, **values: object) -> LaunchError:
        log = self._log / f"{child.part.name}.log"
        tail = command.tail(log)
        if command.NO_SPACE.search(tail):
            return LaunchError("disk-full", tail, path=log.parent)
        return LaunchError(message, tail, part=child.part.name, log=log, **values)

    def _end(self, child: Child) -> None:
        popen = child.popen
        if popen.poll() is None:
            popen.send_signal(child.part.stop_signal)
            try:
                popen.wait(child.part.stop_seconds)
            except subprocess.TimeoutExpired:
                self._tell("part-killed", {"part": child.part.name})
        process.end_group(popen.pid)
        popen.wait()
        (self._run / f"{child.part.name}.pid").unlink(missing_ok=True)

    def _write_state(self) -> None:
        parts = [
            {"part": child.part.name, "pid": child.popen.pid, "restarts": len(child.deaths)}
            for child in self._children
        ]
        temporary = self._run / "parts.json.new"
        temporary.write_text(json.dumps({"supervisor": os.getpid(), "parts": parts}))
        temporary.replace(self._run / "parts.json")
