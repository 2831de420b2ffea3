"""Which rows have a key that an earlier row has: in memory for small tables, else by hashes.

Of a large table each whole key leaves a hash, its row and a place where it can be read again: in
the file itself or, for rows that come one by one, in a file written along. Only keys whose hashes
are equal are read again and compared.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from typing import BinaryIO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from hatinh.tabular.cells import Places, Words, eights, hashed, repeated

_IN_MEMORY = 100_000
"""Keys that are held in memory before hashes take over."""

_AT_ONCE = 2_000_000
"""Hashes that are compared at a time; more wait on disk."""

_BETWEEN = "\x1f"
"""Between the values of a key in a file; a clean value has no such letter."""

Key = tuple[str, ...]
Entries = NDArray[np.uint64]
"""Hashes, rows, and places of keys, in three lines."""

_HASH, _ROW = 0, 1


class Repeated(NamedTuple):
    """A row with the key of an earlier one."""

    row: int
    first: int
    values: Key


class Keys:
    """The keys of a table's rows; ``read`` gives the key that stands at a byte of the file."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, Key]] = []
        self._stored: _Stored | None = None
        self.read: Callable[[int], Key] | None = None
        self.whole = 0

    def add(self, row: int, values: Key) -> None:
        """Note the whole key of a row."""
        self.whole += 1
        self._rows.append((row, values))
        if len(self._rows) >= _IN_MEMORY:
            self._flush()

    def note(self, hashes: Words, rows: Places, offsets: Words) -> None:
        """Note keys by their hashes, rows, and places in the file."""
        self.whole += len(rows)
        self._open().add(_entries(hashes, rows, offsets << np.uint64(1)))

    def repeated(self) -> Iterator[Repeated]:
        """The rows whose key stands in an earlier row."""
        if self._stored is None:
            yield from self._repeated_in_memory()
            return
        self._flush()
        try:
            yield from self._stored.repeated()
        finally:
            self._stored.close()

    def close(self) -> None:
        """Forget everything."""
        if self._stored is not None:
            self._stored.close()

    def _open(self) -> "_Stored":
        if self._stored is None:
            self._stored = _Stored(self.read)
        return self._stored

    def _flush(self) -> None:
        if self._rows:
            self._open().write(self._rows)
        self._rows = []

    def _repeated_in_memory(self) -> Iterator[Repeated]:
        first: dict[Key, int] = {}
        for row, values in self._rows:
            if (earlier := first.setdefault(values, row)) != row:
                yield Repeated(row, earlier, values)


class _Stored:
    """Entries in memory and, when they are many, in a file; and keys that were written along."""

    def __init__(self, read: Callable[[int], Key] | None) -> None:
        self._files = ExitStack()
        self._written = self._temporary()
        self._spilled = self._temporary()
        self._parts: list[Entries] = []
        self._read_in_file = read
        self._held = self._count = 0

    def _temporary(self) -> BinaryIO:
        return cast(BinaryIO, self._files.enter_context(tempfile.TemporaryFile()))

    def close(self) -> None:
        self._files.close()

    def add(self, entries: Entries) -> None:
        self._parts.append(entries)
        self._held += entries.shape[1]
        self._count += entries.shape[1]
        if self._held >= _AT_ONCE:
            self._spill()

    def _spill(self) -> None:
        for part in self._parts:
            self._spilled.write(part.T.tobytes())
        self._parts, self._held = [], 0

    def write(self, rows: list[tuple[int, Key]]) -> None:
        """Note keys that can be read nowhere else."""
        lines = [f"{_BETWEEN.join(values)}\n".encode() for _, values in rows]
        lengths = np.array([0, *map(len, lines)])
        at = self._written.seek(0, 2) + np.cumsum(lengths)[:-1].astype(np.uint64)
        self._written.write(b"".join(lines))
        places = at << np.uint64(1) | np.uint64(1)
        numbers = np.array([row for row, _ in rows])
        self.add(_entries(_hashes([values for _, values in rows]), numbers, places))

    def repeated(self) -> Iterator[Repeated]:
        shares = self._count // _AT_ONCE + 1
        for share in range(shares):
            twice = repeated(self._hashes(share, shares))
            if len(twice):
                alike = [part[:, np.isin(part[_HASH], twice)] for part in self._all()]
                yield from self._compared(np.concatenate(alike, axis=1))

    def _hashes(self, share: int, shares: int) -> Words:
        """The hashes that leave this rest."""
        found = (part[_HASH] for part in self._all())
        if shares > 1:
            found = (hashes[hashes % np.uint64(shares) == share] for hashes in found)
        return np.concatenate([*found, np.empty(0, np.uint64)])

    def _all(self) -> Iterator[Entries]:
        self._spilled.seek(0)
        while chunk := self._spilled.read(24 << 16):
            yield np.frombuffer(chunk, np.uint64).reshape(-1, 3).T
        yield from self._parts

    def _compared(self, alike: Entries) -> Iterator[Repeated]:
        """Of keys with equal hashes, those that are equal, in order of rows."""
        hashes, rows, places = alike[:, np.lexsort((alike[_ROW], alike[_HASH]))]
        new = np.concatenate(([True], hashes[1:] != hashes[:-1]))
        firsts = np.flatnonzero(new)[np.cumsum(new) - 1]
        later = np.flatnonzero(~new)
        earlier = lru_cache(maxsize=10_000)(self._read)
        for at in later[np.argsort(rows[later])]:
            values = self._read(int(places[at]))
            for before in range(firsts[at], at):
                if earlier(int(places[before])) == values:
                    yield Repeated(int(rows[at]), int(rows[before]), values)
                    break

    def _read(self, place: int) -> Key:
        offset, written = divmod(place, 2)
        if not written and self._read_in_file:
            return self._read_in_file(offset)
        self._written.seek(offset)
        return tuple(self._written.readline().decode()[:-1].split(_BETWEEN))


def _entries(hashes: Words, rows: Places, places: NDArray[np.uint64]) -> Entries:
    return np.stack((hashes, rows.astype(np.uint64), places))


def _hashes(keys: list[Key]) -> Words:
    """The hashes that these texts have as cells too."""
    columns = [[value.encode() for value in column] for column in zip(*keys, strict=True)]
    texts = [value for column in columns for value in column]
    sizes = np.array([len(text) for text in texts])
    starts = (np.cumsum(sizes) - sizes).reshape(len(columns), -1)
    spans = list(zip(starts, sizes.reshape(len(columns), -1), strict=True))
    return hashed(eights(texts), spans)
