"""Communes in the colour of their value, where a table names them by code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.hatinh.rows.asked import Asked
from ckanext.hatinh.rows.boundaries import boundaries
from ckanext.hatinh.rows.charts import fit_measure, measure_words, numbers_of
from ckanext.hatinh.rows.places import names_of_communes
from ckanext.hatinh.rows.tables import Table
from ckanext.hatinh.rows.words import measures
from hatinh.chart.areas import Area, areas
from hatinh.chart.chart import Chart, Datum
from hatinh.chart.drawing import WIDTHS
from hatinh.rows.column import Column
from hatinh.rows.position import commune_column

MOST_COMMUNES = 10_000


@dataclass(frozen=True, slots=True)
class Shading:
    """A map of communes by a measured column. ``strange`` codes of the table have no borders."""

    y: Column | None
    agg: str
    numbers: Sequence[Column]
    title: str
    measure: str
    data: Sequence[Datum]
    pictures: Mapping[str, Markup]
    strange: int


def shading_of(table: Table, sent: Mapping[str, str], asked: Asked) -> Shading | None:
    """The map; nothing without borders or codes of communes. Raises ``ValidationError``."""
    communes = commune_column(table.shown)
    borders = boundaries()
    if communes is None or not borders:
        return None
    numbers = numbers_of(table)
    known = {column.id: column for column in numbers}
    y = known.get(sent["y"]) if "y" in sent else next(iter(numbers), None)
    agg = sent.get("agg", "") if y and sent.get("agg", "") in measures() else fit_measure(y)
    values = _values(table, communes, y, agg, asked)
    names = names_of_communes()
    ordered = sorted(values.items(), key=lambda pair: -pair[1])
    data = [Datum(names.get(code, code), value, 0) for code, value in ordered if code in borders]
    shown = [
        Area(names.get(code, code), rings, values.get(code)) for code, rings in borders.items()
    ]
    measure = measure_words(y, agg)
    title = tk._("{measure} by {column}").format(measure=measure, column=tk._("commune"))
    pictures = _pictures(title, data, shown) if data else {}
    return Shading(y, agg, numbers, title, measure, data, pictures, len(values) - len(data))


def _values(
    table: Table, communes: Column, y: Column | None, agg: str, asked: Asked
) -> dict[str, float]:
    question = asked.question()
    found = tk.get_action("hatinh_rows_aggregate")(
        {},
        {
            "resource_id": table.name,
            "by": [communes.id],
            "measures": [{"column": y.id if y else "", "agg": agg}],
            "filters": question.filters,
            "q": question.q,
            "limit": MOST_COMMUNES,
        },
    )
    code, value = (field["id"] for field in found["fields"])
    return {
        str(row[code]).strip(): float(row[value])
        for row in found["records"]
        if row[code] is not None and row[value] is not None
    }


def _pictures(title: str, data: Sequence[Datum], shown: Sequence[Area]) -> dict[str, Markup]:
    words = tk.ungettext("{number} commune", "{number} communes", len(data))
    language = "en" if tk.h.lang() == "en" else "vi"
    chart = Chart(title, words.format(number=len(data)), data, language)
    blank = tk._("No value")
    return {name: Markup(areas(chart, shown, blank, width)) for name, width in WIDTHS.items()}
