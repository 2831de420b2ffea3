"""Parameters of the actions."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.hatinh.shared.parameters import number, optional_day, text

MOST = 1000
"""Lines of the log in one answer."""


def appointed() -> Schema:
    """Whom, by which decision, and until which day."""
    return {"id": [*_needed()], "decision": [text, *_needed()], "until": [optional_day]}


def dismissed() -> Schema:
    """Whom."""
    return {"id": [*_needed()]}


def readings() -> Schema:
    """Which part of the log."""
    return {
        "account": [text],
        "limit": [number(0, MOST, 100)],
        "offset": [number(0, 10**9, 0)],
    }


def used() -> Schema:
    """Of which dataset, and of which days."""
    return {"id": [*_needed()], "since": [optional_day], "until": [optional_day]}


def _needed() -> tuple[Any, ...]:
    return tk.get_validator("not_empty"), tk.get_validator("unicode_safe")
