"""Reads the dictionary, its code lists and the organisations from ``schemas/``.

Every rule that a file must keep is checked here, so that a wrong edit stops the portal at start
with the file, the row and the column, and not a reader on some page. ``docs/dictionary.md``
describes the formats.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import yaml

from hatinh.dictionary.edition import Edition, State
from hatinh.dictionary.model import (
    IN_FORCE,
    RETIRED,
    Code,
    CodeList,
    Datatype,
    Dictionary,
    Element,
)
from hatinh.errors import SchemaError
from hatinh.text import Text, parse_day

CODE_COLUMNS = (
    "ma", "ten", "ten_en", "ten_khac", "ma_cha", "mo_ta",
    "thu_tu", "ngay_hl", "ngay_hhl", "trang_thai", "anh_xa",
)  # fmt: skip
"""Header of every code list: the reference table of REQ-34, other names and mapping added."""

ORGANIZATION_COLUMNS = (
    "slug", "name_vi", "name_en", "short_vi", "other_names", "kind", "parent", "org_id",
    "reporting_code", "status", "valid_from", "valid_to", "successor", "publishes", "role",
    "confidence", "source",
)  # fmt: skip

GRADES = "ABCD"
PERSONAL_DATA = ("none", "basic", "sensitive")

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_XSD = "http://www.w3.org/2001/XMLSchema#"
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ELEMENT_KEYS = frozenset(Element.__dataclass_fields__) - {"id", "group"}
_ELEMENT_NAMES = ("synonyms", "related_documents", "related_terms")
_ELEMENT_DAYS = ("valid_from", "valid_to")
# The C parser is eight times faster; it is missing only where PyYAML was built without libyaml.
_Yaml = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Member = TypeVar("_Member", bound=StrEnum)


def load(root: Path) -> Dictionary:
    """The dictionary below ``root``: ``dictionary/*.yaml`` and ``codelists/*.csv``.

    Raises :class:`SchemaError` for the first thing that breaks a rule.
    """
    return load_edition(root).dictionary


def load_edition(root: Path) -> Edition:
    """The edition that the files are, with its state. Raises :class:`SchemaError`."""
    head = _yaml(root / "dictionary" / "edition.yaml")
    where = "dictionary/edition.yaml"
    owner = _needed(head, "owner", where)
    code_lists = _code_lists(root / "codelists", owner)
    return Edition(
        number=_needed(head, "number", where),
        date=_date(head, "date", where) or date.min,
        state=_member(State, head.get("state"), where),
        owner=owner,
        elements=_elements(root / "dictionary", code_lists, head.get("defaults") or {}),
        code_lists=code_lists,
        decision=str(head.get("decision") or ""),
        note=str(head.get("note") or ""),
    )


def load_organizations(path: Path) -> CodeList:
    """The offices that publish, or published, as a code list of slugs.

    The mapping of an abolished office is its successor. Partners, planned and unconfirmed
    offices (``publishes`` = ``no``) are left out. Raises :class:`SchemaError`.
    """
    rows = _rows(path, ORGANIZATION_COLUMNS)
    entries = [_organization(row) for row in rows]
    _refuse_repeated(rows, entries)
    slugs = {entry.code for entry in entries}
    for row, entry in zip(rows, entries, strict=True):
        for column, slug in (("parent", entry.parent), ("successor", entry.mapping)):
            if slug and slug not in slugs:
                raise row.error(column, f"no organisation has the slug {slug!r}")
    publishing = (e for r, e in zip(rows, entries, strict=True) if r.choice("publishes", _YES_NO))
    return CodeList("organizations", Text("Cơ quan", "Organisations"), tuple(publishing))


def load_partners(path: Path) -> frozenset[str]:
    """Slugs of the offices that :func:`load_organizations` leaves out."""
    rows = _rows(path, ORGANIZATION_COLUMNS)
    return frozenset(row.cells["slug"] for row in rows if not row.choice("publishes", _YES_NO))


# -- rows of a CSV file -------------------------------------------------------------------------


_YES_NO: Mapping[str, bool] = {"yes": True, "no": False}
_STATUS: Mapping[str, bool] = {IN_FORCE: True, RETIRED: False}


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a CSV file, which knows where it stands."""

    file: str
    line: int
    cells: Mapping[str, str]

    def error(self, column: str, what: str) -> SchemaError:
        return SchemaError(f"{self.file}, row {self.line}, column {column}", what)

    def needed(self, column: str) -> str:
        if not self.cells[column]:
            raise self.error(column, "is empty")
        return self.cells[column]

    def names(self, column: str) -> tuple[str, ...]:
        return tuple(name for name in self.cells[column].split("|") if name)

    def number(self, column: str) -> int:
        if not self.cells[column].isascii() or not self.cells[column].isdigit():
            raise self.error(column, f"{self.cells[column]!r} is no whole number")
        return int(self.cells[column])

    def day(self, column: str, *, end: bool = False) -> date | None:
        """A day, month or year; the latter two stand for their first or last day."""
        words = self.cells[column]
        found = parse_day(words, end=end)
        if words and found is None:
            raise self.error(column, f"{words!r} is no day written YYYY-MM-DD")
        return found

    def choice(self, column: str, choices: Mapping[str, Any]) -> Any:
        if self.cells[column] not in choices:
            raise self.error(column, f"{self.cells[column]!r} is none of {', '.join(choices)}")
        return choices[self.cells[column]]


def _rows(path: Path, columns: Sequence[str]) -> list[_Row]:
    where = f"{path.parent.name}/{path.name}"
    reader = csv.reader(io.StringIO(_read(path), newline=""))
    header = tuple(next(reader, ()))
    if header != tuple(columns):
        raise SchemaError(f"{where}, row 1", f"the header must be {','.join(columns)}")
    rows = []
    for cells in reader:
        if len(cells) != len(columns):
            what = f"has {len(cells)} cells instead of {len(columns)}"
            raise SchemaError(f"{where}, row {reader.line_num}", what)
        row = _Row(where, reader.line_num, dict(zip(columns, cells, strict=True)))
        _refuse_spaces(row)
        rows.append(row)
    return rows


def _refuse_spaces(row: _Row) -> None:
    for column, cell in row.cells.items():
        if cell != cell.strip():
            raise row.error(column, "begins or ends with a space")


def _read(path: Path) -> str:
    """Text of a file of the dictionary: UTF-8, letters composed (NFC)."""
    where = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as err:
        raise SchemaError(where, "the file is missing") from err
    except UnicodeDecodeError as err:
        raise SchemaError(where, f"is not UTF-8: {err}") from err
    if not unicodedata.is_normalized("NFC", text):
        raise SchemaError(where, "has decomposed letters; save it in Unicode NFC")
    return text


# -- code lists ---------------------------------------------------------------------------------


def _code_lists(folder: Path, owner: str) -> dict[str, CodeList]:
    register = _yaml(folder / "index.yaml")
    files = {path.stem for path in folder.glob("*.csv")}
    for name in sorted(files ^ set(register)):
        what = "is not in index.yaml" if name in files else "is in index.yaml but there is no file"
        raise SchemaError(f"codelists/{name}.csv", what)
    return {name: _code_list(folder, name, entry, owner) for name, entry in register.items()}


def _code_list(folder: Path, name: str, entry: Mapping[str, Any], owner: str) -> CodeList:
    where = f"codelists/index.yaml, {name}"
    return CodeList(
        id=name,
        title=_text(entry.get("title"), f"{where}, title"),
        codes=_codes(folder / f"{name}.csv"),
        source=_needed(entry, "source", where),
        issued=_needed(entry, "date", where),
        confidence=_grade(entry, where),
        proposed=bool(entry.get("proposed")),
        owner=str(entry.get("owner") or owner),
        note=str(entry.get("note") or ""),
        unverified=bool(entry.get("unverified")),
        dated=bool(entry.get("dated")),
    )


def _codes(path: Path) -> tuple[Code, ...]:
    rows = _rows(path, CODE_COLUMNS)
    entries = [_code(row) for row in rows]
    _refuse_repeated(rows, entries)
    known = {entry.code for entry in entries}
    for row, entry in zip(rows, entries, strict=True):
        if entry.parent and entry.parent not in known:
            raise row.error("ma_cha", f"the list has no code {entry.parent!r}")
    return tuple(sorted(entries, key=lambda entry: entry.order))


def _code(row: _Row) -> Code:
    entry = Code(
        code=row.needed("ma"),
        name=Text(row.needed("ten"), row.cells["ten_en"]),
        other_names=row.names("ten_khac"),
        parent=row.cells["ma_cha"],
        description=row.cells["mo_ta"],
        order=row.number("thu_tu"),
        valid_from=row.day("ngay_hl"),
        valid_to=row.day("ngay_hhl", end=True),
        mapping=row.cells["anh_xa"],
        status=row.cells["trang_thai"],
    )
    if not row.choice("trang_thai", _STATUS) and entry.valid_to is None:
        raise row.error("ngay_hhl", "a retired code needs the last day of its validity")
    return entry


def _organization(row: _Row) -> Code:
    slug = row.needed("slug")
    if not _SLUG.fullmatch(slug):
        raise row.error("slug", f"{slug!r} is not written in a-z, 0-9 and single hyphens")
    entry = Code(
        code=slug,
        name=Text(row.needed("name_vi"), row.cells["name_en"]),
        other_names=(*row.names("short_vi"), *row.names("other_names")),
        parent=row.cells["parent"],
        description=row.cells["role"],
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to", end=True),
        mapping=row.cells["successor"],
    )
    row.choice("confidence", dict.fromkeys(GRADES))
    if row.needed("status") == RETIRED and not (entry.valid_to and entry.mapping):
        raise row.error("successor", "an abolished office needs its last day and a successor")
    return entry


def _refuse_repeated(rows: Iterable[_Row], entries: Iterable[Code]) -> None:
    """A code may stand twice only when its validities do not touch (REQ-35)."""
    spans: dict[str, list[tuple[date, date, _Row]]] = {}
    for row, entry in zip(rows, entries, strict=True):
        first, last = entry.valid_from or date.min, entry.valid_to or date.max
        if last < first:
            raise row.error(next(iter(row.cells)), f"{entry.code} ends before it begins")
        spans.setdefault(entry.code, []).append((first, last, row))
    for code, found in spans.items():
        found.sort(key=lambda span: span[:2])
        for (_, last, _before), (first, _, row) in pairwise(found):
            if first <= last:
                raise row.error(next(iter(row.cells)), f"{code} is there twice for the same days")


# -- data elements ------------------------------------------------------------------------------


def _elements(
    folder: Path, code_lists: Mapping[str, CodeList], defaults: Mapping[str, Any]
) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "edition.yaml":
            continue
        subject = _yaml(path)
        shared = {**defaults, "entity": subject.get("entity", "")}
        group = _text(subject.get("subject"), f"dictionary/{path.name}, subject")
        for name, entry in subject["elements"].items():
            where = f"dictionary/{path.name}, {name}"
            if name in found:
                raise SchemaError(where, "another file has an element of this name")
            found[name] = replace(_element(name, {**shared, **entry}, where), group=group)
            if (wanted := found[name].code_list) and wanted not in code_lists:
                raise SchemaError(where, f"there is no code list {wanted!r}")
    types = code_lists.get("datatypes")
    return {name: _completed(element, types) for name, element in found.items()}


def _completed(element: Element, types: CodeList | None) -> Element:
    """The element with the technical name and the RDF type that follow from the rest."""
    name = f"{element.entity}.{_CAPITAL.sub('_', element.id).lower()}"
    entry = next(iter(types.entries(element.datatype)), None) if types else None
    return replace(
        element,
        field_name=element.field_name or name,
        rdf_type=element.rdf_type or (entry.uri.replace(_XSD, "xsd:") if entry else ""),
    )


def _element(name: str, entry: Mapping[str, Any], where: str) -> Element:
    if not _ELEMENT_ID.fullmatch(name):
        raise SchemaError(where, "an element's id is written in a-z, A-Z, 0-9 and _")
    if unknown := set(entry) - _ELEMENT_KEYS:
        raise SchemaError(where, f"unknown keys: {', '.join(sorted(unknown))}")
    values: dict[str, Any] = {
        **entry,
        "id": name,
        "name": _text(entry.get("name"), f"{where}, name"),
        "definition": _text(entry.get("definition"), f"{where}, definition"),
        "datatype": _member(Datatype, entry.get("datatype", Datatype.STRING), where),
        "source": _needed(entry, "source", where),
        "confidence": _grade(entry, where),
    }
    values |= {key: tuple(entry[key]) for key in _ELEMENT_NAMES if key in entry}
    values |= {key: _date(entry, key, where) for key in _ELEMENT_DAYS if key in entry}
    if "usage_context" in entry:
        values["usage_context"] = _text(entry["usage_context"], f"{where}, usage_context")
    element = Element(**values)
    _refuse_contradictions(element, where)
    return element


def _refuse_contradictions(element: Element, where: str) -> None:
    if element.personal_data not in PERSONAL_DATA:
        raise SchemaError(where, f"personal_data is one of {', '.join(PERSONAL_DATA)}")
    if (element.datatype is Datatype.CODE) != bool(element.code_list):
        raise SchemaError(where, "a code has a code list, and nothing else has one")
    try:
        pattern = re.compile(element.pattern)
    except re.error as err:
        raise SchemaError(where, f"the pattern is no regular expression: {err}") from err
    if element.example and not pattern.search(element.example):
        raise SchemaError(where, f"the example {element.example!r} breaks the pattern")


def _member(kind: type[_Member], value: Any, where: str) -> _Member:
    try:
        return kind(value)
    except ValueError as err:
        raise SchemaError(where, str(err)) from err


# -- parts of a YAML file -----------------------------------------------------------------------


def _yaml(path: Path) -> dict[str, Any]:
    where = f"{path.parent.name}/{path.name}"
    try:
        found = yaml.load(_read(path), _Yaml)
    except yaml.YAMLError as err:
        raise SchemaError(where, str(err)) from err
    if not isinstance(found, dict):
        raise SchemaError(where, "is no mapping")
    return found


def _text(value: Any, where: str) -> Text:
    """A text of the dictionary: it always has both languages."""
    if not isinstance(value, Mapping) or not value.get("vi") or not value.get("en"):
        raise SchemaError(where, "needs a text in both languages: {vi: …, en: …}")
    return Text(str(value["vi"]), str(value["en"]))


def _needed(entry: Mapping[str, Any], key: str, where: str) -> str:
    if not entry.get(key):
        raise SchemaError(where, f"{key} is missing")
    return str(entry[key])


def _date(entry: Mapping[str, Any], key: str, where: str) -> date | None:
    value = entry.get(key)
    if value is not None and not isinstance(value, date):
        raise SchemaError(where, f"{key} is no day written YYYY-MM-DD")
    return value


def _grade(entry: Mapping[str, Any], where: str) -> str:
    grade = _needed(entry, "confidence", where)
    if grade not in GRADES:
        raise SchemaError(where, f"confidence is one of {', '.join(GRADES)}")
    return grade
