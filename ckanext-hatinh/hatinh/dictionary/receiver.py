"""Who wants the rows of a file beside what a check finds in them."""

from typing import Any, NamedTuple, Protocol

from hatinh.dictionary.inspection import Inspection
from hatinh.tabular.cells import Cells, Mask
from hatinh.tabular.table import Row


class Lines(NamedTuple):
    r"""Right rows that follow each other in a file, as they stand there.

    Each has as many cells as the table has columns and ends with ``\n``; quotes stand around whole
    cells only, none inside of them.
    """

    text: bytes
    rows: int


class Receiver(Protocol):
    """Is given every row once, in the order of the file, right after its check.

    Rows in which nothing is wrong may come as lines; before them comes what was seen in them.
    Blank rows may be left out.
    """

    def begin(self, inspection: Inspection, delimiter: str) -> None:
        """The columns have been judged; cells of the file are parted by ``delimiter``."""

    def row(self, number: int, row: Row) -> None:
        """A row that was judged by itself; rows are counted from 1."""

    def look(self, cells: Cells, right: Mask) -> Any:
        """See to the right rows among some; this may happen in a copy of the process."""

    def seen(self, what: Any, rows: int) -> None:
        """What :meth:`look` made of the right rows of a segment."""

    def lines(self, lines: Lines) -> None:
        """Right rows of that segment."""
