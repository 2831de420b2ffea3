"""CKAN's validation loop with its bookkeeping done once.

``ckan.lib.navl`` works out and sorts the same keys several times for every dict that it checks.
This loop calls the very same validators on the same keys in the same order with the same
arguments, all but two that look through all data for little; only the bookkeeping is another. A
test compares both on everything that a batch validates.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ckan.lib.navl import dictization_functions as navl
from ckan.lib.navl.validators import unicode_safe
from ckan.logic import converters, validators

Key = tuple[Any, ...]
Flat = dict[Key, Any]

RUNS = ("__before", "", "__extras", "__after", "__junk")


def validate_flat(data: Flat, schema: dict[str, Any], context: Any) -> tuple[Flat, Flat]:
    """Stands for ``navl._validate``: converted data and errors of a flattened dict."""
    full, prefixes, places = _full_schema(data, schema)
    converted = _augmented(data, full, prefixes, places)
    errors: Flat = {key: [] for key in full}
    by_run, quick = _by_run(full), {**QUICK, converters.convert_to_extras: _ToExtras()}
    for run in RUNS[:4]:
        for key in by_run[run]:
            _check(full[key], key, converted, errors, context, quick)
    if ("__junk",) in full:
        _check(full["__junk",], ("__junk",), converted, errors, context, quick)
    # What passed is taken out by the caller; when all passed, nothing would be left.
    return converted, errors if any(errors.values()) else {}


class _ToExtras:
    """Stands for CKAN's ``convert_to_extras``, which looks through all data for the next index."""

    def __init__(self) -> None:
        self._next = 0

    def __call__(self, key: Key, data: Flat, _errors: Flat, _context: Any) -> None:
        """Write a field as the next extra."""
        if not self._next:
            used = (k[1] for k in data if len(k) > 1 and k[0] == "extras")
            self._next = max(used, default=-1) + 1
        data["extras", self._next, "key"] = key[-1]
        data["extras", self._next, "value"] = unicode_safe(data[key])
        self._next += 1


def _doubled_extras(key: Key, data: Flat, errors: Flat, context: Any) -> None:
    """Stands for CKAN's ``duplicate_extras_key``, and asks it only where names are doubled."""
    names = [name for k, name in data.items() if k[0] == "extras" and k[-1] == "key"]
    if len(set(names)) < len(names):
        validators.duplicate_extras_key(key, data, errors, context)


QUICK = {validators.duplicate_extras_key: _doubled_extras}


def _by_run(full: Flat) -> dict[str, list[Key]]:
    """The keys in CKAN's order, by the run that they are checked in."""
    runs: dict[str, list[Key]] = {run: [] for run in RUNS}
    for key in _sorted(full):
        last = key[-1]
        if not last.startswith("__"):
            runs[""].append(key)
        elif last in runs:
            runs[last].append(key)
    runs["__after"].reverse()
    return runs


def _sorted(keys: Iterable[Key]) -> Iterator[Key]:
    """Short keys before long ones, those of one length in order; quickest by their places."""
    names: defaultdict[Key, list[Any]] = defaultdict(list)
    for key in keys:
        names[key[:-1]].append(key[-1])
    for place in sorted(names, key=lambda place: (len(place), *place)):
        for name in sorted(names[place]):
            yield (*place, name)


def unflatten(data: Flat) -> dict[str, Any]:
    """Stands for ``navl.unflatten``: nested lists of dicts; each place is looked for once."""
    root: dict[str, Any] = {}
    places: dict[Key, Any] = {(): root}
    gaps: dict[int, list[Any]] = {}
    for key in _sorted(data):
        place = key[:-1]
        if place not in places:
            places[place] = _opened(root, place, gaps)
        places[place][key[-1]] = data[key]
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


def _check(
    asked: Iterable[Callable[..., Any]],
    key: Key,
    data: Flat,
    errors: Flat,
    context: Any,
    quick: Mapping[Callable[..., Any], Callable[..., Any]],
) -> None:
    for validator in asked:
        if validator in quick:
            quick[validator](key, data, errors, context)
            continue
        count = validator.__code__.co_argcount
        try:
            if count == 4:
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


def _full_schema(data: Flat, schema: dict[str, Any]) -> tuple[Flat, set[Key], set[Key]]:
    """The validators of every key that the data could have; prefixes of the schema's keys; and
    the places of dicts in the data."""
    flattened = navl.flatten_schema(schema)
    parents = {key[:-1] for key in flattened}
    prefixes = {key[:length] for key in flattened for length in range(len(key) + 1)}
    places = _places(data, parents)
    full: Flat = {}
    for place in places:
        sub = schema
        for name in place[::2]:
            sub = sub[name]
        for name, value in sub.items():
            if isinstance(value, list):
                full[(*place, name)] = value
    return full, prefixes, places


def _places(data: Flat, parents: set[Key]) -> set[Key]:
    places: set[Key] = {()}
    candidates = {key[:-1] for key in data if key[:-1:2] in parents}
    for place in sorted(candidates, key=len):
        if place[:-2] in places:
            places.add(place)
    return places


def _augmented(data: Flat, full: Flat, prefixes: set[Key], places: set[Key]) -> Flat:
    """The data with what is missing marked, and what is unknown put aside."""
    converted: Flat = {}
    junk: Flat = {}
    extras: dict[Key, dict[Any, Any]] = {}
    for key, value in data.items():
        if key in full:
            converted[key] = value
            continue
        if key[::2] in prefixes and value != []:
            raise navl.DataError(
                f"Only lists of dicts can be placed against subschema {key}, not {type(value)}"
            )
        if key[:-1] in places:
            extras.setdefault((*key[:-1], "__extras"), {})[key[-1]] = value
        else:
            junk[key] = value
    if junk:
        converted["__junk",] = junk
    converted |= extras
    for key in full:
        if key not in converted and not key[-1].startswith("__"):
            converted[key] = navl.missing
    return converted
