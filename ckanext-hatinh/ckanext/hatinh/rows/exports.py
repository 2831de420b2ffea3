"""A filtered, sorted set of rows as a file, sent while it is read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from importlib import import_module
from tempfile import TemporaryFile

import ckan.plugins.toolkit as tk
from flask import Response, request, send_file

from ckanext.hatinh.rows.catalogue import ROW_ID
from ckanext.hatinh.rows.places import centres
from ckanext.hatinh.rows.question import Question, chosen_columns, digits_in, rows_of
from ckanext.hatinh.rows.reading import Stream, read, stream
from ckanext.hatinh.rows.resources import Shown, needed_table
from ckanext.hatinh.rows.tables import Table
from hatinh.rows.column import Column, Digits
from hatinh.rows.files import to_csv, to_json, to_json_lines
from hatinh.rows.geojson import to_geojson
from hatinh.rows.position import find_position
from hatinh.rows.relay import Relay
from hatinh.rows.workbook import to_xlsx

MOST_ROWS = 1_000_000
"""Rows of one file. Who needs more takes the file itself."""
MOST_CELLS = 2_000_000
"""Of a workbook: some 80,000 are written in a second, and all of them before its first byte."""


@dataclass(frozen=True, slots=True)
class Export:
    """What a form is written from; ``about`` says what the rows are."""

    columns: list[Column]
    about: Mapping[str, str]
    rows: Stream
    digits: Mapping[str, Digits]


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a file of rows."""

    media_type: str
    pieces: Callable[[Export], Iterator[bytes]]


def _parquet(export: Export) -> Iterator[bytes]:
    """Written by pyarrow, which is only loaded for it."""
    writer = import_module("hatinh.rows.parquet")
    yield from writer.to_parquet(export.columns, export.rows.rows, export.about, export.digits)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: Mapping[str, Form] = {
    "csv": Form("text/csv", lambda e: to_csv(e.columns, e.rows.rows)),
    "tsv": Form("text/tab-separated-values", lambda e: to_csv(e.columns, e.rows.rows, "\t")),
    "json": Form("application/json", lambda e: to_json(e.columns, e.rows.rows, e.about)),
    "jsonl": Form("application/jsonl", lambda e: to_json_lines(e.columns, e.rows.rows)),
    "parquet": Form("application/vnd.apache.parquet", _parquet),
    "geojson": Form(
        "application/geo+json",
        lambda e: to_geojson(e.columns, e.rows.rows, find_position(e.columns, centres()), e.about),
    ),
}
WORKBOOK = "xlsx"


def file_of(shown: Shown, form: str, question: Question) -> Response:
    """The answer with the file. Raises ``ValidationError``, ``TooBusyError``."""
    table = needed_table(shown)
    columns = chosen_columns(table, question)
    question = _bounded(table, question, _limit_of(form, len(columns)))
    if form == "geojson" and find_position(columns, centres()) is None:
        words = tk._("No column of this table says where its things lie")
        raise tk.ValidationError({"format": [words]})
    about = shown.about()
    digits = digits_of(table, question, columns) if form == "parquet" else {}
    export = Export(columns, about, stream(rows_of(table, question)), digits)
    answer = _workbook(export) if form == WORKBOOK else _streamed(export, FORMS[form])
    name = f"{shown.package['name']}-{shown.resource['id'][:8]}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    _link(answer, about)
    return answer


def digits_of(table: Table, question: Question, columns: list[Column]) -> dict[str, Digits]:
    """How long the decimals of a set are; nothing is said of a column without any."""
    decimals = [column for column in columns if column.stored == "numeric"]
    if not decimals:
        return {}
    ((*found,),) = read(digits_in(table, question, decimals))
    pairs = zip(found[::2], found[1::2], strict=True)
    return {
        column.id: Digits(whole, after)
        for column, (whole, after) in zip(decimals, pairs, strict=True)
        if whole is not None and after is not None
    }


@dataclass(frozen=True, slots=True)
class Limit:
    """The most rows of a file, and what is told to who asks for more."""

    rows: int
    words: str

    def refusal(self) -> Exception:
        """The refusal of a larger set."""
        return tk.ValidationError({"limit": [self.words]})


def _limit_of(form: str, columns: int) -> Limit:
    """The most rows of a file of so many columns."""
    in_cells = MOST_CELLS // max(columns, 1)
    if form == WORKBOOK and in_cells < MOST_ROWS:
        words = tk._(
            "A workbook has at most {number} cells, here {rows} rows: ask for fewer rows or "
            "columns, or take them as CSV or Parquet"
        )
        return Limit(in_cells, words.format(number=MOST_CELLS, rows=in_cells))
    words = tk._(
        "A file has at most {number} rows: ask for fewer by filters or a limit, or take the "
        "file of the dataset itself"
    )
    return Limit(MOST_ROWS, words.format(number=MOST_ROWS))


def _bounded(table: Table, question: Question, most: Limit) -> Question:
    """The question with a limit; a set of more rows is refused, never cut without a word."""
    if question.limit is not None and question.limit <= most.rows:
        return question
    if question.limit is not None and question.limit > MOST_ROWS:
        raise most.refusal()
    over = replace(question, offset=question.offset + most.rows, limit=1, sort=[ROW_ID])
    if read(rows_of(table, over)):
        raise most.refusal()
    return replace(question, limit=most.rows)


def _streamed(export: Export, form: Form) -> Response:
    return Response(Relay(form.pieces(export), export.rows.close), mimetype=form.media_type)


def _workbook(export: Export) -> Response:
    """A workbook is a zip file, whose end is needed first: it is made on disk, row by row."""
    with closing(export.rows), ExitStack() as stack:
        if request.method == "HEAD":
            return Response(mimetype=XLSX)
        file = stack.enter_context(TemporaryFile())
        to_xlsx(file, export.columns, export.rows.rows, export.about)
        file.seek(0)
        stack.pop_all()
        return send_file(file, mimetype=XLSX)


def _link(answer: Response, about: Mapping[str, str]) -> None:
    """What is said of the rows where the form itself has no place for it (RFC 8288)."""
    answer.headers.add("Link", f'<{about["page"]}>; rel="describedby"')
    licence = about.get("license_url", "")
    if licence and licence.isascii():
        answer.headers.add("Link", f'<{licence}>; rel="license"')
