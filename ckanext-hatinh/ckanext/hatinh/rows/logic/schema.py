"""Parameters of the actions."""

import json
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.hatinh.shared.parameters import number

MOST_GROUPS = 10_000
GROUPS = 100


def aggregate() -> Schema:
    """Of ``hatinh_rows_aggregate``."""
    return {
        "resource_id": [
            tk.get_validator("not_missing"),
            tk.get_validator("not_empty"),
            tk.get_validator("unicode_safe"),
        ],
        "by": [names],
        "measures": [measures],
        "filters": [json_value],
        "q": [words],
        "sort": [names],
        "limit": [number(1, MOST_GROUPS, GROUPS)],
    }


def names(value: Any) -> list[str]:
    """Accept a list of names, as JSON too, or names with commas between."""
    if value is tk.missing or not value:
        return []
    if isinstance(value, str):
        value = json_value(value) if value.startswith("[") else value.split(",")
    if not isinstance(value, list):
        raise tk.Invalid(tk._("Must be a list of names"))
    return [str(name).strip() for name in value if str(name).strip()]


def measures(value: Any) -> list[dict[str, str]]:
    """Accept what is to be measured."""
    found = json_value(value)
    if not found:
        return [{"column": "", "agg": "count"}]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise tk.Invalid(tk._("Must be a list of objects"))
    return [{name: str(one.get(name) or "") for name in ("column", "agg")} for one in found]


def json_value(value: Any) -> Any:
    """Accept a value, or JSON as text."""
    if value is tk.missing or value is None or value == "":
        return None
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError) as err:
        raise tk.Invalid(tk._("Must be JSON")) from err


def words(value: Any) -> str:
    """Accept words to search for; none given is blank."""
    return value.strip() if isinstance(value, str) else ""
