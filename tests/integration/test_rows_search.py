"""``datastore_search``: what CKAN answers, in fewer statements, whatever columns are called."""

import csv
import json
import secrets
from io import StringIO
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan.types import Context
from ckanext.datastore.backend.postgres import get_read_engine, get_write_engine
from ckanext.datastore.logic import action as ckans
from rows_table import Held, made
from sqlalchemy import event
from tables import Desk, desk

__all__ = ["desk"]

pytestmark = pytest.mark.usefixtures("with_plugins", "portal")

MOMENTS = [
    {"id": "luc", "type": "timestamp"},
    {"id": "co", "type": "bool"},
    {"id": "ma", "type": "text", "info": {"label": "Mã"}},
    {"id": "so", "type": "numeric"},
]
ROWS = [
    ["2026-11-22T08:30:00", True, "001", "1.50"],
    [None, False, "002", None],
    ["2026-01-01T00:00:00.25", None, 'a"b\\c', "-3"],
]
ASKED: list[dict[str, Any]] = [
    {},
    {"limit": 0},
    {"limit": 2, "offset": 1},
    {"limit": 40_000},
    {"include_total": False},
    {"filters": {"ma": "001"}},
    {"filters": {"ma": 1}},
    {"filters": {"ma": ["001", "002"]}},
    {"filters": '{"so": {"gte": -3, "lt": 5}}'},
    {"filters": {"$or": [{"co": True}, {"luc": {"lt": "2026-06-01"}}]}},
    {"filters": {"ma": []}},
    {"filters": {"ma": "x"}, "limit": 1},
    {"sort": "so desc nulls last"},
    {"sort": "luc, ma desc"},
    {"sort": ["ma desc"]},
    {"fields": "so,ma"},
    {"fields": ["_id", "luc"]},
    {"q": "001"},
    {"q": "001", "fields": "ma"},
    {"q": {"ma": "001"}},
    {"full_text": "001"},
    {"distinct": True, "fields": "co", "sort": "co"},
    {"records_format": "lists"},
    {"records_format": "lists", "fields": "luc,co", "filters": {"so": 1.5}},
    {"records_format": "csv"},
    {"include_next_page": True, "limit": 1},
    {"plain": False, "q": "001 | 002"},
    {"sort": "khong_co"},
    {"fields": "khong_co"},
    {"filters": {"khong_co": 1}},
    {"filters": {"so": "x"}},
    {"limit": -1},
    {"offset": -1},
    {"records_format": "xml"},
    {"la": 1},
]


def answer(search: Any, held: Held, asked: dict[str, Any]) -> Any:
    """What is answered; of a refusal, what it is about."""
    try:
        return search(Context(user=held.officer), {"resource_id": held.id, **asked})
    except tk.ValidationError as err:
        return sorted({"filters", "query"} & set(err.error_dict)) or sorted(err.error_dict)


def test_answer_is_ckans():
    """Every key of the answer, fields, records, totals, and what a refusal is about."""
    held = made(MOMENTS, ROWS)
    ours = tk.get_action("datastore_search")
    for asked in ASKED:
        expected = answer(ckans.datastore_search, held, dict(asked))
        found = answer(ours, held, dict(asked))
        if expected == ["query"]:  # CKAN tells the statement; we tell the filter
            expected = ["filters"]
        assert found == expected, asked


def test_alias_and_missing_table_are_left_to_ckan(app):
    """An alias leads to its table; what is not there is 404, never 500."""
    held = made(MOMENTS, ROWS)
    alias = f"bi_danh_{secrets.token_hex(4)}"
    held.ask("datastore_create", force=True, aliases=alias, fields=MOMENTS)
    found = tk.get_action("datastore_search")(
        Context(user=held.officer), {"resource_id": alias, "filters": {"ma": "001"}}
    )
    assert (found["resource_id"], found["total"]) == (held.id, 1)
    grouped = tk.get_action("hatinh_rows_aggregate")(
        Context(user=held.officer), {"resource_id": alias}
    )
    assert grouped["records"] == [{"count": 3}]
    inner = (f"{held.id}_pkey", f"{held.id}__id_seq")
    for name in ("khong-co", "a%b", 'a"b', "_src_x", "x" * 200, *inner):
        app.get("/api/3/action/datastore_search", query_string={"resource_id": name}, status=404)


def test_filtered_page_costs_few_statements():
    """The table's columns and a page with its total are two questions, over one connection."""
    held = made(MOMENTS, ROWS)
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        told.append(statement)

    asked = {"filters": {"ma": "001"}, "limit": 50}
    engines = (get_read_engine(), get_write_engine())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        held.ask("datastore_search", **asked)
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    assert [words.split()[0] for words in told] == ["SET", "LOCK", "SELECT"]


