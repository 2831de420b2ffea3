"""One door for every format that holds a table."""

from collections.abc import Callable

from hatinh.errors import UnreadableTableError
from hatinh.tabular.delimited import read_delimited
from hatinh.tabular.objects import read_geojson, read_json
from hatinh.tabular.table import LIMITS, Limits, Table
from hatinh.tabular.workbook import read_workbook

_READERS: dict[str, Callable[[str, bytes, Limits, int | None], Table]] = {
    "CSV": read_delimited,
    "TSV": read_delimited,
    "XLSX": read_workbook,
    "XLS": read_workbook,
    "ODS": read_workbook,
    "JSON": read_json,
    "GEOJSON": read_geojson,
}


def is_tabular(format: str) -> bool:  # noqa: A002 - the field's name everywhere
    """Whether files of this format are read as tables."""
    return format.upper() in _READERS


def read_table(
    name: str,
    format: str,  # noqa: A002 - the field's name everywhere
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
