"""Rows into a new table: copied as text, then cast and made searchable while it is written once.

    COPY ─▶ _src_… (unlogged, all text) ─▶ CREATE TABLE _new_… AS SELECT ─▶ key, trigger, indexes

All of it is one transaction. CKAN takes no table whose name begins with ``_`` for one of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import uuid4

import psycopg2.extensions as pg
from psycopg2 import errors
from psycopg2.sql import SQL, Composable, Identifier, Literal

from ckanext.hatinh.datastore.database import keeps_words, search_language
from ckanext.hatinh.datastore.known import Index
from hatinh.loading import TRUE_WORDS, LoadColumn, Start, Words, Written

SEARCHED = 240_000
"""Letters of a row's prose that are searched; PostgreSQL takes no more than 1 MB of words."""

ARGUMENTS = 90
"""Arguments of one function; PostgreSQL takes 100 at most."""

SECONDS = 1800
"""How long one statement may take."""

MEMORY = "256MB"
"""What the making of an index may use."""

_SETTINGS = (
    "max_parallel_workers_per_gather = 2", "parallel_setup_cost = 0", "parallel_tuple_cost = 0",
    "min_parallel_table_scan_size = 0", f"maintenance_work_mem = '{MEMORY}'",
    "datestyle = 'ISO, DMY'", f"statement_timeout = '{SECONDS}s'",
)  # fmt: skip

UNFIT = (
    errors.UndefinedColumn, errors.UndefinedFunction, errors.UndefinedObject,
    errors.ProgramLimitExceeded, errors.DatatypeMismatch,
)  # fmt: skip
"""Why an index of the former table cannot be one of this: other columns, types or values."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new table that nobody sees yet, by its passing name."""

    name: str

    @property
    def key(self) -> str:
        """Name of its primary key."""
        return f"{self.name}_pkey"

    @property
    def sequence(self) -> str:
        """Name of the sequence that numbers its rows."""
        return f"{self.name}_seq"

    def index(self, number: int) -> str:
        """Passing name of one of its indexes."""
        return f"{self.name}_{number}"


def begin(cursor: pg.cursor, version: int) -> None:
    """What holds for the transaction; ``version`` is that of the server."""
    for setting in _SETTINGS:
        cursor.execute(f"SET LOCAL {setting}")
    if version >= 140000:  # a server whose loader was killed stops soon
        cursor.execute("SET LOCAL client_connection_check_interval = '2s'")


def be_alone(cursor: pg.cursor, name: str) -> None:
    """Keep others from loading this table until the transaction ends.

    The server may still be undoing what a killed loader began. Raises ``LockNotAvailable``.
    """
    cursor.execute("SET LOCAL lock_timeout = '5s'")
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def copy(cursor: pg.cursor, start: Start, rows: BinaryIO) -> str:
    """Copy rows into a table of texts; gives its name."""
    name = f"_src_{uuid4().hex[:16]}"
    columns = [Identifier(column) for column in start.ids]
    texts = SQL(", ").join(SQL("{} text").format(column) for column in columns)
    create = SQL("CREATE UNLOGGED TABLE {} (_id serial, {})").format(Identifier(name), texts)
    cursor.execute(create)
    numbers = Identifier(f"{name}__id_seq")  # taken by the thousand: each costs a fifth of a row
    cursor.execute(SQL("ALTER SEQUENCE {} CACHE 1000").format(numbers))
    listed = SQL(", ").join(columns)
    statement = SQL(
        "COPY {} ({}) FROM STDIN WITH (FORMAT csv, FREEZE, ENCODING 'UTF8', DELIMITER {},"
        " FORCE_NULL ({}))"
    ).format(Identifier(name), listed, Literal(start.delimiter), listed)
    cursor.copy_expert(statement, rows, 1 << 18)
    return name


def fill(cursor: pg.cursor, source: str, columns: Sequence[LoadColumn], rows: int) -> Fresh:
    """Make the table of values from that of texts, which goes; its rows are numbered from 1."""
    fresh = Fresh(f"_new_{uuid4().hex[:16]}")
    table, old = Identifier(fresh.name), Identifier(source)
    select = [SQL("_id"), SQL("{} AS _full_text").format(_words(columns)), *map(_value, columns)]
    cursor.execute(
        SQL("CREATE TABLE {} AS SELECT {} FROM {}").format(table, SQL(", ").join(select), old)
    )
    cursor.execute(SQL("DROP TABLE {}").format(old))
    _number(cursor, fresh, rows)
    cursor.execute(
        SQL(
            "CREATE TRIGGER zfulltext BEFORE INSERT OR UPDATE ON {}"
            " FOR EACH ROW EXECUTE PROCEDURE populate_full_text_trigger()"
        ).format(table)
    )
    return fresh


