"""Maps of areas: true shapes, shades by size, a legend that says what they mean."""

from typing import Any
from xml.etree import ElementTree

import pytest

from hatinh.chart.areas import SHADES, Area, areas, steps
from hatinh.chart.chart import Chart, Datum
from hatinh.chart.outline import frame, path, read_outlines
from hatinh.errors import SchemaError

SVG = "{http://www.w3.org/2000/svg}"


def square(west: float, south: float, size: float = 0.1) -> list[list[float]]:
    """A closed ring in degrees."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: Any, kind: str, coordinates: Any, key: str = "ma_xa") -> dict[str, Any]:
    """One area of a file."""
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": {key: code}, "geometry": geometry}


FILE = {
    "type": "FeatureCollection",
    "features": [
        feature(18073, "Polygon", [square(105.9, 18.3), square(105.92, 18.32, 0.02)]),
        feature("18100", "MultiPolygon", [[square(106.0, 18.3)], [square(106.2, 18.3)]]),
        feature("18115", "Polygon", [square(105.9, 18.4)]),
    ],
}


def drawn(values: list[float | None], width: int = 760) -> ElementTree.Element:
    """The picture of the three areas, parsed."""
    outlines = read_outlines(FILE, "ma_xa", "x")
    shown = [
        Area(code, rings, v) for (code, rings), v in zip(outlines.items(), values, strict=True)
    ]
    data = [Datum("a", value, 0) for value in values if value is not None]
    return ElementTree.fromstring(areas(Chart("Dân số", "3", data), shown, "không có", width))


def test_file_is_read_by_code():
    """A code may be a number; parts of one commune belong together; holes are rings."""
    found = read_outlines(FILE, "ma_xa", "x")
    assert {code: len(rings) for code, rings in found.items()} == {
        "18073": 2, "18100": 2, "18115": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"features": []},
        {"features": [feature("1", "Polygon", [square(1, 1)], key="khac")]},
        {"features": [feature("1", "Point", [1, 1])]},
        {"features": [feature("1", "Polygon", [[["x", 1]]])]},
        {"features": [{"properties": {"ma_xa": "1"}, "geometry": None}]},
    ],
)
def test_file_that_has_no_areas_is_refused(document):
    """It is said which file, and what it lacks."""
    with pytest.raises(SchemaError, match=r"^tep\.geojson: "):
        read_outlines(document, "ma_xa", "tep.geojson")


def test_shapes_keep_their_proportions():
    """A degree of longitude is drawn shorter than one of latitude, as it is on the ground."""
    outlines = read_outlines(FILE, "ma_xa", "x")
    room = frame(outlines.values(), 760)
    west, south = room.pixel((105.9, 18.3))
    east, north = room.pixel((106.0, 18.4))
    assert (east - west) / (south - north) == pytest.approx(0.949, abs=0.01)
    assert room.pixel((106.3, 18.4))[0] == pytest.approx(756)


def test_detail_that_cannot_be_seen_is_left_out():
    """A border of ten thousand points becomes a path of some hundred."""
    fine = [(105.9 + at / 1e5, 18.3 + (at % 2) / 1e6) for at in range(10_000)]
    ring = [*fine, (106.0, 18.4), (105.9, 18.4)]
    found = path((ring,), frame([(ring,)], 340))
    assert 50 < found.count(",") < 600
    assert path(([(105.9, 18.3)] * 5,), frame([(ring,)], 340)) == ""


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5.0], [(5, 5, 1)]),
        ([1, 1, 1], [(1, 1, 3)]),
        ([3, 1, 2, 1], [(1, 1, 2), (2, 2, 1), (3, 3, 1)]),
        (list(range(10)), [(0, 1, 2), (2, 3, 2), (4, 5, 2), (6, 7, 2), (8, 9, 2)]),
        ([0] * 8 + [1, 2, 3, 4, 5, 6], [(0, 0, 8), (1, 3, 3), (4, 6, 3)]),
    ],
)
def test_steps_hold_about_as_many_values_each(values, expected):
    """Equal values are never parted; none is lost; a step says its own least and greatest."""
    found = [(step.least, step.most, step.count) for step in steps(values)]
    assert found == expected
    assert sum(count for *_, count in found) == len(values)


def test_greater_value_is_darker_and_none_is_white():
    """The legend has a row of each shade, and one of what is not known."""
    found = drawn([10, 2500.5, None])
    shapes = list(found.iter(f"{SVG}path"))
    assert [shape.attrib["fill"] for shape in shapes] == [SHADES[0], SHADES[-1], "#fff"]
    assert [shape[0].text for shape in shapes] == ["18073: 10", "18100: 2.500,5", "18115: không có"]
    legend = [text.text for text in found.iter(f"{SVG}text")]
    assert legend == ["10 (1)", "2.500,5 (1)", "không có"]
    assert "không có" not in [text.text for text in drawn([1, 2, 3]).iter(f"{SVG}text")]


@pytest.mark.parametrize("width", [340, 760])
def test_everything_lies_within_the_picture(width):
    """Also the last row of the legend."""
    found = drawn([1, 2, None], width)
    height = float(found.attrib["height"])
    assert all(float(box.attrib["y"]) + 18 <= height for box in found.iter(f"{SVG}rect"))
    assert found.attrib["width"] == str(width)
