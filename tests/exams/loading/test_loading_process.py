"""A load in a confined process: the same table, and a clear end whatever becomes of it."""

import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from reading_back import Kept

from benchmarks.tables import AT, promise, write_csv
from hatinh.dictionary.check import Source, Standard
from hatinh.errors import UnreadableTableError
from hatinh.loading import Job, Loading, Policy, Ready, Start, Terms, load

KNOWN = promise()
STANDARD = Standard(KNOWN.schema, KNOWN.dictionary, AT)


def job(path: Path, format: str = "CSV") -> Job:
    return Job(path, path.name, format, STANDARD, Policy.GOOD_ROWS)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    write_csv(path, 20_000, KNOWN, faulty=0.1)
    return path


def children() -> set[str]:
    """Processes that this one has started and not waited for."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def opened() -> int:
    """Files that this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_rows_and_outcome_are_those_of_a_load_in_this_process(table: Path) -> None:
    """The pipe gives what a sink is given, the end what a load gives back."""
    sink = Kept()
    with table.open("rb") as file:
        expected = load(Source(table.name, "CSV", file), Terms(STANDARD, Policy.GOOD_ROWS), sink)
    with Loading(job(table)) as loading:
        assert loading.start() == Start(sink.ids, sink.delimiter)
        assert loading.rows.read() == sink.csv
        assert loading.ended() == expected


def test_what_is_no_table_is_told_before_the_first_row(tmp_path: Path) -> None:
    """With the reason that it has in this process too."""
    path = tmp_path / "x.csv"
    path.write_bytes(b"%PDF-1.7\n")
    with Loading(job(path)) as loading, pytest.raises(UnreadableTableError) as caught:
        loading.start()
    assert caught.value.reason == "file-binary"


def test_file_that_breaks_off_is_told_after_its_rows(tmp_path: Path) -> None:
    """Rows have been given by then; whoever took them is told to forget them."""
    path = tmp_path / "x.csv"
    path.write_bytes("mã\n".encode() + "ế\n".encode() * 400_000 + b"\xff\n")
    with Loading(job(path)) as loading:
        loading.start()
        assert loading.rows.read()
        with pytest.raises(UnreadableTableError) as caught:
            loading.ended()
    assert caught.value.reason == "encoding-unknown"


def test_process_that_falls_is_told_as_too_heavy(tmp_path: Path) -> None:
    """Rows end early and look whole; the end says that they are not."""
    path = tmp_path / "table.csv"
    write_csv(path, 60_000, KNOWN)
    before = children()
    with Loading(job(path)) as loading:
        loading.start()
        (started,) = children() - before
        os.kill(int(started), signal.SIGKILL)
        loading.rows.read()
        with pytest.raises(UnreadableTableError) as caught:
            loading.ended()
    assert caught.value.reason == "too-heavy"


def test_load_that_takes_too_long_is_ended(table: Path) -> None:
    """Nobody waits for it longer than the limit."""
    with Loading(job(table), seconds=0.05) as loading:
        assert not loading.rows.read()
        with pytest.raises(UnreadableTableError) as caught:
            loading.start()
    assert caught.value.reason == "too-heavy"


def test_load_that_is_given_up_leaves_nothing(table: Path) -> None:
    """Who copies may stop at any row: no process, thread or open file is left."""
    before = children(), threading.active_count(), opened()
    with Loading(job(table)) as loading:
        loading.start()
        loading.rows.read(10)
    assert (children(), threading.active_count(), opened()) == before


def test_reader_that_waits_reads_the_next_file(table: Path) -> None:
    """One waits at most, it reads one file, and the block leaves nothing."""
    before = children(), opened()
    with Ready() as ready:
        ready.prepare()
        ready.prepare()
        (waiting,) = children() - before[0]
        with Loading(job(table), reader=ready.take()) as loading:
            assert children() - before[0] == {waiting}
            loading.start()
            loading.rows.read()
            assert loading.ended().rows == 20_000
        ready.prepare()
        assert waiting not in children()
    assert (children(), opened()) == before


def test_reader_that_fell_while_it_waited_is_replaced(table: Path) -> None:
    """The file is not blamed for it."""
    before = children()
    with Ready() as ready:
        ready.prepare()
        (waiting,) = children() - before
        os.kill(int(waiting), signal.SIGKILL)
        os.waitid(os.P_PID, int(waiting), os.WEXITED | os.WNOWAIT)
        with Loading(job(table), reader=ready.take()) as loading:
            loading.start()
            loading.rows.read()
            assert loading.ended().rows == 20_000
    assert children() == before


def test_reader_that_waits_ends_with_who_started_it() -> None:
    """Also when that one is killed and tells nobody: its standard input ends."""
    starts = "from hatinh.loading import Reader\nReader()\nprint('waits', flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", starts], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"waits\n"
        listed = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text()
        handle = os.pidfd_open(int(listed))
        parent.kill()
    assert select.select([handle], [], [], 30)[0]
    os.close(handle)
