"""A map of areas, each in the colour of its value, with what the colours mean below it."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hatinh.chart import svg
from hatinh.chart.chart import Chart
from hatinh.chart.outline import Frame, Rings, frame, path
from hatinh.chart.scale import number

SHADES = ("#d3ebe6", "#98cbc3", "#55a59c", "#237a73", "#0b4340")
"""From little to much; each is darker than the one before, also for those who see no colours."""
_BORDER = "#5c7472"
_NOTHING = "#fff"
_ROW = 26


@dataclass(frozen=True, slots=True)
class Area:
    """An area under its name; nothing is known of one without a value."""

    name: str
    rings: Rings
    value: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """Values of one colour, from the least to the greatest of them, and how many they are."""

    least: float
    most: float
    count: int


def steps(values: Sequence[float]) -> list[Step]:
    """At most five steps with about as many values each; equal values share a step."""
    ordered = sorted(values)
    if len(set(ordered)) <= len(SHADES):
        bounds = sorted(set(ordered))
    else:
        parts = range(len(SHADES))
        bounds = sorted({ordered[len(ordered) * part // len(SHADES)] for part in parts})
    ends = [*bounds[1:], float("inf")]
    groups = [[v for v in ordered if low <= v < end] for low, end in zip(bounds, ends, strict=True)]
    return [Step(group[0], group[-1], len(group)) for group in groups]


def areas(chart: Chart, shown: Sequence[Area], blank: str, width: int) -> str:
    """The picture. ``chart`` has the values and says what they are, ``blank`` that one is missing.

    Areas without a value are drawn white.
    """
    found = steps([datum.value for datum in chart.data])
    room = frame((area.rings for area in shown), width)
    meanings = [
        (_shade(at, len(found)), f"{_span(step, chart.language)} ({step.count})")
        for at, step in enumerate(found)
    ]
    if any(area.value is None for area in shown):
        meanings.append((_NOTHING, blank))
    parts = (*_shapes(chart, shown, found, room, blank), *_legend(meanings, room.height + 12))
    return svg.picture(chart, width, room.height + 12 + _ROW * len(meanings), parts)


def _shapes(
    chart: Chart, shown: Sequence[Area], found: Sequence[Step], room: Frame, blank: str
) -> Iterator[str]:
    for area in shown:
        said = blank if area.value is None else number(area.value, chart.language)
        yield svg.titled(
            "path", f"{area.name}: {said}", d=path(area.rings, room), fill=_colour(area, found),
            fill_rule="evenodd", stroke=_BORDER, stroke_width=0.75, stroke_linejoin="round",
        )  # fmt: skip


def _colour(area: Area, found: Sequence[Step]) -> str:
    if area.value is None:
        return _NOTHING
    at = bisect_right([step.least for step in found], area.value) - 1
    return _shade(at, len(found))


def _shade(at: int, count: int) -> str:
    """Few steps are spread over all shades."""
    return SHADES[-1] if count == 1 else SHADES[round(at * (len(SHADES) - 1) / (count - 1))]


def _legend(meanings: Sequence[tuple[str, str]], top: float) -> Iterator[str]:
    for at, (colour, words) in enumerate(meanings):
        y = top + at * _ROW
        yield svg.element(
            "rect", x=4, y=y, width=18, height=18, fill=colour, stroke=_BORDER, stroke_width=0.75
        )
        yield svg.text(words, 32, y + 14)


def _span(step: Step, language: str) -> str:
    ends = [number(value, language) for value in (step.least, step.most)]
    return " – ".join(dict.fromkeys(ends))
