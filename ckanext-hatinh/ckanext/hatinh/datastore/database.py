"""Connections to the DataStore of a loader's own, and how its texts are searched."""

from collections.abc import Iterator
from contextlib import contextmanager

import ckan.plugins.toolkit as tk
import psycopg2.extensions as pg
from psycopg2.sql import SQL, Composable, Identifier, Literal

from ckanext.datastore.backend.postgres import get_write_engine

CONFIGURATION = "hatinh"
"""The text search configuration: words as they are, in small letters and without their marks.

No word is left out: those that English leaves out, such as "an", "to" and "so", mean something in
Vietnamese.
"""

_PREPARED = """
CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public;
DO $body$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_ts_config WHERE cfgname = 'hatinh'
                   AND cfgnamespace = 'public'::regnamespace) THEN
        CREATE TEXT SEARCH CONFIGURATION public.hatinh (COPY = pg_catalog.simple);
        ALTER TEXT SEARCH CONFIGURATION public.hatinh
            ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, simple;
    END IF;
END $body$;
"""


@contextmanager
def connected() -> Iterator[pg.connection]:
    """A connection as the user that writes; what is not committed at the end is undone."""
    pooled = get_write_engine().raw_connection()
    pooled.detach()
    try:
        yield pooled.dbapi_connection  # pyright: ignore[reportReturnType]
    finally:
        pooled.close()


def prepare() -> None:
    """Make the text search configuration, and let CKAN's triggers use it.

    The user that writes must own the database. A second time changes nothing.
    """
    with connected() as connection, connection.cursor() as cursor:
        cursor.execute(_PREPARED)
        name = Identifier(connection.info.dbname)
        statement = SQL("ALTER DATABASE {} SET default_text_search_config = 'public.hatinh'")
        cursor.execute(statement.format(name))
        connection.commit()


def search_language() -> Composable:
    """The text search configuration that CKAN's searches ask with."""
    return SQL("{}::regconfig").format(Literal(_language()))


def keeps_words() -> bool:
    """Whether searches ask for words as they are; other configurations cut them to their stems."""
    return _language() == CONFIGURATION


def _language() -> str:
    return tk.config["ckan.datastore.default_fts_lang"]
