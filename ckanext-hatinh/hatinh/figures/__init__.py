"""Figures: SELECTs of SQLite over a handful of plain tables, and their words.

The same SELECT makes a report of today, a report on a snapshot, and the recount in an audit pack.
"""

from hatinh.figures.definitions import TableDefinition, Tables, columns_of, load_tables
from hatinh.figures.figures import Figure, Files, load_figures
from hatinh.figures.reporting import to_report
from hatinh.figures.running import Columns, reads, run

__all__ = [
    "Columns",
    "Figure",
    "Files",
    "TableDefinition",
    "Tables",
    "columns_of",
    "load_figures",
    "load_tables",
    "reads",
    "run",
    "to_report",
]
