"""What the dictionary holds: data elements and code lists, after ISO/IEC 11179 (TCVN 7789).

An element has the 25 attributes of the national guide (14 of business, 11 technical) and the
province's own; ``schemas/attributes.yaml`` says which fields make which attribute.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from hatinh.text import NO_TEXT, Text, fold

IN_FORCE, RETIRED = "hieu_luc", "het_hieu_luc"


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
    usage_context: Text = NO_TEXT
    group: Text = NO_TEXT
    creator_org: str = ""
    owner_org: str = ""
    language: str = ""
    related_documents: tuple[str, ...] = ()
    related_terms: tuple[str, ...] = ()
    business_attributes: str = ""
    field_name: str = ""
    written_as: str = ""
    rdf_type: str = ""
    field_relation: str = ""
    technical_attributes: str = ""
    normalisation_rule: str = ""
    validation_rule: str = ""
    data_layer: str = ""
    sharing_level: str = ""
    importance_class: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    dqi_weight: float = 1.0
    proposed: bool = False

    @property
    def unofficial(self) -> bool:
        """Whether the element is ours, found in no source: it is shown as a proposal."""
        return self.proposed or self.confidence == "D"

    @property
    def mappings(self) -> tuple[str, ...]:
        """Terms of other vocabularies: web addresses, ``nc:…`` and official field names."""
        return tuple(part.strip() for part in self.mapping.split("|") if part.strip())


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
    status: str = IN_FORCE

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
    owner: str = ""
    note: str = ""
    unverified: bool = False
    dated: bool = False
    """The State gives codes of this list again to something else: the key is (code, day)."""

    @property
    def unofficial(self) -> bool:
        """Whether the list may not be shown as an official one (grades: docs/dictionary.md)."""
        return self.proposed or self.unverified or self.confidence not in "AB"

    def entries(self, code: str) -> tuple[Code, ...]:
        """All entries of a code, the earliest first."""
        found = self._by_code.get(code, ())
        return tuple(sorted(found, key=lambda entry: entry.valid_from or date.min))

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
