"""Which column of a department's inventory is what: a proposal for a person to confirm.

    grid ──▶ header row, labels ──▶ each label and its cells against what offices usually write
         ──▶ one name a column, with its confidence and the reason

Nothing here decides: the person does, and what they decide is ``options.columns`` of the source.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice, product
from pathlib import Path
from typing import Any

import yaml

from harvesters.headers import JOINT, WITHIN, Line, below, labels_at
from hatinh.tabular import read_grid
from hatinh.text import clean, fold, parse_day

NEEDED = ("guid", "title")
SAMPLE = 50
"""Rows of cells that a column is judged by."""

LONGEST = 80
"""Letters of a cell that may be a label."""

WIDEST = 100
"""Columns that are looked at."""

COMPARED = 6
"""Meanings of an abbreviated label that are compared word by word; all are tried as they are."""

_NOT_WORD = re.compile(r"[^\w\s]|_")
_BRACKETS = re.compile(r"\([^)]*\)|\*+|^\s*(?:\d+|[ivx]+)\s*[.)]\s+", re.IGNORECASE)
_LOOKS: Mapping[str, Callable[[str], Any]] = {
    "url": re.compile(r"(?:https?://|ftp://|www\.|\.{0,2}/)\S+|\S+\.[A-Za-z]{2,5}").fullmatch,
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+").fullmatch,
    "date": parse_day,
    "code": re.compile(r"(?=.*\d)[\w./-]{1,40}").fullmatch,
    "formats": re.compile(
        r"(?:csv|xlsx?|ods|json|geojson|xml|pdf|docx?|zip|shp|kml|tsv|txt)(?:[,;/ ].*)?", re.I
    ).fullmatch,
}


@dataclass(frozen=True, slots=True)
class Label:
    """Words that stand for a name; ``words`` as written, ``plain`` for comparing."""

    name: str
    words: str
    plain: str


@dataclass(frozen=True, slots=True)
class Labels:
    """What offices write; made by :func:`load_labels` from ``schemas/``.

    ``looks`` gives for a name the test of one of its cells.
    """

    known: tuple[Label, ...]
    names: tuple[str, ...]
    looks: Mapping[str, str]
    codes: Mapping[str, frozenset[str]]
    abbreviations: Mapping[str, tuple[str, ...]]
    threshold: float


@dataclass(frozen=True, slots=True)
class Guess:
    """One column of the sheet and what it seems to be.

    ``place`` counts from 0. ``label`` is as written (``Trên / Dưới`` for a header of two rows).
    ``name`` is empty for a column that is left out. ``confidence`` is between 0 and 1.
    ``reason`` is one of ``same-label``, ``known-label``, ``abbreviation``, ``similar-words``,
    ``values``, ``taken`` (another column fits better) and ``no-match``; ``because`` is the label
    or the cell that it rests on. ``others`` are the next best names, ``sample`` the first cells.
    """

    place: int
    label: str
    name: str
    confidence: float
    reason: str
    because: str = ""
    others: tuple[tuple[str, float], ...] = ()
    sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a sheet seems to say. ``header`` is the number of the header's last row, from 1."""

    header: int
    header_rows: int
    guesses: tuple[Guess, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Names without which there is no record, and that no column gives."""
        given = {guess.name for guess in self.guesses}
        return tuple(name for name in NEEDED if name not in given)

    @property
    def options(self) -> dict[str, Any]:
        """``options`` of an inventory source. Without a column of codes, titles identify."""
        columns = {guess.label: guess.name for guess in self.guesses if guess.name}
        options: dict[str, Any] = {"columns": columns}
        if self.header_rows > 1:
            options["header_rows"] = self.header_rows
        if self.missing == ("guid",):
            options["identity"] = "title"
        return options


def load_labels(root: Path) -> Labels:
    """The labels of ``inventory_labels.yaml``, with the code lists that cells are tried on."""
    data = yaml.safe_load((root / "inventory_labels.yaml").read_text(encoding="utf-8"))
    common = yaml.safe_load((root / "suggest.yaml").read_text(encoding="utf-8"))["abbreviations"]
    names: Mapping[str, Any] = data["names"]
    looks = {name: entry["values"] for name, entry in names.items() if "values" in entry}
    short = {**common, **data["abbreviations"]}
    return Labels(
        known=tuple(
            Label(name, words, _plain(words))
            for name, entry in names.items()
            for words in entry["labels"]
        ),
        names=tuple(names),
        looks=looks,
        codes={list_: _codes(root, list_) for list_ in looks.values() if list_ not in _LOOKS},
        abbreviations={word: tuple(map(fold, meant)) for word, meant in short.items()},
        threshold=data["threshold"],
    )


def read_sheet(name: str, body: bytes, sheet: str = "") -> list[list[str]]:
    """The cells of a workbook or CSV file. Raises :class:`hatinh.errors.UnreadableTableError`."""
    return [[clean(cell) for cell in line] for line in read_grid(name, body, sheet=sheet)]


def propose_mapping(grid: Sequence[Line], labels: Labels) -> Proposal:
    """The header of a grid and what its columns seem to be. Never raises for what is written."""
    row, rows = _header(grid, labels)
    if not grid:
        return Proposal(0, 1, ())
    first = below(grid, row, rows)
    lines = grid[first : first + SAMPLE]
    columns = [
        _Column(place, label, [clean(line[place]) for line in lines if place < len(line)])
        for place, label in enumerate(labels_at(grid, row, rows)[:WIDEST])
        if label
    ]
    return Proposal(row + rows, rows, tuple(_assigned(columns, labels)))


# -- the header -----------------------------------------------------------------------------------


def _header(grid: Sequence[Line], labels: Labels) -> tuple[int, int]:
    """Row and number of rows of the header: where most columns are known words."""
    known = {label.plain for label in labels.known}
    tries = [(row, rows) for rows in (1, 2) for row in range(min(len(grid), WITHIN))]

    def is_known(label: str) -> bool:
        words = {_plain(label), _plain(label.rpartition(JOINT)[2])}
        return any(known & {word, *_meanings(word, labels.abbreviations)} for word in words)

    def worth(place: tuple[int, int]) -> tuple[float, int, int]:
        found = {word for word in labels_at(grid, *place) if word}
        # A second row must tell of columns more than one could tell by chance.
        return sum(map(is_known, found)) - 0.5 * (place[1] - 1), len(found), -place[0]

    return max(tries, key=worth, default=(0, 1))


# -- one column -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    place: int
    label: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well a name fits a column, and why."""

    name: str
    confidence: float
    reason: str
    because: str


def _assigned(columns: Sequence[_Column], labels: Labels) -> Iterator[Guess]:
    """A name a column, each name once: the best fit first, the left one of equals."""
    fits = {column.place: _judged(column, labels) for column in columns}
    ranked = sorted(
        ((place, fit) for place, found in fits.items() for fit in found),
        key=lambda pair: (-pair[1].confidence, pair[0]),
    )
    chosen: dict[int, _Fit] = {}
    taken: set[str] = set()
    for place, fit in ranked:
        if fit.confidence >= labels.threshold and place not in chosen and fit.name not in taken:
            chosen[place] = fit
            taken.add(fit.name)
    seen: set[str] = set()
    for column in columns:
        # A label that comes twice can be configured only once.
        fit = chosen.get(column.place) if fold(column.label) not in seen else None
        seen.add(fold(column.label))
        yield _guess(column, fit, fits[column.place], taken)


def _guess(column: _Column, fit: _Fit | None, fits: Sequence[_Fit], taken: set[str]) -> Guess:
    others = tuple((f.name, f.confidence) for f in fits if fit is None or f.name != fit.name)[:3]
    sample = tuple(list(dict.fromkeys(filter(None, column.cells)))[:3])
    better = fits[0].name if fits and fits[0].name in taken else ""
    told = fit or _Fit("", 0.0, "taken" if better else "no-match", better)
    return Guess(
        place=column.place,
        label=column.label,
        name=told.name,
        confidence=told.confidence,
        reason=told.reason,
        because=told.because,
        others=others,
        sample=sample,
    )


def _judged(column: _Column, labels: Labels) -> list[_Fit]:
    """The fits of a column worth telling, the best first: its label, corrected by its cells."""
    fits = {fit.name: fit for fit in _with_parents(column.label, labels)}
    shares = {name: _share(column.cells, look, labels) for name, look in labels.looks.items()}
    judged = [_corrected(fit, shares.get(fit.name)) for fit in fits.values()]
    example = next(filter(None, column.cells), "")
    judged += [
        _Fit(name, 0.66, "values", example)
        for name, share in shares.items()
        if share is not None and share > 0.9 and name not in fits and _telling(name, labels)
    ]
    worth = [fit for fit in judged if fit.confidence >= 0.5]
    return sorted(worth, key=lambda fit: (-fit.confidence, labels.names.index(fit.name)))


def _corrected(fit: _Fit, share: float | None) -> _Fit:
    if share is None:
        return fit
    confidence = min(1.0, fit.confidence + 0.1) if share > 0.8 else fit.confidence
    if share < 0.2:
        confidence = max(0.0, fit.confidence - 0.25)
    return _Fit(fit.name, round(confidence, 2), fit.reason, fit.because)


def _telling(name: str, labels: Labels) -> bool:
    """Whether cells alone tell a name; dates, codes and pages may be anything's."""
    return labels.looks[name] in {"email", "formats"} or name == "resource_url"


def _share(cells: Iterable[str], look: str, labels: Labels) -> float | None:
    """The part of the cells that look as they should; ``None`` when there are too few."""
    written = [cell for cell in cells if cell]
    if len(written) < 2:
        return None
    if look in labels.codes:
        known = labels.codes[look]
        hits = sum(any(fold(part) in known for part in cell.split(";")) for cell in written)
        return hits / len(written)
    if look == "code" and len(set(written)) < len(written) * 0.6:
        return 0.0
    return sum(bool(_LOOKS[look](cell)) for cell in written) / len(written)


# -- one label ------------------------------------------------------------------------------------


def _with_parents(label: str, labels: Labels) -> list[_Fit]:
    """The fits of a label; below a merged cell, of its own words and of both together."""
    child = label.rpartition(JOINT)[2]
    found = {fit.name: fit for fit in _fits(label.replace(JOINT, " "), labels)}
    for fit in _fits(child, labels) if child != label else ():
        if fit.name not in found or found[fit.name].confidence < fit.confidence:
            found[fit.name] = fit
    return list(found.values())


def _fits(label: str, labels: Labels) -> list[_Fit]:
    """The best fit of a label for every name that it could stand for."""
    plain = _plain(label)
    if len(plain) > LONGEST:
        return []
    meanings = _meanings(plain, labels.abbreviations)
    best: dict[str, _Fit] = {}
    for known in labels.known:
        fit = _fit(label, plain, meanings, known)
        if fit.confidence >= 0.5 and fit.confidence > (
            best[known.name].confidence if known.name in best else 0
        ):
            best[known.name] = fit
    return list(best.values())


def _fit(label: str, plain: str, meanings: Sequence[str], known: Label) -> _Fit:
    if clean(label).casefold() == known.words.casefold():
        return _Fit(known.name, 0.98, "same-label", known.words)
    if plain.replace(" ", "") == known.plain.replace(" ", ""):
        return _Fit(known.name, 0.93, "known-label", known.words)
    if known.plain in meanings:
        return _Fit(known.name, 0.85, "abbreviation", known.words)
    likeness = max(_likeness(meaning, known.plain) for meaning in (plain, *meanings[:COMPARED]))
    return _Fit(known.name, round(0.8 * likeness, 2), "similar-words", known.words)


def _likeness(one: str, other: str) -> float:
    """How many words two labels share, those of the shorter one counting more; 0 to 1.

    A word that is spelt slightly otherwise counts in part.
    """
    mine, theirs = one.split(), other.split()
    if not mine or not theirs:
        return 0.0
    shared = sum(max(_alike(word, their) for their in theirs) for word in mine)
    return 2 * shared / (len(mine) + len(theirs)) if shared >= 1 else 0.0


@lru_cache(maxsize=50_000)
def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if min(len(one), len(other)) < 4 or abs(len(one) - len(other)) > 2:
        return 0.0
    ratio = SequenceMatcher(None, one, other).ratio()
    return ratio if ratio >= 0.8 else 0.0


def _meanings(plain: str, abbreviations: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The label with its abbreviations written out, in every way that they may be meant."""
    choices = [(word, *abbreviations.get(word, ())) for word in plain.split()]
    return [" ".join(words) for words in islice(product(*choices), 1, 65)]


def _plain(label: str) -> str:
    """A label for comparing: without marks, brackets and numbers before it."""
    return fold(_NOT_WORD.sub(" ", _BRACKETS.sub(" ", clean(label))))


def _codes(root: Path, name: str) -> frozenset[str]:
    """Every word for a code of a list, or for an organisation."""
    columns = ("ma", "ten", "ten_en", "ten_khac")
    path = root / "codelists" / f"{name}.csv"
    if name == "organizations":
        path = root / "organizations.csv"
        columns = ("slug", "name_vi", "name_en", "short_vi", "other_names")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return frozenset(
        fold(word) for row in rows for column in columns for word in row[column].split("|") if word
    )
