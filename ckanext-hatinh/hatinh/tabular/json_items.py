"""Walks through JSON documents of any size, one object of a list at a time."""

import codecs
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

from hatinh.errors import UnreadableTableError

MAX_ITEM = 1 << 24
"""Letters of one item of a list, or of one value beside it."""

_CHUNK = 1 << 16
_SPACE = " \t\r\n"
_MOST_ZEROS = 30


class Number(str):
    """A number as it is written."""

    __slots__ = ()


class JsonText:
    """The text of a document and a place in it.

    A number is a :class:`Number`; it keeps its digits, but no exponent.
    """

    def __init__(self, name: str, file: BinaryIO) -> None:
        self.name = name
        file.seek(0)
        head = file.read(4)
        file.seek(0)
        self._file = file
        self._bytes = codecs.getincrementaldecoder(json.detect_encoding(head))()
        self._json = json.JSONDecoder(parse_float=_written_out, parse_int=Number)
        self._text, self._at, self._ended = "", 0, False

    def peek(self) -> str:
        """The next letter that is no space; nothing at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._fill(_CHUNK):
                return ""

    def take(self, letter: str) -> bool:
        """Step over a letter if it is next."""
        found = self.peek() == letter
        self._at += found
        return found

    def expect(self, letter: str) -> None:
        """Step over a letter that must be next."""
        if not self.take(letter):
            raise self.broken(f"no {letter}")

    def value(self) -> Any:
        """The value that is next, read whole."""
        self.peek()
        size = _CHUNK
        while True:
            try:
                found, end = self._json.raw_decode(self._text, self._at)
            except RecursionError as err:
                raise self.broken("nested too deep") from err
            except ValueError as err:
                if not self._fill(size):
                    raise self.broken(str(err)) from err
            else:
                if end < len(self._text) or not self._fill(_CHUNK):
                    self._at = end
                    return found
            if len(self._text) - self._at > MAX_ITEM:
                raise UnreadableTableError(self.name, "an item without end", "line-too-long")
            size *= 2

    def items(self) -> Iterator[Any]:
        """The items of the list that is next."""
        self.expect("[")
        if self.take("]"):
            return
        yield self.value()
        while self.take(","):
            yield self.value()
        self.expect("]")

    def broken(self, why: str) -> UnreadableTableError:
        """The refusal of a document that is no JSON."""
        return UnreadableTableError(self.name, f"no JSON: {why}")

    def _fill(self, size: int) -> bool:
        """Read on; what was passed is forgotten. Whether there was more."""
        if self._ended:
            return False
        chunk = self._file.read(size)
        self._ended = not chunk
        try:
            text = self._bytes.decode(chunk, self._ended)
        except UnicodeDecodeError as err:
            raise self.broken(str(err)) from err
        self._text, self._at = self._text[self._at :] + text, 0
        return True


def _written_out(number: str) -> Number:
    """``1e-05`` as ``0.00001``; what would have zeros without end stays as it is."""
    if "e" in number.lower():
        try:
            exact = Decimal(number)
        except ArithmeticError:  # an exponent beyond those that a decimal has
            return Number(number)
        if abs(exact.adjusted()) <= _MOST_ZEROS:
            return Number(format(exact, "f"))
    return Number(number)
