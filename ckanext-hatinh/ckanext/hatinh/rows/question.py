"""What is asked of a table, in the grammar of CKAN's ``datastore_search``, as SQL expressions.

Nothing that a visitor sent becomes SQL text: columns are looked up, values are parameters.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import REGCONFIG

from ckanext.datastore.filters import FilterOp, parse_query_filters
from ckanext.hatinh.rows.catalogue import ROW_ID, storable
from ckanext.hatinh.rows.tables import Table, ids
from hatinh.rows.column import Column, Kind

Condition = sa.ColumnElement[bool]

_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
MOST_LETTERS = 300
"""Of a clause that says an order."""
_ORDER = re.compile(
    r'"?(?P<column>.+?)"?(?:\s+(?P<way>asc|desc))?(?:\s+nulls\s+(?P<nulls>first|last))?',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A filtered, sorted set of rows. ``fields`` empty: every column of the publisher."""

    q: str = ""
    filters: Any = None
    sort: Sequence[str] = ()
    fields: Sequence[str] = ()
    limit: int | None = None
    offset: int = 0


def chosen_columns(table: Table, question: Question) -> list[Column]:
    """The columns that are asked for. Raises ``ValidationError`` for one that there is not."""
    if not question.fields:
        return list(table.shown)
    return [column_of(table, name, "fields") for name in question.fields]


def column_of(table: Table, name: str, parameter: str) -> Column:
    """A column by its id. Raises ``ValidationError``."""
    if found := table.get(name):
        return found
    raise tk.ValidationError(
        {parameter: [tk._("The table has no column {column}").format(column=name)]}
    )


def rows_of(table: Table, question: Question) -> sa.Select[Any]:
    """The statement that gives the rows, in an order that is always the same."""
    columns = chosen_columns(table, question)
    asked = sa.select(*(sa.column(name) for name in ids(columns))).select_from(relation(table))
    asked = asked.where(*conditions(table, question)).order_by(*_order(table, question))
    return asked.limit(question.limit).offset(question.offset or None)


def count_of(table: Table, question: Question) -> sa.Select[tuple[int]]:
    """The statement that counts the rows."""
    counted = sa.select(sa.func.count()).select_from(relation(table))
    return counted.where(*conditions(table, question))


def digits_in(table: Table, question: Question, columns: Sequence[Column]) -> sa.Select[Any]:
    """The statement that gives, of each decimal column, the most digits before and after the
    point."""
    asked = []
    for column in map(sa.column, ids(columns)):
        whole = sa.func.length(sa.cast(sa.func.max(sa.func.trunc(sa.func.abs(column))), sa.Text))
        asked += [whole, sa.func.max(sa.func.scale(column))]
    return sa.select(*asked).select_from(relation(table)).where(*conditions(table, question))


def rank_of(question: Question) -> sa.ColumnElement[Any]:
    """How well a row fits the words that are asked for."""
    return sa.func.ts_rank(_words(), _query(question.q), 32).label("rank")


def relation(table: Table) -> sa.TableClause:
    """The table in SQL."""
    return sa.table(table.name)


def conditions(table: Table, question: Question) -> list[Condition]:
    """What every row of the set fulfils."""
    found = parsed(table, question.filters)
    asked = [_condition(table, found)] if found else []
    return [*asked, _words().bool_op("@@")(_query(question.q))] if question.q else asked


def parsed(table: Table, filters: Any) -> FilterOp | None:
    """The filters as CKAN reads them; it stumbles over a comparison that names nothing, and over
    what it cannot say in its refusal."""
    try:
        return parse_query_filters(filters, {"fields": dict.fromkeys(ids(table.columns))})
    except IndexError:
        return _refuse("{}")
    except RecursionError:
        return _refuse("[[[…")


def order_of(clause: str) -> tuple[str, bool, str] | None:
    """A clause like ``nam desc nulls last``: column, whether downwards, where blanks stand."""
    found = _ORDER.fullmatch(clause.strip()) if len(clause) <= MOST_LETTERS else None
    if found is None:
        return None
    way, nulls = found["way"] or "", found["nulls"] or ""
    return found["column"], way.lower() == "desc", nulls.lower()


def _order(table: Table, question: Question) -> list[sa.ColumnElement[Any]]:
    clauses = [part for one in question.sort for part in _parts(table, one)]
    found: list[sa.ColumnElement[Any]] = [_ordered(table, clause) for clause in clauses]
    if question.q and not found:
        found = [rank_of(question).desc()]
    return [*found, sa.column(ROW_ID)] if table.get(ROW_ID) else found


def _parts(table: Table, clause: str) -> list[str]:
    """One clause, or several with commas between; the name of a column may hold a comma itself."""
    order = order_of(clause)
    if order and table.get(order[0]):
        return [clause]
    return [part for part in clause.split(",") if part.strip()]


def _ordered(table: Table, clause: str) -> sa.ColumnElement[Any]:
    name, down, nulls = order_of(clause) or (clause, False, "")
    column = sa.column(column_of(table, name, "sort").id)
    ordered = column.desc() if down else column.asc()
    if nulls:
        return ordered.nulls_first() if nulls == "first" else ordered.nulls_last()
    return ordered


def _condition(table: Table, asked: FilterOp) -> Condition:
    match asked:
        case FilterOp(op="$and" | "$or" as op, value=list(parts)):
            join = sa.and_ if op == "$and" else sa.or_
            return join(*(_condition(table, part) for part in parts))
        case FilterOp(field=str(name), op="in", value=list(values)):
            if any(isinstance(value, dict | list) for value in values):
                return _refuse(f"{name}: [[…")
            return sa.column(name).in_([_value(table, name, value) for value in values])
        case FilterOp(field=str(name), op=op, value=value) if op in _COMPARED:
            return _compared(table, name, op, value)
    return _refuse(str(asked.op))


def _compared(table: Table, name: str, op: str, value: Any) -> Condition:
    """One comparison; a row without a value is asked for by ``{"column": null}``."""
    column = sa.column(name)
    if value is None and op == "eq":
        return column.is_(None)
    if value is None or isinstance(value, dict | list):
        return _refuse(f"{name}: {op}")
    return _COMPARED[op](column, sa.literal(_value(table, name, value)))


def _refuse(words: str) -> Any:
    told = tk._("This filter is not understood: {filter}").format(filter=words)
    raise tk.ValidationError({"filters": [told]})


def _value(table: Table, name: str, value: Any) -> Any:
    """Texts are compared with texts, as ``datastore_search`` does."""
    column = table.get(name)
    is_text = column is not None and column.kind is Kind.TEXT and value is not None
    return storable(str(value)) if is_text or isinstance(value, str) else value


def _words() -> sa.ColumnClause[Any]:
    return sa.column("_full_text")


def _query(words: str) -> sa.ColumnElement[Any]:
    language = sa.cast(tk.config["ckan.datastore.default_fts_lang"], REGCONFIG)
    return sa.func.plainto_tsquery(language, storable(words))
