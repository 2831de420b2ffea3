"""Several processes read a large file: the findings are those of one, whatever happens to them."""

import os
import signal
import threading
from pathlib import Path

import pytest

from benchmarks.tables import AT, promise, write_csv
from hatinh.dictionary import bulk, check, lanes
from hatinh.dictionary.check import Standard, TableCheck, check_file
from hatinh.dictionary.right_rows import Found, RightRows
from hatinh.tabular.delimited import Segment

ROWS = 3_000
KNOWN = promise()


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table of some fifteen segments, one row in ten faulty."""
    monkeypatch.setattr(bulk, "SEGMENT", 20_000)
    monkeypatch.setattr(lanes, "WORTH", 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: {0, 1})
    path = tmp_path / "table.csv"
    write_csv(path, ROWS, KNOWN, faulty=0.1)
    return path


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The places of the segments that this process reads itself."""
    places: list[int] = []
    find = RightRows.find

    def noting(reader: RightRows, segment: Segment) -> Found:
        places.append(segment.offset)
        return find(reader, segment)

    monkeypatch.setattr(RightRows, "find", noting)
    return places


def checked(path: Path) -> tuple[list[str], TableCheck]:
    told: list[str] = []
    standard = Standard(KNOWN.schema, KNOWN.dictionary, AT)
    with path.open("rb") as file:
        result = check_file(path.name, "CSV", file, standard, lambda v: told.append(repr(v)))
    return sorted(told), result


def row_by_row(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], TableCheck]:
    with monkeypatch.context() as patched:
        patched.setattr(check, "BULK", 1 << 40)
        return checked(path)


def test_lanes_find_what_one_process_finds(
    table: Path, here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same violations and same facts, and no segment was read by who takes them."""
    exact = row_by_row(table, monkeypatch)
    monkeypatch.setattr(check, "BULK", 0)
    assert checked(table) == exact
    assert not here


def test_a_lane_that_is_killed_loses_nothing(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is read by the process that is left."""
    exact, parent, find = row_by_row(table, monkeypatch), os.getpid(), RightRows.find

    def dying(reader: RightRows, segment: Segment) -> Found:
        if os.getpid() != parent and segment.offset > 100_000:
            os.kill(os.getpid(), signal.SIGKILL)
        return find(reader, segment)

    monkeypatch.setattr(RightRows, "find", dying)
    monkeypatch.setattr(check, "BULK", 0)
    assert checked(table) == exact


def test_a_row_over_the_end_of_a_segment_is_read_whole(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a cell has line breaks a lane may begin within it; its rows are not believed then."""
    long_name = '"' + "hai dòng\n99999999,x\n" * 2_000 + '"'
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[1500] = lines[1500].replace("Trường", long_name, 1)
    table.write_text("".join(lines), encoding="utf-8")
    exact = row_by_row(table, monkeypatch)
    monkeypatch.setattr(check, "BULK", 0)
    assert checked(table) == exact


def test_a_process_with_threads_is_not_copied(
    table: Path, here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy could wait for ever for a lock that a thread held, so this process reads alone."""
    monkeypatch.setattr(check, "BULK", 0)
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    try:
        checked(table)
    finally:
        over.set()
        other.join()
    assert here
