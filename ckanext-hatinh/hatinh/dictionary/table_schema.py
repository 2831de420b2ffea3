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
class Order:
    """In each row ``first`` is not after ``last``: days, periods or numbers."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class RowSum:
    """In each row the column ``total`` is the sum of the columns ``parts``."""

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSchema:
    """The promise of one table (ánh xạ cột → thuật ngữ)."""

    columns: tuple[Column, ...] = ()
    sums: tuple[SumRule, ...] = ()
    orders: tuple[Order, ...] = ()
    row_sums: tuple[RowSum, ...] = ()

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
        } | self._row_promises()

    def _row_promises(self) -> dict[str, Any]:
        """What is promised of the cells of each row; nothing where nothing is."""
        orders = [{"first": o.first, "last": o.last} for o in self.orders]
        row_sums = [{"total": r.total, "parts": list(r.parts)} for r in self.row_sums]
        return ({"orders": orders} if orders else {}) | ({"row_sums": row_sums} if row_sums else {})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "TableSchema":
        """Read the JSON form. Raises :class:`SchemaError` when its shape is wrong."""
        try:
            return cls(
                tuple(_column(item) for item in data.get("columns", ())),
                tuple(_sum_rule(item) for item in data.get("sums", ())),
                tuple(Order(str(o["first"]), str(o["last"])) for o in data.get("orders", ())),
                tuple(_row_sum(item) for item in data.get("row_sums", ())),
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


def _row_sum(item: Mapping[str, Any]) -> RowSum:
    return RowSum(str(item["total"]), tuple(str(name) for name in item["parts"]))
