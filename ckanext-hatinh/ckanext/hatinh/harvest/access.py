"""Whose sources a person looks after: those of the offices in which he or she edits."""

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.hatinh.shared.vocabulary import organizations

EDITS = "create_dataset"
"""The permission that editors and admins of an office have, and members have not."""


def offices_of(user: str) -> frozenset[str]:
    """The offices in which the user edits; for a sysadmin all. Nothing for nobody."""
    if not user:
        return frozenset()
    offices = tk.get_action("organization_list_for_user")(Context(user=user), {"permission": EDITS})
    return frozenset(office["name"] for office in offices)


def looks_after(user: str, owner: str) -> bool:
    """Whether the user edits in the office that owns a source, or in one above it."""
    return bool(offices_of(user) & {owner, *_above(owner)})


def _above(office: str) -> list[str]:
    """The offices above one, the nearest first."""
    found: list[str] = []
    while (entries := organizations().entries(office)) and entries[0].parent:
        office = entries[0].parent
        if office in found:
            break
        found.append(office)
    return found
