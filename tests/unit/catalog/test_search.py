"""What goes into a search document, and how words are asked for."""

import json
import unicodedata
from typing import Any

import pytest

from ckanext.hatinh.catalog.search import document, query


def flattened(**changes: Any) -> dict[str, Any]:
    """A package as CKAN flattens it before it is indexed."""
    return {
        "id": "1",
        "title": "Danh sách trường học",
        "title_translated": '{"vi": "Danh sách trường học", "en": "List of schools"}',
        "extras_title_translated": "{}",
        "notes": "Các trường",
        "tags": ["giáo dục"],
        "groups": ["giao-duc"],
        "res_name": ["Bảng trường", ""],
        "frequency": "nam",
        "source_system": "",
        "places": '["42", "18073"]',
        "data_dict": json.dumps({"organization": {"title": "Sở Giáo dục"}, "groups": []}),
    } | changes


def test_title_is_indexed_with_and_without_marks_and_for_sorting():
    """The search schema folds one field, keeps another and sorts by the third."""
    made = document(flattened(), "xanh", {})
    assert made["title_vi"] == made["title_vi_exact"] == made["title_sort_vi"]
    assert made["title_vi"] == "Danh sách trường học"


def test_text_holds_both_languages_and_all_names():
    """English, keywords, names of files and of the office can be searched."""
    words = document(flattened(), "xanh", {})["text_vi"]
    for word in ("List of schools", "giáo dục", "Bảng trường", "Sở Giáo dục", "Các trường"):
        assert word in words


def test_lists_become_many_values():
    """Places and themes are filters with many values."""
    made = document(flattened(), "xanh", {"giao-duc": "HT05"})
    assert made["places"] == ["42", "18073"]
    assert made["themes"] == ["HT05"]
    assert made["quality_band"] == "xanh"


def test_blank_values_and_json_are_left_out():
    """A blank would be a value of its filter; JSON is no word."""
    made = document(flattened(), "", {})
    assert not {"source_system", "quality_band", "title_translated"} & made.keys()
    assert "extras_title_translated" not in made
    assert "themes" not in made


def test_package_without_translations_is_indexed_by_its_title():
    """What was there before the bilingual fields is found too."""
    old = flattened(title_translated="", places=None, tags=[], data_dict="")
    made = document(old, "", {})
    assert made["title_vi"] == "Danh sách trường học"
    assert "places" not in made


def test_words_are_asked_of_the_vietnamese_fields():
    """The words as typed weigh more than the words without marks."""
    asked = query({"q": "trường học"})
    assert asked["defType"] == "edismax"
    assert asked["qf"].startswith("title_vi_exact^12 title_vi^8")


def test_decomposed_words_are_composed():
    """Some keyboards send marks apart from their letters."""
    typed = unicodedata.normalize("NFD", "trường học")
    assert query({"q": typed})["q"] == "trường học"


@pytest.mark.parametrize("q", ["*:*", "name:abc", "", None])
def test_fielded_or_empty_query_stays(q):
    """Only plain words are asked our way."""
    assert "qf" not in query({"q": q})


def test_callers_own_weights_stay():
    """Who weighs fields knows better."""
    assert query({"q": "abc", "qf": "title"})["qf"] == "title"


def test_sorting_by_title_follows_the_vietnamese_alphabet():
    """CKAN's sort by title goes by bytes, where đ is after z."""
    asked = query({"q": "", "sort": "title_string desc, score desc"})
    assert asked["sort"] == "title_sort_vi desc, score desc"
