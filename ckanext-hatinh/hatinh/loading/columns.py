"""Names of columns in a table, made from a header that anybody wrote."""

import re
from collections.abc import Sequence

LONGEST = 63
"""Bytes of a name; PostgreSQL cuts off what is more."""

MOST = 1_500
"""Columns of a table; PostgreSQL has 1,600 at most."""

_FORBIDDEN = re.compile(r'["%\\:,]')
"""What PostgreSQL, its driver, or a list of names in a call would take for something else."""

_LEFT_OVER = re.compile(r"\(\s*\)|\[\s*\]")
_SYSTEM = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})
"""Columns that every table of PostgreSQL has already."""


def column_ids(header: Sequence[str]) -> tuple[str, ...]:
    """A name for each column: its header where that may be a name, else close to it.

    A blank header gives ``cot_3`` (column 3), the second of two equal ones ``ten_2``. Names that
    are only cut short or numbered never take that of another column.
    """
    found = [_name(words) or f"cot_{place}" for place, words in enumerate(header, 1)]
    taken: set[str] = set()
    free = set(found)
    for place, name in enumerate(found):
        if name in taken:
            found[place] = _numbered(name, taken | free)
        taken.add(found[place])
    return tuple(found)


def _name(words: str) -> str:
    """The words without what a name must not have."""
    bare = _LEFT_OVER.sub(" ", _FORBIDDEN.sub(" ", words))
    name = _cut(" ".join(bare.split()).lstrip("_ "), LONGEST)
    return f"{name}_" if name in _SYSTEM else name


def _numbered(name: str, taken: set[str]) -> str:
    number = 2
    while True:
        end = f"_{number}"
        other = _cut(name, LONGEST - len(end)) + end
        if other not in taken:
            return other
        number += 1


def _cut(name: str, limit: int) -> str:
    """The name cut to so many bytes, between letters."""
    return name.encode()[:limit].decode("utf-8", "ignore").rstrip()
