"""Rows of a table as files: what was asked for, to whom it may be shown, and nothing that runs."""

import csv
import json
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
import sqlalchemy as sa
from ckan.tests import factories
from ckan.types import Context
from ckanext.datastore.backend.postgres import get_write_engine
from openpyxl import load_workbook
from pyarrow.parquet import ParquetFile
from rows_table import ROWS, Held, made

from ckanext.hatinh.rows import exports
from ckanext.hatinh.rows.question import Question, rows_of
from ckanext.hatinh.rows.reading import STREAMS, stream
from ckanext.hatinh.rows.resources import shown
from ckanext.hatinh.rows.tables import open_table

pytestmark = pytest.mark.usefixtures("with_plugins", "portal")

RATE = "tỷ lệ % (1)"
QUESTIONS: list[dict[str, Any]] = [
    {},
    {"filters": {"nam": 2024}},
    {"filters": {"nam": {"gte": 2025}}},
    {"filters": {"ma_xa": ["18073", "00000"]}},
    {"filters": {"ma_xa": 18073}},
    {"filters": {"$or": [{"dan_so": {"lt": 0}}, {"ngay": {"gt": "2025-06-01"}}]}},
    {"filters": {"$and": [{"nam": 2025}, {"dan_so": {"gt": 1, "lte": 1000000}}]}},
    {"filters": {RATE: {"gte": 1}}},
    {"filters": {"ma_xa": []}},
    {"sort": "dan_so desc"},
    {"sort": "nam desc, ma_xa"},
    {"sort": "dan_so desc nulls last"},
    {"sort": f"{RATE} desc nulls last"},
    {"q": "thanh sen"},
    {"q": "2025"},
    {"fields": "ten,nam"},
    {"limit": 2},
    {"limit": 2, "offset": 1, "sort": "nam"},
]


@pytest.fixture
def held() -> Held:
    """A resource with a table of four rows."""
    return made()


def get(app: Any, held: Held, form: str, status: int = 200, **asked: Any) -> Any:
    """The answer with a file of rows."""
    told = {k: json.dumps(v) if k == "filters" else v for k, v in asked.items()}
    return app.get(held.address(f"rows.{form}"), query_string=told, status=status)


def table(answer: Any) -> list[list[str]]:
    """The cells of a CSV file."""
    return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_csv_gives_rows_in_order_with_labels(app, held):
    """The header says labels; values stand plainly; cells that would run are made inert."""
    rows = table(get(app, held, "csv"))
    assert rows[0] == ["ma_xa", "Tên xã", "nam", "dan_so", "ngay", RATE]
    assert rows[1] == ["18073", "Phường Thành Sen", "2024", "71234.5", "2024-12-31", "0.5"]
    assert rows[2] == ["18100", "'=1+1", "2024", "-3", "", ""]
    assert rows[4][1] == 'a,"<b>"\nc'


def test_every_form_gives_the_same_rows(app, held):
    """TSV, JSON, JSON Lines, Parquet, GeoJSON and the workbook hold what CSV holds, and say whose
    it is."""
    codes = [row[0] for row in ROWS]
    tsv = get(app, held, "tsv").data.decode("utf-8-sig")
    assert [row[0] for row in list(csv.reader(StringIO(tsv), delimiter="\t"))[1:]] == codes
    found = json.loads(get(app, held, "json").data)
    assert [row["ma_xa"] for row in found["records"]] == codes
    lines = get(app, held, "jsonl").data.splitlines()
    assert [json.loads(line) for line in lines] == found["records"]
    sheet = load_workbook(BytesIO(get(app, held, "xlsx").data)).worksheets[0]
    assert [row[0].value for row in list(sheet.rows)[1:]] == codes
    typed = ParquetFile(BytesIO(get(app, held, "parquet").data)).read().to_pylist()
    for row in typed:
        row["ngay"] = row["ngay"] and row["ngay"].isoformat()
    assert typed == found["records"]
    features = json.loads(get(app, held, "geojson").data)["features"]
    assert [feature["properties"] for feature in features] == found["records"]
    assert [bool(feature["geometry"]) for feature in features] == [True, True, True, False]
    answer = get(app, held, "json")
    about = json.loads(answer.data)["metadata"]
    assert (about["dataset"], bool(about["publisher"])) == ("Dân số các xã", True)
    assert about["page"].endswith(f"/dataset/{held.dataset}/resource/{held.id}")
    assert f'<{about["page"]}>; rel="describedby"' in answer.headers.getlist("Link")
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_set_is_that_of_datastore_search(app, held):
    """The grammar of questions is CKAN's: the same filters, words, order and pages."""
    for asked in QUESTIONS:
        expected = held.ask("datastore_search", **asked)["records"]
        plain = [{k: v for k, v in row.items() if k not in ("_id", "rank")} for row in expected]
        found = json.loads(get(app, held, "json", **asked).data)["records"]
        assert found == plain, asked
    blank = json.loads(get(app, held, "json", filters={"dan_so": None}).data)["records"]
    assert [row["ma_xa"] for row in blank] == ["18115"]


