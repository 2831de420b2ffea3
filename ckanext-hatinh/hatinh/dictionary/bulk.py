"""Large CSV files, by segments of some megabytes: most rows are passed over by an engine.

A segment is read into the engine and every row is put to one question, whether nothing can be
wrong with it (:mod:`hatinh.dictionary.prefilter`). Those rows are only counted. All others come
back whole and are judged by the same rules as any row. So there is one definition of each rule,
and this module can make a check faster but not different. A segment that is no well-formed CSV
is read row by row.

    file ─▶ segment ─▶ engine ─▶ counts of right rows ─┐
                          └────▶ doubtful rows ────────┴─▶ Inspection
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from hatinh.dictionary import sql
from hatinh.dictionary.engine import THREADS, Connection, Engine
from hatinh.dictionary.inspection import Inspection
from hatinh.dictionary.keys import STRIDE
from hatinh.dictionary.prefilter import safe
from hatinh.tabular.delimited import Delimited, rows_from, rows_of, segments
from hatinh.tabular.table import Row, blank_to_none, fitted, width_of, without_blank_tail

BULK = 2_000_000
"""Bytes from which a CSV file is checked in bulk."""

SEGMENT = 4_000_000
_ASCII = bytes([9, 10, 13, *range(32, 127)])
_CONTINUED = bytes(range(0x80, 0xC0))
_LATIN = bytes(range(0xC3, 0xCA))
_FAMILIES = {
    0xE1: (b"\xe1\xb8", b"\xe1\xb9", b"\xe1\xba", b"\xe1\xbb"),
    0xE2: (b"\xe2\x80\x93", b"\xe2\x80\x94", b"\xe2\x80\x98", b"\xe2\x80\x99",
           b"\xe2\x80\x9c", b"\xe2\x80\x9d", b"\xe2\x80\xa6"),
    0xC2: (b"\xc2\xb0", b"\xc2\xb2", b"\xc2\xb3"),
}  # fmt: skip
"""First bytes of letters of UTF-8 that are beyond doubt, if they go on like this."""

_QUOTED = rb'(?:^|(?<=[\n%b]))"[^"]*(?:""[^"]*)*"(?=[\r\n%b]|$)'


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment of the file: its place and bytes, and whether none follows."""

    number: int
    offset: int
    body: bytes
    last: bool = False


@dataclass(frozen=True, slots=True)
class _Passed:
    """What the engine says of a segment."""

    rows: int
    right: int
    filled: Sequence[int]
    whole: int
    judged: Sequence[int]
    doubtful: Sequence[tuple[int, Row]]


class _Reader:
    """Reads segments in the engine; :meth:`read` may run in several threads."""

    def __init__(self, found: Delimited, inspection: Inspection, engine: Engine) -> None:
        self._found = found
        self._width = len(inspection.judges)
        self._key = inspection.key
        self._engine = engine
        self._rules = inspection.rules
        self._names = [sql.column(index) for index in range(self._width)]
        self._right = {dirty: _right(inspection, dirty=dirty) for dirty in (False, True)}

    def read(self, part: _Part) -> _Passed | None:
        """What is in a segment; ``None`` when it must be read row by row."""
        number, body = part.number, part.body
        if not (_is_regular(body) and _is_cut_right(body, self._found.delimiter)):
            return None
        if part.last and not _ends_with_value(body):
            return None
        path = self._engine.folder / f"{number}.csv"
        path.write_bytes(body)
        cursor = self._engine.connection.cursor()
        try:
            passed = self._read(cursor, number, path, body)
        except self._engine.error:
            return None
        finally:
            cursor.close()
            path.unlink()
        return passed

    def _read(self, cursor: Connection, number: int, path: Path, body: bytes) -> _Passed | None:
        source = self._source(path, body)
        right = self._right[_is_dirty(body)]
        cursor.execute(
            f"CREATE OR REPLACE TEMP TABLE segment AS SELECT *, {right} AS ok FROM {source}"
        )
        if not _all_read(cursor, body, self._found.delimiter):
            return None
        right_rows, *counted = cursor.execute(self._counting()).fetchall()[0]
        names = ", ".join(self._names)
        cursor.execute(f"SELECT rowid, {names} FROM segment WHERE NOT ok ORDER BY rowid")
        doubtful = [(row, tuple(cells)) for row, *cells in cursor.fetchall()]
        if self._key:
            self._note_keys(cursor, number)
        return _Passed(
            rows=right_rows + len(doubtful),
            right=right_rows,
            filled=counted[: self._width],
            whole=right_rows if self._key else 0,
            judged=counted[self._width :],
            doubtful=doubtful,
        )

    def _source(self, path: Path, body: bytes) -> str:
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in self._names)
        line_end = "" if b"\r" in body else r"new_line = '\n', "
        quote = '"' if b'"' in body else ""
        return (
            f"read_csv({sql.literal(str(path))}, auto_detect = false, header = false, "
            f"delim = {sql.literal(self._found.delimiter)}, quote = '{quote}', escape = '{quote}', "
            f"columns = {{{columns}}}, {line_end}null_padding = true, "
            f"strict_mode = true, parallel = false, max_line_size = {self._found.limits.line})"
        )

    def _counting(self) -> str:
        filled = (f"count({name})" for name in self._names)
        judged = (f"count(*) FILTER ({rule.skipped or 'false'})" for rule in self._rules)
        return f"SELECT count(*), {', '.join([*filled, *judged])} FROM segment WHERE ok"

    def _note_keys(self, cursor: Connection, number: int) -> None:
        parts = ", ".join(sql.column(at) for at in self._key)
        cursor.execute(
            f"INSERT INTO keys SELECT rowid + {number * STRIDE}, {parts} FROM segment WHERE ok"
        )


