"""Charts: right proportions, escaped words, a title for those who do not see them."""

import math
import re
from xml.etree import ElementTree

import pytest

from hatinh.chart.chart import Chart, ChartKind, Datum, Unfit
from hatinh.chart.drawing import draw
from hatinh.chart.scale import number, scale

SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = (340, 760)


def chart(*values: float, language: str = "vi") -> Chart:
    """Values named a, b, c…"""
    data = [Datum(chr(97 + at), value, at) for at, value in enumerate(values)]
    return Chart("Dân số theo xã", "3 giá trị", data, language)


def drawn(found: Chart, kind: ChartKind, width: int = 760) -> ElementTree.Element:
    """The picture, parsed."""
    return ElementTree.fromstring(draw(found, kind, width))


@pytest.mark.parametrize("kind", list(ChartKind))
@pytest.mark.parametrize("width", WIDTHS)
def test_picture_says_what_it_is(kind, width):
    """Title and description are the name of the picture; it is as wide as it was asked to be."""
    found = drawn(chart(1, 2, 3), kind, width)
    named = found.attrib["aria-labelledby"].split()
    texts = {part.attrib["id"]: part.text for part in found if "id" in part.attrib}
    assert [texts[name] for name in named] == ["Dân số theo xã", "3 giá trị"]
    assert (found.attrib["role"], found.attrib["width"]) == ("img", str(width))


@pytest.mark.parametrize("kind", list(ChartKind))
def test_words_cannot_become_marks(kind):
    """A name is text, whatever it holds."""
    bad = '<script>alert("1")</script>&'
    found = Chart(bad, bad, [Datum(bad, 1, 0), Datum("b", 2, 1)])
    body = draw(found, kind, 760)
    assert "<script" not in body
    assert bad in [part.text for part in ElementTree.fromstring(body).iter(f"{SVG}title")]


def test_bars_are_as_long_as_their_values():
    """Twice the value is twice the length; a negative bar lies on the other side of zero."""
    bars = list(drawn(chart(100, 50, -50), ChartKind.BAR).iter(f"{SVG}rect"))
    long, half, below = (float(bar.attrib["width"]) for bar in bars)
    assert long == pytest.approx(2 * half, abs=0.1)
    assert half == pytest.approx(below, abs=0.1)
    zero = float(bars[0].attrib["x"])
    assert float(bars[2].attrib["x"]) + below == pytest.approx(zero, abs=0.1)


def test_bars_of_zero_are_drawn():
    """Nothing but zeros is a picture too."""
    assert len(list(drawn(chart(0, 0), ChartKind.BAR).iter(f"{SVG}rect"))) == 2


def test_line_runs_by_where_its_values_stand():
    """Points lie apart as their days do, not as their order."""
    data = [Datum("2026-01-01", 1, 0), Datum("2026-01-02", 1, 1), Datum("2026-01-11", 2, 10)]
    line = next(drawn(Chart("t", "d", data), ChartKind.LINE).iter(f"{SVG}polyline"))
    points = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    (first, _), (second, _), (last, top) = points
    assert last - first == pytest.approx(10 * (second - first), rel=0.02)
    assert top < points[0][1]


def test_slices_are_shares_of_the_whole():
    """Numbers and shares stand beside; all slices together are the circle."""
    found = drawn(chart(1, 1, 2), ChartKind.PIE)
    texts = [part.text for part in found.iter(f"{SVG}text")]
    assert texts == ["a: 1 (25 %)", "b: 1 (25 %)", "c: 2 (50 %)"]
    assert len(list(found.iter(f"{SVG}path"))) == 3


def test_slice_of_everything_is_a_circle():
    """An arc that ends where it begins would not be seen."""
    found = drawn(chart(5, 0), ChartKind.PIE)
    assert len(list(found.iter(f"{SVG}circle"))) == 1


@pytest.mark.parametrize("kind", list(ChartKind))
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_lies_outside_of_the_picture(kind, width):
    """Every place is within the width and height that the picture names."""
    found = drawn(chart(3, 123456.75, 99, 0, 7), kind, width)
    height = float(found.attrib["height"])
    for part in found.iter():
        for name, most in (("x", width), ("x2", width), ("cx", width), ("y", height)):
            assert -1 <= float(part.attrib.get(name, 0)) <= most


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        ((), ChartKind.BAR, Unfit.EMPTY),
        ((1,), ChartKind.LINE, Unfit.SINGLE),
        ((1, -1), ChartKind.PIE, Unfit.NEGATIVE),
        ((0, 0), ChartKind.PIE, Unfit.EMPTY),
        ((1, -1), ChartKind.BAR, None),
        ((1, 2), ChartKind.LINE, None),
    ],
)
def test_kind_must_fit_the_values(values, kind, reason):
    """What a kind cannot show is said, not drawn."""
    assert chart(*values).unfit(kind) is reason


@pytest.mark.parametrize(
    ("least", "most"), [(0, 7), (-3, 12345), (0, 0.004), (5, 5), (-9, -1), (0, 1e12)]
)
def test_marks_of_an_axis_are_round_and_hold_all_values(least, most):
    """An axis holds zero and both ends, and has few marks."""
    axis = scale(least, most)
    assert axis.low <= min(least, 0)
    assert axis.high >= max(most, 0) - 1e-9
    assert 2 <= len(axis.marks) <= 9
    assert 0.0 in axis.marks
    lead = axis.step / 10 ** math.floor(math.log10(axis.step) + 1e-9)
    assert any(lead == pytest.approx(step) for step in (1, 2, 2.5, 5, 10))


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (1234567.5, "1.234.567,5", "1,234,567.5"),
        (0.004, "0", "0"),
        (-0.001, "0", "0"),
        (1000, "1.000", "1,000"),
        (12.30, "12,3", "12.3"),
    ],
)
def test_numbers_are_written_by_language(value, vietnamese, english):
    """Marks of thousands and decimals are those of the reader."""
    assert (number(value), number(value, "en")) == (vietnamese, english)


def test_same_chart_gives_the_same_picture():
    """A picture can be kept and compared."""
    assert draw(chart(1, 2), ChartKind.BAR, 340) == draw(chart(1, 2), ChartKind.BAR, 340)
    ids = re.findall(r' id="([^"]+)"', "".join(draw(chart(1, 2), ChartKind.BAR, w) for w in WIDTHS))
    assert len(ids) == len(set(ids))
