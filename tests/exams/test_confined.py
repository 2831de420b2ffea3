"""Processes for what strangers sent: nothing is seen, nothing is left, nothing is endless."""

import os
import tempfile
import time
from pathlib import Path

import pytest

from hatinh.confined import Allowance, Confined

ENOUGH = Allowance(memory=1 << 30, processor=5, file=1 << 20, answer=1000)

NESTED = """
import tempfile, time
from hatinh.confined import Allowance, Confined
tempfile.mkstemp()
inner = "import tempfile, time; tempfile.mkstemp(); print(flush=True); time.sleep(60)"
with Confined(["-c", inner], Allowance(1 << 30, 5, 1 << 20)) as child:
    child.line()
    print("begun", flush=True)
    child.ended(60)
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files of the test lie."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def ran(program: str, allowance: Allowance = ENOUGH, seconds: float = 10) -> tuple[int, str]:
    """Exit code and output of a program."""
    with Confined(["-c", program], allowance) as child:
        code, told = child.ended(seconds)
    return code, told.decode()


def knows(place: Path) -> list[str]:
    """Processes whose temporary files lie at a place."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(place) in (process / "environ").read_bytes():
                found.append(process.name)
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found


def test_environment_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets stay here, and what can be imported here can be imported there."""
    monkeypatch.setenv("PORTAL_SECRET", "x")
    code, told = ran("import os, hatinh, harvesters; print('PORTAL_SECRET' in os.environ)")
    assert (code, told) == (0, "False\n")


def test_message_is_answered() -> None:
    """It reads what is sent, and is heard line by line until it ends."""
    program = "import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)"
    with Confined(["-c", program], ENOUGH) as child:
        for word, answer in ((b"ab\n", b"ba\n"), (b"cd\n", b"dc\n")):
            child.send(word)
            assert child.line() == answer


@pytest.mark.parametrize(
    "program",
    [
        "x = 'x' * (2 << 30)",
        "while True: pass",
        "print('x' * 5000)",
        "import time; time.sleep(60)",
        "open(__import__('tempfile').mkstemp()[1], 'w').write('x' * (2 << 20))",
    ],
    ids=["memory", "processor", "answer", "clock", "file"],
)
def test_too_much_ends_it(program: str) -> None:
    """Whatever it uses too much of."""
    start = time.monotonic()
    code, told = ran(program, Allowance(1 << 30, 1, 1 << 20, 1000), seconds=2)
    assert code != 0
    assert len(told) <= 1001
    assert time.monotonic() - start < 5


def test_end_by_the_clock_leaves_no_file_and_no_process(place: Path) -> None:
    """What it has started ends with it, and all temporary files go."""
    with Confined(["-c", NESTED], ENOUGH) as child:
        assert child.line() == b"begun\n"
        assert len(knows(place)) == 2
        assert len(list(place.glob("*/tmp*"))) == 1
        code, _ = child.ended(0.1)
    assert code < 0
    deadline = time.monotonic() + 5
    while knows(place) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert knows(place) == []
    assert list(place.iterdir()) == []
