"""What a new version of a record changes, field by field, for people who must agree to it."""

from collections.abc import Collection
from dataclasses import fields
from datetime import date
from typing import Any

import msgspec

from hatinh.dataset import Dataset, Resource
from hatinh.text import Text

MAX_VALUE = 500
"""Characters of a value that are shown."""


def differences(
    before: Dataset, after: Dataset, kept: Collection[str] = ()
) -> list[dict[str, str]]:
    """``{"field", "before", "after"}`` for each field that changes, in the order of the form.

    Files are named ``resources.<guid>``. Fields in ``kept`` are left out: they stay as they are.
    """
    found = []
    for field in fields(Dataset):
        if field.name in kept or field.name in ("guid", "kind"):
            continue
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.name == "resources":
            found.extend(_files(old, new))
        elif _shown(old) != _shown(new):
            found.append(_change(field.name, old, new))
    return found


def _files(before: Collection[Resource], after: Collection[Resource]) -> list[dict[str, str]]:
    old = {resource.guid: resource for resource in before}
    new = {resource.guid: resource for resource in after}
    return [
        _change(f"resources.{guid}", _words(old.get(guid)), _words(new.get(guid)))
        for guid in {**old, **new}
        if _words(old.get(guid)) != _words(new.get(guid))
    ]


def _words(resource: Resource | None) -> str:
    """What of a file people may compare; its address becomes the portal's own once it is stored."""
    return f"{resource.name.vi} ({resource.format})" if resource else ""


def _change(name: str, before: Any, after: Any) -> dict[str, str]:
    return {
        "field": name,
        "before": _shown(before)[:MAX_VALUE],
        "after": _shown(after)[:MAX_VALUE],
    }


def _shown(value: Any) -> str:
    """A value as one text; the order of a list of words means nothing."""
    if isinstance(value, Text):
        return f"{value.vi} / {value.en}" if value.en else value.vi
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return ", ".join(sorted(value))
    if value is None or isinstance(value, (str, date)):
        return str(value or "")
    return msgspec.json.encode(value, order="deterministic").decode() if value else ""
