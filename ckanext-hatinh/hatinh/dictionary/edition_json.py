"""An edition as JSON, as it is stored and downloaded, and the fingerprint of its content.

Blank fields are left out, so that a field that comes later does not change old fingerprints.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from hatinh.dictionary.edition import Action, Edition, State, Step
from hatinh.dictionary.model import Code, CodeList, Datatype, Element
from hatinh.text import Text

_DEFAULTS = {kind: {f.name: f.default for f in fields(kind)} for kind in (Element, Code, CodeList)}
_TEXTS = frozenset({"name", "definition", "usage_context", "group", "title"})
_DATES = frozenset({"valid_from", "valid_to"})
_TUPLES = frozenset({"synonyms", "other_names", "related_documents", "related_terms"})
_WHOLE = frozenset({"max_length", "order"})
_NUMBERS = frozenset({"minimum", "maximum", "dqi_weight"})
_FLAGS = frozenset({"publish_forbidden", "proposed", "unverified", "dated"})


def to_dict(edition: Edition) -> dict[str, Any]:
    """The whole edition."""
    return {
        "number": edition.number,
        "date": edition.date.isoformat(),
        "state": edition.state.value,
        "owner": edition.owner,
        "decision": edition.decision,
        "based_on": edition.based_on,
        "proposer": edition.proposer,
        "note": edition.note,
        "history": [_step_dict(step) for step in edition.history],
        **content(edition),
    }


def content(edition: Edition) -> dict[str, Any]:
    """Elements and code lists alone, in the order of their ids."""
    return {
        "elements": [element_dict(edition.elements[key]) for key in sorted(edition.elements)],
        "code_lists": [
            code_list_dict(edition.code_lists[key]) for key in sorted(edition.code_lists)
        ],
    }


def from_dict(stored: Mapping[str, Any]) -> Edition:
    """Read the form of :func:`to_dict`.

    Like the readers of its parts it raises :class:`KeyError`, :class:`TypeError` or
    :class:`ValueError` for what is not written so.
    """
    elements = [element(item) for item in stored["elements"]]
    lists = [code_list(item) for item in stored["code_lists"]]
    return Edition(
        number=stored["number"],
        date=date.fromisoformat(stored["date"]),
        state=State(stored["state"]),
        owner=stored["owner"],
        elements={found.id: found for found in elements},
        code_lists={found.id: found for found in lists},
        decision=stored["decision"],
        based_on=stored["based_on"],
        proposer=stored["proposer"],
        note=stored["note"],
        history=tuple(_step(item) for item in stored["history"]),
    )


def fingerprint(edition: Edition) -> str:
    """SHA-256 of the content, in hex: equal content gives equal fingerprints in any order."""
    text = json.dumps(content(edition), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def element_dict(found: Element) -> dict[str, Any]:
    """One element."""
    return _filled(found)


def code_dict(found: Code) -> dict[str, Any]:
    """One entry of a code list."""
    return _filled(found)


def code_list_dict(found: CodeList) -> dict[str, Any]:
    """One code list with its codes, in the order of the list."""
    return _filled(found) | {"codes": [code_dict(entry) for entry in _in_order(found)]}


def element(stored: Mapping[str, Any]) -> Element:
    """Read the form of :func:`element_dict`."""
    return Element(**{**_values(stored), "datatype": Datatype(stored.get("datatype", "string"))})


def code(stored: Mapping[str, Any]) -> Code:
    """Read the form of :func:`code_dict`."""
    return Code(**_values(stored))


def code_list(stored: Mapping[str, Any]) -> CodeList:
    """Read the form of :func:`code_list_dict`."""
    return CodeList(**{**_values(stored), "codes": tuple(code(item) for item in stored["codes"])})


def _in_order(found: CodeList) -> list[Code]:
    return sorted(found.codes, key=lambda e: (e.order, e.code, e.valid_from or date.min))


def _filled(thing: Element | Code | CodeList) -> dict[str, Any]:
    defaults = _DEFAULTS[type(thing)]
    values = ((name, getattr(thing, name)) for name in defaults if name != "codes")
    return {name: _plain(value) for name, value in values if value != defaults[name]}


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return value.as_dict()
    if isinstance(value, Datatype):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _values(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in stored.items()}


def _value(name: str, value: Any) -> Any:
    """A field of its type: what is stored may have come from anybody's program."""
    if name in _TEXTS:
        return Text(
            **{
                language: _of_type(name, words, str)
                for language, words in _of_type(name, value, dict).items()
            }
        )
    if name in _DATES:
        return date.fromisoformat(_of_type(name, value, str))
    if name in _TUPLES:
        return tuple(_of_type(name, words, str) for words in _of_type(name, value, list))
    if name in _NUMBERS:
        return _of_type(name, value, int, float)
    if name in _WHOLE:
        return _of_type(name, value, int)
    return value if name == "codes" else _of_type(name, value, bool if name in _FLAGS else str)


def _of_type(name: str, value: Any, *types: type) -> Any:
    """The value, or :class:`ValueError` when it is of another type; true is no number."""
    if type(value) not in types or (float in types and not math.isfinite(value)):
        raise ValueError(f"{name}: {value!r}")
    return value


def _step_dict(step: Step) -> dict[str, str]:
    return {
        "action": step.action.value,
        "by": step.by,
        "at": step.at.isoformat(),
        "note": step.note,
    }


def _step(stored: Mapping[str, str]) -> Step:
    return Step(
        action=Action(stored["action"]),
        by=stored["by"],
        at=datetime.fromisoformat(stored["at"]),
        note=stored["note"],
    )
