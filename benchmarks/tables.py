"""A synthetic table of nine columns, faulty on purpose, and its promise in both languages."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from hatinh.dictionary.load import load
from hatinh.dictionary.model import Datatype, Dictionary, Element
from hatinh.dictionary.table_schema import Column, TableSchema
from hatinh.text import NO_TEXT, Text
from schemas import ROOT

AT = date(2026, 11, 22)
HEADER = ("ma", "ma_xa", "ten", "so_luong", "ty_le", "ngay", "ky", "tan_suat", "thu_dien_tu")
FAULTS = {
    "ma": ("",),
    "ma_xa": ("99999", "1807"),
    "ten": ("Trường " * 20,),
    "so_luong": ("12x", "-1", "5001"),
    "ty_le": ("một nửa",),
    "ngay": ("2026-02-30", "hôm qua"),
    "ky": ("20265",),
    "tan_suat": ("thỉnh thoảng",),
    "thu_dien_tu": ("không có",),
}
LISTS = {"ma_xa": "admin_units", "tan_suat": "frequencies"}


@dataclass(frozen=True, slots=True)
class Promise:
    """What the table is checked by."""

    schema: TableSchema
    dictionary: Dictionary

    def codes(self, column: str) -> list[str]:
        """The codes that a column may have."""
        return [code.code for code in self.dictionary.code_lists[LISTS[column]].at(AT)]


def promise() -> Promise:
    """Nine elements of our own over the province's code lists."""
    elements = (
        _element("ma"),
        _element("ma_xa", Datatype.CODE, code_list="admin_units"),
        _element("ten", max_length=60),
        _element("so_luong", Datatype.INTEGER, minimum=0, maximum=5000),
        _element("ty_le", Datatype.DECIMAL),
        _element("ngay", Datatype.DATE),
        _element("ky", pattern="^[0-9]{4}[1-4]$"),
        _element("tan_suat", Datatype.CODE, code_list="frequencies"),
        _element("thu_dien_tu", pattern="^[a-z0-9.]+@[a-z.]+$"),
    )
    optional = {"ty_le", "thu_dien_tu"}
    columns = tuple(
        Column(e.id, e.id, required=e.id not in optional, key=e.id == "ma") for e in elements
    )
    lists = load(ROOT).code_lists
    return Promise(TableSchema(columns), Dictionary("1", {e.id: e for e in elements}, lists))


def _element(name: str, datatype: Datatype = Datatype.STRING, **promised: Any) -> Element:
    return Element(name, Text(name), NO_TEXT, datatype, **promised)


def rows(count: int, known: Promise, *, faulty: float = 0.01, seed: int = 1) -> Iterator[list[str]]:
    """So many rows; a share of them has one fault each, of every kind in turn."""
    chance = random.Random(seed)  # a table, not a secret
    places, cycles = known.codes("ma_xa"), known.codes("tan_suat")
    faults = [(HEADER.index(name), bad) for name, values in FAULTS.items() for bad in values]
    for number in range(count):
        row = [
            f"{number:08d}",
            chance.choice(places),
            f"Trường Tiểu học số {chance.randrange(count)}",
            str(chance.randrange(5001)),
            f"{chance.randrange(100)}.{chance.randrange(1, 100)}",
            (date(2015, 1, 1) + timedelta(chance.randrange(4000))).isoformat(),
            f"{chance.randrange(2015, 2027)}{chance.randrange(1, 5)}",
            chance.choice(cycles),
            f"truong{number}@hatinh.edu.vn" if number % 10 else "",
        ]
        if chance.random() < faulty:
            at, bad = faults[number % len(faults)]
            row[at] = bad
        yield row


def write_csv(path: Path, count: int, known: Promise, *, faulty: float = 0.01) -> None:
    """The table as UTF-8 CSV; one in ten thousand keys is used twice."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        for number, row in enumerate(rows(count, known, faulty=faulty)):
            writer.writerow(["00000001", *row[1:]] if number % 10_000 == 9_999 else row)


def write_xlsx(path: Path, count: int, known: Promise) -> None:
    """The table as a workbook, numbers as numbers."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Bảng")
        sheet.write_row(0, 0, HEADER)
        for number, row in enumerate(rows(count, known), 1):
            for column, cell in enumerate(row):
                if column in (3, 4) and cell.replace(".", "").isdigit():
                    sheet.write_number(number, column, float(cell))
                elif cell:
                    sheet.write_string(number, column, cell)
