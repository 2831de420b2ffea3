"""Parts of a whole, with their names, numbers and shares beside."""

import math
from collections.abc import Iterator

from hatinh.chart import svg
from hatinh.chart.chart import Chart, Datum
from hatinh.chart.scale import number

MOST = len(svg.COLOURS)
"""Slices that can be told apart."""
_NARROW = 480


def pie(chart: Chart, width: int) -> str:
    """The slices from the top, clockwise, in their order."""
    below = width < _NARROW
    radius = min(width * (0.4 if below else 0.2), 150.0)
    centre = (width / 2 if below else radius + 8, radius + 8)
    left = 0.0 if below else 2 * radius + 40
    top = 2 * radius + 36 if below else max(radius + 8 - len(chart.data) * 14, 8.0)
    parts = (*_slices(chart, centre, radius), *_legend(chart, left, top, width))
    height = max(2 * radius + 16, top + len(chart.data) * 28 + 8)
    return svg.picture(chart, width, height, parts)


def _slices(chart: Chart, centre: tuple[float, float], radius: float) -> Iterator[str]:
    whole = sum(datum.value for datum in chart.data)
    start = 0.0
    for datum, colour in zip(chart.data, svg.COLOURS, strict=False):
        share = datum.value / whole
        title = f"{datum.name}: {_said(chart, datum, whole)}"
        look = {"fill": colour, "stroke": "#fff", "stroke_width": 1.5}
        if share > 0.9999:
            x, y = centre
            yield svg.titled("circle", title, cx=x, cy=y, r=radius, **look)
        elif share:
            path = _path(centre, radius, start, start + share)
            yield svg.titled("path", title, d=path, **look)
        start += share


def _path(centre: tuple[float, float], radius: float, start: float, end: float) -> str:
    (x1, y1), (x2, y2) = (_edge(centre, radius, share) for share in (start, end))
    large = int(end - start > 0.5)
    return (
        f"M{centre[0]:.1f},{centre[1]:.1f} L{x1:.2f},{y1:.2f} "
        f"A{radius:.1f},{radius:.1f} 0 {large} 1 {x2:.2f},{y2:.2f} Z"
    )


def _edge(centre: tuple[float, float], radius: float, share: float) -> tuple[float, float]:
    angle = 2 * math.pi * share
    return centre[0] + radius * math.sin(angle), centre[1] - radius * math.cos(angle)


def _legend(chart: Chart, left: float, top: float, width: int) -> Iterator[str]:
    whole = sum(datum.value for datum in chart.data)
    for at, (datum, colour) in enumerate(zip(chart.data, svg.COLOURS, strict=False)):
        y = top + at * 28
        said = _said(chart, datum, whole)
        yield svg.element("rect", x=left, y=y, width=16, height=16, fill=colour)
        name = svg.shortened(datum.name, width - left - 40 - len(said) * 8.2)
        yield svg.text(f"{name}: {said}", left + 26, y + 13)


def _said(chart: Chart, datum: Datum, whole: float) -> str:
    share = number(100 * datum.value / whole, chart.language, 1)
    return f"{number(datum.value, chart.language)} ({share} %)"
