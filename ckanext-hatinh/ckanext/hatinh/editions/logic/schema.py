"""Parameters of the actions."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.hatinh.shared.parameters import number, optional_day, pairs, text

MOST = 1000
LARGEST = 2**31 - 1
"""The largest number that the database takes."""


natural = number(0, LARGEST, 0)
"""Accepts a whole number; none given is 0."""


def names(value: Any) -> list[str]:
    """Accept a list of names, or one name; none given is an empty list."""
    if value is tk.missing or not value:
        return []
    return [str(name) for name in value] if isinstance(value, list | tuple) else [str(value)]


def _edition() -> Schema:
    return {"kind": [tk.get_validator("not_empty"), text], "number": [natural]}


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
    return {**_edition(), "limit": [number(0, MOST, MOST)], "offset": [natural]}


def difference() -> Schema:
    """Two editions."""
    return {**_edition(), "to": [natural]}


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
