"""Tables that anybody sends to be checked: what is read of them, and what they are checked by.

Nothing is stored: a file lies in a folder of its own until it is answered, and is opened and judged
in a process of its own, never here.
"""

import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.redis import connect_to_redis
from ckan.lib.uploader import get_resource_uploader
from ckan.types import Context
from redis.exceptions import LockNotOwnedError

import schemas
from ckanext.hatinh.dictionary import binding
from ckanext.hatinh.dictionary.wishes import Wish
from ckanext.hatinh.shared.refusals import in_words, language
from ckanext.hatinh.shared.vocabulary import problem_texts, today
from hatinh.dictionary.check import Standard
from hatinh.dictionary.check_process import SECONDS, Glance, Job, checked, seen
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.file_report import Words
from hatinh.dictionary.suggest import Suggestion, suggest_table
from hatinh.dictionary.table_schema import NO_SCHEMA, Column, TableSchema
from hatinh.errors import UnreadableTableError
from hatinh.problem import warning
from hatinh.tabular import is_tabular

MOST_BYTES = 20 * 2**20
STORED_BYTES = 4 * MOST_BYTES
"""The most of a table of the DataStore, as JSON that names its columns in every row."""

READ_ROWS = 200
"""Rows that suggestions look at."""

AT_A_TIME = 2
"""Checks that run at the same time, on all of the portal's processes together."""

PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Sent:
    """A file to be checked, and what its publisher has promised of its columns."""

    name: str
    format: str
    path: Path
    promise: TableSchema = NO_SCHEMA


@dataclass(frozen=True, slots=True)
class Head:
    """The columns of a table with their first value, and the elements suggested for them."""

    names: tuple[str, ...]
    examples: tuple[str, ...]
    suggested: tuple[tuple[Suggestion, ...], ...]

    @property
    def first(self) -> dict[str, str]:
        """The first value of each column."""
        return dict(zip(self.names, self.examples, strict=True))


@contextmanager
def turn() -> Iterator[Path]:
    """One of the places for checks, and a folder that goes when the answer is made.

    Raises ``ValidationError`` when all places are taken. One that is not given back comes free.
    """
    store = connect_to_redis()
    names = (f"hatinh:check:{number}" for number in range(AT_A_TIME))
    places = (store.lock(name, timeout=3 * SECONDS, blocking=False) for name in names)
    place = next((place for place in places if place.acquire()), None)
    if place is None:
        raise _refused("busy", tk._("Other tables are being checked; try again in a minute"))
    try:
        with tempfile.TemporaryDirectory(prefix="hatinh-sent-") as path:
            yield Path(path)
    finally:
        with suppress(LockNotOwnedError):
            place.release()


# -- what is sent -------------------------------------------------------------------------------


def uploaded(upload: Any, format: str, place: Path) -> Sent:
    """An uploaded file. Raises ``ValidationError`` when it is none, no table, or too large."""
    if not hasattr(upload, "filename"):
        raise _refused("upload", tk._("Send the table as a file of the form"))
    name = upload.filename or "?"
    path = place / "sent"
    with path.open("wb") as out:
        left = MOST_BYTES
        while left >= 0 and (chunk := upload.stream.read(1 << 20)):
            left -= len(chunk)
            out.write(chunk)
    return _measured(Sent(name, format or Path(name).suffix[1:], path), MOST_BYTES)


def of_resource(resource_id: str, context: Context, place: Path) -> Sent:
    """The file of a resource, or its table in the DataStore; never one on another server."""
    shown = tk.get_action("resource_show")(tk.fresh_context(context), {"id": resource_id})
    promise = replace(binding.promise(shown), columns=tuple(binding.of_resource(shown)))
    name = shown.get("name") or shown["url"].rpartition("/")[2]
    if shown.get("url_type") == "upload" and is_tabular(shown.get("format") or ""):
        path = Path(get_resource_uploader(shown).get_path(resource_id))
        if path.is_file():
            return _measured(Sent(name, shown["format"], path, promise), MOST_BYTES)
    if shown.get("datastore_active"):
        format = _dumped(resource_id, context, place / "table")
        return _measured(Sent(name, format, place / "table", promise), STORED_BYTES)
    words = tk._("The file is not a table that lies on this portal; download it and send it")
    raise _refused("resource_id", words)


