"""A slow reader gets everything, and holds nothing up."""

from collections.abc import Iterator
from itertools import count
from threading import Event

import pytest

from hatinh.rows.relay import PIECE, BrokenSourceError, Relay

SECONDS = 10


def test_reader_gets_every_byte_in_order():
    """Pieces of any size come whole."""
    pieces = [bytes([n]) * (n * 5000) for n in range(100)]
    over = Event()
    relay = Relay(pieces, over.set)
    taken = list(relay)
    relay.close()
    assert b"".join(taken) == b"".join(pieces)
    assert max(map(len, taken)) <= PIECE


def test_source_is_emptied_before_a_reader_takes_anything():
    """What holds the source is given back at once."""
    over = Event()
    relay = Relay([b"a" * 100_000] * 50, over.set)
    assert over.wait(SECONDS)
    assert sum(map(len, relay)) == 5_000_000
    relay.close()


def test_reader_need_not_wait_for_the_end():
    """The first pieces are there while the source still works."""
    more = Event()

    def pieces() -> Iterator[bytes]:
        yield b"first"
        assert more.wait(SECONDS)
        yield b"last"

    relay = Relay(pieces(), Event().set)
    reading = iter(relay)
    assert next(reading) == b"first"
    more.set()
    assert list(reading) == [b"last"]
    relay.close()


def test_source_is_left_when_the_reader_goes():
    """Nobody works for a reader who is gone."""
    over = Event()
    relay = Relay((bytes(1000) for _ in count()), over.set)
    next(iter(relay))
    relay.close()
    assert over.is_set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_broken_source_is_never_taken_for_a_whole_one():
    """The reader is told, so that half a file does not end like a whole one."""

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError("gone")

    over = Event()
    relay = Relay(pieces(), over.set)
    reading = iter(relay)
    assert next(reading) == b"half"
    with pytest.raises(BrokenSourceError):
        next(reading)
    relay.close()
    assert over.is_set()
