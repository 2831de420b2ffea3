"""Places (đơn vị hành chính): a place is a code *on a day*.

All 69 codes of today named another unit, or another type of unit, until 30 June 2025 (REQ-35).
So every question here takes a day, and what became of a place is told by dated changes.
"""

import csv
import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

from hatinh.dictionary.model import Code, CodeList, Dictionary
from hatinh.errors import SchemaError
from hatinh.problem import Problem, warning
from hatinh.text import Text, clean, fold, parse_day

REFORM = date(2025, 7, 1)
"""First day of the communes of today (Nghị quyết 1665/NQ-UBTVQH15)."""

WHOLE, PART = "whole", "part"

BY_LAW = "law"
"""Method of a share that a legal text fixes; every other one is an estimate."""

_COMMUNE_CODE = re.compile(r"[0-9]{5}")
_QUARTER = re.compile(r"(\d{4})([1-4])")
_SHORT_TYPES = re.compile(r"^(p|x|tt|tp|tx|h)\s*[.]\s*")


@dataclass(frozen=True, slots=True)
class Change:
    """One old unit that went, whole or in part, into one new unit on a day."""

    old_code: str
    new_code: str
    day: date
    extent: str
    legal_basis: str
    source: str


@dataclass(frozen=True, slots=True)
class Share:
    """What part of a divided unit's sums is given to one new unit.

    ``measure`` is ``area`` or ``any``; ``weight`` counts relative to the other shares of the same
    unit. ``method`` is ``law`` where a legal text says it, else ``equal`` or ``area``: estimated.
    """

    old_code: str
    new_code: str
    measure: str
    weight: float
    method: str
    source: str


