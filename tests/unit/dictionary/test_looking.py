"""Words find elements and lists, with or without Vietnamese marks."""

import pytest

from ckanext.hatinh.dictionary import looking
from hatinh.dictionary.model import Code, CodeList, Element
from hatinh.text import Text

AREA = Element("DienTich", Text("Diện tích", "Area"), Text("Diện tích tự nhiên", "Natural area"))
YIELD = Element(
    "SanLuong", Text("Sản lượng", "Yield"), Text("Sản lượng trên diện tích", "Per area")
)
NAME = Element("Ten", Text("Tên", "Name"), Text("Tên gọi", "What it is called"))
THEMES = CodeList("themes", Text("Lĩnh vực", "Themes"), (Code("HT05", Text("Giáo dục")),))


def found(words: str) -> list[str]:
    """Ids of the elements that words find."""
    return [element.id for element in looking.elements(words, [NAME, YIELD, AREA])]


@pytest.mark.parametrize("words", ["diện tích", "dien tich", "DIỆN TÍCH", "Die\u0323\u0302n tích"])
def test_name_comes_before_definition_whatever_the_marks(words):
    """An element of that name stands before one that only mentions it."""
    assert found(words) == ["DienTich", "SanLuong"]


def test_id_and_english_find_too():
    """People also know elements by their ids and in English."""
    assert found("sanluong") == ["SanLuong"]
    assert found("natural") == ["DienTich"]


def test_all_words_must_fit():
    """More words find less."""
    assert found("diện tích gọi") == []


def test_no_words_find_everything_by_name():
    """The whole dictionary is in the order of its names."""
    assert found("") == ["DienTich", "SanLuong", "Ten"]


@pytest.mark.parametrize("words", ["linh vuc", "HT05", "giáo dục"])
def test_list_is_found_by_its_name_and_its_codes(words):
    """A code leads to its list."""
    assert looking.code_lists(words, [THEMES]) == [THEMES]
