"""A question in the address of a page or file, and back into an address."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from werkzeug.datastructures import MultiDict

from ckanext.hatinh.rows.question import Question
from ckanext.hatinh.rows.tables import Table
from ckanext.hatinh.rows.words import plain_of_filter

COLUMN, COMPARED, VALUE = "f", "o", "v"
"""Parameters of the filters that a form makes; there may be several of each, in one order."""
COMPARISONS = ("eq", "gte", "lte", "gt", "lt")


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition as a form makes it; its value is plain: ``71234.5``, ``2024-12-31``."""

    column: str
    compared: str
    value: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a page says."""

    q: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str = ""

    def question(self, **more: Any) -> Question:
        """The question in the words of the API."""
        parts = [{_key(one.column): {one.compared: one.value}} for one in self.filters]
        filters = {"$and": parts} if parts else None
        return Question(self.q, filters, [self.sort] if self.sort else [], **more)

    def address(self) -> list[tuple[str, str]]:
        """Parameters that ask the same of a page."""
        return [*_filled(q=self.q, sort=self.sort), *self._conditions()]

    def of_api(self) -> list[tuple[str, str]]:
        """Parameters that ask the same of a file of rows."""
        filters = self.question().filters
        told = json.dumps(filters, ensure_ascii=False) if filters else ""
        return _filled(q=self.q, sort=self.sort, filters=told)

    def _conditions(self) -> Iterator[tuple[str, str]]:
        for one in self.filters:
            yield from ((COLUMN, one.column), (COMPARED, one.compared), (VALUE, one.value))


def asked_of_page(sent: MultiDict[str, str], table: Table) -> Asked:
    """What a visitor asked by a form; conditions that nothing was filled into are left out.

    Raises ``ValidationError`` for a value that cannot be read in the language of the page.
    """
    columns, compared, values = (sent.getlist(name) for name in (COLUMN, COMPARED, VALUE))
    filters = (
        Filter(name, how, _plain(table, name, value))
        for name, how, value in zip(columns, compared, values, strict=False)
        if name and how in COMPARISONS and value.strip()
    )
    return Asked(sent.get("q", "").strip(), tuple(filters), sent.get("sort", ""))


def is_plain(sent: MultiDict[str, str], asked: Asked) -> bool:
    """Whether the values stand in the address as every language reads them."""
    given = {value for value in sent.getlist(VALUE) if value.strip()}
    return given <= {one.value for one in asked.filters}


def question_of_api(sent: MultiDict[str, str]) -> Question:
    """What a program asked. Raises ``ValidationError``."""
    if _flag(sent, "distinct"):
        words = tk._("Different values are given by the action hatinh_rows_aggregate")
        raise tk.ValidationError({"distinct": [words]})
    return Question(
        q=sent.get("q", ""),
        filters=_json(sent.get("filters", "")),
        sort=sent.getlist("sort"),
        fields=[name for part in sent.getlist("fields") for name in part.split(",") if name],
        limit=_number(sent, "limit"),
        offset=_number(sent, "offset") or 0,
    )


def linked(address: str, parameters: list[tuple[str, str]], **more: str) -> str:
    """An address with parameters; those given by name replace what is there."""
    kept = [pair for pair in parameters if pair[0] not in more]
    words = urlencode([*kept, *_filled(**more)])
    return f"{address}?{words}" if words else address


def _plain(table: Table, name: str, value: str) -> str:
    column = table.get(name)
    return plain_of_filter(column, value) if column else value


def _key(column: str) -> str:
    """A column in a filter: a dollar sign at its beginning is told twice, else it is a command."""
    return f"${column}" if column.startswith("$") else column


def _filled(**values: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in values.items() if value]


def _json(words: str) -> Any:
    try:
        return json.loads(words) if words else None
    except (ValueError, RecursionError) as err:
        raise tk.ValidationError({"filters": [tk._("Must be JSON")]}) from err


def _flag(sent: Mapping[str, str], name: str) -> bool:
    try:
        return tk.asbool(sent.get(name) or "false")
    except ValueError as err:
        raise tk.ValidationError({name: [tk._("Must be true or false")]}) from err


def _number(sent: Mapping[str, str], name: str) -> int | None:
    words = sent.get(name, "")
    if not words:
        return None
    if not (words.isascii() and words.isdigit() and len(words) < 10):
        raise tk.ValidationError({name: [tk._("Must be a whole number, zero or more")]})
    return int(words)
