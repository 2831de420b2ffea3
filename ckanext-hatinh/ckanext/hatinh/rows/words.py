"""Values and kinds of charts in the words of a page's language."""

from datetime import date, datetime
from decimal import Decimal

import ckan.plugins.toolkit as tk

from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.chart.chart import Unfit
from hatinh.chart.scale import number
from hatinh.rows.column import Column, Value, written

DIGITS = 6
GROUPED_FROM = 10_000
"""Smaller numbers stand without marks: a year is no quantity."""


def said(value: Value) -> str:
    """A value as people here write it."""
    vietnamese = tk.h.lang() != "en"
    if isinstance(value, bool):
        return tk._("Yes") if value else tk._("No")
    if isinstance(value, int | float | Decimal):
        return _number(value, "vi" if vietnamese else "en")
    if isinstance(value, date) and vietnamese:
        return f"{value:%d/%m/%Y %H:%M}" if isinstance(value, datetime) else f"{value:%d/%m/%Y}"
    return written(value)


def said_in(column: Column, value: Value) -> str:
    """A value of a column; a code has no marks within."""
    return written(value) if column.is_code else said(value)


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


def _number(value: float | Decimal, language: str) -> str:
    if isinstance(value, float | Decimal) and not abs(value) < float("inf"):
        return str(value)
    words = number(float(value), language, DIGITS)
    if abs(value) >= GROUPED_FROM:
        return words
    return words.replace("." if language == "vi" else ",", "")
