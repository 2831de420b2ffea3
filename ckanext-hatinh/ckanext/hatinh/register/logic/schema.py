"""Parameters of the actions."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Schema

from ckanext.hatinh.register.shown import CLOSED, OPEN
from ckanext.hatinh.shared.parameters import number, text
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


def _one_of(value: Any, known: list[str]) -> str:
    words = text(value)
    if words and words not in known:
        raise tk.Invalid(tk._("Must be one of {values}").format(values=", ".join(known)))
    return words


def show() -> Schema:
    """One system, or those of an office."""
    return {"id": [text], "organization": [office]}


def findings() -> Schema:
    """Filters of the findings."""
    return {
        "kind": [kind], "organization": [office], "state": [state],
        "limit": [number(0, MOST, MOST)], "offset": [number(0, LARGEST, 0)],
    }  # fmt: skip


def coverage() -> Schema:
    """One office, or all."""
    return {"organization": [office]}
