"""Values along an axis: days, years or numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hatinh.chart import svg
from hatinh.chart.chart import Chart, Datum
from hatinh.chart.scale import Scale, number, scale

_LETTER_WIDTH = 8
_MOST_DOTS = 60
"""More points would hide their line."""


@dataclass(frozen=True, slots=True)
class _Room:
    """The rectangle in which the line runs, and what stands at its ends."""

    left: float
    right: float
    top: float
    bottom: float
    first: float
    last: float
    axis: Scale

    def x(self, at: float) -> float:
        wide = self.last - self.first
        share = (at - self.first) / wide if wide else 0.5
        return self.left + share * (self.right - self.left)

    def y(self, value: float) -> float:
        return self.bottom - self.axis.share(value) * (self.bottom - self.top)


def line(chart: Chart, width: int) -> str:
    """One line through the values."""
    height = max(width * 0.5, 240.0)
    data = sorted(chart.data, key=lambda datum: datum.at)
    axis = scale(min(d.value for d in data), max(d.value for d in data))
    longest = max(len(number(mark, chart.language)) for mark in axis.marks)
    room = _Room(
        longest * _LETTER_WIDTH + 12.0, width - 24.0, 12.0, height - 34.0,
        data[0].at, data[-1].at, axis,
    )  # fmt: skip
    parts = (
        *_marks(chart, room),
        *_names(data, room, 3 if width < 480 else 6),
        _path(data, room),
        *(_dots(chart, data, room) if len(data) <= _MOST_DOTS else ()),
    )
    return svg.picture(chart, width, height, parts)


def _marks(chart: Chart, room: _Room) -> Iterator[str]:
    for mark in room.axis.marks:
        y = room.y(mark)
        colour = svg.SOFT if mark == 0 else svg.LINE
        yield svg.element("line", x1=room.left, x2=room.right, y1=y, y2=y, stroke=colour)
        said = number(mark, chart.language)
        yield svg.text(said, room.left - 8, y + 5, text_anchor="end", fill=svg.SOFT)


def _names(data: Sequence[Datum], room: _Room, most: int) -> Iterator[str]:
    """The names of some points, the first and the last among them, with room between them."""
    count = min(most, len(data))
    places = sorted({round(at * (len(data) - 1) / max(count - 1, 1)) for at in range(count)})
    wide = (room.right - room.left) / len(places) - 4
    for place in places:
        anchor = {0: "start", len(data) - 1: "end"}.get(place, "middle")
        x, words = room.x(data[place].at), svg.shortened(data[place].name, wide)
        yield svg.text(words, x, room.bottom + 24, text_anchor=anchor, fill=svg.SOFT)


def _path(data: Sequence[Datum], room: _Room) -> str:
    points = " ".join(f"{room.x(d.at):.1f},{room.y(d.value):.1f}" for d in data)
    return svg.element(
        "polyline", points=points, fill="none", stroke=svg.COLOURS[0], stroke_width=2.5,
        stroke_linejoin="round",
    )  # fmt: skip


def _dots(chart: Chart, data: Sequence[Datum], room: _Room) -> Iterator[str]:
    for datum in data:
        said = f"{datum.name}: {number(datum.value, chart.language)}"
        yield svg.titled(
            "circle", said, cx=room.x(datum.at), cy=room.y(datum.value), r=4, fill=svg.COLOURS[0]
        )
