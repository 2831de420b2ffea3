"""Reads the words of a column's header, however an office writes them.

``Mã ĐVHC``, ``ma_dvhc``, ``MaDVHC``, ``madvhc`` and ``Mã đơn vị hành chính (*)`` are the same
words. Marks are compared where both sides have them: ``Năm`` (year) is not ``Nam`` (male).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice, product

from hatinh.text import clean, fold

Words = tuple[str, ...]
"""Words with their marks, lower case, tone marks at the end of each word."""

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_NO_TONES = dict.fromkeys(map(ord, _TONES))
_ASIDE = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_NUMBERING = re.compile(
    r"^\s*(?:[IVX]+|[A-Da-d]|\d{1,2})\s*[.)]\s+|^(?:cột|column)\s*\d+\s*[:.-]\s*", re.I
)
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-ZĐ])|(?<=[A-ZĐ])(?=[A-ZĐ][a-zđ])")
_WORD = re.compile(r"[^\W_]+|%")
_CUTS = re.compile(r"\s[-–—]\s|[:/|>;\n]|\.(?=\D)|__")
_I_AS_Y = re.compile(r"^(h|k|l|m|t|s|qu|th)y$")
_MANY = re.compile(r"^(?:nghin|ngan|tram|1[.,]?000)\s*")
_SIGNS = re.compile(r"%|ha|km[2²]?|m[23²]|kg|usd|vnd|trd|t[aấ]n|[mk]w", re.I)
"""Units that are known at the end of a header without brackets."""

_GLUED_UNIT = re.compile(r"(?<=[^\W\d_A-Z])(?<!Ta)(?=(?:M2|M3|Km2?|Kg|Ha)$)")
"""Where a unit begins that a Pascal name ends with: ``DienTichM2``."""

_YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
_OF_YEAR = re.compile(
    r"(?i)(?:(?<![^\W_])(?:(?:cuối |đầu )?năm|nam|year)[ _]*)?(?<!\d)(?:19|20)\d\d(?!\d)"
)


@dataclass(frozen=True)
class Vocabulary:
    """The words that headers are shortened and filled with; see ``schemas/suggest.yaml``."""

    abbreviations: Mapping[str, tuple[str, ...]]
    fillers: frozenset[str]
    units: Mapping[str, str]
    money: frozenset[str]

    @property
    def certain(self) -> "Vocabulary":
        """Only with abbreviations of one meaning: a synonym must not gain another."""
        alone = {short: found for short, found in self.abbreviations.items() if len(found) == 1}
        return replace(self, abbreviations=alone)


@dataclass(frozen=True)
class Header:
    """One header, taken apart. ``readings`` are its words with abbreviations written out."""

    text: str
    units: frozenset[str]
    readings: tuple[Words, ...]
    parts: tuple[tuple[Words, ...], ...]
    """Readings of the pieces that stand between dashes, slashes and colons."""

    @cached_property
    def marked(self) -> bool:
        """Whether it is written with Vietnamese marks."""
        return not self.text.isascii()

    @cached_property
    def has_year(self) -> bool:
        """Whether it speaks of one year, as columns of wide tables do."""
        return bool(_YEAR.search(self.text))

    def shared(self, words: Words, others: Iterable[str]) -> bool:
        """Whether some words of this header are among others; marks count when it has any."""
        return bool(set(words) & {other if self.marked else bare(other) for other in others})


def read_header(text: str, vocabulary: Vocabulary) -> Header:
    """Take a header apart; never fails."""
    lines = "\n".join(clean(line) for line in str(text).splitlines())
    asides = [a or b for a, b in _ASIDE.findall(lines)]
    main = _NUMBERING.sub("", _ASIDE.sub(" ", lines).strip(" *\n\t:.-"))
    main, trailing = _trailing_unit(main, vocabulary)
    pieces = [piece for piece in _CUTS.split(main) if piece.strip()]
    if "\n" in main and any(" " not in piece.strip() for piece in pieces):
        pieces = []
    said = [aside for aside in asides if key([aside]).isalpha() and not _unit(aside, vocabulary)]
    parts = [*pieces, *said] if len(pieces) + len(said) > 1 else []
    units = {_unit(aside, vocabulary) for aside in asides} | {trailing, "%" if "%" in main else ""}
    return Header(
        text=clean(text),
        units=frozenset(units - {""}),
        readings=tuple(_with_and_without_year(main or clean(text), vocabulary)),
        parts=tuple(tuple(readings(part, vocabulary)) for part in parts),
    )


def _with_and_without_year(text: str, vocabulary: Vocabulary) -> Iterator[Words]:
    yield from readings(text, vocabulary)
    timeless = _OF_YEAR.sub(" ", text)
    if timeless != text and timeless.strip(" _-"):
        yield from readings(timeless, vocabulary)


def readings(text: str, vocabulary: Vocabulary) -> Iterator[Words]:
    """The words of a text: as they stand, then with abbreviations written out."""
    tokens = list(split(text))
    yield tuple(map(toned, tokens))
    choices = [vocabulary.abbreviations.get(fold(token), ()) for token in tokens]
    if any(choices):
        written = [found or (token,) for token, found in zip(tokens, choices, strict=True)]
        for chosen in islice(product(*written), 6):
            yield tuple(toned(word) for phrase in chosen for word in phrase.split())


def split(text: str) -> Iterator[str]:
    """Words of a name in any case: ``SoDienThoai`` gives ``So``, ``Dien``, ``Thoai``."""
    for word in _WORD.findall(text):
        yield from filter(None, _CAMEL.split(word)) if not word.isupper() else [word]


def toned(word: str) -> str:
    """A word in one spelling: ``toạ`` and ``tọa``, ``tỉ`` and ``tỷ`` are the same."""
    apart = unicodedata.normalize("NFD", word.lower())
    tones = "".join(c for c in apart if c in _TONES)
    letters = unicodedata.normalize("NFC", "".join(c for c in apart if c not in _TONES))
    return _I_AS_Y.sub(r"\1i", letters) + tones


def without_marks(text: str) -> str:
    """A text in plain letters, its capitals kept."""
    apart = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in apart if not unicodedata.combining(c))


@lru_cache(maxsize=20_000)
def bare(word: str) -> str:
    """A word of :data:`Words` without any marks."""
    return fold(word)


def key(words: Iterable[str]) -> str:
    """What two writings of the same words have in common: letters, i and y being one."""
    return "".join(map(bare, words)).replace("y", "i")


def agree(one: Words, other: Words) -> bool:
    """Whether marks differ nowhere, as far as both writings have them; tones may be left out."""
    a, b = "".join(one), "".join(other)
    if a.isascii() or (b.isascii() and len(one) > 1) or a == b:
        return True
    a_level, b_level = a.translate(_NO_TONES), b.translate(_NO_TONES)
    return a_level == b_level and (a == a_level or b == b_level)


def _trailing_unit(text: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """The text without the unit that stands after its last comma or blank, and the unit."""
    text = _GLUED_UNIT.sub("_", text)
    head, comma, tail = text.rpartition(",")
    if comma and (found := _unit(tail, vocabulary)):
        return head, found
    for size in (2, 1):
        head, tail = _last_words(text, size)
        found = _unit(tail, vocabulary)
        known = found in vocabulary.money if size > 1 else _SIGNS.fullmatch(tail)
        if head and found and known:
            return head, found
    return text, ""


def _last_words(text: str, size: int) -> tuple[str, str]:
    """The text before its last words, and these; words are parted by blanks or lines below."""
    ends = [match.start() for match in re.finditer(r"[ _]+", text)]
    if len(ends) < size:
        return "", ""
    return text[: ends[-size]], text[ends[-size] :].strip(" _").replace("_", " ")


def _unit(text: str, vocabulary: Vocabulary) -> str:
    """The unit that is written so, also ``nghìn`` or ``1000`` of it, or so much for each."""
    words = fold(text)
    for before in ("dvt", "don vi tinh", "don vi", "tinh bang"):
        words = words.removeprefix(before).strip(" :")
    if words in vocabulary.units:
        return vocabulary.units[words]
    many = _MANY.sub("", words)
    if many in vocabulary.units:
        return vocabulary.units[many]
    price, per, _ = re.sub(r"[ _](?=m2|ha|kg|thang|nam|nguoi|ho|tan)", "/", words).partition("/")
    found = vocabulary.units.get(price.strip(), "") if per else ""
    return found if found in vocabulary.money else ""
