"""Whose sources a person looks after: those of the offices in which he or she edits."""

from collections.abc import Iterable

from ckanext.hatinh.shared.editors import offices_of
from ckanext.hatinh.shared.vocabulary import organizations


def looks_after(user: str, owner: str) -> bool:
    """Whether the user edits in the office that owns a source, or in one above it."""
    return bool(among(user, (owner,)))


def among(user: str, owners: Iterable[str]) -> frozenset[str]:
    """Those of the owners whose sources the user looks after."""
    return under(offices_of(user), owners)


def under(offices: frozenset[str], owners: Iterable[str]) -> frozenset[str]:
    """Those of the owners that are one of some offices, or below one."""
    return frozenset(owner for owner in set(owners) if offices & {owner, *_above(owner)})


def _above(office: str) -> list[str]:
    """The offices above one, the nearest first."""
    found: list[str] = []
    while (entries := organizations().entries(office)) and entries[0].parent:
        office = entries[0].parent
        if office in found:
            break
        found.append(office)
    return found
