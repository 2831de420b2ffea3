"""CSV as it is really sent: four delimiters, four encodings."""

import csv
import unicodedata
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from hatinh.errors import UnreadableTableError
from hatinh.tabular.table import Limits, Table, table

_DELIMITERS = ",;\t|"
_SAMPLE = 50
"""Rows on which a delimiter is tried."""


def read_delimited(name: str, body: bytes, limits: Limits, limit_rows: int | None) -> Table:
    """The table of a CSV or TSV file."""
    return table(name, delimited_rows(name, body), limits, limit_rows)


def delimited_rows(name: str, body: bytes) -> Iterator[list[str]]:
    """The rows of a CSV or TSV file. Raises :class:`UnreadableTableError`."""
    text = _decode(name, body)
    rows = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    return _guarded(name, rows)


def _decode(name: str, body: bytes) -> str:
    """Text of the file: by its byte-order mark, else UTF-8, else the old Vietnamese Windows page.

    Windows-1258 has no precomposed letters, so only there the text is composed here; in Unicode
    files a decomposed letter is a fault of the file, which the check is to find.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        attempts = ("utf-16",)
    elif b"\0" in body[:2000]:
        attempts = ("utf-16-le" if body[1:2] == b"\0" else "utf-16-be",)
    else:
        attempts = ("utf-8-sig", "cp1258")
    for encoding in attempts:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return unicodedata.normalize("NFC", text) if encoding == "cp1258" else text
    raise UnreadableTableError(name, "neither UTF-8, UTF-16 nor Windows-1258 text")


def _delimiter(text: str) -> str:
    """The delimiter that gives the most rows of one width, and the wider one of equals."""
    return max(_DELIMITERS, key=lambda delimiter: _evenness(text, delimiter))


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        widths = [len(row) for row in islice(rows, _SAMPLE) if row]
    except csv.Error:
        return 0, 0
    usual = max(set(widths), key=widths.count, default=0)
    if usual < 2:
        return 0, 0
    return widths.count(usual) / len(widths), usual


def _guarded(name: str, rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error as err:
        raise UnreadableTableError(name, str(err)) from err
