"""Excel workbooks as departments send them; the bytes are the same at every start."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter

from demo.department import DemoDataset, Department
from demo.xls import xls

CREATED = datetime(2026, 11, 1)  # noqa: DTZ001 (xlsxwriter writes naive dates)
"""The date written into every workbook, so that its bytes never change by themselves."""

LIST_FIELDS = ("themes", "keywords", "places")


@dataclass(frozen=True)
class Sheet:
    """A sheet with title rows, a header row and rows of text."""

    name: str
    titles: Sequence[str]
    header: Sequence[str]
    rows: Sequence[Sequence[str | int]]


def workbook(sheet: Sheet) -> bytes:
    """The sheet as XLSX: merged title cells above a bold header row."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED})
        bold = book.add_format({"bold": True, "text_wrap": True, "border": 1})
        wrap = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        page = book.add_worksheet(sheet.name)
        last = len(sheet.header) - 1
        for number, title in enumerate(sheet.titles):
            page.merge_range(number, 0, number, last, title, bold)
        first = len(sheet.titles)
        page.write_row(first, 0, sheet.header, bold)
        for number, row in enumerate(sheet.rows, first + 1):
            page.write_row(number, 0, row, wrap)
        page.set_column(0, last, 24)
    return buffer.getvalue()


def inventory(department: Department, description: Mapping[str, Any]) -> bytes:
    """The inventory that ``inventory`` in ``datasets.yaml`` describes.

    ``columns`` maps the header's words to canonical fields. A dataset with several files takes
    several rows: the further rows repeat only its code and the file.
    """
    columns = dict(description["columns"])
    rows = [
        [row.get(field, "") for field in columns.values()]
        for dataset in department.datasets
        for row in _dataset_rows(dataset)
    ]
    return workbook(Sheet(description["sheet"], description["titles"], list(columns), rows))


def register(department: Department, description: Mapping[str, Any]) -> bytes:
    """A register made of a committed CSV file: ``columns`` maps header words to its columns."""
    columns = dict(description["columns"])
    rows = [
        [row[column] for column in columns.values()] for row in department.rows(description["rows"])
    ]
    return workbook(Sheet(description["sheet"], description["titles"], list(columns), rows))


def indicators(department: Department, description: Mapping[str, Any]) -> bytes:
    """The export of the reporting system as .xls: titles, a header, figures as it shows them."""
    columns = dict(description["columns"])
    path = department.root / department.name / description["rows"]
    lines = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    rows = [[row[column] for column in columns.values()] for row in lines]
    titles = [[title] for title in description["titles"]]
    return xls(description["sheet"], [*titles, list(columns), *rows])


def table(name: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    """A data file as XLSX; whole numbers are number cells."""
    values = [[_cell(value) for value in row.values()] for row in rows]
    return workbook(Sheet(name, (), list(rows[0]), values))


def _dataset_rows(dataset: DemoDataset) -> Iterator[dict[str, str]]:
    for number, file in enumerate(dataset.files):
        row = {
            "guid": dataset.guid,
            "resource_url": file.path,
            "resource_name": file.name,
            "resource_format": file.format,
            "resource_schema_url": file.schema_path if file.schema else "",
        }
        yield row | (_record(dataset) if number == 0 else {})


def _record(dataset: DemoDataset) -> dict[str, str]:
    lists = {name: "; ".join(dataset.words(name)) for name in LIST_FIELDS}
    return {name: dataset.text(name) for name in dataset.fields} | lists


def _cell(value: str) -> str | int:
    return int(value) if value.isdigit() and not value.startswith("0") else value
