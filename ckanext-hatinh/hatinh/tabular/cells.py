"""The cells of many rows at once, as places in their bytes (numpy)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]
Words = NDArray[np.uint64]
Eights = NDArray[np.void]
Span = tuple[Places, Places]

_WORD = 8
_LONGEST = 15
"""Digits of a number that is computed here."""

_BLOCK = 1 << 18
"""Bytes that are looked at together; so many stay near the processor."""

_NONE = np.empty(0, np.int64)
_KEPT = np.array([(1 << 8 * kept) - 1 for kept in range(_WORD)] + [(1 << 64) - 1], np.uint64)
_MIXERS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93), np.uint64(32))
_QUOTE, _LINE_FEED, _RETURN, _SPACE, _HYPHEN, _ZERO = b'"\n\r -0'


@dataclass(frozen=True)
class Cells:
    """Well-formed rows of CSV: each has ``width`` cells and ends with a line feed.

    Quotes stand around whole cells only, none inside of them. ``padded`` are the bytes of the
    rows and eight more.
    """

    padded: bytes
    delimiter: str
    width: int

    @classmethod
    def of(cls, parts: Iterable[bytes | memoryview], delimiter: str, width: int) -> "Cells":
        """The rows that stand in these parts."""
        return cls(b"".join([*parts, bytes(_WORD)]), delimiter, width)

    @cached_property
    def letters(self) -> NDArray[np.uint8]:
        """The bytes of the rows."""
        return np.frombuffer(self.padded, np.uint8)[:-_WORD]

    @cached_property
    def ends(self) -> Places:
        """Where each cell ends, by row and column: the place of the sign behind it."""
        starts = range(0, len(self.letters), _BLOCK)
        blocks = ((start, self.letters[start : start + _BLOCK]) for start in starts)
        places = np.concatenate([self._signs(block) + start for start, block in blocks] or [_NONE])
        if self._has_quotes:
            quotes = self.letters[places] == _QUOTE
            outside = np.bitwise_and(np.cumsum(quotes, dtype=np.uint8), 1) == 0
            places = places[outside & ~quotes]
        return places.reshape(-1, self.width)

    def _signs(self, letters: NDArray[np.uint8]) -> Places:
        """Where the signs between cells stand, and the quotes if there are any."""
        signs = letters == ord(self.delimiter)
        signs |= letters == _LINE_FEED
        if self._has_quotes:
            signs |= letters == _QUOTE
        return np.flatnonzero(signs)

    @cached_property
    def _has_quotes(self) -> bool:
        return b'"' in self.padded

    @cached_property
    def _has_returns(self) -> bool:
        return b"\r" in self.padded

    @cached_property
    def row_ends(self) -> Places:
        """Where each row ends, behind its line feed."""
        return self.ends[:, -1] + 1

    @cached_property
    def row_starts(self) -> Places:
        """Where each row begins."""
        return np.concatenate((np.zeros(1, np.int64), self.row_ends))[:-1]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.ends)

    def row(self, index: int) -> bytes:
        """The bytes of one row."""
        return self.padded[self.row_starts[index] : self.row_ends[index]]

    @cached_property
    def _spans(self) -> dict[int, Span]:
        return {}

    def span(self, column: int) -> Span:
        """Where the text of each cell of a column begins, and its length, without its quotes."""
        if column not in self._spans:
            self._spans[column] = self._span(column)
        return self._spans[column]

    def _span(self, column: int) -> Span:
        starts = self.ends[:, column - 1] + 1 if column else self.row_starts
        ends = self.ends[:, column]
        if column == self.width - 1 and self._has_returns:
            ends = ends - (self.letters[ends - 1] == _RETURN)
        if self._has_quotes:
            quoted = self.letters[starts] == _QUOTE
            return starts + quoted, ends - starts - 2 * quoted
        return starts, ends - starts

    def blank(self, column: int) -> Mask:
        """Whether a cell has nothing."""
        return self.span(column)[1] == 0

    def untidy(self, column: int) -> Mask:
        """Whether a cell, which is not blank, begins or ends with a space or has two together."""
        starts, lengths = self.span(column)
        ends = starts + lengths - 1
        found = (self.letters[starts] == _SPACE) | (self.letters[ends] == _SPACE)
        if b"  " in self.padded:
            spaces = self.letters == _SPACE
            twice = np.flatnonzero(spaces[:-1] & spaces[1:])
            found |= np.searchsorted(twice, starts) < np.searchsorted(twice, ends)
        return found

    @cached_property
    def _eights(self) -> Eights:
        return _each_eight(self.padded)

    def words(self, column: int) -> tuple[Words, Mask]:
        """Texts of up to eight bytes as numbers, each its own; and which are that short."""
        starts, lengths = self.span(column)
        return _taken(self._eights, starts) & _KEPT[np.minimum(lengths, _WORD)], lengths <= _WORD

    def hashes(self, columns: Sequence[int]) -> Words:
        """A number for the texts of some columns together; equal texts have equal numbers."""
        return hashed(self._eights, [self.span(column) for column in columns])

    def equal(self, column: int, text: str) -> Mask:
        """Whether a cell has this text."""
        wanted = text.encode()
        starts, lengths = self.span(column)
        found = np.zeros(self.rows, np.bool_)
        maybe = np.flatnonzero(lengths == len(wanted))
        for done in range(0, len(wanted), _WORD):
            part = wanted[done : done + _WORD]
            words = _taken(self._eights, starts[maybe] + done) & _KEPT[len(part)]
            maybe = maybe[words == np.uint64(int.from_bytes(part, "little"))]
        found[maybe] = bool(wanted)
        return found

    def among(self, column: int, texts: Iterable[str]) -> Mask:
        """Whether a cell has one of some texts."""
        starts, lengths = self.span(column)
        found = np.zeros(self.rows, np.bool_)
        sizes, firsts = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
        wanted = {text.encode() for text in texts}
        for text in wanted:
            sizes[min(len(text), 255)] = firsts[text[0]] = True
        maybe = np.flatnonzero(sizes[np.minimum(lengths, 255)])
        if len(maybe):
            maybe = maybe[firsts[self.letters[starts[maybe]]]]
        if len(maybe):
            for text in texts:
                found |= self.equal(column, text)
        return found

    def digits(self, column: int) -> tuple[Places, Mask]:
        """Whole numbers of up to 15 plain digits; and which cells hold one."""
        starts, lengths = self.span(column)
        return self._number(starts, lengths, range(int(min(lengths.max(initial=0), _LONGEST))))

    def days(self, column: int) -> tuple[Places, Mask]:
        """Cells written ``2025-12-31`` as numbers in their order; and which are written so."""
        starts, lengths = self.span(column)
        hyphens = self._letter(starts + 4) == _HYPHEN
        hyphens &= self._letter(starts + 7) == _HYPHEN
        found, plain = self._number(starts, lengths, (0, 1, 2, 3, 5, 6, 8, 9))
        return found, plain & hyphens & (lengths == 10)

    def _number(
        self, starts: Places, lengths: Places, places: Sequence[int]
    ) -> tuple[Places, Mask]:
        found = np.zeros(len(starts), np.int64)
        plain = (lengths > 0) & (lengths <= _LONGEST)
        for place in places:
            digit = self._letter(starts + place).astype(np.int64) - _ZERO
            inside = lengths > place
            plain &= ~inside | ((digit >= 0) & (digit <= 9))
            found = np.where(inside, found * 10 + digit, found)
        return found, plain

    def _letter(self, places: Places) -> NDArray[np.uint8]:
        return self.letters[np.minimum(places, len(self.letters) - 1)]


def eights(texts: Iterable[bytes]) -> Eights:
    """The eight bytes from each place of these texts on, as they stand one after the other."""
    return _each_eight(b"".join([*texts, bytes(_WORD)]))


def _each_eight(padded: bytes) -> Eights:
    first = np.frombuffer(padded, "V8", 1)
    shape = (len(padded) - _WORD + 1,)
    return np.lib.stride_tricks.as_strided(first, shape, (1,), writeable=False)


def _taken(words: Eights, starts: Places) -> Words:
    return words[starts].view("<u8")


def hashed(words: Eights, spans: Sequence[Span]) -> Words:
    """A number for the texts that stand in some spans (begin, length) together."""
    found = np.zeros(len(spans[0][0]), np.uint64)
    for starts, lengths in spans:
        _mix(found, _taken(words, starts) & _KEPT[np.minimum(lengths, _WORD)])
        for done in range(_WORD, int(lengths.max(initial=0)), _WORD):
            more = np.flatnonzero(lengths > done)
            rest = _KEPT[np.minimum(lengths[more] - done, _WORD)]
            found[more] = _mix(found[more], _taken(words, starts[more] + done) & rest)
        _mix(found, lengths.astype(np.uint64))
    return found


def distinct(words: Words) -> Words:
    """Each number once, in order."""
    ordered = np.sort(words)
    first = np.ones(min(len(ordered), 1), np.bool_)
    return ordered[np.concatenate((first, _changes(ordered)))]


def repeated(words: Words) -> Words:
    """Each number that stands more than once, in order."""
    ordered = np.sort(words)
    return distinct(ordered[1:][~_changes(ordered)])


def _changes(ordered: Words) -> Mask:
    return ordered[1:] != ordered[:-1]


def _mix(found: Words, words: Words) -> Words:
    multiplier, other, shift = _MIXERS
    found ^= words
    found *= multiplier
    found ^= found >> shift
    found *= other
    found ^= found >> shift
    return found