def test_rows_that_are_equal_stand_by_their_number(app):
    """Pages of a sorted table never overlap."""
    held = made(MOMENTS, [[None, True, "a", n] for n in range(30)])
    pages = [
        held.ask("datastore_search", sort="ma desc", limit=10, offset=at) for at in (0, 10, 20)
    ]
    numbers = [row["_id"] for page in pages for row in page["records"]]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 30


REFUSED = [
    {"filters": "[" * 1000},
    {"filters": '{"so":' + "[" * 900 + "]" * 900 + "}"},
    {"filters": '{"so":[[1],5]}'},
    {"filters": '{"luc":[["2026-11-22"]]}'},
    {"filters": '{"\\ud800":1}'},
    {"q": "[" * 1000},
]


def test_question_without_sense_is_refused_not_broken(app):
    """What anybody may send is 409 in words, as CKAN says it, never 500."""
    held = made(MOMENTS, ROWS)
    for asked in REFUSED:
        told = {"resource_id": held.id, **asked}
        for action in ("datastore_search", "hatinh_rows_aggregate"):
            if "filters" in asked or action == "datastore_search":
                app.get(f"/api/3/action/{action}", query_string=told, status=409)


ODD = [
    "x :y", "a%b", "%(x)s", "%s", ":", "a'b", "a\\b", "{x}", "a,b", "nam desc", "nulls last",
    "_id", "_full_text", "rank", "count", "select", "page", "a/b", "..", "a?b=c&d#e", "<b>", "$and",
    "$$x", "$x", "tỷ lệ (%)", "Tên đơn vị hành chính cấp xã sau khi sắp xếp năm 2025 của tỉnh",
    'n"g', "e\u0301", "😀", "ctid", "param_1", "value_0", "named", "a.b", "a[0]", "+1",
]  # fmt: skip


def test_columns_of_any_name_can_be_asked_for(app, desk: Desk):
    """What a header says, the loader keeps; search, files, groups, chart and pages then work."""
    out = StringIO(newline="")
    csv.writer(out).writerows([ODD, [str(7 + at) for at in range(len(ODD))], ["2"] * len(ODD)])
    table = desk.upload(out.getvalue())
    desk.load()
    fields = desk.do("datastore_search", {"resource_id": table})["fields"][1:]
    assert [field["info"]["label"] for field in fields] == [normalize("NFC", name) for name in ODD]
    here = f"/dataset/bang-thu/resource/{table}"
    for at, field in enumerate(fields):
        _ask_for(app, table, here, field["id"], 7 + at)


def _ask_for(app: Any, table: str, here: str, name: str, value: int) -> None:
    key = f"${name}" if name.startswith("$") else name  # the grammar's own way out
    filters = json.dumps({key: [value], "$or": [{key: {"gt": value - 1}}]})
    asked = {"filters": filters, "sort": f"{name} desc", "fields": name}
    for more in ({"records_format": "lists"}, {"q": str(value)}):
        told = {"resource_id": table, **asked, **more}
        found = app.get("/api/3/action/datastore_search", query_string=told).json["result"]
        assert found["total"] == 1, name
        assert [field["id"] for field in found["fields"]] == [name]
        record = found["records"][0]
        assert record == ([value] if isinstance(record, list) else {name: value})
    rows = app.get(f"{here}/rows.json", query_string=asked).json["records"]
    assert rows == [{name: value}]
    app.get(f"{here}/rows.csv", query_string=asked, status=200)
    measures = json.dumps([{"agg": "sum", "column": name}])
    told = {"resource_id": table, "by": json.dumps([name]), "measures": measures}
    groups = app.get("/api/3/action/hatinh_rows_aggregate", query_string=told).json["result"]
    assert [set(row.values()) for row in groups["records"]] == [{2}, {value}]
    _look_at(app, here, name, value)


def _look_at(app: Any, here: str, name: str, value: int) -> None:
    asked = {"f": name, "o": "gte", "v": value, "sort": f"{name} desc nulls last"}
    answer = app.get(f"{here}/bang", query_string=asked, status=200)
    page = BeautifulSoup(answer.data, "html.parser")
    assert not page.select(".alert-warning"), name
    assert len(page.select(".ht-rows__table tbody tr")) == 1
    heading = page.select_one('thead th[aria-sort="descending"] a')
    assert heading is not None
    app.get(str(heading["href"]), status=200)
    chart = app.get(f"{here}/bieu-do", query_string={"x": name, "y": name, "agg": "max"})
    assert "<svg" in chart.text
    app.get(f"{here}/cot/{quote(name, safe='')}", status=200)
