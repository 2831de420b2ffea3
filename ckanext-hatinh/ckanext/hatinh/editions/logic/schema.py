"""Parameters of the actions."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.hatinh.shared.parameters import optional_day, pairs, text

MOST = 1000
LARGEST = 2**31 - 1
"""The largest number that the database takes."""


def number(value: Any) -> int:
    """Accept a whole number from 0; none given is 0."""
    if value is tk.missing or value in (None, ""):
        return 0
    return _whole(value, LARGEST)


def limit(value: Any) -> int:
    """Accept how many rows are wanted; none given is the most."""
    if value is tk.missing or value in (None, ""):
        return MOST
    return _whole(value, MOST)


def names(value: Any) -> list[str]:
    """Accept a list of names, or one name; none given is an empty list."""
    if value is tk.missing or not value:
        return []
    return [str(name) for name in value] if isinstance(value, list | tuple) else [str(value)]


def _whole(value: Any, most: int) -> int:
    try:
        found = int(str(value))
    except ValueError:
        found = -1
    if not 0 <= found <= most:
        words = tk._("Must be a whole number from {least} to {most}")
        raise tk.Invalid(words.format(least=0, most=most))
    return found


def _edition() -> Schema:
    return {"kind": [tk.get_validator("not_empty"), text], "number": [number]}


def catalogue_list() -> Schema:
    """A filter of the list of editions."""
    return {"kind": [text]}


def catalogue() -> Schema:
    """One catalogue."""
    return {"kind": [tk.get_validator("not_empty"), text]}


def edition() -> Schema:
    """One edition."""
    return _edition()


def entries() -> Schema:
    """Some entries of an edition."""
    return {**_edition(), "limit": [limit], "offset": [number]}


def difference() -> Schema:
    """Two editions."""
    return {**_edition(), "to": [number]}


def draft() -> Schema:
    """A new draft."""
    return {**catalogue(), "note": [text]}


def amend() -> Schema:
    """What changes in a draft."""
    return {**_edition(), "dropped": [pairs], "notes": [pairs], "note": [text]}


def issue() -> Schema:
    """The decision that issues a draft."""
    return {
        **_edition(),
        "decision": [text],
        "decided": [optional_day],
        "notes": [pairs],
        "note": [text],
    }


def annul() -> Schema:
    """The decision that ends an edition, and why."""
    return {**_edition(), "decision": [text], "decided": [optional_day], "note": [text]}


def withdraw() -> Schema:
    """Why a draft is given up, or an annulment settled."""
    return {**_edition(), "note": [text]}


def send() -> Schema:
    """A letter with which an edition was sent."""
    return {**_edition(), "sent": [optional_day], "letter": [text]}


def receive() -> Schema:
    """The receipt of a letter."""
    return {**_edition(), "letter": [text], "receipt": [text]}


def subject() -> Schema:
    """The datasets that answer a subject."""
    return {"code": [tk.get_validator("not_empty"), text], "datasets": [names]}
