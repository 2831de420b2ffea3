"""A chart of a kind, as wide as it is shown."""

from collections.abc import Callable, Mapping

from hatinh.chart.bar import bars
from hatinh.chart.chart import Chart, ChartKind
from hatinh.chart.line import line
from hatinh.chart.pie import pie

WIDTHS: Mapping[str, int] = {"wide": 760, "narrow": 340}
"""A picture is drawn twice, in letters that can be read on a desk and on a phone."""

_DRAWERS: Mapping[ChartKind, Callable[[Chart, int], str]] = {
    ChartKind.BAR: bars,
    ChartKind.LINE: line,
    ChartKind.PIE: pie,
}


def draw(chart: Chart, kind: ChartKind, width: int) -> str:
    """The chart as SVG. Only a chart that ``Chart.unfit`` finds no fault with can be drawn."""
    return _DRAWERS[kind](chart, width)
