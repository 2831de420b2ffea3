"""The canonical field names, and how raw values are taken over under them."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields
from typing import Any

from harvesters.json_text import parse_json
from hatinh.dataset import Dataset
from hatinh.reading import DETAILS

CANONICAL = frozenset(field.name for field in fields(Dataset)) - {
    "guid",
    "former_publisher",
    "details",
    "resources",
} | frozenset(name for names in DETAILS.values() for name in names)
"""What a draft may say of a record."""

RESOURCE = frozenset({"guid", "name", "url", "format", "description", "media_type", "schema"})
"""What a draft may say of a file."""


def table_schema(raw: Any) -> Any:
    """A table schema that came as JSON text, as its value; any other text stays as it is."""
    try:
        return parse_json(raw.encode()) if isinstance(raw, str) and raw else raw
    except (ValueError, RecursionError):
        return raw


def taken(raw: Mapping[str, Any], names: AbstractSet[str] = CANONICAL) -> dict[str, Any]:
    """The entries of a raw record that are canonical fields and not empty."""
    there = sorted(raw.keys() & names)
    return {name: raw[name] for name in there if raw[name] not in (None, "", [], {})}
