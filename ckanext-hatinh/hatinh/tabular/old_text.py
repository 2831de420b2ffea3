"""Texts in TCVN3 or VNI inside of workbooks: a font made Vietnamese of what are Latin letters.

A workbook holds Unicode, so such a text is a row of letters up to U+00FF, each standing for a byte.
Whether a sheet has such texts is told from all its cells that may be one; which they are, from each
cell, as a text that is better Vietnamese as it stands is left alone.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

from hatinh.tabular.delimited import csv_rows
from hatinh.tabular.encoding import OLD, likelihood

_FONTS = ("tcvn3", "vni")
_SAMPLE = 200
"""Cells by which a sheet is told."""

_LEAST_LIKELY = -9.0
"""Mean log-likelihood below which a text is no Vietnamese for sure."""

_MARGIN = 2.0
"""By how much it must be likelier than the cells as they stand."""

_LAST = "\xff"


def mend(name: str, cells: Path) -> str:
    """Make Unicode of the old texts in a file of cells (CSV); their encoding, or nothing.

    Raises :class:`UnreadableTableError`.
    """
    encoding = _told(cells)
    if not encoding:
        return ""
    out = cells.with_suffix(".mended")
    with (
        cells.open(encoding="utf-8", newline="") as rows,
        out.open("w", encoding="utf-8", newline="") as lines,
    ):
        csv.writer(lines).writerows(_mended(csv_rows(name, rows), encoding))
    out.replace(cells)
    return encoding


def _told(cells: Path) -> str:
    with cells.open("rb") as lines:
        found = list(islice(_candidates(lines), _SAMPLE))
    if not found:
        return ""
    now = likelihood(" ".join(found))
    likely = {name: likelihood(" ".join(_decoded(cell, name) for cell in found)) for name in _FONTS}
    best = max(likely, key=lambda name: likely[name])
    return best if likely[best] >= max(_LEAST_LIKELY, now + _MARGIN) else ""


def _candidates(lines: Iterable[bytes]) -> Iterator[str]:
    """Cells that may be old text; lines without any letter from U+0080 to U+00FF have none."""
    for line in lines:
        if b"\xc3" in line or b"\xc2" in line:
            yield from filter(_may_be_old, line.decode().rstrip("\r\n").split(","))


def _may_be_old(cell: str) -> bool:
    return not cell.isascii() and max(cell) <= _LAST


def _mended(rows: Iterable[Sequence[str]], encoding: str) -> Iterator[list[str]]:
    for row in rows:
        yield [_better(cell, encoding) if _may_be_old(cell) else cell for cell in row]


@lru_cache(maxsize=20_000)
def _better(cell: str, encoding: str) -> str:
    text = _decoded(cell, encoding)
    return text if likelihood(text) > likelihood(cell) else cell


def _decoded(cell: str, encoding: str) -> str:
    return OLD[encoding](cell.encode("latin-1"))
