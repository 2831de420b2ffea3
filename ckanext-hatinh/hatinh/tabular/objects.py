"""JSON and GeoJSON: lists of objects as tables."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from hatinh.errors import UnreadableTableError
from hatinh.tabular.table import Limits, Table, table


def read_json(name: str, body: bytes, limits: Limits, limit_rows: int | None) -> Table:
    """The table of a list of objects, bare or under the only such key: ``{"data": […]}``."""
    data = _parsed(name, body)
    if isinstance(data, Mapping):
        lists = [value for value in data.values() if _is_objects(value)]
        data = lists[0] if len(lists) == 1 else None
    if not _is_objects(data):
        raise UnreadableTableError(name, "no single list of objects")
    return _objects_table(name, data, limits, limit_rows)


def read_geojson(name: str, body: bytes, limits: Limits, limit_rows: int | None) -> Table:
    """The properties of the features; points add ``lon`` and ``lat`` in degrees (WGS 84)."""
    data = _parsed(name, body)
    features = data.get("features") if isinstance(data, Mapping) else None
    if not _is_objects(features):
        raise UnreadableTableError(name, "no FeatureCollection")
    return _objects_table(name, [_feature(item) for item in features], limits, limit_rows)


def _parsed(name: str, body: bytes) -> Any:
    """The document with its numbers kept as text, exactly as they are written."""
    try:
        return json.loads(body.removeprefix(b"\xef\xbb\xbf"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as err:
        raise UnreadableTableError(name, f"no JSON: {err}") from err


def _is_objects(value: Any) -> TypeGuard[list[Mapping[str, Any]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(i, Mapping) for i in value)


def _objects_table(
    name: str, items: Sequence[Mapping[str, Any]], limits: Limits, limit_rows: int | None
) -> Table:
    names = list(dict.fromkeys(key for item in items for key in item))
    return table(name, _grid(names, items), limits, limit_rows, typed=True)


def _grid(names: list[str], items: Sequence[Mapping[str, Any]]) -> Iterator[list[str | None]]:
    yield list(names)
    for item in items:
        yield [_text(item.get(key)) for key in names]


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _feature(item: Mapping[str, Any]) -> Mapping[str, Any]:
    geometry, properties = _mapping(item.get("geometry")), _mapping(item.get("properties"))
    position = geometry.get("coordinates") if geometry.get("type") == "Point" else None
    place = zip(("lon", "lat"), position if isinstance(position, list) else (), strict=False)
    return {**dict(place), **properties}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
