"""Conditions in SQL under which nothing can be wrong; whatever fails them is looked at exactly.

Each is a pre-filter, never a rule: it may pass over a right value, never accept a wrong one. So
it only speaks of forms that are beyond doubt in both languages, such as plain ASCII digits.
"""

from collections.abc import Iterable, Mapping, Sequence

CLEAN_LETTERS = r"[!-~\x{A1}-\x{AC}\x{AE}-\x{24F}\x{1E00}-\x{1EFF}]"
"""Letters that are printable, composed, and never part of a decomposed letter."""

TIDY = f"{CLEAN_LETTERS}+( {CLEAN_LETTERS}+)*"
"""Text that cleaning leaves as it is."""

ISO_DAY = "[12][0-9]{3}-[01][0-9]-[0-3][0-9]"
LOCAL_DAY = "[0-3][0-9]/[01][0-9]/[12][0-9]{3}"
DIGITS = "[0-9]{1,15}"


def column(index: int) -> str:
    """The name of a column, by its place."""
    return f"c{index}"


def literal(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def all_of(conditions: Iterable[str]) -> str:
    """Every condition holds; true when there is none."""
    return "(" + (" AND ".join(conditions) or "true") + ")"


def matches(cell: str, pattern: str) -> str:
    """The whole cell has this form."""
    return f"regexp_full_match({cell}, {literal(pattern)})"


def tidy(cell: str) -> str:
    """Cleaning leaves the cell as it is."""
    return matches(cell, TIDY)


def among(cell: str, values: Iterable[str]) -> str:
    """The cell is one of these."""
    words = ", ".join(literal(value) for value in values)
    return f"({cell} IN ({words}))" if words else "false"


def may_match(wanted: Mapping[int, str]) -> str:
    """The row may have these cells, once they are cleaned."""
    cells = ((column(at), literal(value)) for at, value in wanted.items())
    return all_of(f"coalesce({cell} = {value} OR NOT {tidy(cell)}, false)" for cell, value in cells)


def is_iso_day(cell: str) -> str:
    """The cell is a day that exists, year first."""
    return f"({matches(cell, ISO_DAY)} AND try_cast({cell} AS DATE) IS NOT NULL)"


def is_day(cell: str) -> str:
    """The cell is a day that exists."""
    local = f"{matches(cell, LOCAL_DAY)} AND try_strptime({cell}, '%d/%m/%Y') IS NOT NULL"
    return f"({is_iso_day(cell)} OR ({local}))"


def in_order(first: str, last: str, *, numeric: bool) -> str:
    """The first of two cells, whole numbers or days with the year first, is not the greater."""
    if not numeric:
        return f"({is_iso_day(first)} AND {is_iso_day(last)} AND {first} <= {last})"
    digits = all_of(matches(cell, DIGITS) for cell in (first, last))
    return f"({digits} AND try_cast({first} AS BIGINT) <= try_cast({last} AS BIGINT))"


def adds_up(total: str, parts: Sequence[str]) -> str:
    """All cells are digits and the first is the sum of the others."""
    digits = all_of(matches(cell, DIGITS) for cell in (total, *parts))
    summed = " + ".join(f"try_cast({cell} AS HUGEINT)" for cell in parts)
    return f"({digits} AND try_cast({total} AS HUGEINT) = {summed})"
