"""From a score down to the rows that cost its points."""

from pathlib import Path
from typing import Any

import pytest

from ckanext.hatinh.quality.drill import by_dimension
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
