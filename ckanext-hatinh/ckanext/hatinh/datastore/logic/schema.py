"""Parameters of the actions."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.hatinh.datastore.model import State
from ckanext.hatinh.shared.parameters import text
from hatinh.loading import Policy

LIMIT = 100
MOST = 1000


def flag(value: Any) -> bool:
    """Accept yes or no; none given is no."""
    if value is tk.missing or value in (None, ""):
        return False
    try:
        return tk.asbool(value)
    except ValueError as err:
        raise tk.Invalid(tk._("Must be true or false")) from err


def number(value: Any) -> int:
    """Accept how many results are wanted."""
    if value is tk.missing or value in (None, ""):
        return LIMIT
    try:
        return max(0, min(int(value), MOST))
    except (TypeError, ValueError) as err:
        raise tk.Invalid(tk._("Must be a whole number")) from err


def state(value: Any) -> str:
    """Accept a state of loads; none given is any."""
    found = text(value)
    if found and found not in set(State):
        raise tk.Invalid(tk._("Must be one of: {names}").format(names=", ".join(State)))
    return found


def policy(value: Any) -> Policy:
    """Accept what bad rows mean."""
    try:
        return Policy(text(value))
    except ValueError as err:
        raise tk.Invalid(tk._("Must be one of: {names}").format(names=", ".join(Policy))) from err


def _needed() -> list[Any]:
    return [tk.get_validator("not_empty"), text]


def one() -> Schema:
    """One resource."""
    return {"resource_id": _needed()}


def several() -> Schema:
    """Which loads."""
    return {"organization": [text], "state": [state], "limit": [number]}


def problems() -> Schema:
    """How many problems of which resource."""
    return {"resource_id": _needed(), "limit": [number]}


def start() -> Schema:
    """A load of one resource."""
    return {"resource_id": _needed(), "force": [flag]}


def choose() -> Schema:
    """What is chosen for a resource."""
    return {"resource_id": _needed(), "policy": [policy], "sheet": [text]}
