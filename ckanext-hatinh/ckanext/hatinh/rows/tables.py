"""A table of the DataStore with what is known of its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.hatinh.rows.catalogue import ROW_ID, Field, fields_of, real_name
from ckanext.hatinh.rows.reading import opened
from hatinh.rows.column import Column, Kind

_ELEMENT = "hatinh_element"
_KINDS = {
    "text": Kind.TEXT,
    "numeric": Kind.NUMBER,
    "date": Kind.DATE,
    "bool": Kind.BOOLEAN,
    "timestamp": Kind.MOMENT,
    "timestamptz": Kind.MOMENT,
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table under the name that it has in the database. ``columns`` begin with the row's id."""

    name: str
    columns: tuple[Column, ...]

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that its publisher made."""
        return tuple(column for column in self.columns if column.id != ROW_ID)

    def get(self, name: str) -> Column | None:
        """A column by its id."""
        return next((column for column in self.columns if column.id == name), None)


def open_table(
    context: Context, resource_id: str, elements: Mapping[str, str] | None = None
) -> Table:
    """The table of a resource, if who asks may read it.

    ``elements`` are given to columns by label. Raises ``ObjectNotFound``, ``NotAuthorized``.
    """
    name = resource_id
    with opened() as connection:
        fields = fields_of(connection, name)
        if not fields:
            name = real_name(resource_id)
            fields = fields_of(connection, name)
    if not fields:
        raise tk.ObjectNotFound(tk._("DataStore resource not found"))
    tk.check_access("datastore_search", tk.fresh_context(context), {"resource_id": name})
    return table_of(name, fields, elements or {})


def table_of(name: str, fields: Sequence[Field], elements: Mapping[str, str]) -> Table:
    """A table of these columns."""
    return Table(name, tuple(_column(field, elements) for field in fields))


def elements_of(resource: Mapping[str, Any]) -> dict[str, str]:
    """The element of each column, by its publisher's promise and by what people chose."""
    return {column.name: column.element for column in tk.h.hatinh_bound_columns(resource)}


def kind_of(type_: str) -> Kind:
    """What can be done with values of a type of PostgreSQL."""
    if type_.startswith(("int", "float", "bigint", "double", "smallint", "real")):
        return Kind.NUMBER
    return _KINDS.get(type_, Kind.OTHER)


def ids(columns: Sequence[Column]) -> list[str]:
    """Ids of columns."""
    return [column.id for column in columns]


def _column(field: Field, elements: Mapping[str, str]) -> Column:
    info = field.get("info") or {}
    label = info.get("label") or field["id"]
    element = info.get(_ELEMENT) or elements.get(label) or elements.get(field["id"]) or ""
    return Column(field["id"], label, kind_of(field["type"]), element, field["type"])
