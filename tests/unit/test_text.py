"""How Vietnamese text, numbers and dates are read."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatinh.text import Text, clean, fold, parse_date, parse_day, parse_number, slug


def test_text_without_english_is_said_in_vietnamese() -> None:
    """Nobody reads an empty line, whatever the language of the page."""
    assert [Text("Đất", "Land").said(language) for language in ("vi", "en")] == ["Đất", "Land"]
    assert Text("Đất").said("en") == "Đất"


def test_slug_vietnamese_title_transliterates_first() -> None:
    """CKAN's default drops the letters; ours transliterates (REQ-24)."""
    assert slug("Danh sách trường học") == "danh-sach-truong-hoc"
    assert slug("Đất đai, Ước tính 2025") == "dat-dai-uoc-tinh-2025"


def test_slug_long_title_is_cut_between_words() -> None:
    """A URL never ends in half a word."""
    assert slug("trường học " * 20, limit=30) == "truong-hoc-truong-hoc-truong"


@given(st.text())
def test_slug_any_text_has_only_url_signs(text: str) -> None:
    """Whatever a source writes, the slug is a valid CKAN name or empty."""
    assert all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in slug(text))


def test_fold_same_words_composed_or_decomposed_are_equal() -> None:
    """NFC and NFD of one word match each other."""
    word = "Trường Học Đại Nài"
    assert fold(unicodedata.normalize("NFD", word)) == fold(word) == "truong hoc dai nai"


def test_clean_decomposed_text_becomes_composed() -> None:
    """Everything stored is NFC, on one line."""
    assert clean(unicodedata.normalize("NFD", " Hà\n Tĩnh\x00 ")) == "Hà Tĩnh"


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2025-12-31", date(2025, 12, 31)),
        ("31/12/2025", date(2025, 12, 31)),
        ("1.7.2025", date(2025, 7, 1)),
        ("2025-07-01T08:00:00", date(2025, 7, 1)),
        ("31/02/2026", None),
        ("12/31/2025", None),
        ("quý I", None),
    ],
)
def test_parse_date_local_and_iso_forms(words: str, day: date | None) -> None:
    """Days are written YYYY-MM-DD or DD/MM/YYYY; nothing else is guessed."""
    assert parse_date(words) == day


def test_parse_day_year_or_month_becomes_its_first_or_last_day() -> None:
    """A period's ends may be written as a month or a year."""
    assert parse_day("2025") == date(2025, 1, 1)
    assert parse_day("2025", end=True) == date(2025, 12, 31)
    assert parse_day("202402", end=True) == date(2024, 2, 29)
    assert parse_day("202513") is None
    assert parse_day("9999", end=True) == date(9999, 12, 31)
    assert parse_day("0000") is None


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("1.234,5", 1234.5),
        ("97.556", 97556.0),
        ("97556", 97556.0),
        ("51,897", 51.897),
        ("-3.5", -3.5),
        ("", None),
        ("chưa có", None),
        ("1,234.5", None),
    ],
)
def test_parse_number_vietnamese_and_plain(words: str, number: float | None) -> None:
    """Dots group thousands, the comma is decimal; blank is nothing, never zero (REQ-42)."""
    assert parse_number(words) == number