def build(cursor: pg.cursor, fresh: Fresh, indexes: Mapping[str, Index]) -> dict[str, str]:
    """Make indexes under passing names; gives the name that each has in the end.

    One that does not fit the new table is left out. Raises ``UniqueViolation``.
    """
    made = {}
    for number, (final, index) in enumerate(indexes.items()):
        name = fresh.index(number)
        cursor.execute("SAVEPOINT indexed")
        try:
            cursor.execute(create_index(name, fresh.name, index))
        except UNFIT:
            cursor.execute("ROLLBACK TO SAVEPOINT indexed")
        else:
            made[name] = final
            cursor.execute("RELEASE SAVEPOINT indexed")
    return made


def create_index(name: str, table: str, index: Index) -> Composable:
    """The statement that makes an index."""
    return SQL("CREATE {}INDEX {} ON {} USING {}").format(
        SQL("UNIQUE " if index.unique else ""),
        Identifier(name),
        Identifier(table),
        SQL(index.definition),
    )


def _number(cursor: pg.cursor, fresh: Fresh, rows: int) -> None:
    """Give the rows a primary key that goes on counting."""
    names = {
        "table": Identifier(fresh.name),
        "key": Identifier(fresh.key),
        "sequence": Identifier(fresh.sequence),
        "quoted": Literal(f'"{fresh.sequence}"'),
        "next": Literal(rows + 1),
    }
    for statement in (
        "CREATE SEQUENCE {sequence} AS integer OWNED BY {table}._id",
        "SELECT setval({quoted}, {next}, false)",
        "ALTER TABLE {table} ALTER _id SET DEFAULT nextval({quoted})",
        "ALTER TABLE {table} ADD CONSTRAINT {key} PRIMARY KEY (_id)",
    ):
        cursor.execute(SQL(statement).format(**names))


def _words(columns: Sequence[LoadColumn]) -> Composable:
    """The words of a row, as they are written in the file.

    Most of the time of a load goes into the parser, so it reads prose only. The words that it
    would tell of numbers, codes and days are known; they have no places in the row, so a phrase
    does not run from one column into another.
    """
    parsed = {Words.PROSE} if keeps_words() else {Words.PROSE, Words.PARTS}
    prose = [Identifier(c.id) for c in columns if c.words in parsed]
    plain = [_plain_words(c) for c in columns if c.words not in parsed]
    told = []
    if prose:
        read = SQL("to_tsvector({}, left({}, {}))")
        told.append(read.format(search_language(), _joined(prose), SQL(str(SEARCHED))))
    if plain:
        spaced = SQL("replace(lower({}), E'\\t', ' ')").format(_joined(plain))
        split = SQL("array_to_tsvector(array_remove(string_to_array({}, ' '), ''))")
        told.append(split.format(spaced))
    return SQL(" || ").join(told)


def _plain_words(column: LoadColumn) -> Composable:
    """A text with spaces between its words."""
    name = Identifier(column.id)
    match column.words:
        case Words.DAY:
            return SQL("replace({}, '-', ' -')").format(name)
        case Words.PARTS:
            return SQL("replace({}, '_', ' ')").format(name)
        case _ if column.written is Written.LOCAL:
            return SQL("replace({}, ',', ' ')").format(name)
        case _:
            return name


def _joined(texts: Sequence[Composable]) -> Composable:
    """Texts with a space between them; those that are missing are left out."""
    parts = [SQL(", ").join(texts[n : n + ARGUMENTS]) for n in range(0, len(texts), ARGUMENTS)]
    return SQL(" || ' ' || ").join(SQL("concat_ws(' ', {})").format(part) for part in parts)


def _value(column: LoadColumn) -> Composable:
    """A column's text as a value of its type."""
    name = Identifier(column.id)
    match column.written:
        case Written.AS_IS:
            return name
        case Written.LOCAL:
            cast = "replace(replace({c}, '.', ''), ',', '.')::{t}"
        case Written.DAY:
            cast = "CASE WHEN {c} LIKE '%/%' THEN to_date({c}, 'DD/MM/YYYY') ELSE {c}::date END"
        case Written.BOOLEAN:
            words = SQL(", ").join(map(Literal, TRUE_WORDS))
            return SQL("{c} IN ({w}) AS {c}").format(c=name, w=words)
        case _:
            cast = "{c}::{t}"
    return SQL(cast + " AS {c}").format(c=name, t=SQL(column.type.value))
