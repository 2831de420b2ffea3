"""Files that are tables (CSV, XLSX, ODS, XLS, JSON, GeoJSON), read into one shape."""

from hatinh.tabular.reader import is_tabular, open_table, read_grid, read_table
from hatinh.tabular.table import LIMITS, Limits, Stream, Table

__all__ = [
    "LIMITS",
    "Limits",
    "Stream",
    "Table",
    "is_tabular",
    "open_table",
    "read_grid",
    "read_table",
]
