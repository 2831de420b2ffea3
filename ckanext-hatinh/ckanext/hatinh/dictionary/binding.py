"""Which column of which table is which element.

A resource's field ``schema`` says what its publisher promised. What a person chose in the data
dictionary of a DataStore table goes before it; it is kept in a table of ours, because CKAN keeps
it with the columns, and they go when a table is loaded anew (ckan#7699).
"""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ckanext.hatinh.dictionary import model
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.errors import SchemaError

log = logging.getLogger(__name__)

INFO_KEY = "hatinh_element"
"""Where a DataStore column carries its element: ``fields[].info.hatinh_element``."""


def columns(resource: Mapping[str, Any], chosen: Mapping[str, str]) -> list[Column]:
    """The columns of a resource with their elements; those only chosen come last."""
    promised = promise(resource).columns
    names = {column.name for column in promised}
    return [
        *(replace(column, element=chosen.get(column.name, column.element)) for column in promised),
        *(Column(name, element) for name, element in chosen.items() if name not in names),
    ]


def promise(resource: Mapping[str, Any]) -> TableSchema:
    """The table schema in a resource's field ``schema``."""
    stored = resource.get("schema") or "{}"
    return TableSchema.from_dict(json.loads(stored) if isinstance(stored, str) else stored)


def of_resource(resource: Mapping[str, Any]) -> list[Column]:
    """The columns of one resource as people bound them."""
    return columns(resource, model.bindings(resource["id"]))


def bound_tables() -> Iterator[tuple[model.Table, list[Column]]]:
    """Every table that is not deleted, private ones too, with its columns that have an element."""
    for table in model.tables(private=True):
        if found := _bound(table):
            yield table, found


def published_columns() -> Iterator[dict[str, Any]]:
    """Every column of a public table that has an element."""
    for table in model.tables(private=False):
        for column in _bound(table):
            yield {
                "element": column.element,
                "column": column.name,
                "resource_id": table.resource.id,
                "dataset": table.dataset,
                "dataset_title": table.title,
                "chosen": column.name in table.chosen,
            }


def _bound(table: model.Table) -> list[Column]:
    try:
        found = columns(table.resource.extras or {}, table.chosen)
    except (SchemaError, ValueError, RecursionError) as err:
        log.warning("File %s promises a table that cannot be read: %s", table.resource.id, err)
        return []
    return [column for column in found if column.element]


def given(fields: Any) -> dict[str, str]:
    """Elements that a ``datastore_create`` names for its columns; blank frees a column."""
    return {
        field["id"]: field["info"][INFO_KEY] or ""
        for field in fields or ()
        if isinstance(field.get("info"), dict) and INFO_KEY in field["info"]
    }


def filled(fields: Any, kept: Mapping[str, str], *, new: bool) -> list[dict[str, Any]]:
    """Fields of a ``datastore_create`` with the kept elements where none is named.

    A column of an existing table that comes without ``info`` keeps what it has.
    """
    return [_filled(field, kept.get(field["id"], ""), new=new) for field in fields]


def _filled(field: dict[str, Any], element: str, *, new: bool) -> dict[str, Any]:
    info = field.get("info")
    is_named = isinstance(info, dict) and INFO_KEY in info
    if not element or is_named or (info is None and not new):
        return field
    return field | {"info": {**(info or {}), INFO_KEY: element}}
