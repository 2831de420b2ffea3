"""The plain tables that figures are made of, read from ``schemas/figures/tables.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from hatinh.errors import SchemaError
from hatinh.text import Text

TYPES = ("TEXT", "INTEGER")
SCOPES = ("all", "record", "organization")

Scope = Literal["all", "record", "organization"]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: TEXT or INTEGER, and what it is called."""

    type: str
    title: Text


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A table: ``key`` tells its rows apart, ``scope`` says which of them one office has."""

    title: Text
    key: tuple[str, ...]
    scope: Scope
    columns: Mapping[str, TableColumn]


Tables = Mapping[str, TableDefinition]


def load_tables(path: Path) -> Tables:
    """Read the tables. Raises :class:`SchemaError` when the file does not describe any."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        tables = {name: _table(item) for name, item in data.items()}
    except (AttributeError, KeyError, TypeError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err
    for name, table in tables.items():
        types = {column.type for column in table.columns.values()}
        if not types <= set(TYPES) or table.scope not in SCOPES:
            raise SchemaError(path.name, f"{name}: a type or scope that there is not")
        if not table.key or not set(table.key) <= set(table.columns):
            raise SchemaError(path.name, f"{name}: its key is not among its columns")
    return tables


def columns_of(tables: Tables) -> dict[str, dict[str, str]]:
    """For each table its columns with their types: what SQLite has to know."""
    return {
        name: {column: found.type for column, found in table.columns.items()}
        for name, table in tables.items()
    }


def _table(item: Mapping[str, Any]) -> TableDefinition:
    columns = {
        name: TableColumn(str(column["type"]), Text(column["vi"], column["en"]))
        for name, column in item["columns"].items()
    }
    return TableDefinition(Text(**item["title"]), tuple(item["key"]), item["scope"], columns)
