"""Groups of rows and what is measured in each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa

from ckanext.hatinh.rows.question import Question, column_of, conditions, order_of, relation
from ckanext.hatinh.rows.reading import read
from ckanext.hatinh.rows.tables import Table
from hatinh.rows.column import Kind, Value, written
from hatinh.rows.files import plain

MOST_COLUMNS = 2
MOST_MEASURES = 10
_MEASURED: Mapping[str, Callable[[Any], sa.ColumnElement[Any]]] = {
    "count": sa.func.count,
    "sum": sa.func.sum,
    "avg": sa.func.avg,
    "min": sa.func.min,
    "max": sa.func.max,
}
_OF_NUMBERS = ("sum", "avg")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the answer and how it is got."""

    id: str
    kind: Kind
    expression: sa.ColumnElement[Any]
    groups: bool = False


def answer(table: Table, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The groups. Raises ``ValidationError``."""
    groups = _groups(table, asked["by"])
    fields = [*groups, *_measures(table, asked["measures"], {group.id for group in groups})]
    question = Question(asked["q"], asked["filters"])
    statement = sa.select(*(field.expression for field in fields)).select_from(relation(table))
    statement = statement.where(*conditions(table, question))
    statement = statement.group_by(*(field.expression for field in fields if field.groups))
    statement = statement.order_by(*_order(fields, asked["sort"])).limit(asked["limit"] + 1)
    rows = read(statement)
    names = [field.id for field in fields]
    return {
        "resource_id": table.name,
        "fields": [{"id": field.id, "type": field.kind.value} for field in fields],
        "records": [
            dict(zip(names, map(_said, row), strict=True)) for row in rows[: asked["limit"]]
        ],
        "more": len(rows) > asked["limit"],
    }


def _groups(table: Table, names: Sequence[str]) -> list[Field]:
    if len(names) > MOST_COLUMNS:
        raise _refused("by", tk._("At most {number}").format(number=MOST_COLUMNS))
    columns = [column_of(table, name, "by") for name in dict.fromkeys(names)]
    return [Field(column.id, column.kind, sa.column(column.id), True) for column in columns]


def _measures(
    table: Table, asked: Sequence[Mapping[str, str]], taken: Collection[str]
) -> list[Field]:
    """What is measured; a name that a group has already gets a line behind it."""
    if len(asked) > MOST_MEASURES:
        raise _refused("measures", tk._("At most {number}").format(number=MOST_MEASURES))
    found = (_measure(table, one["agg"], one["column"]) for one in asked)
    named = {field.id: field for field in found}.values()
    return [replace(one, id=f"{one.id}_") if one.id in taken else one for one in named]


def _measure(table: Table, agg: str, name: str) -> Field:
    measured = _MEASURED.get(agg)
    if measured is None:
        raise _refused(
            "measures", tk._("Must be one of {words}").format(words=", ".join(_MEASURED))
        )
    if agg == "count" and not name:
        return Field("count", Kind.NUMBER, sa.func.count())
    column = column_of(table, name, "measures")
    if agg in _OF_NUMBERS and column.kind is not Kind.NUMBER:
        words = tk._("The column {column} does not hold numbers").format(column=name)
        raise _refused("measures", words)
    kind = column.kind if agg in ("min", "max") else Kind.NUMBER
    return Field(f"{agg}_{name}", kind, measured(sa.column(column.id)))


def _order(fields: Sequence[Field], clauses: Sequence[str]) -> list[sa.ColumnElement[Any]]:
    """The wished order; the groups themselves decide between equals."""
    known = {field.id: field.expression for field in fields}
    wished = []
    for clause in clauses:
        name, down, nulls = order_of(clause) or (clause, False, "")
        if name not in known:
            raise _refused("sort", tk._("The answer has no field {field}").format(field=name))
        ordered = known[name].desc() if down else known[name].asc()
        wished.append(ordered.nulls_first() if nulls == "first" else ordered.nulls_last())
    return [*wished, *(field.expression for field in fields if field.groups)]


def _said(value: Value) -> Value:
    """A value as CKAN's JSON says it."""
    found = plain(value)
    if isinstance(found, Decimal):
        return int(found) if found == found.to_integral_value() else float(found)
    is_json = found is None or isinstance(found, str | int | float | bool | list | dict)
    return found if is_json else written(found)


def _refused(name: str, words: str) -> Exception:
    return tk.ValidationError({name: [words]})
