"""What a published table promises: which column is which element, its key and its sums."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hatinh.errors import SchemaError


@dataclass(frozen=True, slots=True)
class Column:
    """One column (cột) bound to a data element; ``element`` is empty while unbound."""

    name: str
    element: str = ""
    required: bool = False
    key: bool = False


@dataclass(frozen=True, slots=True)
class SumRule:
    """``column`` of the row that matches ``total`` equals the sum over rows that match ``parts``.

    Rows are matched by equality of the named cells; the total's row is never one of its parts.
    """

    column: str
    total: Mapping[str, str]
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The promise of one table (ánh xạ cột → thuật ngữ)."""

    columns: tuple[Column, ...] = ()
    sums: tuple[SumRule, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Names of the columns that together identify a row."""
        return tuple(column.name for column in self.columns if column.key)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form, as it is stored in the resource field ``schema``."""
        return {
            "columns": [
                {"name": c.name, "element": c.element}
                | ({"required": True} if c.required else {})
                | ({"key": True} if c.key else {})
                for c in self.columns
            ],
            "sums": [
                {"column": s.column, "total": dict(s.total), "parts": dict(s.parts)}
                for s in self.sums
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "TableSchema":
        """Read the JSON form. Raises :class:`SchemaError` when its shape is wrong."""
        try:
            return cls(
                tuple(_column(item) for item in data.get("columns", ())),
                tuple(_sum_rule(item) for item in data.get("sums", ())),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as err:
            raise SchemaError("schema", f"{type(err).__name__}: {err}") from err


NO_SCHEMA = TableSchema()


def _column(item: Mapping[str, Any]) -> Column:
    return Column(
        name=str(item["name"]),
        element=str(item.get("element", "")),
        required=bool(item.get("required", False)),
        key=bool(item.get("key", False)),
    )


def _sum_rule(item: Mapping[str, Any]) -> SumRule:
    return SumRule(
        column=str(item["column"]),
        total={str(k): str(v) for k, v in item["total"].items()},
        parts={str(k): str(v) for k, v in item["parts"].items()},
    )
