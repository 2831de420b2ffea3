"""Whose sources a person looks after: those of the offices in which he or she edits."""

from collections.abc import Iterable

import sqlalchemy as sa
from ckan import authz, model

from ckanext.hatinh.shared.vocabulary import organizations

EDITS = "create_dataset"
"""The permission that editors and admins of an office have, and members have not."""


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
            model.Member.table_id == account.id, *_edits()
        )
    return frozenset(model.Session.scalars(offices))


def editors_of(owner: str) -> list[model.User]:
    """The active users who edit in an office, by name."""
    query = (
        sa.select(model.User)
        .join(model.Member, model.Member.table_id == model.User.id)
        .join(model.Group, model.Group.id == model.Member.group_id)
        .where(model.Group.name == owner, model.User.state == "active", *_edits())
        .order_by(model.User.name)
    )
    return list(model.Session.scalars(query))


def looks_after(user: str, owner: str) -> bool:
    """Whether the user edits in the office that owns a source, or in one above it."""
    return bool(among(user, (owner,)))


def among(user: str, owners: Iterable[str]) -> frozenset[str]:
    """Those of the owners whose sources the user looks after."""
    offices = offices_of(user)
    return frozenset(owner for owner in set(owners) if offices & {owner, *_above(owner)})


def _edits() -> tuple[sa.ColumnElement[bool], ...]:
    """Memberships that let a user edit."""
    member = model.Member
    roles = authz.get_roles_with_permission(EDITS)
    return member.table_name == "user", member.state == "active", member.capacity.in_(roles)


def _above(office: str) -> list[str]:
    """The offices above one, the nearest first."""
    found: list[str] = []
    while (entries := organizations().entries(office)) and entries[0].parent:
        office = entries[0].parent
        if office in found:
            break
        found.append(office)
    return found
