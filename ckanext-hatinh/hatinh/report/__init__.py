"""Reports: rows of figures with their words, and their renderers."""

from hatinh.report.csv import to_csv
from hatinh.report.report import Cell, Column, ColumnType, Report, in_language
from hatinh.report.xlsx import to_xlsx

__all__ = [
    "Cell",
    "Column",
    "ColumnType",
    "Report",
    "in_language",
    "to_csv",
    "to_xlsx",
]
