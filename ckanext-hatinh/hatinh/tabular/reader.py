"""One door for every format that holds a table."""

from collections.abc import Callable, Iterator, Sequence

from hatinh.errors import UnreadableTableError
from hatinh.tabular.delimited import delimited_rows, read_delimited
from hatinh.tabular.objects import read_geojson, read_json
from hatinh.tabular.table import LIMITS, Limits, Table
from hatinh.tabular.workbook import read_workbook, sheet_rows

_READERS: dict[str, Callable[[str, bytes, Limits, int | None], Table]] = {
    "CSV": read_delimited,
    "TSV": read_delimited,
    "XLSX": read_workbook,
    "XLS": read_workbook,
    "ODS": read_workbook,
    "JSON": read_json,
    "GEOJSON": read_geojson,
}

_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0")
"""How XLSX and ODS, and XLS, begin."""


def is_tabular(format: str) -> bool:
    """Whether files of this format are read as tables."""
    return format.upper() in _READERS


def read_table(
    name: str,
    format: str,
    body: bytes,
    limit_rows: int | None = None,
    limits: Limits = LIMITS,
) -> Table:
    """The first table of a file.

    ``name`` is used in messages only. ``limit_rows`` stops after so many rows (a preview).
    Raises :class:`UnreadableTableError` when the bytes are no such table or exceed ``limits``.
    """
    reader = _READERS.get(format.upper())
    if reader is None:
        raise UnreadableTableError(name, f"{format} is no format of tables")
    return reader(name, body, limits, limit_rows)


def read_grid(name: str, body: bytes, limits: Limits = LIMITS) -> Iterator[Sequence[str | None]]:
    """The cells of a workbook or CSV file as they lie, for forms whose header has known words.

    Row 1 of the sheet comes first, title rows and blank rows included.
    Raises :class:`UnreadableTableError`, also while the rows are taken.
    """
    if body.startswith(_WORKBOOKS):
        return iter(sheet_rows(name, body, limits))
    return iter(delimited_rows(name, body))
