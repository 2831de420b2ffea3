"""A table's promise as Frictionless Table Schema, each field with the address of its element."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from hatinh.dictionary.edition import Edition
from hatinh.dictionary.export.uris import element_uri
from hatinh.dictionary.model import Datatype, Element
from hatinh.dictionary.table_schema import Column

PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
TYPES = {
    Datatype.INTEGER: "integer",
    Datatype.DECIMAL: "number",
    Datatype.DATE: "date",
    Datatype.BOOLEAN: "boolean",
}
"""Types by datatype; the others are strings."""
MOST_CODES = 500
"""A longer list is named but not written out."""


def table_schema(columns: Iterable[Column], edition: Edition, at: date) -> dict[str, Any]:
    """The schema of a table by an edition of the dictionary, its code lists as of a day."""
    listed = list(columns)
    keys = [column.name for column in listed if column.key]
    return {
        "$schema": PROFILE,
        "fields": [_field(column, edition, at) for column in listed],
        "missingValues": [""],
    } | ({"primaryKey": keys} if keys else {})


def _field(column: Column, edition: Edition, at: date) -> dict[str, Any]:
    element = edition.elements.get(column.element)
    if element is None:
        return _filled({"name": column.name, "constraints": _filled(_needs(column))})
    return _filled(
        {
            "name": column.name,
            "title": element.name.vi,
            "description": element.definition.vi,
            "type": TYPES.get(element.datatype, "string"),
            "format": "uri" if element.datatype is Datatype.URL else "",
            "rdfType": element_uri(element.id),
            "example": element.example,
            "constraints": _filled(_needs(column) | _constraints(element, edition, at)),
        }
    )


def _needs(column: Column) -> dict[str, Any]:
    return {"required": column.required or column.key}


def _constraints(element: Element, edition: Edition, at: date) -> dict[str, Any]:
    if element.datatype in TYPES:
        return {"minimum": element.minimum, "maximum": element.maximum}
    codes = edition.code_lists[element.code_list].at(at) if element.code_list else ()
    return {
        "pattern": element.pattern,
        "maxLength": element.max_length,
        "enum": [code.code for code in codes] if len(codes) <= MOST_CODES else [],
    }


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """The values that say something; zero does."""
    return {
        key: value
        for key, value in values.items()
        if value is not None and value is not False and value not in ("", [], {})
    }
