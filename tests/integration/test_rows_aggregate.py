"""Groups of rows, counted and added up."""

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.types import Context
from rows_table import Held, made

pytestmark = pytest.mark.usefixtures("with_plugins", "portal")


@pytest.fixture
def held() -> Held:
    """A resource with a table of four rows."""
    return made()


def grouped(held: Held, **asked: Any) -> list[dict[str, Any]]:
    """The groups."""
    return held.ask("hatinh_rows_aggregate", **asked)["records"]


def test_rows_are_counted_by_a_column(held):
    """Without a measure, a group says how many rows it has; no column makes one group of all."""
    assert grouped(held) == [{"count": 4}]
    assert grouped(held, by="nam") == [{"nam": 2024, "count": 2}, {"nam": 2025, "count": 2}]


def test_every_measure_is_right(held):
    """Blanks count as rows, never as values."""
    measures = [{"agg": agg, "column": "dan_so"} for agg in ("count", "sum", "avg", "min", "max")]
    found = grouped(held, by=["nam"], measures=[*measures, {"agg": "count"}])
    assert found[0] == {
        "nam": 2024, "count_dan_so": 2, "sum_dan_so": 71231.5, "avg_dan_so": 35615.75,
        "min_dan_so": -3, "max_dan_so": 71234.5, "count": 2,
    }  # fmt: skip
    days = [{"agg": "min", "column": "ngay"}, {"agg": "max", "column": "ngay"}]
    assert grouped(held, measures=days) == [{"min_ngay": "2024-12-31", "max_ngay": "2025-12-31"}]
    assert (found[1]["count_dan_so"], found[1]["sum_dan_so"], found[1]["count"]) == (1, 1000000, 2)


def test_groups_follow_filters_words_order_and_limit(held):
    """The rest of the grammar is that of rows."""
    found = held.ask("hatinh_rows_aggregate", by=["ma_xa"], sort="count desc, ma_xa desc", limit=2)
    assert [row["ma_xa"] for row in found["records"]] == ["18115", "18100"]
    assert found["more"] is True
    assert grouped(held, by="nam", filters={"nam": {"gt": 2024}})[0]["nam"] == 2025
    assert grouped(held, q="thanh sen") == [{"count": 1}]


def test_text_of_a_query_string_is_understood(app, held):
    """Lists and filters may come as JSON in an address."""
    asked = {
        "resource_id": held.id,
        "by": '["nam"]',
        "measures": '[{"agg": "sum", "column": "dan_so"}]',
        "filters": '{"nam": 2024}',
    }
    answer = app.get("/api/3/action/hatinh_rows_aggregate", query_string=asked)
    assert answer.json["result"]["records"] == [{"nam": 2024, "sum_dan_so": 71231.5}]


def test_column_named_like_a_measure_keeps_its_name():
    """The measure steps aside."""
    held = made([{"id": "count", "type": "int"}], [[7], [7]])
    assert grouped(held, by="count") == [{"count": 7, "count_": 2}]


REFUSED: list[dict[str, Any]] = [
    {"by": ["nam", "ten", "ma_xa"]},
    {"by": ["khong_co"]},
    {"measures": [{"agg": "median", "column": "nam"}]},
    {"measures": [{"agg": "sum", "column": "ten"}]},
    {"measures": [{"agg": "sum"}]},
    {"measures": ["sum"]},
    {"measures": "{"},
    {"sort": "khong_co"},
    {"limit": 0},
    {"limit": 10_001},
    {"filters": {"nam": "x"}},
    {"resource_id": ""},
]


def test_wrong_question_is_refused(held):
    """A question that has no answer is told what is wrong with it."""
    for asked in REFUSED:
        with pytest.raises(tk.ValidationError):
            held.ask("hatinh_rows_aggregate", **asked)


def test_groups_are_as_private_as_their_rows():
    """Counts of rows that may not be seen may not be seen."""
    held = made(private=True)
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("hatinh_rows_aggregate")(Context(user=""), {"resource_id": held.id})
    with pytest.raises(tk.ObjectNotFound):
        held.ask("hatinh_rows_aggregate", resource_id="khong-co")
    assert grouped(held) == [{"count": 4}]
