"""Loads organisations and themes from ``schemas/`` into CKAN; what is equal is left alone."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context

import schemas
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.text import slug

ORGANIZATION_FIELDS = (
    "kind", "parent", "org_id", "reporting_code", "status", "valid_from", "valid_to", "successor",
    "role",
)  # fmt: skip


@dataclass(slots=True)
class Loaded:
    """How many entities a load created, updated and left as they were."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


def load_all(user: str) -> dict[str, Loaded]:
    """Load every organisation and theme. Parents stand before their children in the file."""
    return {
        "organizations": _load("organization", organization_dicts(), user),
        "themes": _load("group", theme_dicts(), user),
    }


def organization_dicts() -> Iterator[dict[str, Any]]:
    """Every row of ``schemas/organizations.csv`` as a CKAN organisation.

    Partners, planned and unconfirmed ones too: they are listed, but no record becomes theirs.
    """
    with (schemas.ROOT / "organizations.csv").open(encoding="utf-8", newline="") as file:
        yield from map(_organization, csv.DictReader(file))


def theme_dicts() -> Iterator[dict[str, Any]]:
    """The themes of the code list as CKAN groups."""
    for theme in dictionary().code_lists["themes"]:
        yield {
            "name": slug(theme.name.vi),
            "title": theme.name.vi,
            "title_translated": theme.name.as_dict(),
            "description": theme.description,
            "code": theme.code,
            "mapping": theme.mapping,
        }


def _organization(row: Mapping[str, str]) -> dict[str, Any]:
    title = {"vi": row["name_vi"]} | ({"en": row["name_en"]} if row["name_en"] else {})
    return {
        "name": row["slug"],
        "title": row["name_vi"],
        "title_translated": title,
        **{name: row[name] for name in ORGANIZATION_FIELDS},
    }


def _load(entity: str, dicts: Iterator[dict[str, Any]], user: str) -> Loaded:
    loaded = Loaded()

    def call(verb: str, data: dict[str, Any]) -> dict[str, Any]:
        return tk.get_action(f"{entity}_{verb}")(Context(user=user), data)

    for data in dicts:
        existing = model.Group.get(data["name"])
        if existing is None:
            call("create", data)
            loaded.created += 1
        elif _differs(call("show", {"id": existing.id}), data):
            call("patch", data | {"id": existing.id})
            loaded.updated += 1
        else:
            loaded.unchanged += 1
    return loaded


def _differs(existing: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether any field we give is not what is there; what others added is not ours to judge."""
    return any((existing.get(name) or "") != (value or "") for name, value in data.items())
