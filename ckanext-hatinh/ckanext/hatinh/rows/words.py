"""Values and kinds of charts in the words of a page's language."""

from datetime import date, datetime
from decimal import Decimal
from typing import cast

import ckan.plugins.toolkit as tk

from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.chart.chart import Unfit
from hatinh.chart.scale import number
from hatinh.rows.column import Column, Kind, Value, written
from hatinh.rows.spoken import read_value

DIGITS = 6
"""After the point, of what is counted here; a value of a column is written whole."""
GROUPED_FROM = 10_000
"""Smaller numbers stand without marks: a year is no quantity."""


def language() -> str:
    """The language of the page: ``vi`` or ``en``."""
    return "en" if tk.h.lang() == "en" else "vi"


def said(value: Value) -> str:
    """A value as people here write it."""
    if isinstance(value, bool):
        return tk._("Yes") if value else tk._("No")
    if isinstance(value, int | float | Decimal):
        return _number(Decimal(str(value)), DIGITS)
    if isinstance(value, date) and language() == "vi":
        return f"{value:%d/%m/%Y} {_time(value)}".strip()
    return written(value)


def said_in(column: Column, value: Value) -> str:
    """A value of a column, whole; a code has no marks within."""
    if column.is_code:
        return written(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        found = Decimal(str(value))
        exponent = found.as_tuple().exponent
        return _number(found, max(-exponent, 0) if isinstance(exponent, int) else 0)
    return said(value)


def said_of_filter(column: Column | None, plain: str) -> str:
    """The plain value of a filter as people here write it."""
    match column.kind if column else None:
        case Kind.DATE:
            return said(date.fromisoformat(plain))
        case Kind.MOMENT:
            return said(datetime.fromisoformat(plain))
        case Kind.BOOLEAN:
            return said(plain == "true")
        case Kind.NUMBER if column:
            return said_in(column, Decimal(plain))
    return plain


def plain_of_filter(column: Column, words: str) -> str:
    """What a reader wrote into a form, as the database takes it. Raises ``ValidationError``."""
    plain = read_value(column, words, language())
    if plain is None:
        told = tk._(
            "“{value}” cannot be read as a value of the column {column}: write it like {example}"
        ).format(value=words, column=column.label, example=_example(column))
        raise tk.ValidationError({"filters": [told]})
    return plain


def heading_of(column: Column) -> str:
    """The heading of a column, with the unit of its element where the heading leaves it out."""
    element = dictionary().elements.get(column.element)
    return _with_unit(column.label, element.unit if element else "")


def meaning_of(column: Column) -> str:
    """What the dictionary calls a column, with its unit (``ma_xa``: "Mã xã").

    Nothing where the heading says the same, or no element is bound.
    """
    element = dictionary().elements.get(column.element)
    if element is None:
        return ""
    name = element.name.said(tk.h.lang())
    return "" if name.casefold() == column.label.casefold() else _with_unit(name, element.unit)


def kinds() -> dict[str, str]:
    """Names of the kinds of charts."""
    return {"bar": tk._("Bars"), "line": tk._("Line"), "pie": tk._("Pie")}


def measures() -> dict[str, str]:
    """Names of what can be measured."""
    return {
        "count": tk._("Number of rows"),
        "sum": tk._("Sum"),
        "avg": tk._("Mean"),
        "min": tk._("Least"),
        "max": tk._("Greatest"),
    }


def comparisons() -> dict[str, str]:
    """Names of the comparisons of a filter."""
    return {
        "eq": tk._("is"),
        "gte": tk._("from"),
        "lte": tk._("up to"),
        "gt": tk._("more than"),
        "lt": tk._("less than"),
    }


def unfit(reason: Unfit) -> str:
    """Why a chart cannot be drawn."""
    return {
        Unfit.EMPTY: tk._("There is nothing to draw: no row has a value here."),
        Unfit.NEGATIVE: tk._("A pie cannot show negative values; choose bars."),
        Unfit.SINGLE: tk._("A line needs two values at least; choose bars."),
    }[reason]


def _with_unit(words: str, unit: str) -> str:
    return f"{words} ({unit})" if unit and unit not in words else words


def _example(column: Column) -> str:
    """A value of the kind of a column."""
    examples: dict[Kind, Value] = {
        Kind.DATE: date(2025, 12, 31),
        Kind.MOMENT: datetime.fromisoformat("2025-12-31T08:30"),
        Kind.BOOLEAN: True,
    }
    whole = column.stored.startswith("int")
    return said_in(column, examples.get(column.kind, 71234 if whole else Decimal("71234.5")))


def _time(value: date) -> str:
    """The time of a moment, with its seconds if it has any; nothing of a day."""
    if not isinstance(value, datetime):
        return ""
    is_round = not (value.second or value.microsecond)
    return value.time().isoformat(timespec="minutes" if is_round else "auto")


def _number(value: Decimal, digits: int) -> str:
    if not value.is_finite():
        return str(value)
    # It writes decimals as well, and loses no digit of them.
    words = number(cast("float", value), language(), digits)
    if abs(value) >= GROUPED_FROM:
        return words
    return words.replace("." if language() == "vi" else ",", "")
