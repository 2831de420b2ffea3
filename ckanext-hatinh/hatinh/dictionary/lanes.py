"""Reads the segments of a large file in several processes, and gives them in order.

Reading is much work and gives little, so it is what can be shared. A lane is a copy (``fork``) of
this process which reads every second segment and sends what it found. Copies of a process with
threads are not safe, so there a file is read in one lane; so is a small one. A lane that ends early
(a file that cannot be read, a process that was killed) ends the series, and whoever takes it reads
on from there without lanes: no fault is told in two ways.
"""

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from io import UnsupportedOperation
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import BinaryIO

from hatinh.dictionary.right_rows import Found, RightRows
from hatinh.errors import UnreadableTableError
from hatinh.tabular.delimited import SHORT, Delimited, Segment, segments

LANES = 2
WORTH = 16_000_000
"""Bytes of a file from which on it is worth while to start processes."""

_AHEAD = 1 << 20
"""Bytes that a lane may be ahead of who takes them."""

_FORK = get_context("fork")


def in_lanes(found: Delimited, reader: RightRows, size: int) -> Iterator[Found]:
    """What is in the segments of a file, from its first row on; perhaps not to its end."""
    if not _is_worth_while(found):
        return
    with ExitStack() as stack:
        offsets = range(found.body, found.size, size)
        shares = [offsets[at::LANES] for at in range(LANES)]
        lanes = [stack.enter_context(_lane(found, reader, size, share)) for share in shares]
        with suppress(EOFError):
            for lane in cycle(lanes):
                yield lane.recv()


def in_order(found: Delimited, reader: RightRows, size: int, offset: int) -> Iterator[Found]:
    """What is in the segments from a row on, read here. Raises :class:`UnreadableTableError`."""
    return map(reader.find, segments(found, offset, size))


def _is_worth_while(found: Delimited) -> bool:
    alone = threading.active_count() == 1 and not _FORK.current_process().daemon
    cores = len(os.sched_getaffinity(0))
    return alone and cores >= LANES and found.size >= WORTH and _has_number(found.file)


def _has_number(file: BinaryIO) -> bool:
    try:
        return file.fileno() >= 0
    except UnsupportedOperation:
        return False


@contextmanager
def _lane(
    found: Delimited, reader: RightRows, size: int, offsets: Sequence[int]
) -> Iterator[Connection]:
    """A process that reads the segments at these places."""
    receiver, sender = _FORK.Pipe(duplex=False)
    with suppress(OSError):
        fcntl.fcntl(sender.fileno(), fcntl.F_SETPIPE_SZ, _AHEAD)
    process = _FORK.Process(target=_read, args=(found, reader, size, offsets, receiver, sender))
    process.start()
    sender.close()
    try:
        yield receiver
    finally:
        receiver.close()
        process.kill()
        process.join()


def _read(
    found: Delimited,
    reader: RightRows,
    size: int,
    offsets: Sequence[int],
    receiver: Connection,
    sender: Connection,
) -> None:
    """The work of a lane, which ends with its segments or when nobody takes what it sends."""
    receiver.close()
    with suppress(BrokenPipeError, UnreadableTableError):
        for offset in offsets:
            segment = _segment(found, offset, size)
            if segment is None:
                return
            read = reader.find(segment)
            reader.pass_over(read)
            sender.send(read)


def _segment(found: Delimited, offset: int, size: int) -> Segment | None:
    """The lines that begin in these bytes; nothing if there are none, or only very long ones.

    The place in the file is shared by all lanes, so none moves it.
    """
    body = os.pread(found.file.fileno(), size + SHORT, offset - 1)
    last = len(body) < size + SHORT
    start, stop = body.find(b"\n") + 1, body.find(b"\n", size) + 1
    if last and not stop:
        stop = len(body)
    if not 0 < start < stop:
        return None
    return Segment(offset - 1 + start, body[start:stop], stop - start, last and stop == len(body))
