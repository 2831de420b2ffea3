"""Files that are tables (CSV, XLSX, ODS, XLS, JSON, GeoJSON), read into one shape."""

from hatinh.tabular.reader import is_tabular, read_grid, read_table
from hatinh.tabular.table import LIMITS, Limits, Table

__all__ = ["LIMITS", "Limits", "Table", "is_tabular", "read_grid", "read_table"]
