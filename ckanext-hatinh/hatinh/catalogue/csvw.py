"""CSV on the Web: a table's columns, types and key, for any program that reads CSVW.

https://www.w3.org/TR/tabular-metadata/ . Each column that is bound to an element of the dictionary
points to it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hatinh.catalogue.observed import Observed, ObservedColumn, Written
from hatinh.dictionary.export.uris import element_uri
from hatinh.dictionary.model import Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column
from hatinh.text import slug

CONTEXT = ["http://www.w3.org/ns/csvw", {"@language": "vi"}]
LOCAL_NUMBER = {"decimalChar": ",", "groupChar": "."}
TYPES: Mapping[Datatype, Sequence[tuple[Written, Any]]] = {
    Datatype.INTEGER: (
        (Written.WHOLE, "integer"),
        (Written.GROUPED, {"base": "integer", "format": LOCAL_NUMBER}),
    ),
    Datatype.DECIMAL: (
        (Written.DECIMAL, "decimal"),
        (Written.LOCAL, {"base": "decimal", "format": LOCAL_NUMBER}),
    ),
    Datatype.DATE: (
        (Written.ISO_DAY, "date"),
        (Written.LOCAL_DAY, {"base": "date", "format": "dd/MM/yyyy"}),
    ),
    Datatype.BOOLEAN: ((Written.BOOLEAN, "boolean"),),
}
"""What a datatype is called here, by the way in which the file writes it."""

STORED = {
    "bigint": "integer",
    "numeric": "decimal",
    "double precision": "double",
    "date": "date",
    "boolean": "boolean",
}
"""What a type of PostgreSQL is called here; the others are strings."""


@dataclass(frozen=True)
class About:
    """The table and its dataset: addresses, title, licence, publisher."""

    uri: str
    url: str
    title: str
    licence: str
    publisher: str
    modified: str


def table_metadata(
    about: About, observed: Observed, promised: Sequence[Column], dictionary: Dictionary
) -> dict[str, Any]:
    """The metadata document of one CSV file."""
    bound = {column.name: column for column in promised}
    names = _names([column.header for column in observed.columns])
    columns = [
        _column(name, column, bound.get(column.header.strip()), dictionary)
        for name, column in zip(names, observed.columns, strict=True)
    ]
    return {
        "@context": CONTEXT,
        "@id": about.uri,
        "url": about.url,
        **_common(about),
        "dialect": {
            "encoding": observed.encoding,
            "delimiter": observed.delimiter,
            "header": True,
            "skipRows": observed.above,
        },
        "tableSchema": {"columns": columns, **_key(names, observed)},
    }


def stored_metadata(
    about: About, columns: Sequence[Mapping[str, Any]], dictionary: Dictionary
) -> dict[str, Any]:
    """The metadata of a table as the portal gives its rows in CSV.

    ``columns`` have ``label``, ``type`` of PostgreSQL and ``element``.
    """
    names = _names([column["label"] for column in columns])
    told = [
        {
            "name": name,
            "titles": column["label"],
            "datatype": STORED.get(column["type"], "string"),
            **_meaning(dictionary.elements.get(column["element"])),
        }
        for name, column in zip(names, columns, strict=True)
    ]
    return {
        "@context": CONTEXT,
        "@id": about.uri,
        "url": about.url,
        **_common(about),
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True},
        "tableSchema": {"columns": told},
    }


def _common(about: About) -> dict[str, Any]:
    said = {
        "dc:title": about.title,
        "dc:license": {"@id": about.licence} if about.licence else None,
        "dc:publisher": about.publisher,
        "dc:modified": about.modified,
    }
    return {name: value for name, value in said.items() if value}


def _column(
    name: str, column: ObservedColumn, promise: Column | None, dictionary: Dictionary
) -> dict[str, Any]:
    element = dictionary.elements.get(promise.element) if promise else None
    required = promise is not None and (promise.required or promise.key) and not column.blank
    return {
        "name": name,
        "titles": column.header,
        "datatype": _datatype(column, element),
        **({"required": True} if required else {}),
        **_meaning(element),
    }


def _datatype(column: ObservedColumn, element: Element | None) -> Any:
    ways = TYPES.get(element.datatype, ()) if element else ()
    return next((found for written, found in ways if written in column.written), "string")


def _meaning(element: Element | None) -> dict[str, Any]:
    if element is None:
        return {}
    told = {"propertyUrl": element_uri(element.id), "dc:title": element.name.vi}
    return told | ({"dc:description": element.definition.vi} if element.definition.vi else {})


def _names(headers: Sequence[str]) -> list[str]:
    """Names that may stand in URI templates: letters of ASCII, digits and ``_``, each once."""
    names: list[str] = []
    for number, header in enumerate(headers, 1):
        name = re.sub(r"\W+", "_", slug(header)).strip("_") or f"cot_{number}"
        names.append(name if name not in names else f"{name}_{number}")
    return names


def _key(names: Sequence[str], observed: Observed) -> dict[str, Any]:
    headers = [column.header for column in observed.columns]
    keys = [[names[headers.index(title)] for title in key] for key in observed.unique]
    return {"primaryKey": keys[0]} if keys else {}
