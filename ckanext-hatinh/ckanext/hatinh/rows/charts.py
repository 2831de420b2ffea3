"""A chart of a table: which columns fit, what is measured, and the picture with its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.hatinh.rows.tables import Table
from ckanext.hatinh.rows.words import heading_of, measures, said, said_in, unfit
from hatinh.chart.chart import Chart, ChartKind, Datum
from hatinh.chart.drawing import WIDTHS, draw
from hatinh.chart.pie import MOST as MOST_SLICES
from hatinh.rows.column import Column, Kind
from hatinh.text import fold

MOST_BARS = 30
MOST_POINTS = 500
MOST_PARTS = 10_000
"""Groups that a pie adds up; its shares would be wrong if some were left out."""
_ADDED = ("count", "sum")
_RATES = ("%", "ty le", "ti le", "mat do", "chi so", "rate", "density")
_TIMES = ("nam", "quy", "thang", "ky", "year", "month", "quarter")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to see. ``agg`` is one of count, sum, avg, min and max."""

    x: Column
    y: Column | None
    kind: ChartKind
    agg: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with its numbers; ``left_out`` groups are in neither, ``reason`` why none is."""

    wish: Wish
    data: Sequence[Datum]
    title: str
    measure: str
    pictures: Mapping[str, Markup]
    reason: str
    more: bool


def names_of(table: Table) -> list[Column]:
    """Columns that can stand along the axis."""
    return [column for column in table.shown if column.drawable]


def numbers_of(table: Table) -> list[Column]:
    """Columns that can be measured."""
    return [column for column in table.shown if column.counted]


def wish_of(table: Table, sent: Mapping[str, str]) -> Wish | None:
    """What was asked, filled up with what fits the table; nothing where nothing does."""
    names = {column.id: column for column in names_of(table)}
    numbers = {column.id: column for column in numbers_of(table)}
    if not names:
        return None
    x = names.get(sent.get("x", "")) or _first_name(_various(table, list(names.values())))
    if "y" in sent:
        y = numbers.get(sent["y"])
    else:
        y = next(
            (column for column in numbers.values() if not _is_time(column) and column != x), None
        )
    kind = sent.get("kind", "")
    agg = sent.get("agg", fit_measure(y))
    return Wish(
        x,
        y,
        ChartKind(kind) if kind in set(ChartKind) else _kind(x),
        agg if y and agg in measures() else fit_measure(y),
    )


def fit_measure(y: Column | None) -> str:
    """What is measured before anybody chooses: shares and densities cannot be added up."""
    if y is None:
        return "count"
    words = fold(y.label).replace("_", " ")
    return "avg" if any(rate in words for rate in _RATES) else "sum"


def drawn(table: Table, wish: Wish, filters: Any, q: str) -> Drawn:
    """The chart. Raises ``ValidationError``."""
    found = _asked(table, wish, filters, q)
    data, more = _data(found, wish)
    measure = measure_words(wish.y, wish.agg)
    title = tk._("{measure} by {column}").format(measure=measure, column=wish.x.label)
    words = tk.ungettext("{number} value", "{number} values", len(data))
    language = "en" if tk.h.lang() == "en" else "vi"
    chart = Chart(title, words.format(number=len(data)), data, language)
    reason = _reason(chart, wish, more)
    pictures = {
        name: Markup(draw(chart, wish.kind, width)) for name, width in WIDTHS.items() if not reason
    }
    return Drawn(wish, data, title, measure, pictures, reason, more)


def _reason(chart: Chart, wish: Wish, more: bool) -> str:
    """Why there is no picture; blank when there is one."""
    if reason := chart.unfit(wish.kind):
        return unfit(reason)
    if wish.kind is ChartKind.PIE and (more or wish.agg not in _ADDED):
        return tk._("A pie shows the parts of a sum; choose a sum, or bars.")
    return ""


def _asked(table: Table, wish: Wish, filters: Any, q: str) -> dict[str, Any]:
    measure = {"column": wish.y.id if wish.y else "", "agg": wish.agg}
    field = f"{wish.agg}_{wish.y.id}" if wish.y else "count"
    is_line = wish.kind is ChartKind.LINE
    most = {ChartKind.BAR: MOST_BARS, ChartKind.LINE: MOST_POINTS, ChartKind.PIE: MOST_PARTS}
    return tk.get_action("hatinh_rows_aggregate")(
        {},
        {
            "resource_id": table.name,
            "by": [wish.x.id],
            "measures": [measure],
            "filters": filters,
            "q": q,
            "sort": [wish.x.id if is_line else f"{field} desc"],
            "limit": most[wish.kind],
        },
    )


def _data(found: Mapping[str, Any], wish: Wish) -> tuple[list[Datum], bool]:
    name, value = (field["id"] for field in found["fields"])
    data = [
        Datum(_name(wish.x, row[name]), float(row[value]), _at(wish.x, row[name], at))
        for at, row in enumerate(found["records"])
        if row[value] is not None and (row[name] is not None or wish.kind is not ChartKind.LINE)
    ]
    if wish.kind is ChartKind.PIE and len(data) > MOST_SLICES:
        *slices, last = data[:MOST_SLICES]
        rest = last.value + sum(datum.value for datum in data[MOST_SLICES:])
        data = [*slices, Datum(tk._("Others"), rest, MOST_SLICES)]
    return data, found["more"]


def _name(column: Column, value: Any) -> str:
    if value is None or value == "":
        return tk._("(blank)")
    if column.kind is Kind.DATE:
        return said(date.fromisoformat(value))
    return said_in(column, value)


def _at(column: Column, value: Any, at: int) -> float:
    """Where a value stands along a line: by its size where it has one, else by its order."""
    if column.kind is Kind.NUMBER:
        return float(value or 0)
    if column.kind is Kind.DATE and value:
        return float(date.fromisoformat(value).toordinal())
    if column.kind is Kind.MOMENT and value:
        return datetime.fromisoformat(value).timestamp()
    return float(at)


def measure_words(y: Column | None, agg: str) -> str:
    """What is measured, in words."""
    words = measures()[agg]
    return f"{words}: {heading_of(y)}" if y else words


def _various(table: Table, columns: list[Column]) -> list[Column]:
    """Those that have more than one value, as far as the loader counted them."""
    listed = tk.get_action("hatinh_column_list")({}, {"resource_id": table.name})
    alike = {one["id"] for one in listed if "distinct" in one and one["distinct"] < 2}
    return [column for column in columns if column.id not in alike] or columns


def _first_name(columns: Sequence[Column]) -> Column:
    """A column of time, else the first of texts that is no code, else the first."""
    times = [column for column in columns if _is_time(column)]
    texts = [column for column in columns if column.kind is Kind.TEXT and not column.is_code]
    named = [column for column in texts if "ten" in fold(column.label).replace("_", " ").split()]
    return (times or named or texts or list(columns))[0]


def _is_time(column: Column) -> bool:
    words = fold(column.label).replace("_", " ").split()
    return column.kind is Kind.DATE or (bool(words) and words[0] in _TIMES)


def _kind(x: Column) -> ChartKind:
    return ChartKind.LINE if x.ordered or _is_time(x) else ChartKind.BAR
