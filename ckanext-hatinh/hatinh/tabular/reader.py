"""One door for every format that holds a table."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BytesIO
from typing import BinaryIO

from hatinh.errors import UnreadableTableError
from hatinh.tabular.delimited import delimited_stream, open_delimited, rows_from
from hatinh.tabular.objects import geojson_stream, json_stream, lines_stream
from hatinh.tabular.table import LIMITS, Limits, Stream, Table, table
from hatinh.tabular.workbook import sheet_rows, workbook_stream


def _delimited(name: str, file: BinaryIO, limits: Limits, stack: ExitStack) -> Stream:
    return delimited_stream(open_delimited(name, file, limits, stack))


_READERS: dict[str, Callable[[str, BinaryIO, Limits, ExitStack], Stream]] = {
    "CSV": _delimited,
    "TSV": _delimited,
    "XLSX": workbook_stream,
    "XLSM": workbook_stream,
    "XLS": workbook_stream,
    "ODS": workbook_stream,
    "JSON": json_stream,
    "JSONL": lines_stream,
    "NDJSON": lines_stream,
    "GEOJSON": geojson_stream,
}

FORMATS = frozenset(_READERS)
DELIMITED = frozenset({"CSV", "TSV"})
WORKBOOKS = frozenset({"XLSX", "XLSM", "XLS", "ODS"})

_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")
"""How XLSX and ODS, and XLS, begin."""


def is_tabular(format: str) -> bool:
    """Whether files of this format are read as tables."""
    return format.upper() in FORMATS


@contextmanager
def open_table(name: str, format: str, file: BinaryIO, limits: Limits = LIMITS) -> Iterator[Stream]:
    """The first table of a file, to be read once from top to bottom.

    ``name`` is used in messages only. Raises :class:`UnreadableTableError` when the bytes are no
    such table or exceed ``limits``, also while the rows are taken.
    """
    reader = _READERS.get(format.upper())
    if reader is None:
        raise UnreadableTableError(name, f"{format} is no format of tables", "format-unknown")
    with ExitStack() as stack:
        yield reader(name, file, limits, stack)


def read_table(
    name: str, format: str, body: bytes, limit_rows: int | None = None, limits: Limits = LIMITS
) -> Table:
    """The first table of a file, kept in memory.

    ``limit_rows`` stops after so many rows (a preview). Raises :class:`UnreadableTableError`.
    """
    with open_table(name, format, BytesIO(body), limits) as stream:
        return table(name, stream, limits, limit_rows)


def read_grid(
    name: str, body: bytes, limits: Limits = LIMITS, *, sheet: str = ""
) -> Iterator[Sequence[str | None]]:
    """The cells of a workbook or CSV file as they lie, for forms whose header has known words.

    Row 1 of the sheet comes first, title rows and blank rows included. ``sheet`` names one of a
    workbook's visible sheets; without it the first is taken.
    Raises :class:`UnreadableTableError`, also while the rows are taken; its reason is
    ``sheet-missing`` when no visible sheet has that name.
    """
    with ExitStack() as stack:
        if body.startswith(_WORKBOOKS):
            yield from sheet_rows(name, BytesIO(body), limits, stack, sheet)
        else:
            found = open_delimited(name, BytesIO(body), limits, stack)
            yield from rows_from(found, found.start)
