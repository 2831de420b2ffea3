"""Downloads of an edition: each is valid by its own standard, and says what is no law."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from jsonschema import Draft202012Validator

from hatinh.dictionary.attributes import Attributes
from hatinh.dictionary.edition import Action, Edition, Step
from hatinh.dictionary.edition_json import fingerprint
from hatinh.dictionary.export import FORMATS, Source
from hatinh.dictionary.export.json_schema import edition_schema, element_schema, entity_schema
from hatinh.dictionary.export.tables import table
from hatinh.dictionary.model import CodeList

TODAY = date(2026, 11, 22)
BEFORE = date(2025, 6, 30)


@pytest.fixture(scope="session")
def source(shipped: Edition, attributes: Attributes, offices: CodeList) -> Source:
    """The shipped edition, to be exported."""
    return Source(shipped, attributes, offices, TODAY)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"xlsx"}))
def test_download_says_what_is_no_law(source: Source, name: str):
    """Every format carries the flags: the edition's, a proposed and an unverified list's.

    The workbook has a test of its own.
    """
    body = FORMATS[name].write(source)
    if name == "csv":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = b"".join(archive.read(member) for member in archive.namelist())
    text = body.decode()
    wanted = ["ĐỀ XUẤT của tỉnh", "Phiên bản 0.1 chưa được phê duyệt"]
    if name != "jsonschema":  # it holds no list by itself
        wanted.append("CHƯA KIỂM CHỨNG")
    assert [words for words in wanted if words not in text] == []


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"ttl", "jsonld"}))
def test_download_is_always_the_same(source: Source, name: str):
    """Equal editions give equal bytes, so a download can be cached and compared."""
    assert FORMATS[name].write(source) == FORMATS[name].write(source)


def test_download_names_no_person(source: Source):
    """Who proposed and who approved is for the workflow's page, not for everybody's file."""
    step = Step(Action.APPROVE, "user-7f3", datetime(2026, 11, 22, tzinfo=UTC))
    edition = replace(source.edition, proposer="user-7f3", history=(step,))
    for form in FORMATS.values():
        assert b"user-7f3" not in form.write(replace(source, edition=edition))


def test_json_has_the_fingerprint_of_its_content(source: Source):
    """Whoever has the file can say which edition it is."""
    found = json.loads(FORMATS["json"].write(source))
    assert found["fingerprint"] == fingerprint(source.edition)
    assert len(found["elements"]) == len(source.edition.elements)
    assert len(found["code_lists"]) == len(source.edition.code_lists)


def test_tables_have_a_row_for_everything(source: Source):
    """Three CSV tables: elements, lists and codes, each with the notice of its rows."""
    rows = {
        name: list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
        for name in ("elements", "code_lists", "codes")
        if (text := table(source.edition, name, source.attributes))
    }
    edition = source.edition
    assert [row["id"] for row in rows["elements"]] == sorted(edition.elements)
    assert [row["id"] for row in rows["code_lists"]] == sorted(edition.code_lists)
    assert len(rows["codes"]) == sum(len(found.codes) for found in edition.code_lists.values())
    assert all(row["notice"] for row in rows["codes"] if row["code_list"] == "error_groups")


def test_table_runs_no_formula(source: Source):
    """A cell that a spreadsheet would run is made inert (REQ-78)."""
    element = replace(source.edition.elements["Ma"], example="=1+1")
    edition = replace(source.edition, elements={"Ma": element})
    assert b",'=1+1," in table(edition, "elements", source.attributes)


def test_json_schema_keeps_the_meta_schema(source: Source):
    """The whole, every entity and every element are valid JSON Schema 2020-12."""
    edition, guide = source.edition, source.attributes.guide
    Draft202012Validator.check_schema(edition_schema(edition, guide, TODAY))
    for entity in {element.entity for element in edition.elements.values()}:
        Draft202012Validator.check_schema(entity_schema(edition, entity, guide, TODAY))
    for key in edition.elements:
        Draft202012Validator.check_schema(element_schema(edition, key, guide, TODAY))


def test_example_of_every_element_keeps_its_schema(source: Source):
    """What the dictionary gives as an example is valid by the schema that it gives."""
    edition, guide = source.edition, source.attributes.guide
    for key in edition.elements:
        schema = element_schema(edition, key, guide, TODAY)
        for example in schema.get("examples", ()):
            assert Draft202012Validator(schema).is_valid(example), (key, example)


def test_json_schema_knows_the_codes_of_its_day(source: Source):
    """A commune code of today is none of before the reform when it is new, and the reverse."""
    edition, guide = source.edition, source.attributes.guide
    schema = element_schema(edition, "ma_dvhc", guide, TODAY)
    now = Draft202012Validator(schema)
    then = Draft202012Validator(element_schema(edition, "ma_dvhc", guide, BEFORE))
    assert now.is_valid("18073")
    assert not now.is_valid("18077")
    assert then.is_valid("18077")
    names = {choice["const"]: choice["title"] for choice in schema["oneOf"]}
    assert names["18073"] == "Phường Thành Sen"


def test_record_is_judged_by_all_its_elements(source: Source):
    """The edition's schema judges a record of elements by their ids."""
    schema = edition_schema(source.edition, source.attributes.guide, TODAY)
    validator = Draft202012Validator(schema)
    assert validator.is_valid({"ma_dvhc": "18073", "SoLuong": 5})
    faulty = {"ma_dvhc": "1", "SoLuong": -5, "NamDich": "26"}
    assert {error.path[0] for error in validator.iter_errors(faulty)} == set(faulty)