@dataclass(frozen=True, slots=True)
class Centre:
    """Centre point in WGS 84 degrees, and natural area in km², where a source has them."""

    lat: float
    lon: float
    area_km2: float
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Link:
    """A place before or after a change: ``extent`` says whether the whole old unit went."""

    code: str
    name: Text
    day: date
    extent: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Place:
    """One administrative unit in one span of validity."""

    code: str
    name: Text
    kind: str
    kind_name: Text
    parent: str
    parent_name: Text
    valid_from: date | None
    valid_to: date | None
    description: str
    centre: Centre | None
    predecessors: tuple[Link, ...]
    successors: tuple[Link, ...]

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: days as ``YYYY-MM-DD``, ``None`` for an open end or an unknown centre."""
        return {
            "code": self.code,
            "name": self.name.as_dict(),
            "kind": self.kind,
            "kind_name": self.kind_name.as_dict(),
            "parent": self.parent or None,
            "parent_name": self.parent_name.as_dict() if self.parent else None,
            "valid_from": _iso(self.valid_from),
            "valid_to": _iso(self.valid_to),
            "description": self.description,
            "centre": _centre_dict(self.centre),
            "predecessors": [_link_dict(link) for link in self.predecessors],
            "successors": [_link_dict(link) for link in self.successors],
        }


@dataclass(frozen=True)
class Gazetteer:
    """All places with their changes; answers by code or name, always for a day."""

    units: CodeList
    types: CodeList
    changes: tuple[Change, ...]
    centres: Mapping[tuple[str, date], Centre]
    shares: tuple[Share, ...]

    def show(self, code: str, at: date) -> Place | None:
        """The place that a code names on a day, or ``None``."""
        entry = self.units.get(code, at)
        return self._place(entry) if entry else None

    def find(self, words: str, at: date) -> tuple[Place, ...]:
        """The places that have this code or name on a day.

        Case, marks and the word of the type are free (``xa son tay`` = ``Sơn Tây``). Names may
        be shared; the full name counts before the bare one.
        """
        wanted = _long(fold(words))
        named = self._named.get(wanted, ()) or self._named.get(self.bare(wanted), ())
        return tuple(self._place(entry) for entry in named if entry.valid(at))

    def suggest(self, words: str, at: date, limit: int = 5) -> tuple[Place, ...]:
        """Places of that day that may be meant by an unknown code or name, best first.

        What the code or name was on another day leads to its successors or predecessors;
        then come codes and names that differ in a few characters, else the codes next to it.
        """
        wanted = _long(fold(words))
        near = [*self._moved(wanted, at), *self._close(wanted, at, limit)]
        if not near and _COMMUNE_CODE.fullmatch(wanted):
            near = self._next_to(int(wanted), at, limit)
        unique = {(entry.code, entry.valid_from): entry for entry in near}
        return tuple(self._place(entry) for entry in list(unique.values())[:limit])

    def entries(self, words: str) -> tuple[Code, ...]:
        """Every entry, of any day, that has this code or name."""
        wanted = _long(fold(words))
        return tuple(self._named.get(wanted, ()) or self._named.get(self.bare(wanted), ()))

    def successors(self, entry: Code) -> tuple[Change, ...]:
        """The changes that ended a place."""
        return tuple(
            change
            for change in self._by_old.get(entry.code, ())
            if entry.valid_to is not None and (change.day - entry.valid_to).days == 1
        )

    def predecessors(self, entry: Code) -> tuple[Change, ...]:
        """The changes that made a place."""
        return tuple(
            change for change in self._by_new.get(entry.code, ()) if change.day == entry.valid_from
        )

    def bare(self, name: str) -> str:
        """A folded name without the word of its type: ``phuong thanh sen`` → ``thanh sen``."""
        return next(
            (name.removeprefix(f"{word} ") for word in self._type_words if _starts(name, word)),
            name,
        )

    # -- inside -------------------------------------------------------------------------------

    @cached_property
    def _by_old(self) -> Mapping[str, list[Change]]:
        return _grouped((change.old_code, change) for change in self.changes)

    @cached_property
    def _by_new(self) -> Mapping[str, list[Change]]:
        return _grouped((change.new_code, change) for change in self.changes)

    @cached_property
    def _named(self) -> Mapping[str, list[Code]]:
        """Entries by code and by every folded name, full or bare."""
        return _grouped((key, entry) for entry in self.units for key in self._keys(entry))

    def _keys(self, entry: Code) -> set[str]:
        names = {fold(name) for name in (*entry.name, *entry.other_names) if name}
        return {entry.code, *names, *(self.bare(name) for name in names)}

    @cached_property
    def _type_words(self) -> tuple[str, ...]:
        return tuple(fold(kind.name.vi) for kind in self.types)

    def _kind(self, entry: Code) -> Code | None:
        name = fold(entry.name.vi)
        return next((kind for kind in self.types if _starts(name, fold(kind.name.vi))), None)

    def _place(self, entry: Code) -> Place:
        kind = self._kind(entry)
        day = entry.valid_from or entry.valid_to or REFORM
        parent = self.units.get(entry.parent, day)
        return Place(
            code=entry.code,
            name=entry.name,
            kind=kind.code if kind else "",
            kind_name=kind.name if kind else Text(""),
            parent=entry.parent,
            parent_name=parent.name if parent else Text(""),
            valid_from=entry.valid_from,
            valid_to=entry.valid_to,
            description=entry.description,
            centre=self.centres.get((entry.code, entry.valid_from)) if entry.valid_from else None,
            predecessors=tuple(self._before(change) for change in self.predecessors(entry)),
            successors=tuple(self._after(change) for change in self.successors(entry)),
        )

    def _before(self, change: Change) -> Link:
        day = date.fromordinal(change.day.toordinal() - 1)
        return self._link(change.old_code, day, change)

    def _after(self, change: Change) -> Link:
        return self._link(change.new_code, change.day, change)

    def _link(self, code: str, day: date, change: Change) -> Link:
        entry = self.units.get(code, day)
        if entry is None:
            raise SchemaError("admin_unit_changes.csv", f"no unit has the code {code} on {day}")
        return Link(code, entry.name, change.day, change.extent, change.legal_basis)

    def _moved(self, wanted: str, at: date) -> list[Code]:
        """Units of that day that an entry of another day became, or was made of."""
        found: list[Code | None] = []
        for entry in self._named.get(wanted, ()) or self._named.get(self.bare(wanted), ()):
            if entry.valid_to and entry.valid_to < at:
                ended = [entry, *self._parts(entry)]
                found += [self.units.get(c.new_code, at) for e in ended for c in self.successors(e)]
            elif entry.valid_from and at < entry.valid_from:
                found += [self.units.get(c.old_code, at) for c in self.predecessors(entry)]
        return [entry for entry in found if entry]

    def _parts(self, entry: Code) -> list[Code]:
        """The units below one that ended on the same day: the communes of a district."""
        return [
            unit
            for unit in self.units
            if unit.parent == entry.code and unit.valid_to == entry.valid_to
        ]

    def _next_to(self, code: int, at: date, limit: int) -> list[Code]:
        communes = [
            entry for entry in self.units if _COMMUNE_CODE.fullmatch(entry.code) and entry.valid(at)
        ]
        return sorted(communes, key=lambda entry: abs(int(entry.code) - code))[:limit]

    def _close(self, wanted: str, at: date, limit: int) -> list[Code]:
        """Codes one digit away, the nearest number first; or names alike in most letters."""
        valid = {
            key: entry
            for key, entries in self._named.items()
            if key.isdigit() is wanted.isdigit()
            for entry in entries
            if entry.valid(at)
        }
        if not wanted.isdigit():
            near = difflib.get_close_matches(self.bare(wanted), valid, limit, 0.75)
            return [valid[key] for key in near]
        alike = difflib.get_close_matches(wanted, valid, len(valid), 0.8)
        return [valid[key] for key in sorted(alike, key=lambda key: abs(int(key) - int(wanted)))]


def load_gazetteer(root: Path, dictionary: Dictionary) -> Gazetteer:
    """The gazetteer of the dictionary's code lists and ``admin_unit_*.csv`` below ``root``.

    Raises :class:`SchemaError` when a file is missing or a cell is wrong.
    """
    return Gazetteer(
        units=dictionary.code_lists["admin_units"],
        types=dictionary.code_lists["admin_unit_types"],
        changes=_read(root / "admin_unit_changes.csv", _change),
        centres=dict(_read(root / "admin_unit_centres.csv", _centre)),
        shares=_read(root / "admin_unit_shares.csv", _share),
    )


def gazetteer_of(dictionary: Dictionary) -> Gazetteer:
    """Places by code and name only, without changes: enough for :func:`crossing`."""
    lists = dictionary.code_lists
    types = lists.get("admin_unit_types") or CodeList("admin_unit_types", Text(""), ())
    return Gazetteer(lists["admin_units"], types, (), {}, ())


def crossing(
    places: Gazetteer,
    codes: Sequence[str],
    *,
    names: Sequence[str] = (),
    periods: Iterable[str] = (),
    path: str = "$",
) -> Problem | None:
    """The problem of a column of commune codes that mixes days before and after the reform.

    ``names`` stand beside ``codes`` and tell the two units of a code apart; without them only a
    code that ended can say its day. ``periods`` (``2024``, ``20243``, ``202407``, a day) cross
    when some end before the reform and some on it or later. Repeated values may be left out.
    """
    found = Crossing(places)
    for code, name in zip_longest(codes, names[: len(codes)], fillvalue=""):
        found.add(code, name)
    for period in periods:
        found.add_period(period)
    return found.problem(path)


class Crossing:
    """Sees a table row by row, for :func:`crossing`."""

    def __init__(self, places: Gazetteer) -> None:
        self._places = places
        self._sides: dict[bool, str] = {}
        self._places_known = False

    def add(self, code: str, name: str) -> None:
        """A code and the name beside it."""
        code, name = clean(code), clean(name)
        side = _side(self._places, code, name)
        if side is not None:
            self._sides.setdefault(side, f"{code} {name}".strip())
        self._places_known = self._places_known or self._places.units.known(code)

    def add_period(self, period: str) -> None:
        """A period beside a code."""
        if end := _period_end(clean(period)):
            self._sides.setdefault(end >= REFORM, clean(period))

    @property
    def blind(self) -> bool:
        """Whether nothing seen so far tells its day."""
        return not self._sides

    def problem(self, path: str) -> Problem | None:
        """The problem, if both sides have been seen."""
        if len(self._sides) < 2 or not self._places_known:
            return None
        before, after = self._sides[False], self._sides[True]
        return warning("place-codes-cross-reform", path, before=before, after=after)


def _side(places: Gazetteer, code: str, name: str) -> bool | None:
    """Whether a code with its name belongs after the reform; ``None`` if it fits both or none."""
    known = [entry for entry in places.entries(code) if entry.code == code]
    wanted = places.bare(fold(name))
    same = [entry for entry in known if places.bare(fold(entry.name.vi)) == wanted]
    spans = {(entry.valid_from or date.min) >= REFORM for entry in same or known}
    ends = {entry.valid_to is None or entry.valid_to >= REFORM for entry in same or known}
    return spans.pop() if len(spans) == 1 and spans == ends else None


def _period_end(period: str) -> date | None:
    if quarter := _QUARTER.fullmatch(period):
        return parse_day(f"{quarter[1]}-{int(quarter[2]) * 3:02}", end=True)
    return parse_day(period, end=True)


def _change(row: Mapping[str, str]) -> Change:
    if row["extent"] not in (WHOLE, PART):
        raise ValueError(f"extent {row['extent']!r} is neither whole nor part")
    return Change(
        old_code=row["old_code"],
        new_code=row["new_code"],
        day=date.fromisoformat(row["valid_from"]),
        extent=row["extent"],
        legal_basis=row["legal_basis"],
        source=row["source"],
    )


def _share(row: Mapping[str, str]) -> Share:
    return Share(
        old_code=row["old_code"],
        new_code=row["new_code"],
        measure=row["measure"],
        weight=float(row["share"]),
        method=row["method"],
        source=row["source"],
    )


def _centre(row: Mapping[str, str]) -> tuple[tuple[str, date], Centre]:
    key = (row["code"], date.fromisoformat(row["valid_from"]))
    lat, lon, area = float(row["lat"]), float(row["lon"]), float(row["area_km2"])
    return key, Centre(lat, lon, area, row["source"], row["confidence"])


def _read(path: Path, parse: Any) -> tuple[Any, ...]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(parse(row) for row in csv.DictReader(file))
    except (OSError, KeyError, TypeError, ValueError) as err:
        raise SchemaError(path.name, str(err)) from err


def _grouped(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return groups


def _starts(name: str, word: str) -> bool:
    return name.startswith(f"{word} ")


def _long(name: str) -> str:
    """A folded name without the short form of a type: ``p. thanh sen`` → ``thanh sen``."""
    return _SHORT_TYPES.sub("", name)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _centre_dict(centre: Centre | None) -> dict[str, Any] | None:
    if centre is None:
        return None
    return {
        "lat": centre.lat,
        "lon": centre.lon,
        "area_km2": centre.area_km2,
        "source": centre.source,
        "confidence": centre.confidence,
    }


def _link_dict(link: Link) -> dict[str, Any]:
    return {
        "code": link.code,
        "name": link.name.as_dict(),
        "day": link.day.isoformat(),
        "extent": link.extent,
        "legal_basis": link.legal_basis,
    }
