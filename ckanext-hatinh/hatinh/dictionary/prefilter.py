"""What the rules of a column accept for sure, said in SQL (see :mod:`hatinh.dictionary.sql`)."""

import re
from collections.abc import Iterator
from itertools import islice

from hatinh.dictionary import sql
from hatinh.dictionary.cell_judge import CellJudge
from hatinh.dictionary.model import Datatype, Element
from hatinh.dictionary.table_subject import Bound
from hatinh.dictionary.value_rules import PERIOD
from hatinh.tabular.numbers import Notation

_BOOLEANS = ("true", "false", "1", "0", "có", "không", "Có", "Không", "TRUE", "FALSE")
_CODES = 20_000
"""Codes of a list that are named in SQL; those of longer lists are looked up exactly."""

_FOREIGN = re.compile(r"\\[^dsw./()\[\]{}+*?^$|\\-]|\(\?(?!:)|\[\^[^\]]*\\|\[\[|[*+?}]\+|&&|--|~~")
"""Parts of a pattern that engines understand differently."""

_FREE = frozenset({Datatype.STRING, Datatype.CODE})
"""Types that take any text; what the others accept is tidy, and no word for no value."""

_WHOLE = {
    Notation.LOCAL: r"[+-]?[0-9]{1,3}(\.[0-9]{3})*|[+-]?[0-9]+",
    Notation.PLAIN: "[+-]?[0-9]+",
}
_DECIMAL = {
    Notation.LOCAL: r"[+-]?[0-9]{1,3}(\.[0-9]{3})*(,[0-9]+)?|[+-]?[0-9]+(,[0-9]+)?",
    Notation.PLAIN: r"[+-]?[0-9]+(\.[0-9]+)?",
}


def safe(judge: CellJudge, index: int, *, dirty: bool) -> str:
    """A condition under which nothing is to be said of a cell.

    ``dirty`` says that the text may hold letters that are not beyond doubt.
    """
    cell = sql.column(index)
    bound = judge.bound
    needed = bound is not None and (bound.column.required or bound.column.key)
    strict = bound is not None and bound.codes is not None
    right = [*_right(judge, bound, cell)] if bound and bound.element else []
    conditions = [condition for condition in right if condition != "tidy"]
    if bound and bound.element and not strict:
        strict = bound.element.datatype not in _FREE
    if not strict and (dirty or "tidy" in right or (bound is not None and bound.column.key)):
        conditions.append(sql.tidy(cell))
    elif not strict:
        conditions.append(f"{cell} >= '!'")
    if judge.null_codes and not strict:
        conditions.append(f"NOT {sql.among(cell, sorted(judge.null_codes))}")
    found = sql.all_of(conditions)
    return f"coalesce({found}, false)" if needed else f"({cell} IS NULL OR {found})"


def _right(judge: CellJudge, bound: Bound, cell: str) -> Iterator[str]:
    """Conditions of the element; ``tidy`` where they hold only for tidy text."""
    element = bound.element
    if element is None:
        return
    if bound.codes is not None:
        valid = [code.code for code in bound.codes.at(bound.at)]
        fine = (code for code in valid if judge[code] is None)
        yield sql.among(cell, islice(fine, _CODES))
        return
    yield from _typed(judge, bound, element, cell)
    if element.max_length is not None:
        yield f"length({cell}) <= {element.max_length}"
    if element.pattern:
        yield "tidy"
        portable = not _FOREIGN.search(element.pattern)
        pattern = sql.literal(element.pattern)
        yield f"regexp_matches({cell}, {pattern})" if portable else "false"


def _typed(judge: CellJudge, bound: Bound, element: Element, cell: str) -> Iterator[str]:
    match element.datatype:
        case Datatype.INTEGER:
            yield _number(bound, element, cell, _WHOLE[bound.notation])
        case Datatype.DECIMAL:
            form = _DECIMAL[bound.notation]
            limited = element.minimum is not None or element.maximum is not None
            yield _number(bound, element, cell, form) if limited else sql.matches(cell, form)
        case Datatype.DATE:
            yield sql.is_day(cell)
        case Datatype.PERIOD:
            yield sql.matches(cell, PERIOD)
        case Datatype.BOOLEAN:
            yield sql.among(cell, (word for word in _BOOLEANS if judge[word] is None))
        case Datatype.URL:
            yield sql.matches(cell, "https?://[!-~]+")


def _number(bound: Bound, element: Element, cell: str, form: str) -> str:
    """A number within its limits; digits alone are the usual case and the fast one."""
    whole = sql.all_of(_range(element, f"try_cast({cell} AS BIGINT)", ""))
    plain = f"replace(replace({cell}, '.', ''), ',', '.')"
    value = f"try_cast({plain if bound.notation is Notation.LOCAL else cell} AS DOUBLE)"
    other = sql.all_of(_range(element, value, f"length({cell}) <= 15"))
    return sql.first_of((sql.matches(cell, sql.DIGITS), whole), (sql.matches(cell, form), other))


def _range(element: Element, value: str, exact: str) -> Iterator[str]:
    """The number is within its limits; on a limit only if it is short enough to be exact."""
    for limit, beyond in ((element.minimum, ">"), (element.maximum, "<")):
        if limit is not None:
            on_limit = f"{value} = {limit!r}" + (f" AND {exact}" if exact else "")
            yield f"({value} {beyond} {limit!r} OR ({on_limit}))"
