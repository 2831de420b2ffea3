"""Parameters of actions, validated."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from hatinh.text import clean_lines, parse_date


def checked(data_dict: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The parameters that a schema names, validated. Raises ``ValidationError``."""
    given = {name: data_dict[name] for name in schema if name in data_dict}
    found, errors = tk.navl_validate(given, schema, {})
    if errors:
        raise tk.ValidationError(errors)
    return found


def optional_day(value: Any) -> date | None:
    """Accept a day, or none."""
    if value is tk.missing or value in (None, ""):
        return None
    return value if isinstance(value, date) else read_day(value)


def text(value: Any) -> str:
    """Accept a text; none given is blank."""
    return "" if value is tk.missing else clean_lines(value)


def number(least: int, most: int, otherwise: int | None = None) -> Callable[[Any], int]:
    """Makes a validator of whole numbers between two; others are refused, not cut.

    ``otherwise`` stands for none given; without it there must be one.
    """

    def checked_number(value: Any) -> int:
        if otherwise is not None and (value is tk.missing or value in (None, "")):
            return otherwise
        with suppress(ValueError):
            if least <= (found := int(str(value))) <= most:
                return found
        words = tk._("Must be a whole number from {least} to {most}")
        raise tk.Invalid(words.format(least=least, most=most))

    return checked_number


def pairs(value: Any) -> dict[str, str]:
    """Accept names with names; none given is an empty mapping."""
    if value is tk.missing or not value:
        return {}
    if not isinstance(value, dict):
        raise tk.Invalid(tk._("Must be an object"))
    return {str(name): str(other) for name, other in value.items()}


def read_day(value: Any) -> date:
    """The day that a text writes. Raises ``Invalid``."""
    found = parse_date(str(value))
    if found is None:
        raise tk.Invalid(tk._("{value} is no day written YYYY-MM-DD").format(value=value))
    return found
