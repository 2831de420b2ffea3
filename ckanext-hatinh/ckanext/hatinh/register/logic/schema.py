"""Parameters of the actions."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Schema

from ckanext.hatinh.register.shown import CLOSED, OPEN
from ckanext.hatinh.shared.parameters import text
from hatinh.register import Kind

MOST = 1000
LARGEST = 2**31 - 1


def office(value: Any) -> str:
    """Accept an organisation by name or id; none given is blank."""
    words = text(value)
    if not words:
        return ""
    found = model.Group.get(words)
    if found is None or not found.is_organization:
        raise tk.Invalid(tk._("No such organisation"))
    return found.name


def kind(value: Any) -> str:
    """Accept a kind of finding; none given is blank."""
    return _one_of(value, [known.value for known in Kind])


def state(value: Any) -> str:
    """Accept a state of a finding; none given is blank."""
    return _one_of(value, [OPEN, CLOSED])


def limit(value: Any) -> int:
    """Accept how many are wanted; none given is the most."""
    return _whole(value, MOST, MOST)


def offset(value: Any) -> int:
    """Accept how many are passed over; none given is 0."""
    return _whole(value, 0, LARGEST)


def _one_of(value: Any, known: list[str]) -> str:
    words = text(value)
    if words and words not in known:
        raise tk.Invalid(tk._("Must be one of {values}").format(values=", ".join(known)))
    return words


def _whole(value: Any, otherwise: int, most: int) -> int:
    if value is tk.missing or value in (None, ""):
        return otherwise
    try:
        found = int(str(value))
    except ValueError:
        found = -1
    if not 0 <= found <= most:
        words = tk._("Must be a whole number from {least} to {most}")
        raise tk.Invalid(words.format(least=0, most=most))
    return found


def show() -> Schema:
    """One system, or those of an office."""
    return {"id": [text], "organization": [office]}


def findings() -> Schema:
    """Filters of the findings."""
    return {
        "kind": [kind], "organization": [office], "state": [state], "limit": [limit],
        "offset": [offset],
    }  # fmt: skip


def coverage() -> Schema:
    """One office, or all."""
    return {"organization": [office]}
