"""What the dictionary holds: data elements and code lists, after ISO/IEC 11179 (TCVN 7789)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from hatinh.text import Text, fold


class Datatype(StrEnum):
    """How the values of an element are written."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    PERIOD = "period"
    CODE = "code"
    BOOLEAN = "boolean"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Element:
    """One data element (thuật ngữ, trường dữ liệu): what a column means and how it is written."""

    id: str
    name: Text
    definition: Text
    datatype: Datatype = Datatype.STRING
    entity: str = ""
    pattern: str = ""
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    code_list: str = ""
    unit: str = ""
    synonyms: tuple[str, ...] = ()
    personal_data: str = "none"
    publish_forbidden: bool = False
    mapping: str = ""
    example: str = ""
    source: str = ""
    confidence: str = "D"


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code list (mã danh mục). The code is immutable; validity is dated."""

    code: str
    name: Text
    other_names: tuple[str, ...] = ()
    parent: str = ""
    description: str = ""
    order: int = 0
    valid_from: date | None = None
    valid_to: date | None = None
    mapping: str = ""

    def valid(self, at: date) -> bool:
        """Whether the code may be used on that day."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_to is None or at <= self.valid_to
        )

    @property
    def uri(self) -> str:
        """The first mapping that is a web address (EU authority, licence text), or nothing."""
        return next((part for part in self.mapping.split("|") if part.startswith("http")), "")

    @property
    def value(self) -> str:
        """The first mapping that is none (a duration ``P1M``, a successor), or nothing."""
        return next((part for part in self.mapping.split("|") if not part.startswith("http")), "")


@dataclass(frozen=True)
class CodeList:
    """A reference table (bảng danh mục): codes with names and validity.

    A code may stand more than once with different validity: for places the key is
    (code, date), because all 69 commune codes were in use before 1 July 2025 (REQ-35).
    """

    id: str
    title: Text
    codes: tuple[Code, ...]
    source: str = ""
    issued: str = ""
    confidence: str = "D"
    proposed: bool = False

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def at(self, day: date) -> tuple[Code, ...]:
        """The codes in force on that day, in their order."""
        return tuple(code for code in self.codes if code.valid(day))

    def get(self, code: str, at: date) -> Code | None:
        """The entry of a code on a day, or ``None``."""
        return next((entry for entry in self._by_code.get(code, ()) if entry.valid(at)), None)

    def known(self, code: str) -> bool:
        """Whether the code was ever in the list."""
        return code in self._by_code

    def find(self, words: str, at: date) -> Code | None:
        """The entry whose code, name or other name these words are, whatever case or diacritics."""
        return self.get(words, at) or next(
            (entry for entry in self._by_words.get(fold(words), ()) if entry.valid(at)), None
        )

    @cached_property
    def _by_code(self) -> Mapping[str, list[Code]]:
        return _grouped((entry.code, entry) for entry in self.codes)

    @cached_property
    def _by_words(self) -> Mapping[str, list[Code]]:
        return _grouped(
            (fold(words), entry)
            for entry in self.codes
            for words in {entry.code, entry.name.vi, entry.name.en, *entry.other_names}
            if words
        )


@dataclass(frozen=True)
class Dictionary:
    """One edition of the dictionary (phiên bản từ điển)."""

    edition: str
    elements: Mapping[str, Element] = field(default_factory=dict)
    code_lists: Mapping[str, CodeList] = field(default_factory=dict)


def _grouped(pairs: Iterator[tuple[str, Code]]) -> Mapping[str, list[Code]]:
    groups: dict[str, list[Code]] = {}
    for key, entry in pairs:
        groups.setdefault(key, []).append(entry)
    return groups
