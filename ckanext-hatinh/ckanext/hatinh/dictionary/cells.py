"""Codes in the cells of tables: looked up when a code is to go, within a time that ends.

A table of the DataStore is asked by SQL. Of the others the file is read, if it lies on this
portal. What lies elsewhere, or comes after the time, is counted as not looked into.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic

import sqlalchemy as sa
from ckan import model as core
from ckan.lib.uploader import get_resource_uploader
from sqlalchemy.exc import OperationalError

from ckanext.datastore.backend.postgres import get_write_engine
from ckanext.hatinh.dictionary import binding
from hatinh.dictionary.edition_rules import CodeUses
from hatinh.dictionary.model import CodeList, Dictionary
from hatinh.errors import UnreadableTableError
from hatinh.tabular import is_tabular, open_table
from hatinh.tabular.table import Row
from hatinh.text import clean

SECONDS = 20
"""How long all tables of one list may take together."""

ROWS_AT_A_TIME = 5_000


class _NotSeenError(Exception):
    """A table cannot be looked into, or not in time."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """The codes that are looked for, and until when."""

    codes: frozenset[str]
    deadline: float

    def go_on(self) -> float:
        """The seconds that are left. Raises when there are none."""
        left = self.deadline - monotonic()
        if left <= 0:
            raise _NotSeenError
        return left


def look(code_list: CodeList, dictionary: Dictionary, seconds: float = SECONDS) -> CodeUses:
    """The codes of a list in all columns that are bound to one of its elements."""
    asked = _Asked(frozenset(entry.code for entry in code_list), monotonic() + seconds)
    bound = {e.id for e in dictionary.elements.values() if e.code_list == code_list.id}
    found = CodeUses()
    for table, columns in list(binding.bound_tables()):
        names = [column.name for column in columns if column.element in bound]
        try:
            found.counts += _counted(table.resource, names, asked) if names else Counter()
        except _NotSeenError:
            found.unseen += len(names)
    return found


def _counted(resource: core.Resource, names: Sequence[str], asked: _Asked) -> Counter[str]:
    asked.go_on()
    engine = get_write_engine()
    if sa.inspect(engine).has_table(resource.id):
        return _in_datastore(engine, resource.id, names, asked)
    return _in_file(resource, names, asked)


def _in_datastore(
    engine: sa.Engine, table: str, names: Iterable[str], asked: _Asked
) -> Counter[str]:
    there = {column["name"] for column in sa.inspect(engine).get_columns(table)}
    found: Counter[str] = Counter()
    with engine.connect() as connection:
        connection.execute(sa.text("SET TRANSACTION READ ONLY"))
        for name in there.intersection(names):
            value = sa.func.btrim(sa.cast(sa.column(name), sa.Text))
            query = sa.select(value, sa.func.count()).select_from(sa.table(table))
            query = query.where(value.in_(asked.codes)).group_by(value)
            milliseconds = int(asked.go_on() * 1000) + 1
            connection.execute(sa.text(f"SET LOCAL statement_timeout = {milliseconds}"))
            try:
                found += Counter(dict(connection.execute(query).tuples().all()))
            except OperationalError as err:
                raise _NotSeenError from err
    return found


def _in_file(resource: core.Resource, names: Sequence[str], asked: _Asked) -> Counter[str]:
    kind = resource.format or ""
    if resource.url_type != "upload" or not is_tabular(kind):
        raise _NotSeenError
    path = Path(get_resource_uploader({"id": resource.id}).get_path(resource.id))
    try:
        with path.open("rb") as file, open_table(resource.id, kind, file) as table:
            places = [place for place, name in enumerate(table.header) if name in names]
            return _in_rows(iter(table.rows), places, asked)
    except (OSError, UnreadableTableError) as err:
        raise _NotSeenError from err


def _in_rows(rows: Iterable[Row], places: Sequence[int], asked: _Asked) -> Counter[str]:
    found: Counter[str] = Counter()
    rows = iter(rows)
    while some := list(islice(rows, ROWS_AT_A_TIME)):
        asked.go_on()
        cells = (clean(row[at]) for row in some for at in places if at < len(row) and row[at])
        found.update(cell for cell in cells if cell in asked.codes)
    return found
