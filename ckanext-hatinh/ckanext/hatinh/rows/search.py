"""CKAN's ``datastore_search`` in few statements.

CKAN asks the database nine times, over four connections, before it has a page; we ask twice, over
one. What is answered is the same (a test compares both), but that names of columns may hold any
letter, that rows which are equal by an order stand by their number, so that pages never overlap,
and that ``{"column": null}`` asks for rows without a value.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import ckan.plugins.toolkit as tk
import msgspec
import sqlalchemy as sa
from ckan.lib.lazyjson import LazyJSONObject
from ckan.types import Context, DataDict
from sqlalchemy.dialects.postgresql import array

from ckanext.datastore.helpers import get_list
from ckanext.datastore.logic.schema import datastore_search_schema
from ckanext.hatinh.rows.catalogue import Field, fields_of, rows_in
from ckanext.hatinh.rows.question import Question, conditions, count_of, parsed, rank_of, rows_of
from ckanext.hatinh.rows.reading import fetched, opened
from ckanext.hatinh.rows.tables import Table, table_of

_FORMS = ("objects", "lists")
_RARE = ("distinct", "full_text", "language", "include_next_page", "__extras")
_TYPES = ("text", "int", "int2", "int4", "int8", "float4", "float8", "numeric", "bool", "date")
"""With ``timestamp``, the types whose values PostgreSQL says in JSON as CKAN does."""
_MOMENT = "timestamp"
_RANK = "rank"

Columns = list[sa.ColumnElement[Any]]


def answer(context: Context, data_dict: DataDict) -> dict[str, Any] | None:
    """The answer; nothing for questions, and tables, that are left to CKAN.

    Raises ``ValidationError``, ``NotAuthorized``, ``ObjectNotFound``.
    """
    try:
        asked, errors = tk.navl_validate(data_dict, datastore_search_schema(), context)
    except RecursionError as err:
        raise tk.ValidationError({"query": [tk._("Must be JSON")]}) from err
    if errors:
        raise tk.ValidationError(errors)
    if not _is_common(asked):
        return None
    with opened() as connection:
        fields = fields_of(connection, asked["resource_id"])
        if not fields or not all(field["type"] in (*_TYPES, _MOMENT) for field in fields):
            return None
        tk.check_access("datastore_search", context, {"resource_id": asked["resource_id"]})
        return _found(connection, fields, asked, "api_version" in context)


def _is_common(asked: Mapping[str, Any]) -> bool:
    words = asked.get("q") or ""
    is_common = asked["records_format"] in _FORMS and not any(map(asked.get, _RARE))
    return is_common and isinstance(words, str) and asked.get("plain", True)


def _found(
    connection: sa.Connection, fields: list[Field], asked: dict[str, Any], is_lazy: bool
) -> dict[str, Any]:
    table = table_of(asked["resource_id"], fields, {})
    question = _question(table, asked)
    told = _told(fields, question)
    page = _page(table, question, told, asked["records_format"])
    if not asked["include_total"]:
        ((records, total),) = fetched(connection, sa.select(page, sa.null()))
    elif conditions(table, question):
        total_there = count_of(table, question).scalar_subquery()
        ((records, total),) = fetched(connection, sa.select(page, total_there))
    else:
        ((records,),) = fetched(connection, sa.select(page))
        total = rows_in(table.name)
    filters = parsed(table, question.filters)
    given = {key: value for key, value in asked.items() if key != "id"}
    return {
        **given,
        **({"filterops": filters} if filters else {}),
        "records": _records(records, is_lazy),
        "fields": told,
        **({"total": total} if asked["include_total"] else {}),
    }


def _question(table: Table, asked: Mapping[str, Any]) -> Question:
    """Raises ``ValidationError``."""
    if asked.get("offset", 0) < 0:
        raise tk.ValidationError({"offset": [tk._("Must be a whole number, zero or more")]})
    sort, fields = asked.get("sort") or [], asked.get("fields") or []
    return Question(
        asked.get("q") or "",
        asked.get("filters"),
        [sort] if isinstance(sort, str) else sort,
        [fields] if isinstance(fields, str) and table.get(fields) else get_list(fields),
        asked["limit"],
        asked.get("offset", 0),
    )


def _told(fields: Sequence[Field], question: Question) -> list[Field]:
    """The fields of the answer. A search for words has its rank, unless fields are named or a
    column is called so."""
    known = {field["id"]: field for field in fields}
    if question.q:
        known.setdefault(_RANK, {"id": _RANK, "type": "float"})
    if not question.fields:
        return list(known.values())
    if unknown := [name for name in question.fields if name not in known]:
        words = tk._("The table has no column {column}").format(column=unknown[0])
        raise tk.ValidationError({"fields": [words]})
    return [known[name] for name in question.fields]


def _page(
    table: Table, question: Question, told: Sequence[Field], form: str
) -> sa.ScalarSelect[Any]:
    """The rows as one text of JSON, made by the database."""
    types = {field["id"]: field["type"] for field in told}
    columns = [
        rank_of(question) if name == _RANK and not table.get(name) else sa.column(name)
        for name in types
    ]
    rows = rows_of(table, question).with_only_columns(*columns).subquery("_page")
    if form == "lists":
        said = [sa.func.to_json(_said(rows.c[field["id"]], field["type"])) for field in told]
        row: sa.ColumnElement[Any] = sa.func.array_to_json(array(said))
        made = sa.select(sa.func.array_to_json(sa.func.array_agg(row)))
    else:
        said = [_said(rows.c[name], type_).label(name) for name, type_ in types.items()]
        named = sa.select(*said).subquery("_named")
        made = sa.select(sa.func.array_to_json(sa.func.array_agg(named.table_valued())))
    return sa.select(sa.cast(made.scalar_subquery(), sa.Text)).scalar_subquery()


def _said(column: sa.ColumnElement[Any], type_: str) -> sa.ColumnElement[Any]:
    """A value as CKAN says it in JSON."""
    if type_ != _MOMENT:
        return column
    parts = ".MS" if tk.config["ckan.datastore.ms_in_timestamp"] else ""
    return sa.func.to_char(column, f'YYYY-MM-DD"T"HH24:MI:SS{parts}')


def _records(words: str | None, is_lazy: bool) -> Any:
    """Programs of other hosts are given the text as it is, ours the values."""
    if not words:
        return []
    return LazyJSONObject(words) if is_lazy else msgspec.json.decode(words)
