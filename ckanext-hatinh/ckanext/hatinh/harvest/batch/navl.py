"""CKAN's validation loop with its bookkeeping done once.

``ckan.lib.navl`` works out and sorts the same keys several times for every dict that it checks.
This loop calls the very same validators on the same keys in the same order with the same
arguments, all but four that look through all data for little or end most keys by an exception;
only the bookkeeping is another. A test compares both on everything that a batch validates.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ckan.lib.navl import dictization_functions as navl
from ckan.lib.navl.validators import ignore_missing, unicode_safe
from ckan.logic import converters, validators

Key = tuple[Any, ...]
Flat = dict[Key, Any]
Steps = list[tuple[Callable[..., Any], int]]
"""What is called for a key, each with the number of its arguments; ``QUICK`` is a stand-in."""

RUNS = ("__before", "", "__extras", "__after", "__junk")
QUICK = 0


@dataclass
class _Order:
    """The steps of every key that the data could have: by run, in CKAN's order."""

    runs: dict[str, list[tuple[Key, Steps]]] = field(
        default_factory=lambda: {run: [] for run in RUNS}
    )
    keys: dict[Key, None] = field(default_factory=dict)
    prefixes: set[Key] = field(default_factory=set)
    places: set[Key] = field(default_factory=set)


def validate_flat(data: Flat, schema: dict[str, Any], context: Any) -> tuple[Flat, Flat]:
    """Stands for ``navl._validate``: converted data and errors of a flattened dict."""
    order = _ordered(data, schema)
    converted = _augmented(data, order)
    errors: Flat = {key: [] for key in order.keys}
    order.runs["__after"].reverse()
    for run in RUNS:
        for key, steps in order.runs[run]:
            _check(steps, key, converted, errors, context)
    # What passed is taken out by the caller; when all passed, nothing would be left.
    return converted, errors if any(errors.values()) else {}


# -- validators that have a stand-in ----------------------------------------------------------


class _Extras:
    """Stands for CKAN's converters to and from extras, which look through all data each time."""

    def __init__(self) -> None:
        self._next = 0
        self._numbers: dict[str, int] = {}
        self._parts: defaultdict[int, list[Key]] = defaultdict(list)

    def write(self, key: Key, data: Flat, _errors: Flat, _context: Any) -> None:
        """Write a field as the next extra."""
        if not self._next:
            used = (k[1] for k in data if len(k) > 1 and k[0] == "extras")
            self._next = max(used, default=-1) + 1
        data["extras", self._next, "key"] = key[-1]
        data["extras", self._next, "value"] = unicode_safe(data[key])
        self._next += 1

    def read(self, key: Key, data: Flat, errors: Flat, context: Any) -> None:
        """Take a field out of the extras; whoever changed them meanwhile is CKAN's to hear."""
        if not self._parts:
            self._find(data)
        number = self._numbers.get(key[-1], -1)
        if data.get(("extras", number, "key")) != key[-1]:
            converters.convert_from_extras(key, data, errors, context)
            return
        data[key] = data["extras", number, "value"]
        for part in self._parts[number]:
            data.pop(part, None)

    def _find(self, data: Flat) -> None:
        for key, value in data.items():
            if key[0] == "extras" and len(key) > 1:
                self._parts[key[1]].append(key)
                if key[-1] == "key":
                    self._numbers.setdefault(value, key[1])


def _ignored(key: Key, data: Flat, _errors: Flat, _context: Any) -> bool:
    """Stands for CKAN's ``ignore_missing``: true where that ends the key by an exception."""
    value = data.get(key)
    if value is navl.missing or value is None:
        data.pop(key, None)
        return True
    return False


def _doubled_extras(key: Key, data: Flat, errors: Flat, context: Any) -> None:
    """Stands for CKAN's ``duplicate_extras_key``, and asks it only where names are doubled."""
    names = [name for k, name in data.items() if k[0] == "extras" and k[-1] == "key"]
    if len(set(names)) < len(names):
        validators.duplicate_extras_key(key, data, errors, context)


def _stand_ins() -> dict[Callable[..., Any], Callable[..., Any]]:
    extras = _Extras()
    return {
        ignore_missing: _ignored,
        validators.duplicate_extras_key: _doubled_extras,
        converters.convert_to_extras: extras.write,
        converters.convert_from_extras: extras.read,
    }


# -- keys, in their order ---------------------------------------------------------------------


