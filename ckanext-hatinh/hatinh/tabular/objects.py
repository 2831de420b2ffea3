"""JSON, JSON Lines and GeoJSON: lists of objects as tables, read twice and never kept whole.

The first reading finds the list and the names of all its columns, the second gives the rows.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

from hatinh.errors import UnreadableTableError
from hatinh.tabular.json_items import JsonText, Number
from hatinh.tabular.table import Limits, Stream, stream

Item = Mapping[str, Any]

POSITION = ("lon", "lat")
"""Columns made from the geometry of points."""


def json_stream(name: str, file: BinaryIO, limits: Limits, stack: ExitStack) -> Stream:
    """The table of a list of objects, bare or under the only such key: ``{"data": […]}``."""
    found = _lists(JsonText(name, file), limits.columns)
    lists = {key: names for key, names in found if names is not None}
    if len(lists) != 1:
        raise UnreadableTableError(name, "no single list of objects")
    ((key, names),) = lists.items()
    return _objects(name, names, lambda: _items(JsonText(name, file), key), limits)


def geojson_stream(name: str, file: BinaryIO, limits: Limits, stack: ExitStack) -> Stream:
    """The properties of the features; points add ``lon`` and ``lat`` in degrees (WGS 84)."""

    def features() -> Iterator[Item]:
        return map(_feature, _items(JsonText(name, file), "features"))

    names = _names(name, features(), limits.columns, "FeatureCollection")
    table = _objects(name, names, features, limits)
    return replace(table, implied=frozenset(POSITION))


def lines_stream(name: str, file: BinaryIO, limits: Limits, stack: ExitStack) -> Stream:
    """JSON Lines: one object a line."""

    def items() -> Iterator[Item]:
        text = JsonText(name, file)
        while text.peek():
            yield text.value()

    names = _names(name, items(), limits.columns, "lines of objects")
    return _objects(name, names, items, limits)


def _names(name: str, items: Iterator[Any], most: int, what: str) -> dict[str, None]:
    names = _named(name, items, most)
    if names is None:
        raise UnreadableTableError(name, f"no {what}")
    return names


def _objects(
    name: str, names: Mapping[str, None], items: Callable[[], Iterator[Item]], limits: Limits
) -> Stream:
    def grid() -> Iterator[list[str | None]]:
        yield list(names)
        try:
            for item in items():
                yield [_text(item.get(key)) for key in names]
        except RecursionError as err:
            raise UnreadableTableError(name, "no JSON: nested too deep") from err

    return stream(name, grid(), limits, typed=True)


def _lists(text: JsonText, most: int) -> Iterator[tuple[str, dict[str, None] | None]]:
    """Lists at the top of a document by key, ``""`` for a bare one, with the names they use."""
    if text.peek() == "[":
        yield "", _named(text.name, text.items(), most)
        return
    for key in _keys(text):
        if text.peek() == "[":
            yield key, _named(text.name, text.items(), most)
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


def _named(name: str, items: Iterator[Any], most: int) -> dict[str, None] | None:
    """Names of the objects in a list, in their order; ``None`` when it is no list of objects.

    Raises :class:`UnreadableTableError` at the first object beyond so many names.
    """
    names: dict[str, None] = {}
    count, objects = 0, True
    for item in items:
        count += 1
        objects = objects and isinstance(item, Mapping)
        if objects:
            names.update(dict.fromkeys(item))
        if len(names) > most:
            raise UnreadableTableError(name, f"more than {most} columns", "too-many-columns")
    return names if objects and count else None


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return _json(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _json(value: Any) -> str:
    """A value as JSON, numbers as they were written."""
    if isinstance(value, Number):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(_json, value))}]"
    if isinstance(value, Mapping):
        pairs = zip(map(_quoted, value), map(_json, value.values()), strict=True)
        return f"{{{', '.join(map(': '.join, pairs))}}}"
    return json.dumps(value, ensure_ascii=False)


def _feature(item: Any) -> Item:
    geometry, properties = _mapping(_mapping(item).get("geometry")), _mapping(item)
    properties = _mapping(properties.get("properties"))
    position = geometry.get("coordinates") if geometry.get("type") == "Point" else None
    place = zip(POSITION, position if isinstance(position, list) else (), strict=False)
    return {**dict(place), **properties}


def _mapping(value: Any) -> Item:
    return value if isinstance(value, Mapping) else {}
