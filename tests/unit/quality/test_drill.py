"""From a score down to the rows that cost its points."""

from pathlib import Path
from typing import Any

import pytest

from ckanext.hatinh.quality.drill import File, by_dimension, places
from hatinh.dictionary.check import Places, TableFacts
from hatinh.dictionary.model import Code, CodeList
from hatinh.quality import load_formula
from hatinh.text import Text

QUALITY = Path(__file__).parents[3] / "schemas" / "quality.yaml"
NAMES = CodeList(
    "quality_dimensions",
    Text("Tiêu chí"),
    (Code("dung", Text("Đúng", "Correct")), Code("du", Text("Đủ")), Code("khac", Text("Khác"))),
)


def loss(rule: str, path: str, problem_code: str = "") -> dict[str, Any]:
    """A loss of ten points in the first dimension."""
    return {
        "dimension": "dung",
        "rule": rule,
        "points": 10.0,
        "count": 1,
        "problem_code": problem_code,
        "path": path,
    }


def problem(code: str, path: str) -> dict[str, Any]:
    """A stored problem with its texts."""
    return {"code": code, "path": path, "title": f"title of {code}", "mend": "mend it"}


def drilled(losses: list[Any], problems: list[Any], lang: str = "vi") -> list[dict[str, Any]]:
    """The dimensions of a score with these losses."""
    score = {"dimensions": {"dung": 90.0, "du": None}, "losses": losses}
    return by_dimension(score, problems, load_formula(QUALITY), NAMES, lang, str.upper)


def test_dimensions_stand_in_the_order_of_the_list():
    """Those that the score does not know are left out; not measured is not zero."""
    found = drilled([], [])
    assert [(item["name"], item["value"]) for item in found] == [("Đúng", 90.0), ("Đủ", None)]


def test_loss_shows_the_problems_of_its_file_only():
    """The same fault in another file is another loss."""
    mine = problem("cell-type", "$.resources[0].rows[3].x")
    other = problem("cell-type", "$.resources[1].rows[3].x")
    (dimension, _) = drilled([loss("cell-type", "$.resources[0].x", "cell-type")], [mine, other])
    assert dimension["losses"][0]["problems"] == [mine]
    assert dimension["losses"][0]["title"] == "title of cell-type"


@pytest.mark.parametrize(("lang", "words"), [("vi", "Quá hạn"), ("en", "Overdue")])
def test_rule_without_problem_has_words_of_its_own(lang, words):
    """Rules that judge the record itself are worded in the formula."""
    (dimension, _) = drilled([loss("update-overdue", "$.modified")], [], lang)
    assert dimension["losses"][0]["title"].startswith(words)


def test_unknown_rule_is_shown_by_its_name():
    """A score of an older formula can still be read."""
    (dimension, _) = drilled([loss("old-rule", "$")], [])
    assert dimension["losses"][0]["title"] == "old-rule"


def test_english_name_falls_back_to_vietnamese():
    """What has no English name yet keeps its Vietnamese one."""
    assert [item["name"] for item in drilled([], [], "en")] == ["Correct", "Đủ"]


FILES = [
    File("pdf", None),
    File("csv", TableFacts(9, 2, 2, {}, (
        Places("cell-type", "a", "2-4,9"), Places("cell-type", "b", "1"),
        Places("column-unbound", "b"), Places("cell-empty", "a", "7"),
    ))),
]  # fmt: skip


def test_loss_of_a_table_leads_to_exactly_its_rows():
    """Every row of that rule in that file, by column, and no other."""
    lost = places([loss("cell-type", "$.resources[1].rows[2].a", "cell-type")], FILES, [])
    assert (lost.count, lost.whole) == (5, True)
    assert [(p["column"], p["row"]) for p in lost.some(100, 0)] == [
        ("a", 2), ("a", 3), ("a", 4), ("a", 9), ("b", 1),
    ]  # fmt: skip
    (one,) = lost.some(1, 3)
    assert one["path"] == "$.resources[1].rows[9].a"
    assert one["resource_id"] == "csv"


def test_place_says_its_value_where_it_was_listed():
    """Only the first of many values are kept; the others have their row."""
    told = {"code": "cell-type", "path": "$.resources[1].rows[3].a", "value": "x"}
    lost = places([loss("cell-type", "$.resources[1].rows[2].a", "cell-type")], FILES, [told])
    assert [p["value"] for p in lost.some(3, 0)] == ["", "x", ""]


@pytest.mark.parametrize(
    ("rule", "path", "expected"),
    [
        ("column-unbound", "$.resources[1].columns.b", ["$.resources[1].columns.b"]),
        ("file-unusable", "$.resources[0].url", ["$.resources[0].url"]),
        ("field-empty", "$.notes", ["$.notes"]),
        ("cell-type", "$.resources[7].rows[1].a", ["$.resources[7].rows[1].a"]),
    ],
)
def test_loss_without_rows_is_its_own_place(rule, path, expected):
    """Columns, files and fields are places too; so is what an older score names."""
    lost = places([loss(rule, path)], FILES, [])
    assert [place["path"] for place in lost.some(10, 0)] == expected
    assert lost.count == len(expected)


def test_losses_of_several_fields_are_several_places():
    """A rule on the record loses points field by field."""
    lost = places([loss("field-empty", "$.notes"), loss("field-empty", "$.contact")], FILES, [])
    assert [place["path"] for place in lost.some(1, 1)] == ["$.contact"]
    assert lost.count == 2


@pytest.mark.parametrize(
    ("file", "column", "rows"),
    [
        ("csv", "a", [2, 3, 4, 9]), ("csv", "b", [1]), ("csv", "", [2, 3, 4, 9, 1]),
        ("", "b", [1]), ("pdf", "", []), ("csv", "khac", []),
    ],
)  # fmt: skip
def test_places_within_a_file_and_a_column_are_those_alone(file, column, rows):
    """From a column's value one comes to its own rows."""
    lost = places([loss("cell-type", "$.resources[1].rows[2].a", "cell-type")], FILES, [])
    found = lost.within(file, column)
    assert [place["row"] for place in found.some(100, 0)] == rows
    assert found.count == len(rows)


def test_place_that_is_no_column_is_in_no_column():
    """A field of the record is left out where a column is asked for."""
    lost = places([loss("field-empty", "$.notes")], FILES, [])
    assert lost.within("", "").count == 1
    assert lost.within("", "notes").count == 0
