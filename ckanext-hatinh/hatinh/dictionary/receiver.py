"""Who wants the rows of a file beside what a check finds in them."""

from typing import Protocol

from hatinh.dictionary.inspection import Inspection
from hatinh.tabular.table import Row


class Receiver(Protocol):
    """Is given every row once, in the order of the file, right after its check."""

    def begin(self, inspection: Inspection, delimiter: str) -> None:
        """The columns have been judged; cells of the file are parted by ``delimiter``."""

    def row(self, number: int, row: Row) -> None:
        """A row that was judged by itself; rows are counted from 1."""
