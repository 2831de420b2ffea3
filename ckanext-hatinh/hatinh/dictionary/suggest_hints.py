"""What helps to read headers and values: the file ``schemas/suggest.yaml``, read and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hatinh.dictionary.suggest_header import Vocabulary, Words, key, toned, without_marks
from hatinh.errors import SchemaError
from hatinh.text import Text, fold

_Yaml = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Generic:
    """An element that stands for a kind of numbers: ``Điểm …`` with numbers is a score."""

    words: tuple[str, ...]
    element: str
    units: frozenset[str]
    needs_unit: bool
    confidence: float
    unless: frozenset[str]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A header whose meaning is told by elements in other columns."""

    words: tuple[Words, ...]
    element: str
    least: int
    beside: frozenset[str]
    without: frozenset[str]


@dataclass(frozen=True, slots=True)
class Looks:
    """What values look like, in small letters; values without marks are held against the same."""

    marked: re.Pattern[str]
    bare: re.Pattern[str]

    def shown_by(self, value: str) -> bool:
        """Whether a value looks so."""
        pattern = self.bare if value.isascii() else self.marked
        return bool(pattern.search(value.lower()))


@dataclass(frozen=True)
class Hints:
    """The file as the recogniser needs it; words are keys without marks."""

    threshold: float
    vocabulary: Vocabulary
    leading: frozenset[str]
    counted: frozenset[str]
    alike: tuple[frozenset[str], ...]
    open: Mapping[str, frozenset[str]]
    generic: tuple[Generic, ...]
    ends: Mapping[str, str]
    ambiguous: Mapping[str, tuple[str, ...]]
    neighbours: tuple[Neighbours, ...]
    looks: Mapping[str, Looks]
    named_by: Mapping[str, str]
    by_values: Mapping[str, int]
    nothing: frozenset[str]
    blank: frozenset[str]
    reasons: Mapping[str, Text]


def load_hints(root: Path) -> Hints:
    """The hints below ``root``. Raises :class:`SchemaError` when the file is wrong."""
    try:
        found = yaml.load((root / "suggest.yaml").read_text(encoding="utf-8"), _Yaml)
        return _hints(found)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, re.error) as err:
        raise SchemaError("suggest.yaml", f"{type(err).__name__}: {err}") from err


def _hints(found: Mapping[str, Any]) -> Hints:
    return Hints(
        threshold=float(found["threshold"]),
        vocabulary=Vocabulary(
            abbreviations={k: tuple(v) for k, v in found["abbreviations"].items()},
            fillers=frozenset(map(fold, found["fillers"])),
            units={str(k): v for k, v in found["units"].items()},
            money=next(frozenset(same) for same in found["alike"] if "đồng" in same),
        ),
        leading=frozenset(map(_key, found["leading"])),
        counted=frozenset(map(_key, found["counted"])),
        alike=tuple(map(frozenset, found["alike"])),
        open={element: frozenset(map(toned, words)) for element, words in found["open"].items()},
        generic=tuple(map(_generic, found["generic"])),
        ends={_key(words): element for words, element in found["ends"].items()},
        ambiguous={_key(words): tuple(v) for words, v in found["ambiguous"].items()},
        neighbours=tuple(map(_neighbours, found["neighbours"])),
        looks={element: _looks(parts) for element, parts in found["looks"].items() if parts},
        named_by=found["named_by"],
        by_values=found["by_values"],
        nothing=frozenset(map(_key, found["nothing"])),
        blank=frozenset(str(word) for word in found["blank"]),
        reasons={code: Text(text["vi"], text["en"]) for code, text in found["reasons"].items()},
    )


def _generic(entry: Mapping[str, Any]) -> Generic:
    return Generic(
        words=tuple(map(_key, entry["words"])),
        element=entry["element"],
        units=frozenset(entry.get("units", ())),
        needs_unit=bool(entry.get("needs_unit")),
        confidence=float(entry["confidence"]),
        unless=frozenset(map(toned, map(str, entry["unless"]))),
    )


def _neighbours(entry: Mapping[str, Any]) -> Neighbours:
    return Neighbours(
        words=tuple(map(_words, entry["words"])),
        element=entry["element"],
        least=entry["least"],
        beside=frozenset(entry["with"]),
        without=frozenset(entry.get("without", ())),
    )


def _looks(parts: list[str]) -> Looks:
    pattern = "|".join(f"(?:{part})" for part in parts)
    return Looks(re.compile(pattern), re.compile(f"{pattern}|{without_marks(pattern)}"))


def _key(words: str) -> str:
    return key(_words(words))


def _words(words: str) -> Words:
    return tuple(toned(word) for word in str(words).split())
