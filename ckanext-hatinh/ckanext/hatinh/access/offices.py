"""The organisations that a token can be given: those that its owner is a member of."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from ckan import model


def memberships(user: str) -> list[model.Group]:
    """The organisations of an account (name or id) by title; for a sysadmin no others either."""
    account = model.User.get(user)
    if account is None:
        return []
    query = (
        sa.select(model.Group)
        .join(model.Member, model.Member.group_id == model.Group.id)
        .where(
            model.Group.is_organization,
            model.Group.state == "active",
            model.Member.state == "active",
            model.Member.table_name == "user",
            model.Member.table_id == account.id,
        )
        .order_by(model.Group.title)
    )
    return list(model.Session.scalars(query))


def offices_of(user: str) -> dict[str, str]:
    """The same, as their ids by id and by name."""
    found = memberships(user)
    return {group.id: group.id for group in found} | {group.name: group.id for group in found}


def told(ids: Iterable[str]) -> list[dict[str, Any]]:
    """Organisations as a reader is told of them, by title."""
    query = sa.select(model.Group).where(model.Group.id.in_(list(ids))).order_by(model.Group.title)
    found = model.Session.scalars(query)
    return [{"id": group.id, "name": group.name, "title": group.title} for group in found]
