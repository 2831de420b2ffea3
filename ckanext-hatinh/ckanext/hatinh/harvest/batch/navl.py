"""CKAN's validation loop with its bookkeeping done once.

``ckan.lib.navl`` works out and sorts the same keys several times for every dict that it checks.
This loop calls the very same validators on the same keys in the same order with the same
arguments; only the bookkeeping between the calls is another. A test compares both on everything
that a batch validates.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ckan.lib.navl import dictization_functions as navl

Key = tuple[Any, ...]
Flat = dict[Key, Any]

RUNS = ("__before", "", "__extras", "__after", "__junk")


def validate_flat(data: Flat, schema: dict[str, Any], context: Any) -> tuple[Flat, Flat]:
    """Stands for ``navl._validate``: converted data and errors of a flattened dict."""
    full, prefixes, combinations = _full_schema(data, schema)
    converted = _augmented(data, full, prefixes, combinations)
    errors: Flat = {key: [] for key in full}
    by_run = _by_run(full)
    for run in RUNS[:4]:
        for key in by_run[run]:
            _check(full[key], key, converted, errors, context)
    if ("__junk",) in full:
        _check(full["__junk",], ("__junk",), converted, errors, context)
    # What passed is taken out by the caller; when all passed, nothing would be left.
    return converted, errors if any(errors.values()) else {}


def _by_run(full: Flat) -> dict[str, list[Key]]:
    """The keys in CKAN's order, by the run that they are checked in."""
    runs: dict[str, list[Key]] = {run: [] for run in RUNS}
    for key in sorted(full, key=_order):
        last = key[-1]
        if not last.startswith("__"):
            runs[""].append(key)
        elif last in runs:
            runs[last].append(key)
    runs["__after"].reverse()
    return runs


def _order(key: Key) -> Key:
    return (len(key), *key)


def unflatten(data: Flat) -> dict[str, Any]:
    """Stands for ``navl.unflatten``: nested lists of dicts; each place is looked for once."""
    root: dict[str, Any] = {}
    places: dict[Key, Any] = {(): root}
    gaps: dict[int, list[Any]] = {}
    for key in sorted(data, key=_order):
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
    validators: Iterable[Callable[..., Any]], key: Key, data: Flat, errors: Flat, context: Any
) -> None:
    for validator in validators:
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
