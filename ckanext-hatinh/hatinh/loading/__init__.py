"""Files on their way into tables of a database: decoded, checked, typed and counted in one pass.

    file ─▶ check (hatinh.dictionary) ─▶ rows that may be loaded ─▶ sink, as lines of CSV
                  └─▶ Loaded: columns and their types, what was kept, why it is refused, profile

Nothing here knows a database. Rows go out as text, as they were written; each column says how its
texts become values of its type (:class:`Written`), once all rows have been seen.
:func:`load` works in this process; :class:`Loading` lets a confined one work and gives its rows.
"""

from hatinh.loading.columns import column_ids
from hatinh.loading.load import Terms, load
from hatinh.loading.model import (
    TRUE_WORDS,
    ColumnProfile,
    LoadColumn,
    Loaded,
    PgType,
    Policy,
    Sink,
    Words,
    Written,
)
from hatinh.loading.process import Job, Loading, Reader, Ready, Start

__all__ = [
    "TRUE_WORDS",
    "ColumnProfile",
    "Job",
    "LoadColumn",
    "Loaded",
    "Loading",
    "PgType",
    "Policy",
    "Reader",
    "Ready",
    "Sink",
    "Start",
    "Terms",
    "Words",
    "Written",
    "column_ids",
    "load",
]
