"""Whether the parameters of a call are as the document says.

CKAN's own actions answer 500 to many values that nobody would give in earnest; what stands in the
document is asked of a call before its action sees it, so the document is kept by construction.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from hatinh.openapi.model import Action, Parameter
from hatinh.text import is_writable

MISSING = "missing"
UNPRINTABLE = "unprintable"
POST_ONLY = "post"
DEEP = "deep"

DEPTH = 50
"""Levels of lists and objects within each other that a value has at most. Python itself goes down
less than a thousand, and takes several for one of ours."""

_TRUE = frozenset({"true", "yes", "on", "y", "t", "1"})
_FALSE = frozenset({"false", "no", "off", "n", "f", "0"})
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a parameter: ``rule`` is the keyword of JSON Schema that it breaks, or
    one of the words of above; ``wanted`` what that keyword says."""

    name: str
    rule: str
    wanted: Any = None


def faults(action: Action, given: Mapping[str, Any], *, by_get: bool) -> Iterator[Wrong]:
    """What is wrong with a call. Values of an address are text, and JSON within it is read."""
    deep = [name for name, value in given.items() if _is_deep(value)]
    yield from (Wrong(_nameable(name), DEEP, DEPTH) for name in deep)
    if deep:
        return
    for name, value in given.items():
        if not is_writable(name) or not is_writable(value):
            yield Wrong(_nameable(name), UNPRINTABLE)
    for taken in action.takes:
        asked = taken.parameter
        if asked.name in given:
            yield from _faults(asked, given[asked.name], by_get=by_get)
        elif taken.required and (not asked.also or asked.also not in given):
            yield Wrong(asked.name, MISSING)


def _faults(asked: Parameter, value: Any, *, by_get: bool) -> Iterator[Wrong]:
    if asked.schema.get("format") == "binary":
        return
    if by_get and asked.post:
        yield Wrong(asked.name, POST_ONLY)
        return
    read = _read(asked, value)
    if _is_deep(read):
        yield Wrong(asked.name, DEEP, DEPTH)
        return
    for error in _validator(_frozen(asked.schema)).iter_errors(read):
        yield _wrong(asked.name, error)
        return


def _read(asked: Parameter, value: Any) -> Any:
    """A value as it is meant, when it came as text."""
    if not isinstance(value, str):
        return value
    if asked.json:
        return _from_json(value)
    kind = asked.schema.get("type")
    read = _READERS.get(kind) if isinstance(kind, str) else None
    return read(value) if read else value


def _wrong(name: str, error: ValidationError) -> Wrong:
    return Wrong(name, str(error.validator), error.validator_value)


def _frozen(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True)


@lru_cache(maxsize=512)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema))


def _is_deep(value: Any) -> bool:
    """Goes down level by level, not by calling itself: that ends at Python's own limit."""
    level = [value]
    for _ in range(DEPTH + 1):
        level = [one for one in level if isinstance(one, Mapping | list)]
        if not level:
            return False
        level = [inner for one in level for inner in _within(one)]
    return True


def _within(value: Mapping[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, Mapping) else value


def _nameable(name: str) -> str:
    return name if is_writable(name) else "parameter"


def _whole(value: str) -> Any:
    return int(value) if _WHOLE.fullmatch(value) else value


def _number(value: str) -> Any:
    return float(value) if _NUMBER.fullmatch(value) else value


def _yes_or_no(value: str) -> Any:
    word = value.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else value


def _from_json(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


_READERS: Mapping[str, Callable[[str], Any]] = {
    "integer": _whole,
    "number": _number,
    "boolean": _yes_or_no,
}
