"""Vietnamese text, numbers and dates: one place that knows how people here write them."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, date
from typing import Any, NamedTuple

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?")
_LOCAL_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEAR_MONTH = re.compile(r"(\d{4})-?(\d{2})")
_YEAR = re.compile(r"(\d{4})")
_LOCAL_NUMBER = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?")
_COMMA_DECIMAL = re.compile(r"[+-]?\d+,\d+")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


class Text(NamedTuple):
    """A text in Vietnamese, and in English where it exists."""

    vi: str
    en: str = ""

    def as_dict(self) -> dict[str, str]:
        """``{"vi": …}``, with ``"en"`` only when there is one."""
        return {"vi": self.vi} | ({"en": self.en} if self.en else {})

    def said(self, language: str) -> str:
        """The text in ``vi`` or ``en``; Vietnamese where there is no English."""
        return self.en if language == "en" and self.en else self.vi


NO_TEXT = Text("")


def clean(value: object) -> str:
    """A value as one line of NFC text without control characters or surplus spaces."""
    text = unicodedata.normalize("NFC", "" if value is None else str(value))
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def clean_lines(value: object) -> str:
    """Like :func:`clean`, but line breaks stay (descriptions have paragraphs)."""
    lines = str("" if value is None else value).splitlines()
    return "\n".join(clean(line) for line in lines).strip()


_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_writable(value: Any) -> bool:
    """No zero character and no half of a pair, which neither PostgreSQL nor Solr takes.

    A text, or texts in lists and mappings. Raises ``RecursionError`` for very deep ones.
    """
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, Mapping):
        return all(is_writable(key) and is_writable(one) for key, one in value.items())
    return not isinstance(value, list | tuple) or all(is_writable(one) for one in value)


def fit_for_xml(value: str) -> str:
    """A text with a space for each character that no XML may have: one would break a document."""
    return _NOT_XML.sub(" ", value)


def fold(value: str) -> str:
    """Lower case without diacritics, for matching: ``Trường Học`` → ``truong hoc``."""
    decomposed = unicodedata.normalize("NFD", value.replace("Đ", "D").replace("đ", "d"))
    return " ".join(decomposed.translate(_WITHOUT_MARKS).casefold().split())


class _WithoutMarks(dict[int, int | None]):
    """Letters as they are and marks as nothing, each looked up once."""

    def __missing__(self, letter: int) -> int | None:
        found = self[letter] = None if unicodedata.combining(chr(letter)) else letter
        return found


_WITHOUT_MARKS = _WithoutMarks()


def slug(value: str, limit: int = 100) -> str:
    """A URL name, transliterated first: ``Danh sách trường học`` → ``danh-sach-truong-hoc``.

    CKAN's default drops the Vietnamese letters instead (REQ-24).
    """
    words = _NOT_SLUG.sub("-", fold(value)).strip("-")
    return words if len(words) <= limit else words[:limit].rsplit("-", 1)[0]


def parse_date(value: str) -> date | None:
    """A day written ``2025-12-31`` or ``31/12/2025``; ``None`` when it is no such day."""
    if match := _ISO_DATE.fullmatch(value):
        year, month, day = match.groups()
    elif match := _LOCAL_DATE.fullmatch(value):
        day, month, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def parse_day(value: str, *, end: bool = False) -> date | None:
    """A day, month (``2025-12``, ``202512``) or year; the latter two as first or last day."""
    if found := parse_date(value):
        return found
    if match := _YEAR_MONTH.fullmatch(value):
        year, month = int(match[1]), int(match[2])
    elif match := _YEAR.fullmatch(value):
        year, month = int(match[1]), 12 if end else 1
    else:
        return None
    if not (1 <= month <= 12 and MINYEAR <= year <= MAXYEAR):
        return None
    return date(year, month, monthrange(year, month)[1] if end else 1)


def parse_number(value: str) -> float | None:
    """A number written the Vietnamese way (``1.234,5``) or plainly (``1234.5``).

    A lone group like ``1.234`` is read as one thousand two hundred and thirty-four, as it is
    written here. Blank text is ``None``, never zero.
    """
    text = value.replace(" ", "").replace("\u00a0", "")
    if _LOCAL_NUMBER.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    if _COMMA_DECIMAL.fullmatch(text):
        return float(text.replace(",", "."))
    if _PLAIN_NUMBER.fullmatch(text):
        return float(text)
    return None
