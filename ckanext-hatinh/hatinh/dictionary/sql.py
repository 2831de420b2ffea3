"""Conditions in SQL under which nothing can be wrong; whatever fails them is looked at exactly.

Each is a pre-filter, never a rule: it may pass over a right value, never accept a wrong one. So
it only speaks of forms that are beyond doubt in both languages, such as plain ASCII digits.
"""

from collections.abc import Iterable, Mapping, Sequence

CLEAN_LETTERS = r"[!-~\x{A1}-\x{AC}\x{AE}-\x{24F}\x{1E00}-\x{1EFF}]"
"""Letters that are printable, composed, and never part of a decomposed letter."""

TIDY = f"{CLEAN_LETTERS}+( {CLEAN_LETTERS}+)*"
"""Text that cleaning leaves as it is."""

_LATE = r"(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
ISO_DAY = rf"[12][0-9]{{3}}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|{_LATE})"
_LOCAL_LATE = r"(29|30)/(0[13-9]|1[0-2])|31/(0[13578]|1[02])"
LOCAL_DAY = rf"((0[1-9]|1[0-9]|2[0-8])/(0[1-9]|1[0-2])|{_LOCAL_LATE})/[12][0-9]{{3}}"
"""Days that exist in every year; 29 February is looked at exactly."""

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


def first_of(*cases: tuple[str, str]) -> str:
    """What stands beside the first condition that holds; the others are not computed."""
    return (
        "CASE " + " ".join(f"WHEN {when} THEN {then}" for when, then in cases) + " ELSE false END"
    )


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


def is_day(cell: str) -> str:
    """The cell is a day that exists."""
    return matches(cell, f"{ISO_DAY}|{LOCAL_DAY}")


def in_order(first: str, last: str, *, numeric: bool) -> str:
    """The first of two cells, whole numbers or days with the year first, is not the greater."""
    if not numeric:
        days = all_of(matches(cell, ISO_DAY) for cell in (first, last))
        return f"({days} AND {first} <= {last})"
    digits = all_of(matches(cell, DIGITS) for cell in (first, last))
    return f"({digits} AND try_cast({first} AS BIGINT) <= try_cast({last} AS BIGINT))"


def adds_up(total: str, parts: Sequence[str]) -> str:
    """All cells are digits and the first is the sum of the others."""
    digits = all_of(matches(cell, DIGITS) for cell in (total, *parts))
    summed = " + ".join(f"try_cast({cell} AS HUGEINT)" for cell in parts)
    return f"({digits} AND try_cast({total} AS HUGEINT) = {summed})"
