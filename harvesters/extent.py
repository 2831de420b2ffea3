"""The rectangle around a shape that a record gives as WKT, GeoJSON or GML."""

import json
import re
from collections.abc import Iterator
from typing import Any

SHAPE = re.compile(
    r"^\s*(?:<[^>]*>\s*)?(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|POLYGON|LINESTRING)\b", re.I
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
LONGEST = 100_000
"""Letters of a shape that are looked at: a rectangle takes a hundred."""


def extent(shape: str) -> list[str]:
    """West, south, east, north in degrees; empty for what is no shape on the globe.

    Well-known text and GeoJSON give longitude before latitude.
    """
    numbers = list(_numbers(shape[:LONGEST]))
    if len(numbers) < 2 or len(numbers) % 2:
        return []
    east, north = numbers[::2], numbers[1::2]
    sides = [min(east), min(north), max(east), max(north)]
    on_globe = max(map(abs, east)) <= 180 and max(map(abs, north)) <= 90
    return [f"{side:g}" for side in sides] if on_globe else []


def _numbers(shape: str) -> Iterator[float]:
    if SHAPE.match(shape):
        text = shape[shape.find("(") :]
        return map(float, NUMBER.findall(text))
    try:
        value = json.loads(shape)
    except (ValueError, RecursionError):
        return iter(())
    return _positions(value.get("coordinates") if isinstance(value, dict) else None)


def _positions(value: Any) -> Iterator[float]:
    """The first two numbers of every position, however deep they stand."""
    if not isinstance(value, list):
        return
    if len(value) >= 2 and all(isinstance(number, int | float) for number in value):
        yield from map(float, value[:2])
        return
    for item in value:
        yield from _positions(item)
