"""The difference between two editions, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hatinh.dictionary.edition import Edition
from hatinh.dictionary.edition_json import code_dict, code_list_dict, element_dict
from hatinh.dictionary.model import Code
from hatinh.text import Text


class ChangeKind(StrEnum):
    """What happened to a thing."""

    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, its value before and after as JSON; ``None`` means blank."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs.

    ``what`` is ``element``, ``code_list`` or ``code``. ``key`` is an id, or ``list/code`` with
    ``@2025-07-01`` after it when the entry has a first day. ``fields`` are those that differ; of
    what was added, all that it says.
    """

    kind: ChangeKind
    what: str
    key: str
    name: Text
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class EditionDiff:
    """All differences from the edition ``old`` to the edition ``new`` (numbers)."""

    old: str
    new: str
    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    def as_dict(self) -> dict[str, Any]:
        """The JSON form that the API gives."""
        return {
            "old": self.old,
            "new": self.new,
            "changes": [
                {
                    "kind": change.kind.value,
                    "what": change.what,
                    "key": change.key,
                    "name": change.name.as_dict(),
                    "fields": [
                        {"field": f.field, "before": f.before, "after": f.after}
                        for f in change.fields
                    ],
                }
                for change in self.changes
            ],
        }


@dataclass(frozen=True, slots=True)
class _Thing:
    name: Text
    fields: Mapping[str, Any]


def diff(old: Edition, new: Edition) -> EditionDiff:
    """Compare the content: elements, then code lists, then codes, each in order of their keys."""
    changes = (
        *_changes("element", _elements(old), _elements(new)),
        *_changes("code_list", _lists(old), _lists(new)),
        *_changes("code", _codes(old), _codes(new)),
    )
    return EditionDiff(old.number, new.number, changes)


def code_key(code_list: str, entry: Code) -> str:
    """The key by which an entry of a list is compared."""
    since = f"@{entry.valid_from.isoformat()}" if entry.valid_from else ""
    return f"{code_list}/{entry.code}{since}"


def _elements(edition: Edition) -> dict[str, _Thing]:
    return {key: _Thing(found.name, element_dict(found)) for key, found in edition.elements.items()}


def _lists(edition: Edition) -> dict[str, _Thing]:
    return {
        key: _Thing(found.title, {k: v for k, v in code_list_dict(found).items() if k != "codes"})
        for key, found in edition.code_lists.items()
    }


def _codes(edition: Edition) -> dict[str, _Thing]:
    return {
        code_key(key, entry): _Thing(entry.name, code_dict(entry))
        for key, found in edition.code_lists.items()
        for entry in found
    }


def _changes(what: str, old: Mapping[str, _Thing], new: Mapping[str, _Thing]) -> Iterator[Change]:
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            said = _field_changes({}, _besides_name(new[key]))
            yield Change(ChangeKind.ADDED, what, key, new[key].name, said)
        elif key not in new:
            yield Change(ChangeKind.WITHDRAWN, what, key, old[key].name)
        elif found := _field_changes(old[key].fields, new[key].fields):
            yield Change(ChangeKind.CHANGED, what, key, new[key].name, found)


def _besides_name(thing: _Thing) -> Mapping[str, Any]:
    named = ("id", "code", "name", "title")
    return {name: value for name, value in thing.fields.items() if name not in named}


def _field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )
