"""JSON, JSON Lines and GeoJSON: lists of objects as tables, read twice and never kept whole.

The first reading finds the list and the names of all its columns, the second gives the rows.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

from hatinh.errors import UnreadableTableError
from hatinh.tabular.json_items import JsonText
from hatinh.tabular.table import Limits, Stream, stream

Item = Mapping[str, Any]

POSITION = ("lon", "lat")
"""Columns made from the geometry of points."""


def json_stream(name: str, file: BinaryIO, limits: Limits, stack: ExitStack) -> Stream:
    """The table of a list of objects, bare or under the only such key: ``{"data": […]}``."""
    lists = {key: names for key, names in _lists(JsonText(name, file)) if names is not None}
    if len(lists) != 1:
        raise UnreadableTableError(name, "no single list of objects")
    ((key, names),) = lists.items()
    return _objects(name, names, lambda: _items(JsonText(name, file), key), limits)


def geojson_stream(name: str, file: BinaryIO, limits: Limits, stack: ExitStack) -> Stream:
    """The properties of the features; points add ``lon`` and ``lat`` in degrees (WGS 84)."""

    def features() -> Iterator[Item]:
        return map(_feature, _items(JsonText(name, file), "features"))

    table = _objects(name, _names(name, features(), "FeatureCollection"), features, limits)
    return replace(table, implied=frozenset(POSITION))


def lines_stream(name: str, file: BinaryIO, limits: Limits, stack: ExitStack) -> Stream:
    """JSON Lines: one object a line."""

    def items() -> Iterator[Item]:
        text = JsonText(name, file)
        while text.peek():
            yield text.value()

    return _objects(name, _names(name, items(), "lines of objects"), items, limits)


def _names(name: str, items: Iterator[Any], what: str) -> dict[str, None]:
    names = _named(items)
    if names is None:
        raise UnreadableTableError(name, f"no {what}")
    return names


def _objects(
    name: str, names: Mapping[str, None], items: Callable[[], Iterator[Item]], limits: Limits
) -> Stream:
    if len(names) > limits.columns:
        why = f"more than {limits.columns} columns"
        raise UnreadableTableError(name, why, "too-many-columns")

    def grid() -> Iterator[list[str | None]]:
        yield list(names)
        for item in items():
            yield [_text(item.get(key)) for key in names]

    return stream(name, grid(), limits, typed=True)


def _lists(text: JsonText) -> Iterator[tuple[str, dict[str, None] | None]]:
    """Lists at the top of a document by key, ``""`` for a bare one, with the names they use."""
    if text.peek() == "[":
        yield "", _named(text.items())
        return
    for key in _keys(text):
        if text.peek() == "[":
            yield key, _named(text.items())
        else:
            text.value()
    if text.peek():
        raise text.broken("text after its end")


def _keys(text: JsonText) -> Iterator[str]:
    """The keys of the object that is next; who takes one must read its value."""
    text.expect("{")
    if text.take("}"):
        return
    while True:
        key = text.value()
        text.expect(":")
        yield str(key)
        if not text.take(","):
            text.expect("}")
            return


def _items(text: JsonText, wanted: str) -> Iterator[Item]:
    if not wanted:
        yield from text.items()
        return
    for key in _keys(text):
        if key == wanted and text.peek() == "[":
            yield from text.items()
            return
        text.value()


def _named(items: Iterator[Any]) -> dict[str, None] | None:
    """Names of the objects in a list, in their order; ``None`` when it is no list of objects."""
    names: dict[str, None] = {}
    count, objects = 0, True
    for item in items:
        count += 1
        objects = objects and isinstance(item, Mapping)
        if objects:
            names.update(dict.fromkeys(item))
    return names if objects and count else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _feature(item: Any) -> Item:
    geometry, properties = _mapping(_mapping(item).get("geometry")), _mapping(item)
    properties = _mapping(properties.get("properties"))
    position = geometry.get("coordinates") if geometry.get("type") == "Point" else None
    place = zip(POSITION, position if isinstance(position, list) else (), strict=False)
    return {**dict(place), **properties}


def _mapping(value: Any) -> Item:
    return value if isinstance(value, Mapping) else {}
