"""Outlines of areas from GeoJSON (RFC 7946), and as paths of a picture."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hatinh.errors import SchemaError

Point = tuple[float, float]
Ring = Sequence[Point]
Rings = tuple[Ring, ...]
"""Outer and inner borders of one area, in degrees of longitude and latitude."""

_EDGE = 4.0
_NEAREST = 0.7
"""Pixels; points of a border that lie nearer to each other cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How degrees become pixels. A degree of longitude is shorter than one of latitude."""

    west: float
    north: float
    across: float
    down: float
    height: float

    def pixel(self, point: Point) -> Point:
        """Where a point stands in the picture."""
        lon, lat = point
        return _EDGE + (lon - self.west) * self.across, _EDGE + (self.north - lat) * self.down


def read_outlines(document: Any, key: str, where: str) -> dict[str, Rings]:
    """The areas by the property ``key`` of their features. Raises ``SchemaError``."""
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise SchemaError(where, "is no GeoJSON with features")
    found: dict[str, Rings] = {}
    for feature in features:
        try:
            code = str(feature["properties"][key])
            found[code] = (*found.get(code, ()), *_rings(feature["geometry"]))
        except (KeyError, TypeError, ValueError) as err:
            raise SchemaError(where, f"a feature has no {key} or no area ({err!r})") from err
    return found


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    coordinates = geometry["coordinates"]
    areas = {"Polygon": [coordinates], "MultiPolygon": coordinates}[geometry["type"]]
    for area in areas:
        for ring in area:
            yield [(float(point[0]), float(point[1])) for point in ring]


def frame(outlines: Iterable[Rings], width: float) -> Frame:
    """A frame around all areas, so wide."""
    points = [point for rings in outlines for ring in rings for point in ring]
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    shorter = math.cos(math.radians((min(lats) + max(lats)) / 2))
    across = (width - 2 * _EDGE) / ((max(lons) - min(lons)) or 1.0)
    down = across / shorter
    return Frame(min(lons), max(lats), across, down, (max(lats) - min(lats)) * down + 2 * _EDGE)


def path(rings: Rings, shown: Frame) -> str:
    """The borders as an SVG path; detail that cannot be seen is left out."""
    return "".join(_closed(list(_visible(ring, shown))) for ring in rings)


def _closed(points: Sequence[Point]) -> str:
    if len(points) < 3:
        return ""
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points) + "Z"


def _visible(ring: Ring, shown: Frame) -> Iterator[Point]:
    last: Point | None = None
    for point in map(shown.pixel, ring):
        if last is None or math.dist(last, point) >= _NEAREST:
            last = point
            yield point
