"""An edition as JSON Schema 2020-12: a schema for each element, each entity, and the whole.

Code lists are enumerations whose values have their names. What JSON Schema has no word for stands
in annotations that begin with ``x-``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hatinh.dictionary.attributes import Guide, edition_flags, flags, read_number
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.export.uris import edition_uri, element_uri, entity_uri, list_uri
from hatinh.dictionary.model import Datatype, Element
from hatinh.text import Text

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PERIOD = "^[0-9]{4}([1-4]|0[1-9]|1[0-2])?$"

_TYPES: Mapping[Datatype, Mapping[str, Any]] = {
    Datatype.STRING: {"type": "string"},
    Datatype.INTEGER: {"type": "integer"},
    Datatype.DECIMAL: {"type": "number"},
    Datatype.DATE: {"type": "string", "format": "date"},
    Datatype.PERIOD: {"type": "string", "pattern": PERIOD},
    Datatype.CODE: {"type": "string"},
    Datatype.BOOLEAN: {"type": "boolean"},
    Datatype.URL: {"type": "string", "format": "uri"},
}


def edition_schema(edition: Edition, guide: Guide, at: date) -> dict[str, Any]:
    """A record of any elements by their ids; ``$defs`` has each element and entity.

    ``at`` is the day whose codes are listed.
    """
    elements = {key: edition.elements[key] for key in sorted(edition.elements)}
    return {
        "$schema": DIALECT,
        "$id": edition_uri(edition.number),
        "title": f"Từ điển dữ liệu tỉnh Hà Tĩnh {edition.number}",
        "$comment": _notice(edition_flags(edition, guide)),
        "type": "object",
        "properties": {key: {"$ref": f"#/$defs/{key}"} for key in elements},
        "$defs": {key: _element(found, edition, guide, at) for key, found in elements.items()}
        | {f"entity.{name}": _entity(edition, name) for name in entities(edition)},
    }


def entities(edition: Edition) -> list[str]:
    """The entities that elements describe, by their names."""
    return sorted({element.entity for element in edition.elements.values()} - {""})


def entity_schema(edition: Edition, entity: str, guide: Guide, at: date) -> dict[str, Any]:
    """A record of one entity by the ids of its elements."""
    members = _members(edition, entity)
    return {
        "$schema": DIALECT,
        "$id": entity_uri(entity),
        **_entity(edition, entity),
        "$defs": {key: _element(found, edition, guide, at) for key, found in members.items()},
    }


def element_schema(edition: Edition, element: str, guide: Guide, at: date) -> dict[str, Any]:
    """The values of one element."""
    found = edition.elements[element]
    head = {"$schema": DIALECT, "$id": element_uri(element)}
    return head | _element(found, edition, guide, at)


def _entity(edition: Edition, entity: str) -> dict[str, Any]:
    members = _members(edition, entity)
    return {
        "title": entity,
        "type": "object",
        "properties": {key: {"$ref": f"#/$defs/{key}"} for key in members},
    }


def _members(edition: Edition, entity: str) -> dict[str, Element]:
    found = sorted(edition.elements.items())
    return {key: element for key, element in found if element.entity == entity}


def _element(element: Element, edition: Edition, guide: Guide, at: date) -> dict[str, Any]:
    schema = {
        "title": element.name.vi,
        "description": element.definition.vi,
        "x-name-en": element.name.en,
        "x-definition-en": element.definition.en,
        "x-element": element_uri(element.id),
        "x-unit": element.unit,
        "x-source": element.source,
        "x-confidence": element.confidence,
        "$comment": _notice(flags(element, guide)),
        **_TYPES[element.datatype],
        **_limits(element),
        **_codes(element, edition, at),
    }
    if element.example:
        schema["examples"] = [_example(element)]
    return {key: value for key, value in schema.items() if value not in ("", None)}


def _limits(element: Element) -> dict[str, Any]:
    """Only what holds for the JSON type: the pattern of a number speaks of its written form."""
    written = _TYPES[element.datatype]["type"] == "string"
    if written:
        limits = {"pattern": element.pattern, "maxLength": element.max_length}
        return {key: value for key, value in limits.items() if value}
    return {"minimum": element.minimum, "maximum": element.maximum}


def _codes(element: Element, edition: Edition, at: date) -> dict[str, Any]:
    codes = edition.code_lists.get(element.code_list)
    if codes is None:
        return {}
    choices = [
        {"const": entry.code, "title": entry.name.vi}
        | ({"x-name-en": entry.name.en} if entry.name.en else {})
        | ({"description": entry.description} if entry.description else {})
        for entry in codes.at(at)
    ]
    return {"x-code-list": list_uri(codes.id), **({"oneOf": choices} if choices else {})}


def _example(element: Element) -> Any:
    kind = _TYPES[element.datatype]["type"]
    if kind == "boolean":
        return element.example in ("true", "1")
    number = read_number(element.example) if kind in ("integer", "number") else None
    if number is None:
        return element.example
    return int(number) if kind == "integer" else number


def _notice(texts: list[Text]) -> str:
    return "; ".join(f"{words.vi} / {words.en}" for words in texts)