def _dumped(resource_id: str, context: Context, path: Path) -> str:
    """Write the rows of a table of the DataStore, not much more than may be checked.

    They are JSON Lines, in which numbers are no texts; a table without rows is a header of CSV.
    """
    asked = {"resource_id": resource_id, "limit": PAGE, "sort": "_id", "include_total": False}
    with path.open("w", encoding="utf-8", newline="") as out:
        for offset in range(0, 1 << 40, PAGE):
            found = tk.get_action("datastore_search")(
                tk.fresh_context(context), asked | {"offset": offset}
            )
            names = [field["id"] for field in found["fields"]][1:]
            if not found["records"] and not offset:
                csv.writer(out).writerow(names)
                return "CSV"
            for record in found["records"]:
                line = {name: record[name] for name in names}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
            if len(found["records"]) < PAGE or out.tell() > STORED_BYTES:
                break
    return "JSONL"


def _measured(sent: Sent, most: int) -> Sent:
    if not is_tabular(sent.format):
        words = tk._("“{format}” is no format of tables").format(format=sent.format)
        raise _refused("format", words)
    if sent.path.stat().st_size > most:
        words = tk._("The table is larger than {size} MB; check it with the command line")
        raise _refused("upload", words.format(size=most // 2**20))
    return sent


# -- what it is checked by ----------------------------------------------------------------------


def head_of(sent: Sent, edition: Edition) -> Head:
    """Read the first rows. Raises ``ValidationError`` when the file is no table.

    Where the values speak against a header the header counts alone: faults are to be found.
    """
    try:
        names, rows = seen(Glance(sent.path, sent.name, sent.format, READ_ROWS))
    except UnreadableTableError as err:
        raise unreadable(sent.name, err) from err
    by_values = suggest_table(names, rows, edition.dictionary, today())
    by_names = suggest_table(names, [], edition.dictionary, today())
    suggested = (first or second for first, second in zip(by_values, by_names, strict=True))
    return Head(
        names,
        tuple(_example(rows, number) for number in range(len(names))),
        tuple(tuple(column) for column in suggested),
    )


def bound(head: Head, wish: Wish, promise: TableSchema) -> TableSchema:
    """What the table is checked by: the schema that was sent, or each column by its element."""
    if wish.schema:
        return wish.schema
    promised = {column.name: column for column in promise.columns}
    columns: dict[str, Column] = {}
    for name, suggested in zip(head.names, head.suggested, strict=True):
        known = promised.get(name, Column(name))
        element = wish.element(known, [s.element for s in suggested], promised=bool(promised))
        if name:
            columns.setdefault(name, replace(known, element=element))
    missing = {name: column for name, column in promised.items() if name not in columns}
    return replace(promise, columns=(*columns.values(), *missing.values()))


def _example(rows: Sequence[Sequence[Any]], number: int) -> str:
    return next((str(row[number]) for row in rows if number < len(row) and row[number]), "")


# -- the check ----------------------------------------------------------------------------------


def check(
    sent: Sent, standard: Standard, listed: int, marked: Path | None = None
) -> dict[str, Any]:
    """The report of a table. Raises ``ValidationError`` when it is none, or too much work."""
    job = Job(sent.path, sent.name, sent.format, standard, _words(language()), listed, marked)
    try:
        return checked(job)
    except UnreadableTableError as err:
        raise unreadable(sent.name, err) from err


def unreadable(name: str, err: UnreadableTableError) -> tk.ValidationError:
    """What a sender is told of a file that cannot be read."""
    told = in_words(warning("table-unreadable", "$", name, why=err.reason))
    words = f"{told['title']}. {told['mend']}"
    return tk.ValidationError(
        {"upload": [words], "reason": [err.reason]}, error_summary={"upload": words}
    )


@cache
def _words(lang: str) -> Words:
    return Words.load(schemas.ROOT, problem_texts(), lang)


def _refused(field: str, words: str) -> tk.ValidationError:
    return tk.ValidationError({field: [words]}, error_summary={field: words})
