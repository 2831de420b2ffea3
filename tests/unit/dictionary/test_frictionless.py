"""A table's promise as Frictionless Table Schema."""

from datetime import date
from typing import Any

import pytest

import schemas
from ckanext.hatinh.dictionary.frictionless import table_schema
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.load import load_edition
from hatinh.dictionary.table_schema import Column

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def edition() -> Edition:
    """The shipped edition."""
    return load_edition(schemas.ROOT)


def field(edition: Edition, **column: Any) -> dict[str, Any]:
    """The only field of a table with one column."""
    return table_schema([Column("cot", **column)], edition, DAY)["fields"][0]


def test_bound_column_tells_what_it_is(edition):
    """Title, meaning, type and address come from the element."""
    told = field(edition, element="DienTich")
    assert told["rdfType"] == "https://data.hatinh.gov.vn/id/element/DienTich"
    assert told["title"] == edition.elements["DienTich"].name.vi
    assert told["type"] == "number"
    assert told["constraints"] == {"minimum": 0}


def test_codes_are_written_out_as_of_the_day(edition):
    """A code that is no longer in force is no value any more."""
    assert "HT05" in field(edition, element="MaLinhVuc")["constraints"]["enum"]
    places = field(edition, element="ma_dvhc")["constraints"]
    assert "18073" in places["enum"]
    assert len(places["enum"]) < len(edition.code_lists["admin_units"].codes)


def test_unbound_column_promises_only_its_name(edition):
    """Nothing is made up about a column that nobody bound."""
    assert field(edition) == {"name": "cot"}
    assert field(edition, element="KhongCo", required=True) == {
        "name": "cot",
        "constraints": {"required": True},
    }


def test_key_is_the_primary_key(edition):
    """Columns of the key together identify a row, so none of them is blank."""
    columns = [Column("a", key=True), Column("b", key=True), Column("c")]
    told = table_schema(columns, edition, DAY)
    assert told["primaryKey"] == ["a", "b"]
    assert told["fields"][0]["constraints"] == {"required": True}
    assert "primaryKey" not in table_schema(columns[2:], edition, DAY)
