"""Parameters of the actions."""

from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.hatinh.shared.parameters import optional_day, pairs, read_day, text
from ckanext.hatinh.shared.vocabulary import today

LIMIT = 50
MOST = 1000


def day(value: Any) -> date:
    """Accept a day; none given is today."""
    if value is tk.missing or value in (None, ""):
        return today()
    return value if isinstance(value, date) else read_day(value)


def needed_day(value: Any) -> date:
    """Accept a day that must be given."""
    if value is tk.missing or value in (None, ""):
        raise tk.Invalid(tk._("Missing value"))
    return value if isinstance(value, date) else read_day(value)


def flag(value: Any) -> bool:
    """Accept yes or no; none given is yes."""
    if value is tk.missing or value in (None, ""):
        return True
    try:
        return tk.asbool(value)
    except ValueError as err:
        raise tk.Invalid(tk._("Must be true or false")) from err


def names(value: Any) -> list[str]:
    """Accept a list of names, or one name; none given is an empty list."""
    if value is tk.missing or not value:
        return []
    return [str(name) for name in value] if isinstance(value, list | tuple) else [str(value)]


def elements(value: Any) -> Any:
    """Accept elements in whatever form; none given is an empty list."""
    return [] if value is tk.missing or value is None else value


def whatever(value: Any) -> Any:
    """Accept anything; none given is nothing."""
    return None if value is tk.missing else value


def split(value: Any) -> str:
    """Accept what to do with a divided unit; none given is to refuse it."""
    if value is tk.missing or value in (None, ""):
        return "refuse"
    if value not in ("refuse", "estimate"):
        raise tk.Invalid(tk._("Must be refuse or estimate"))
    return value


def number_up_to_most(value: Any) -> int:
    """Accept how many results are wanted."""
    if value is tk.missing or value in (None, ""):
        return LIMIT
    try:
        return max(0, min(int(value), MOST))
    except (TypeError, ValueError) as err:
        raise tk.Invalid(tk._("Must be a whole number")) from err


def _needed() -> list[Any]:
    return [tk.get_validator("not_empty"), text, tk.get_validator("not_empty")]


def element_list() -> Schema:
    """Filters of a list of elements."""
    return {"edition": [text], "entity": [text]}


def element_show() -> Schema:
    """One element."""
    return {"id": _needed(), "edition": [text]}


def element_search() -> Schema:
    """Words to look for."""
    return {"q": [text], "edition": [text], "limit": [number_up_to_most]}


def element_columns() -> Schema:
    """Filters of the bound columns."""
    return {"element": [text], "resource_id": [text]}


def table_check() -> Schema:
    """What to check, and by what."""
    return {
        "resource_id": [text],
        "elements": [elements],
        "entity": [text],
        "schema": [whatever],
        "at": [day],
        "format": [text],
        "limit": [number_up_to_most],
    }


def codelist_list() -> Schema:
    """Which edition's lists."""
    return {"edition": [text]}


def codelist_show() -> Schema:
    """One list, on a day or with its whole past."""
    return {"id": _needed(), "edition": [text], "at": [optional_day]}


def edition_show() -> Schema:
    """One edition, with or without its content."""
    return {"number": [text], "content": [flag]}


def edition_diff() -> Schema:
    """Two editions; without ``to`` it is compared with the one it is based on."""
    return {"number": _needed(), "to": [text]}


def place_show() -> Schema:
    """A place is a code and a day."""
    return {"code": _needed(), "at": [day]}


def place_convert() -> Schema:
    """Everything but the rows."""
    return {
        "from": [needed_day],
        "to": [day],
        "code_column": _needed(),
        "value_columns": [names],
        "split": [split],
        "area_columns": [names],
        "additive": [names],
        "averaged": [pairs],
    }


def edition_new() -> Schema:
    """What is said of a proposal."""
    return {"note": [text]}


def edition_update() -> Schema:
    """Which proposal is changed."""
    return {"number": _needed(), "note": [text]}


def edition_import() -> Schema:
    """A workbook for a new proposal, or for one's own open one (``number``)."""
    return {"number": [text], "note": [text], "dry_run": [flag]}


def edition_step() -> Schema:
    """A step of the workflow."""
    return {"number": _needed(), "note": [text], "decision": [text], "date": [optional_day]}
