"""Charts of the boards: the pictures of what their tables say."""

from collections.abc import Sequence

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from hatinh.chart.chart import Chart, ChartKind, Datum
from hatinh.chart.drawing import WIDTHS, draw

MOST_BARS = 20

Values = Sequence[tuple[str, float | None]]
"""Values by their names; those not measured are not drawn."""


def bars(title: str, values: Values) -> dict[str, Markup]:
    """Bars of the first values; nothing where there is none."""
    return _drawn(title, _data(values)[:MOST_BARS], ChartKind.BAR)


def line(title: str, values: Values) -> dict[str, Markup]:
    """A line through values in their order; nothing where there are less than two."""
    return _drawn(title, _data(values), ChartKind.LINE)


def _data(values: Values) -> list[Datum]:
    pairs = enumerate(values)
    return [Datum(name, value, at) for at, (name, value) in pairs if value is not None]


def _drawn(title: str, data: Sequence[Datum], kind: ChartKind) -> dict[str, Markup]:
    words = tk.ungettext("{number} value", "{number} values", len(data)).format(number=len(data))
    chart = Chart(title, words, data, "en" if tk.h.lang() == "en" else "vi")
    if chart.unfit(kind):
        return {}
    return {name: Markup(draw(chart, kind, width)) for name, width in WIDTHS.items()}
