"""Whose sources a person looks after: those of the offices in which he or she edits."""

from collections.abc import Iterable

import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.shared.letters import edits
from ckanext.hatinh.shared.vocabulary import organizations


def offices_of(user: str) -> frozenset[str]:
    """The offices in which the user edits; for a sysadmin all. Nothing for nobody."""
    account = model.User.get(user) if user else None
    if account is None or account.state != "active":
        return frozenset()
    offices = sa.select(model.Group.name).where(
        model.Group.is_organization, model.Group.state == "active"
    )
    if not account.sysadmin:
        offices = offices.join(model.Member, model.Member.group_id == model.Group.id).where(
            model.Member.table_id == account.id, *edits()
        )
    return frozenset(model.Session.scalars(offices))


def looks_after(user: str, owner: str) -> bool:
    """Whether the user edits in the office that owns a source, or in one above it."""
    return bool(among(user, (owner,)))


def among(user: str, owners: Iterable[str]) -> frozenset[str]:
    """Those of the owners whose sources the user looks after."""
    offices = offices_of(user)
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
