"""Bars that lie: names of any length stand before them, or above them where there is no room."""

from collections.abc import Iterator

from hatinh.chart import svg
from hatinh.chart.chart import Chart, Datum
from hatinh.chart.scale import Scale, number

NARROW = 480
"""Below this width, names stand above their bars."""
_VALUE = 84
"""Room for the number behind a bar."""


def bars(chart: Chart, width: int) -> str:
    """One bar of each value, in their order."""
    values = [datum.value for datum in chart.data]
    low, high = min(*values, 0.0), max(*values, 0.0)
    axis = Scale(low, high if high > low else 1.0, 1.0)
    names = 0 if width < NARROW else min(240, width // 3)
    step = 46 if width < NARROW else 30
    parts = (
        part
        for at, datum in enumerate(chart.data)
        for part in _bar(chart, datum, axis, (names, at * step + 6, width))
    )
    height = len(chart.data) * step + 12
    return svg.picture(chart, width, height, parts)


def _bar(chart: Chart, datum: Datum, axis: Scale, room: tuple[int, int, int]) -> Iterator[str]:
    names, top, width = room
    if names:
        label = svg.shortened(datum.name, names - 12)
        yield svg.text(label, names - 8, top + 16, text_anchor="end")
    else:
        yield svg.text(svg.shortened(datum.name, width), 0, top + 12)
        top += 18
    long = width - names - _VALUE
    start, end = sorted((axis.share(0) * long, axis.share(datum.value) * long))
    said = number(datum.value, chart.language)
    zero = names + axis.share(0) * long
    yield svg.element("line", x1=zero, x2=zero, y1=top - 4, y2=top + 24, stroke=svg.SOFT)
    yield svg.titled(
        "rect", f"{datum.name}: {said}", x=names + start, y=top, width=max(end - start, 1.0),
        height=20, fill=svg.COLOURS[0],
    )  # fmt: skip
    yield svg.text(said, names + end + 6, top + 15, fill=svg.SOFT)
