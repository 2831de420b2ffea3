"""Between a quick source and a slow reader: what the reader has not taken waits on disk.

Rows come from a table that is locked against being replaced while they are read. Were they sent at
the pace of a reader, one slow reader would keep a table from being loaded anew.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from threading import Condition, Thread

PIECE = 256 * 1024
"""Bytes that a reader is given at once."""


class BrokenSourceError(Exception):
    """The source ended with a fault: what was read is not the whole."""


class Relay:
    """Pieces in their order. The source is emptied at its own speed, by a thread."""

    def __init__(self, pieces: Iterable[bytes], over: Callable[[], None]) -> None:
        """Begin to empty the source. ``over`` is called as soon as nothing more comes from it."""
        self._pieces = pieces
        self._tell_over = over
        with ExitStack() as stack:
            self._file = stack.enter_context(TemporaryFile())
            self._held = stack.pop_all()
        self._changed = Condition()
        self._size = 0
        self._is_over = self._is_whole = self._is_left = False
        self._filling = Thread(target=self._fill, daemon=True)
        self._filling.start()

    def __iter__(self) -> Iterator[bytes]:
        """What has come, then what comes. Raises ``BrokenSourceError``."""
        at = 0
        while piece := self._read(at):
            at += len(piece)
            yield piece
        if not self._is_whole:
            raise BrokenSourceError

    def close(self) -> None:
        """The reader is gone: nothing more is taken from the source."""
        self._is_left = True
        self._filling.join()
        self._held.close()

    def _fill(self) -> None:
        try:
            for piece in self._pieces:
                if self._is_left:
                    return
                self._write(piece)
            self._is_whole = True
        finally:
            self._tell_over()
            with self._changed:
                self._is_over = True
                self._changed.notify()

    def _write(self, piece: bytes) -> None:
        with self._changed:
            self._file.seek(self._size)
            self._file.write(piece)
            self._size += len(piece)
            self._changed.notify()

    def _read(self, at: int) -> bytes:
        """The next bytes; none when there are no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._size > at or self._is_over)
            self._file.seek(at)
            return self._file.read(PIECE)
