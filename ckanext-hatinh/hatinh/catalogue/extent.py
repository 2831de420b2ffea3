"""What data covers, as GeoJSON (RFC 7946) that somebody typed."""

import json
from typing import Any

_DEPTHS = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2,
    "MultiPolygon": 3,
}  # fmt: skip
"""How deep the positions of each type of shape lie."""

_FARTHEST = 1e6
"""No number of a position is as far from zero, whatever it is measured in."""

Shape = dict[str, Any]
"""``type`` and ``coordinates``, and nothing else that a reader could stumble over."""


def read_shape(said: str) -> Shape | None:
    """The shape in a text; nothing where it is none, or one with a position that is no place."""
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    kind, coordinates = found.get("type"), found.get("coordinates")
    depth = _DEPTHS.get(kind) if isinstance(kind, str) else None
    if depth is None or not _lie(coordinates, depth):
        return None
    return {"type": kind, "coordinates": coordinates}


def envelope(shape: Shape) -> Shape:
    """The box around a shape, as a polygon whose first corner stands again at its end."""
    points = list(_positions(shape["coordinates"], _DEPTHS[shape["type"]]))
    west, south = (min(point[axis] for point in points) for axis in (0, 1))
    east, north = (max(point[axis] for point in points) for axis in (0, 1))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _lie(coordinates: Any, depth: int) -> bool:
    """Whether positions lie so deep, and nothing else does."""
    if not isinstance(coordinates, list) or not coordinates:
        return False
    if depth:
        return all(_lie(part, depth - 1) for part in coordinates)
    return 2 <= len(coordinates) <= 4 and all(
        type(number) in (int, float) and abs(number) < _FARTHEST for number in coordinates
    )


def _positions(coordinates: list[Any], depth: int) -> list[list[float]]:
    if not depth:
        return [coordinates]
    return [point for part in coordinates for point in _positions(part, depth - 1)]
