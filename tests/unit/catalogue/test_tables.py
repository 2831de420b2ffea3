"""What is said of a table is true of the file: CSVW by the csvw package, Data Package."""

import json
import shutil
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from csvw import CSVW

import schemas
from hatinh.catalogue.csvw import About, stored_metadata, table_metadata
from hatinh.catalogue.observed import Written, observe
from hatinh.dictionary.load import load
from hatinh.dictionary.model import Datatype, Dictionary
from hatinh.dictionary.table_schema import Column

FILES = sorted((Path(__file__).parents[3] / "demo" / "departments").glob("*/files/*.csv"))


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    """The shipped dictionary."""
    return load(schemas.ROOT)


def element(dictionary: Dictionary, datatype: Datatype) -> str:
    """An element whose values are of a type."""
    return next(e.id for e in dictionary.elements.values() if e.datatype is datatype)


def described(
    dictionary: Dictionary, text: str, promised: Sequence[Column] = (), key: Sequence[str] = ()
) -> dict[str, Any]:
    """The CSVW of a file with these words."""
    about = About("https://x/bang#table", "bang.csv", "Bảng", "", "", "")
    found = observe("bang.csv", BytesIO(text.encode()), key)
    return table_metadata(about, found, promised, dictionary)


def verdict(folder: Path, metadata: dict[str, Any], body: bytes) -> list[str]:
    """What the csvw package has against a file and its metadata."""
    (folder / metadata["url"]).write_bytes(body)
    (folder / "metadata.json").write_text(json.dumps(metadata), "utf-8")
    found = CSVW(str(folder / "metadata.json"), validate=True)
    return [] if found.is_valid else [str(warning.message) for warning in found.warnings]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_demo_file_is_what_its_metadata_says(dictionary, tmp_path, file):
    """Each file of the demonstration, the faulty one too, with every column bound by its name."""
    body = file.read_bytes()
    names = [column.header for column in observe(file.name, BytesIO(body)).columns]
    integer = element(dictionary, Datatype.INTEGER)
    promised = [Column(name, integer, required=True, key=number == 0)
                for number, name in enumerate(names)]  # fmt: skip
    shutil.copy(file, tmp_path)
    found = observe(file.name, BytesIO(body), names[:1])
    about = About("https://x/bang#table", file.name, "Bảng", "https://x/", "Sở", "2026-01-01")
    metadata = table_metadata(about, found, promised, dictionary)
    assert verdict(tmp_path, metadata, body) == []


@pytest.mark.parametrize(
    ("datatype", "cells", "told"),
    [
        (Datatype.INTEGER, ("1", "20"), "integer"),
        (Datatype.INTEGER, ("1.234", "7"), "integer"),
        (Datatype.INTEGER, ("1", "ba"), "string"),
        (Datatype.DECIMAL, ("1.5", "-2"), "decimal"),
        (Datatype.DECIMAL, ("1.234,5", "2"), "decimal"),
        (Datatype.DATE, ("2026-11-22", "2026-01-02"), "date"),
        (Datatype.DATE, ("22/11/2026", "01/02/2026"), "date"),
        (Datatype.DATE, ("22/11/2026", "2026-01-02"), "string"),
        (Datatype.STRING, ("1", "2"), "string"),
    ],
)
def test_datatype_is_the_promised_one_where_every_cell_is(
    dictionary, tmp_path, datatype, cells, told
):
    """A type is told with the way in which the file writes it, or not at all."""
    text = "so\n" + "".join(f'"{cell}"\n' for cell in cells)
    metadata = described(dictionary, text, [Column("so", element(dictionary, datatype))])
    (column,) = metadata["tableSchema"]["columns"]
    base = column["datatype"]
    assert (base["base"] if isinstance(base, dict) else base) == told
    assert verdict(tmp_path, metadata, text.encode()) == []


def test_key_is_told_only_where_it_tells_rows_apart(dictionary):
    """A promise that the file breaks is not repeated."""
    promised = [Column("ma", key=True), Column("ten")]
    once = described(dictionary, "ma,ten\n1,a\n2,a\n", promised, ["ma"])
    twice = described(dictionary, "ma,ten\n1,a\n1,b\n", promised, ["ma"])
    assert once["tableSchema"]["primaryKey"] == ["ma"]
    assert "primaryKey" not in twice["tableSchema"]


def test_dialect_is_that_of_the_file(dictionary, tmp_path):
    """Titles over the header, semicolons and Vietnamese headers are described as they stand."""
    text = "BẢNG TRƯỜNG HỌC;\nTên trường;Số lớp\nA;1\nB;2\n"
    metadata = described(dictionary, text)
    assert metadata["dialect"]["delimiter"] == ";"
    assert metadata["dialect"]["skipRows"] == 1
    assert [c["name"] for c in metadata["tableSchema"]["columns"]] == ["ten_truong", "so_lop"]
    assert verdict(tmp_path, metadata, text.encode()) == []


def test_column_that_breaks_its_type_once_is_no_number():
    """One cell in a thousand is enough."""
    text = "so\n" + "1\n" * 999 + "một\n"
    (column,) = observe("bang.csv", BytesIO(text.encode())).columns
    assert Written.WHOLE not in column.written


def test_rows_that_the_portal_gives_are_described(dictionary, tmp_path):
    """Types are those of the table; the mark before the header is no part of it."""
    columns = [
        {"label": "Mã", "type": "text", "element": ""},
        {"label": "Số lớp", "type": "bigint", "element": element(dictionary, Datatype.INTEGER)},
        {"label": "Điểm", "type": "numeric", "element": ""},
        {"label": "Ngày", "type": "date", "element": ""},
        {"label": "Có mái", "type": "boolean", "element": ""},
    ]
    about = About("https://x/bang#table", "rows.csv", "Bảng", "", "", "")
    metadata = stored_metadata(about, columns, dictionary)
    body = "\ufeffMã,Số lớp,Điểm,Ngày,Có mái\r\n001,2,1.50,2026-11-22,true\r\n002,,,,\r\n"
    assert verdict(tmp_path, metadata, body.encode()) == []


def test_mark_before_the_header_is_no_part_of_it(dictionary, tmp_path):
    """Excel writes one before UTF-8."""
    text = "\ufeffma,ten\r\n1,a\r\n"
    metadata = described(dictionary, text)
    assert [c["titles"] for c in metadata["tableSchema"]["columns"]] == ["ma", "ten"]
    assert verdict(tmp_path, metadata, text.encode()) == []
