"""The header of a sheet that people made: below titles, over one row or two, with merged cells.

│ BIỂU KIỂM KÊ DỮ LIỆU            │      title rows
│ Mã │ Tên │      Tệp dữ liệu     │  ┐
│    │     │ Tên tệp │ Đường dẫn  │  ┘  "Tệp dữ liệu / Tên tệp", "Tệp dữ liệu / Đường dẫn"
│(1) │ (2) │   (3)   │    (4)     │      numbers of the columns: no record
"""

import re
from collections.abc import Iterator, Sequence

from hatinh.text import clean

WITHIN = 40
"""Rows in which the header must come."""

JOINT = " / "
"""Between the words of a merged cell and those below it."""

_NUMBERING = re.compile(r"\(?(?:\d{1,2}|[A-Za-z])\)?(?:\s*=.*)?")

Line = Sequence[str]


def labels_at(grid: Sequence[Line], row: int, rows: int) -> list[str]:
    """The labels of a header of ``rows`` rows that begins at ``row``, column by column.

    A merged cell has its words in its first column only, as workbooks store it.
    """
    if rows == 1:
        return [clean(cell) for cell in grid[row]]
    upper, lower = grid[row], grid[row + 1] if row + 1 < len(grid) else []
    width = max(len(upper), len(lower))
    return list(_joined([*upper, *[""] * width][:width], [*lower, *[""] * width][:width]))


def _joined(upper: Line, lower: Line) -> Iterator[str]:
    above = ""
    for over, under in zip(upper, lower, strict=True):
        words, below = clean(over), clean(under)
        # Without words below, a cell is merged downwards and ends what is merged sideways.
        above = words or (above if below else "")
        yield JOINT.join(part for part in (above, below) if part)


def below(grid: Sequence[Line], row: int, rows: int) -> int:
    """The first row of records: the one below the header and the numbers of its columns."""
    first = row + rows
    cells = [clean(cell) for cell in grid[first]] if first < len(grid) else []
    written = [cell for cell in cells if cell]
    numbers = len(written) > 2 and all(_NUMBERING.fullmatch(cell) for cell in written)
    return first + 1 if numbers else first
