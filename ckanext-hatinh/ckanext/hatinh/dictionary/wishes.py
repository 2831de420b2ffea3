"""What a sender wants a table to be checked by, read from the parameters of a request."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk

from hatinh.dictionary.edition import Edition
from hatinh.dictionary.export.json_schema import entities
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.errors import SchemaError


@dataclass(frozen=True, slots=True)
class Wish:
    """What a table is to be checked by, on the day ``at``.

    ``schema`` says it all. ``columns`` binds columns by name, and leaves the others unbound.
    Without both each column gets the element that is suggested, if it is one of ``among``
    (``None``: any).
    """

    at: date
    schema: TableSchema | None = None
    columns: Mapping[str, str] | None = None
    among: frozenset[str] | None = None

    def element(self, column: Column, suggested: Iterable[str], *, promised: bool) -> str:
        """The element of a column; where columns are promised nothing is suggested."""
        if self.columns is not None:
            return self.columns.get(column.name, "")
        if column.element or promised:
            return column.element
        among = self.among
        return next((one for one in suggested if among is None or one in among), "")


def read(asked: Mapping[str, Any], edition: Edition) -> Wish:
    """The wish in validated parameters. Raises ``ValidationError`` for what there is not."""
    elements = _unfolded("elements", asked["elements"])
    if isinstance(elements, Mapping):
        columns = {str(name): str(element or "") for name, element in elements.items()}
        _known(columns.values(), edition)
        return Wish(asked["at"], _schema(asked["schema"], edition), columns)
    among = {str(one) for one in elements} | _of_entity(asked["entity"], edition)
    _known(among, edition)
    return Wish(asked["at"], _schema(asked["schema"], edition), None, frozenset(among) or None)


def _unfolded(name: str, value: Any) -> Mapping[Any, Any] | list[Any]:
    """JSON, ``COLUMN=ELEMENT,…``, or element ids with commas between."""
    if isinstance(value, str):
        value = value.strip()
        if value.startswith(("{", "[")):
            return _unfolded(name, _json(name, value))
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not any("=" in part for part in parts):
            return parts
        pairs = [part.rpartition("=") for part in parts]
        return {column.strip(): element.strip() for column, _, element in pairs}
    if isinstance(value, Mapping | list):
        return value
    raise tk.ValidationError({name: [tk._("Must be an object or a list")]})


def _schema(value: Any, edition: Edition) -> TableSchema | None:
    if not value:
        return None
    try:
        found = TableSchema.from_dict(_json("schema", value) if isinstance(value, str) else value)
    except SchemaError as err:
        raise tk.ValidationError({"schema": [str(err)]}) from err
    _known((column.element for column in found.columns), edition)
    return found


def _json(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as err:
        raise tk.ValidationError({name: [tk._("This is no JSON: {why}").format(why=err)]}) from err


def _of_entity(entity: str, edition: Edition) -> set[str]:
    if entity and entity not in entities(edition):
        words = tk._("No element describes the entity {entity}").format(entity=entity)
        raise tk.ValidationError({"entity": [words]})
    return {e.id for e in edition.elements.values() if entity and e.entity == entity}


def _known(elements: Iterable[str], edition: Edition) -> None:
    unknown = sorted({one for one in elements if one and one not in edition.elements})
    if unknown:
        words = tk._("The dictionary has no element {id}").format(id=", ".join(unknown)[:200])
        raise tk.ValidationError({"elements": [words]})