def _ordered(data: Flat, schema: dict[str, Any]) -> _Order:
    """What is to be called for the data: short keys first, those of one length in order."""
    flattened = navl.flatten_schema(schema)
    order = _Order()
    order.prefixes = {key[:length] for key in flattened for length in range(len(key) + 1)}
    order.places = _places(data, {key[:-1] for key in flattened})
    known: dict[Key, list[tuple[str, str | None, Steps]]] = {}
    quick = _stand_ins()
    for place in sorted(order.places, key=lambda place: (len(place), *place)):
        kind = place[::2]
        if kind not in known:
            known[kind] = _fields(schema, kind, quick)
        for name, run, steps in known[kind]:
            key = (*place, name)
            order.keys[key] = None
            if run is not None and (run != "__junk" or not place):
                order.runs[run].append((key, steps))
    return order


def _fields(
    schema: dict[str, Any], kind: Key, quick: Mapping[Callable[..., Any], Callable[..., Any]]
) -> list[tuple[str, str | None, Steps]]:
    """The fields of a kind of place: name, the run that it is checked in, and its steps."""
    for name in kind:
        schema = schema[name]
    return [
        (name, _run_of(name), [_step(asked, quick) for asked in schema[name]])
        for name in sorted(schema)
        if isinstance(schema[name], list)
    ]


def _run_of(name: str) -> str | None:
    if not name.startswith("__"):
        return ""
    return name if name in RUNS else None


def _step(
    asked: Callable[..., Any], quick: Mapping[Callable[..., Any], Callable[..., Any]]
) -> tuple[Callable[..., Any], int]:
    return (quick[asked], QUICK) if asked in quick else (asked, asked.__code__.co_argcount)


def _places(data: Flat, parents: set[Key]) -> set[Key]:
    """The places of dicts in the data."""
    places: set[Key] = {()}
    candidates = {key[:-1] for key in data if key[:-1:2] in parents}
    for place in sorted(candidates, key=len):
        if place[:-2] in places:
            places.add(place)
    return places


# -- data -------------------------------------------------------------------------------------


def _check(steps: Steps, key: Key, data: Flat, errors: Flat, context: Any) -> None:
    for validator, count in steps:
        try:
            if count == QUICK:
                if validator(key, data, errors, context):
                    return
            elif count == 4:
                validator(key, data, errors, context)
            elif count == 1:
                data[key] = validator(data.get(key))
            elif count == 2:
                data[key] = validator(data.get(key), context)
            else:
                navl.convert(validator, key, data, errors, context)
        except navl.Invalid as err:
            errors[key].append(err.error)
        except navl.StopOnError:
            return


def unflatten(data: Flat) -> dict[str, Any]:
    """Stands for ``navl.unflatten``: nested lists of dicts; each place is looked for once."""
    root: dict[str, Any] = {}
    gaps: dict[int, list[Any]] = {}
    names: defaultdict[Key, list[Any]] = defaultdict(list)
    for key in data:
        names[key[:-1]].append(key[-1])
    for place in sorted(names, key=lambda place: (len(place), *place)):
        opened = _opened(root, place, gaps)
        for name in sorted(names[place]):
            opened[name] = data[*place, name]
    for listed in gaps.values():
        listed[:] = [item for item in listed if item]
    return root


def _opened(root: dict[str, Any], place: Key, gaps: dict[int, list[Any]]) -> Any:
    """The dict or list at a place, made where there is none; lists that got gaps are noted."""
    position: Any = root
    for step in place:
        if isinstance(position, list):
            if step > len(position):
                gaps[id(position)] = position
            position.extend({} for _ in range(step + 1 - len(position)))
        elif step not in position:
            position[step] = []
        position = position[step]
    return position


def _augmented(data: Flat, order: _Order) -> Flat:
    """The data with what is missing marked, and what is unknown put aside."""
    converted: Flat = {}
    junk: Flat = {}
    extras: dict[Key, dict[Any, Any]] = {}
    for key, value in data.items():
        if key in order.keys:
            converted[key] = value
            continue
        if key[::2] in order.prefixes and value != []:
            raise navl.DataError(
                f"Only lists of dicts can be placed against subschema {key}, not {type(value)}"
            )
        if key[:-1] in order.places:
            extras.setdefault((*key[:-1], "__extras"), {})[key[-1]] = value
        else:
            junk[key] = value
    if junk:
        converted["__junk",] = junk
    converted |= extras
    for key in order.keys:
        if key not in converted and not key[-1].startswith("__"):
            converted[key] = navl.missing
    return converted