REFUSED: list[dict[str, Any]] = [
    {"filters": {"khong_co": 1}},
    {"filters": {"nam": "hai nghìn"}},
    {"filters": {"nam": {"like": 1}}},
    {"filters": {"nam": {}}},
    {"filters": {"nam": {"gt": None}}},
    {"filters": {"nam": {"eq": {"a": 1}}}},
    {"filters": {"nam": [{"a": {"b": 1}}]}},
    {"filters": {"nam": [[1], 5]}},
    {"filters": {"ngay": [["2025-12-31"]]}},
    {"filters": {"ten": [["x"], "y"]}},
    {"filters": {"\ud800": 1}},
    {"filters": {"dan_so": True}},
    {"filters": ["x"]},
    {"filters": "x"},
    {"sort": "khong_co"},
    {"sort": "nam; DROP TABLE x"},
    {"fields": "nam,khong_co"},
    {"limit": -1},
    {"limit": "nhieu"},
    {"limit": 2_000_000},
    {"distinct": "true"},
    {"distinct": "abc"},
]
DEEP = [
    "[" * 1000,
    "[" * 5000,
    '{"nam":' + "[" * 900 + "]" * 900 + "}",
    '{"$or":[' + "[" * 950 + "]" * 951 + "}",
]
"""Filters nested so deep that reading, or saying, them has no end."""


def test_question_that_cannot_be_answered_is_refused_in_words(app, held):
    """A wrong question is 400, never 500 and never other rows; so are filters that are no JSON."""
    for asked in REFUSED:
        get(app, held, "csv", status=400, **asked)
    app.get(held.address("rows.csv"), query_string={"filters": "{"}, status=400)
    for filters in DEEP:
        app.get(held.address("rows.csv"), query_string={"filters": filters}, status=400)


def test_words_are_only_words(app, held):
    """No text of a question becomes a part of the statement."""
    for words in ("'; DROP TABLE x; --", "a:b %s %(x)s", "\0", "\ud800", "\\"):
        told = json.dumps({"ten": words})
        app.get(held.address("rows.csv"), query_string={"filters": told}, status=200)
        q = words.encode(errors="ignore").decode()
        found = app.get(held.address("rows.csv"), query_string={"q": q}, status=200)
        assert len(table(found)) <= 1 + len(ROWS)


def test_name_of_a_column_may_hold_a_comma(app):
    """One clause is looked for as a whole before it is taken apart."""
    held = made([{"id": "a, b", "type": "int"}, {"id": "c", "type": "int"}], [[1, 2], [2, 1]])
    for sort in ("a, b desc", ["c", "a, b desc"]):
        rows = table(get(app, held, "csv", sort=sort))
        assert rows[1:] == [["2", "1"], ["1", "2"]]


def test_long_decimals_of_a_set_keep_their_digits_in_parquet(app):
    """The longest of the set says how its column is typed."""
    held = made([{"id": "tien", "type": "numeric"}], [["12345678901234567.25"], ["0.5"], [None]])
    whole = ParquetFile(BytesIO(get(app, held, "parquet").data)).read()
    assert whole["tien"].to_pylist() == [Decimal("12345678901234567.25"), Decimal("0.50"), None]
    asked = {"tien": {"lt": 1}}
    small = ParquetFile(BytesIO(get(app, held, "parquet", filters=asked).data)).read()
    assert small["tien"].to_pylist() == [0.5]


def test_table_that_a_form_cannot_hold_is_refused(app):
    """An unknown form is not there; what lies nowhere has no GeoJSON; no rows are a file too."""
    held = made([{"id": "a", "type": "text"}], [])
    get(app, held, "exe", status=404)
    get(app, held, "geojson", status=400)
    assert table(get(app, held, "csv")) == [["a"]]
    assert json.loads(get(app, held, "json").data)["records"] == []


def test_resource_without_a_table_has_no_rows(app):
    """Nor has a resource of another dataset, or one that there is not."""
    held = made(format="PDF")
    get(app, held, "csv", status=404)
    other = made()
    get(app, Held(other.officer, held.dataset, other.id), "csv", status=404)


