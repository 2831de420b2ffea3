"""The supervisor with real processes: ready, restart, give up, stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services import process
from services.errors import LaunchError
from services.process import Part, PidFile
from services.supervisor import RESTARTS, Supervisor

SLEEPER = ["sleep", "60"]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, told: list[str]) -> Iterator[Supervisor]:
    """One that never waits between restarts."""
    made = Supervisor(
        tmp_path,
        tmp_path / "log",
        lambda code, values: told.append(code),
        sleep=lambda seconds: time.sleep(0.01),
    )
    yield made
    made.stop()


def part(command: list[str], ready: Callable[[], bool] = lambda: True, **values: float) -> Part:
    return Part("sleeper", command, ready, **values)  # pyright: ignore[reportArgumentType]


def shell(script: str) -> list[str]:
    return ["sh", "-c", script]


def pid_of(directory: Path) -> int:
    record = PidFile.read(directory / "sleeper.pid")
    assert record is not None
    return record.pid


def test_dead_part_is_started_again(
    supervisor: Supervisor, tmp_path: Path, told: list[str]
) -> None:
    """kill -9 of a part is told and mended."""
    supervisor.start(part(SLEEPER))
    first = pid_of(tmp_path)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: process.start_time(first) is None)
    supervisor.check()
    assert pid_of(tmp_path) != first
    assert told == ["part-restarted"]


def test_part_that_keeps_dying_ends_the_whole_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path, told: list[str]
) -> None:
    """After the limit the message carries the log's last lines."""
    supervisor.start(part(shell("echo no licence; exit 7")))
    with pytest.raises(LaunchError) as caught:
        supervisor.watch()
    assert caught.value.code == "part-restarts"
    assert "no licence" in str(caught.value)
    assert told.count("part-restarted") == RESTARTS


def test_part_that_dies_before_it_serves_is_an_error(supervisor: Supervisor) -> None:
    """A start does not go on without the part, nor restart it blindly."""
    with pytest.raises(LaunchError) as caught:
        supervisor.start(part(shell("exit 3"), lambda: False))
    assert caught.value.code == "part-died"
    assert "3" in str(caught.value)


def test_full_disk_is_recognised_in_what_a_part_says(supervisor: Supervisor) -> None:
    """The cause is told instead of the symptom."""
    words = "echo could not write: No space left on device; exit 1"
    with pytest.raises(LaunchError) as caught:
        supervisor.start(part(shell(words), lambda: False))
    assert caught.value.code == "disk-full"


def test_part_that_never_serves_is_an_error(supervisor: Supervisor) -> None:
    """Waiting has an end."""
    with pytest.raises(LaunchError) as caught:
        supervisor.start(part(SLEEPER, lambda: False, ready_seconds=0.05))
    assert caught.value.code == "part-silent"


def test_part_that_ignores_the_stop_signal_is_killed(
    supervisor: Supervisor, tmp_path: Path, told: list[str]
) -> None:
    """Stopping has an end too."""
    log = tmp_path / "log" / "sleeper.log"
    command = shell("trap '' TERM; echo deaf; sleep 60")
    supervisor.start(part(command, lambda: "deaf" in log.read_text(), stop_seconds=0.1))
    pid = pid_of(tmp_path)
    supervisor.stop()
    assert process.start_time(pid) is None
    assert told == ["part-killed"]


def test_task_returns_its_exit_code_and_keeps_its_words(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    """A task reads what it is given, and its log begins anew each time."""
    task = Part("task", shell("cat; exit 4"), lambda: True, given=b"secret words\n")
    assert supervisor.run(task) == 4
    assert supervisor.run(task) == 4
    assert (tmp_path / "log" / "task.log").read_text() == "secret words\n"


def test_child_does_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    """kill -9 of the supervisor takes its children along."""
    script = f"""
import sys, time
from pathlib import Path
from services.process import Part, spawn
child = spawn(Part("c", {SLEEPER!r}, lambda: True), Path({str(tmp_path / "c.log")!r}))
print(child.pid, flush=True)
time.sleep(60)
"""
    root = Path(process.__file__).parents[1]
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert process.start_time(child) is not None
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: process.start_time(child) is None)


def test_leftover_of_an_earlier_run_is_ended(tmp_path: Path) -> None:
    """What a pid file names is ended when it is that very process."""
    path = tmp_path / "sleeper.pid"
    left = subprocess.Popen(SLEEPER, start_new_session=True)
    started = process.start_time(left.pid)
    assert started is not None
    PidFile(left.pid, started).write(path)
    assert process.end_leftover(path, seconds=0.2)
    assert left.wait(5) != 0
    assert not path.exists()


def test_number_given_to_another_program_is_left_alone(tmp_path: Path) -> None:
    """A stale pid file never ends a stranger."""
    path = tmp_path / "sleeper.pid"
    PidFile(os.getpid(), 1).write(path)
    assert not process.end_leftover(path)
    assert not path.exists()


@pytest.mark.parametrize("content", ["", "123", "[]", '{"pid": 1}'])
def test_broken_pid_file_is_ignored(tmp_path: Path, content: str) -> None:
    """A crash may leave half a file."""
    path = tmp_path / "sleeper.pid"
    path.write_text(content)
    assert PidFile.read(path) is None


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)
