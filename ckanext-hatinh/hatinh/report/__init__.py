"""Reports: rows of figures made from stored records and scores, and their renderers."""

from hatinh.report.csv import to_csv
from hatinh.report.inventory import COLUMNS, DatasetRow, inventory
from hatinh.report.report import Cell, Column, ColumnType, Report, in_language
from hatinh.report.texts import ReportTexts, load_texts
from hatinh.report.xlsx import to_xlsx

__all__ = [
    "COLUMNS",
    "Cell",
    "Column",
    "ColumnType",
    "DatasetRow",
    "Report",
    "ReportTexts",
    "in_language",
    "inventory",
    "load_texts",
    "to_csv",
    "to_xlsx",
]