def test_private_rows_are_shown_to_their_office_only(app):
    """Nobody else learns that they are there, by any address."""
    held = made(private=True)
    stranger = factories.UserWithToken()
    editor = factories.User()["name"]
    office = {"id": "so-nnmt", "username": editor, "role": "editor"}
    held.ask("organization_member_create", **office)
    insider = factories.APIToken(user=editor, scopes=["read"], organizations=["so-nnmt"])
    pages = [f"rows.{form}" for form in (*exports.FORMS, exports.WORKBOOK)]
    pages += ["bang", "bieu-do", "ban-do", "cot/ma_xa"]
    for page in (*map(held.address, pages), f"/datastore/dump/{held.id}"):
        app.get(page, status=404)
        app.get(page, status=404, headers={"Authorization": stranger["token"]})
        app.get(page, status=200, headers={"Authorization": insider["token"]})


def test_dump_of_ckan_leads_to_ours(app, held):
    """CKAN's own file of a table has no guard: its address leads to the file that has one."""
    answer = app.get(
        f"/datastore/dump/{held.id}",
        query_string={"format": "csv", "bom": "True", "q": "thanh sen", "limit": 2},
        follow_redirects=False,
    )
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(
        f"/dataset/{held.dataset}/resource/{held.id}/rows.csv?q=thanh+sen&limit=2"
    )
    rows = table(app.get(f"/datastore/dump/{held.id}"))
    assert rows[2][1] == "'=1+1"
    app.get("/datastore/dump/khong-co", status=404)
    app.get(f"/datastore/dump/{held.id}?format=xml", status=404)


def test_set_that_is_too_large_is_refused_not_cut(app, held, monkeypatch):
    """Rows are never left out without a word."""
    monkeypatch.setattr(exports, "MOST_ROWS", 3)
    get(app, held, "csv", status=400)
    assert len(table(get(app, held, "csv", limit=3))) == 4
    assert len(table(get(app, held, "csv", filters={"nam": 2024}))) == 3


def test_workbook_of_too_many_cells_is_refused(app, held, monkeypatch):
    """It is made whole before its first byte: other forms, fewer rows or columns are offered."""
    monkeypatch.setattr(exports, "MOST_CELLS", 12)
    refused = get(app, held, "xlsx", status=400).data.decode()
    assert ("CSV" in refused, "Parquet" in refused) == (True, True)
    get(app, held, "xlsx", status=400, limit=3)
    get(app, held, "xlsx", limit=2)
    get(app, held, "xlsx", limit=3, filters={"nam": 2024})
    get(app, held, "xlsx", fields="ma_xa,nam,ten")
    get(app, held, "csv")


def test_head_of_a_workbook_is_told_without_making_it(app, held, monkeypatch):
    """What is only asked about costs no more than the question."""

    def never(*_given: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(exports, "to_xlsx", never)
    client = app.flask_app.test_client()
    answer = client.head(held.address("rows.xlsx"))
    assert (answer.status_code, answer.mimetype) == (200, exports.XLSX)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert client.head(held.address("rows.xlsx"), query_string={"limit": "x"}).status_code == 400


def test_streams_beyond_their_number_wait_and_are_told_when_to_come_back(app, held, monkeypatch):
    """Readers of files take only their own connections; one too many gets 503, then its turn."""
    found = open_table(Context(user=held.officer), held.id)
    asked = rows_of(found, Question())
    open_streams = [stream(asked) for _ in range(STREAMS)]
    try:
        answer = get(app, held, "csv", status=503)
        assert int(answer.headers["Retry-After"]) > 0
        assert held.ask("datastore_search")["total"] == len(ROWS)
    finally:
        for one in open_streams:
            one.close()
    get(app, held, "csv")


def test_slow_reader_does_not_hold_the_table(app, held, monkeypatch):
    """A table can be replaced while somebody still takes a file of its rows."""
    monkeypatch.setattr("hatinh.rows.relay.PIECE", 10)
    with app.flask_app.test_request_context("/"):
        answer = exports.file_of(shown(held.dataset, held.id), "csv", Question())
        reading: Any = iter(answer.response)
        assert next(reading)
        with get_write_engine().begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(sa.text(f'DROP TABLE "{held.id}"'))
        assert b"18115" in b"".join(reading)
        answer.close()


def test_connections_come_back_however_a_file_ends(app, held):
    """Whole files, questions about heads only and refused ones leave no connection behind."""
    for _ in range(STREAMS + 2):
        get(app, held, "csv")
        get(app, held, "xlsx")
        app.flask_app.test_client().head(held.address("rows.csv"))
        app.flask_app.test_client().head(held.address("rows.xlsx"))
        get(app, held, "csv", status=400, filters={"nam": "x"})