def check_bulk(found: Delimited, inspection: Inspection, engine: Engine) -> None:
    """Put the rows of a file to an inspection, in order."""
    inspection.keys.share()
    reader = _Reader(found, inspection, engine)
    with ThreadPoolExecutor(THREADS) as pool:
        for part, told in _read_ahead(found, reader, pool):
            inspection.keys.start_segment(inspection.rows)
            passed = told.result()
            if passed is not None:
                _take(passed, inspection)
            elif _is_cut_right(part.body, found.delimiter):
                _row_by_row(rows_of(found, part.body), inspection, last=part.last)
            else:
                _row_by_row(rows_from(found, part.offset), inspection, last=True)
                break
    inspection.keys.drop_later()


def _read_ahead(
    found: Delimited, reader: _Reader, pool: ThreadPoolExecutor
) -> Iterator[tuple[_Part, "Future[_Passed | None]"]]:
    """Segments in order, while those after them are being read."""
    started = ((part, pool.submit(reader.read, part)) for part in _parts(found))
    waiting = deque(islice(started, THREADS))
    while waiting:
        yield waiting.popleft()
        waiting.extend(islice(started, 1))


def _parts(found: Delimited) -> Iterator[_Part]:
    before: _Part | None = None
    for number, (offset, body) in enumerate(segments(found, SEGMENT)):
        if before is not None:
            yield before
        before = _Part(number, offset, body)
    if before is not None:
        yield replace(before, last=True)


def _take(passed: _Passed, inspection: Inspection) -> None:
    first = inspection.rows + 1
    for row, cells in passed.doubtful:
        inspection.row(first + row, next(blank_to_none([cells])))
    inspection.passed(passed.right, passed.filled, passed.whole, passed.judged)


def _row_by_row(rows: Iterator[list[str]], inspection: Inspection, *, last: bool) -> None:
    width = len(inspection.judges)
    filled = blank_to_none(rows)
    for row in without_blank_tail(filled) if last else filled:
        inspection.row(inspection.rows + 1, fitted(row, max(width, width_of(row))))


def _right(inspection: Inspection, *, dirty: bool) -> str:
    cells = (safe(judge, at, dirty=dirty) for at, judge in enumerate(inspection.judges))
    rules = (rule.skip for rule in inspection.rules)
    return f"coalesce({sql.all_of([*cells, *rules])}, false)"


def _is_regular(body: bytes) -> bool:
    """Whether both readers see the same lines: one kind of line end, no blank line."""
    returns = body.count(b"\r")
    if returns:
        ends = body.count(b"\r\n")
        return (
            returns == ends == body.count(b"\n") and b"\r\n\r\n" not in body and body[:1] != b"\r"
        )
    return b"\n\n" not in body and body[:1] != b"\n"


def _ends_with_value(body: bytes) -> bool:
    """Whether the last line surely holds a value, so that no blank rows are at the end."""
    last = body.rstrip(b"\r\n")
    return re.search(rb"[0-9A-Za-z]", last[last.rfind(b"\n") + 1 :]) is not None


def _all_read(cursor: Connection, body: bytes, delimiter: str) -> bool:
    """Whether the engine has a row for every line, but those inside of quoted cells."""
    rows = cursor.execute("SELECT count(*) FROM segment").fetchall()[0][0]
    lines = body.count(b"\n") + (not body.endswith(b"\n"))
    if b'"' not in body or rows == lines:
        return rows == lines
    quoted = re.findall(_quoted(delimiter), body)
    return rows + sum(cell.count(b"\n") for cell in quoted) == lines


def _is_dirty(body: bytes) -> bool:
    """Whether there may be a letter that is unprintable or not composed."""
    rest = body.translate(None, _ASCII)
    if not rest:
        return False
    if rest.translate(None, _CONTINUED + _LATIN + bytes(_FAMILIES)):
        return True
    return any(
        rest.count(bytes([lead])) != sum(map(rest.count, known))
        for lead, known in _FAMILIES.items()
    )


def _is_cut_right(body: bytes, delimiter: str) -> bool:
    """Whether quotes stand only around cells, so that the segment surely ends with a row."""
    if b'"' not in body:
        return True
    return b'"' not in re.sub(_quoted(delimiter), b"", body)


def _quoted(delimiter: str) -> bytes:
    """A pattern of quoted cells."""
    ends = re.escape(delimiter.encode())
    return _QUOTED % (ends, ends)
