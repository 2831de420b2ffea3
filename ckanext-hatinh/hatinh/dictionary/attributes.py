"""What is written of an element, a code list and a code, by ``schemas/attributes.yaml``.

One description serves the workbook, the CSV files and the pages: which columns there are, what
they are called, how a cell is written and read.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from hatinh.dictionary.edition import Edition
from hatinh.dictionary.model import CodeList, Element
from hatinh.errors import SchemaError
from hatinh.text import NO_TEXT, Text, clean_lines, fold, parse_date, parse_number

LISTS_OF_EDITION = "_code_lists"
"""In place of a code list: the ids of the edition's own lists."""

_YES = frozenset({"x", "co", "yes", "true", "1", "dung"})
_NO = frozenset({"", "khong", "no", "false", "0"})
# A workbook gives 0.125 for a number; elsewhere that would be one hundred and twenty-five.
_PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")
_Yaml = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Kind(StrEnum):
    """How a cell is written."""

    TEXT = "text"
    NAMES = "names"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field of the model that it holds, or one language of it (``part``)."""

    key: str
    field: str
    label: Text
    help: Text
    part: str = ""
    kind: Kind = Kind.TEXT
    list: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False

    def write(self, thing: Any) -> str:
        """The cell of an element, list or code. Blank means no value."""
        value = getattr(thing, self.field)
        if self.part:
            value = getattr(value, self.part)
        if self.kind is Kind.NAMES:
            return "|".join(value)
        if self.kind is Kind.FLAG:
            return "x" if value else ""
        if self.kind is Kind.NUMBER:
            return "" if value is None else f"{value:.15g}"
        return value.isoformat() if isinstance(value, date) else str("" if value is None else value)

    def read(self, cell: str) -> Any:
        """The value of a cell. Raises :class:`ValueError` when it is not written as it must be."""
        words = clean_lines(cell)
        match self.kind:
            case Kind.NAMES:
                return tuple(name.strip() for name in words.split("|") if name.strip())
            case Kind.FLAG:
                return _flag(words)
            case Kind.INTEGER | Kind.NUMBER:
                return _number(words, whole=self.kind is Kind.INTEGER)
            case Kind.DATE:
                return _day(words)
        return words


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an element: its number among the 25, or 0 when it is the province's own."""

    key: str
    number: int
    section: str
    label: Text
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of an edition: elements, code lists or codes."""

    key: str
    title: Text
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column | None:
        """The column of that key."""
        return next((column for column in self.columns if column.key == key), None)

    def of_field(self, field: str) -> Column | None:
        """The first column that holds the field."""
        return next((column for column in self.columns if column.field == field), None)


@dataclass(frozen=True, slots=True)
class Guide:
    """The words around the tables."""

    title: Text
    action: Text
    action_help: Text
    notice: Text
    notice_help: Text
    lines: tuple[Text, ...]
    flags: Mapping[str, Text]
    withdraw: str


@dataclass(frozen=True, slots=True)
class Attributes:
    """Everything in ``schemas/attributes.yaml``."""

    attributes: tuple[Attribute, ...]
    sheets: Mapping[str, Sheet]
    guide: Guide


def load_attributes(root: Path) -> Attributes:
    """Read ``attributes.yaml`` below ``root``. Raises :class:`SchemaError`."""
    try:
        found = yaml.load((root / "attributes.yaml").read_text(encoding="utf-8"), _Yaml)
        sheets = {key: _sheet(key, entry) for key, entry in found["sheets"].items()}
        attributes = tuple(_attribute(key, entry) for key, entry in found["attributes"].items())
        guide = _guide(found["guide"], found["actions"]["withdraw"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as err:
        raise SchemaError("attributes.yaml", f"{type(err).__name__}: {err}") from err
    known = {column.key for column in sheets["elements"].columns}
    for attribute in attributes:
        if unknown := set(attribute.columns) - known:
            raise SchemaError("attributes.yaml", f"{attribute.key}: no columns {sorted(unknown)}")
    return Attributes(attributes, sheets, guide)


def _sheet(key: str, entry: Mapping[str, Any]) -> Sheet:
    columns = (_column(name, column) for name, column in entry["columns"].items())
    return Sheet(key, Text(**entry["title"]), tuple(columns))


def _column(key: str, entry: Mapping[str, Any]) -> Column:
    return Column(
        key=key,
        field=entry.get("field", key),
        label=Text(**entry["label"]),
        help=Text(**entry["help"]),
        part=entry.get("part", ""),
        kind=Kind(entry.get("kind", Kind.TEXT)),
        list=entry.get("list", ""),
        choices=tuple(entry.get("choices", ())),
        required=bool(entry.get("required")),
    )


def _attribute(key: str, entry: Mapping[str, Any]) -> Attribute:
    return Attribute(
        key=key,
        number=int(entry.get("number", 0)),
        section=entry["section"],
        label=Text(**entry["label"]),
        columns=tuple(entry["columns"]),
    )


def _guide(entry: Mapping[str, Any], withdraw: str) -> Guide:
    return Guide(
        title=Text(**entry["title"]),
        action=Text(**entry["action"]),
        action_help=Text(**entry["action_help"]),
        notice=Text(**entry["notice"]),
        notice_help=Text(**entry["notice_help"]),
        lines=tuple(Text(**line) for line in entry["lines"]),
        flags={key: Text(**words) for key, words in entry["flags"].items()},
        withdraw=withdraw,
    )


# -- rows ---------------------------------------------------------------------------------------


def written(thing: Any, sheet: Sheet) -> Iterator[str]:
    """The cells of a thing, in the order of the sheet; columns without a field are left blank."""
    return (column.write(thing) if column.field else "" for column in sheet.columns)


def values(cells: Mapping[str, Any], sheet: Sheet, base: Any) -> dict[str, Any]:
    """What was read, by column key, as keyword arguments of the model.

    ``base`` is the thing that is changed, if there is one: a language of a text that was not read
    is taken from it.
    """
    found: dict[str, Any] = {}
    for column in sheet.columns:
        if not column.field or column.key not in cells:
            continue
        value = cells[column.key]
        if column.part:
            text = found.get(column.field) or getattr(base, column.field, NO_TEXT)
            value = text._replace(**{column.part: value})
        found[column.field] = value
    return found


def _flag(words: str) -> bool:
    if fold(words) in _YES:
        return True
    if fold(words) in _NO:
        return False
    raise ValueError(words)


def read_number(words: str) -> float | None:
    """A number written plainly (``0.125``) or the Vietnamese way (``0,125``, ``1.234.567``)."""
    return float(words) if _PLAIN.fullmatch(words) else parse_number(words)


def _number(words: str, *, whole: bool) -> int | float | None:
    if not words:
        return None
    found = read_number(words)
    if found is None or (whole and not found.is_integer()):
        raise ValueError(words)
    return int(found) if whole or found.is_integer() else found


def _day(words: str) -> date | None:
    found = parse_date(words)
    if words and found is None:
        raise ValueError(words)
    return found


# -- what is no law -----------------------------------------------------------------------------


def flags(thing: Element | CodeList, guide: Guide) -> list[Text]:
    """What a reader has to be told before he takes the thing for a rule of law."""
    found = []
    if thing.proposed or thing.confidence == "D":
        found.append(guide.flags["proposed"])
    if isinstance(thing, CodeList) and thing.unverified:
        found.append(guide.flags["unverified"])
    if thing.confidence == "C":
        found.append(_filled(guide.flags["graded"], grade=thing.confidence))
    return found


def edition_flags(edition: Edition, guide: Guide) -> list[Text]:
    """The same of a whole edition: that nobody has approved it."""
    if edition.approved:
        return []
    states = edition.code_lists.get("edition_states")
    entry = states.get(edition.state, edition.date) if states else None
    name = entry.name if entry else Text(edition.state, edition.state)
    words = guide.flags["edition"]
    vi = words.vi.format(number=edition.number, state=name.vi)
    return [Text(vi, words.en.format(number=edition.number, state=name.en))]


def _filled(words: Text, **values: str) -> Text:
    return Text(words.vi.format(**values), words.en.format(**values))
