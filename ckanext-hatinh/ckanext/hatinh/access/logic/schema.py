"""Parameters of tokens."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, FlattenDataDict, FlattenErrorDict, FlattenKey, Schema

from ckanext.hatinh.access.offices import offices_of
from ckanext.hatinh.access.tokens import longest, scopes
from hatinh.access.scopes import READ


def token() -> Schema:
    """What :func:`granted` adds to CKAN's own ``name`` and ``user``."""
    return {
        "scopes": [_scopes],
        "organizations": [_names],
        "expires_in_days": [_days],
        "__after": [_offices],
    }


def made_here() -> Schema:
    """A token for oneself: here the scopes must be said."""
    required, passed = tk.get_validator("not_empty"), tk.get_validator("ignore_missing")
    return {
        "name": [required, tk.get_validator("unicode_safe")],
        "scopes": [required],
        "organizations": [passed],
        "expires_in_days": [passed],
    }


def revoked() -> Schema:
    """Which token."""
    return {"id": [tk.get_validator("not_empty"), tk.get_validator("unicode_safe")]}


def _names(value: Any) -> list[str]:
    """Accept a list, or a text with commas between; none given is an empty list."""
    if value is tk.missing or not value:
        return []
    listed = value.split(",") if isinstance(value, str) else value
    return sorted({str(name).strip() for name in listed} - {""})


def _scopes(value: Any, context: Context) -> list[str]:
    named = _names(value) or [READ]
    for id_ in named:
        scope = scopes().by_id.get(id_)
        if scope is None:
            known = ", ".join(it.id for it in scopes().by_id.values() if not it.whole)
            raise tk.Invalid(
                tk._("There is no scope {scope}: {known}").format(scope=id_, known=known)
            )
        if scope.whole and not context.get("ignore_auth"):
            raise tk.Invalid(
                tk._("Tokens with the scope {scope} are made on the server only").format(scope=id_)
            )
    return named


def _days(value: Any) -> int:
    if value is tk.missing or value in (None, ""):
        return longest()
    days = int(value) if str(value).isdecimal() else 0
    if not 1 <= days <= longest():
        words = tk._("A token lives from 1 to {most} days")
        raise tk.Invalid(words.format(most=longest()))
    return days


def _offices(
    _key: FlattenKey, data: FlattenDataDict, errors: FlattenErrorDict, _context: Context
) -> None:
    """Take organisations by name or id; those in which the owner has no part are refused."""
    key = ("organizations",)
    owned: Mapping[str, str] = offices_of(str(data["user",]))
    named = data[key]
    unknown = [name for name in named if name not in owned]
    if unknown:
        words = tk._("The account is no member of: {organizations}")
        errors[key] = [words.format(organizations=", ".join(unknown))]
    granted = [scopes().by_id[id_] for id_ in data["scopes",] if id_ in scopes().by_id]
    whole = any(scope.whole for scope in granted)
    if whole and named:
        errors[key] = [tk._("A token for everything is not limited to organisations")]
    if not whole and not named and any(scope.id != READ for scope in granted):
        errors[key] = [
            tk._("Say for which organisations: only there will the token change anything")
        ]
    data[key] = sorted({owned[name] for name in named if name in owned})
