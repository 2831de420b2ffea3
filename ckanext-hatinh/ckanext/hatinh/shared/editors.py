"""Who edits where (cán bộ biên tập): the offices whose data an account writes."""

import sqlalchemy as sa
from ckan import authz, model
from flask import g

EDITS = "create_dataset"
"""The permission that editors and admins of an office have, and members have not."""


def edits() -> tuple[sa.ColumnElement[bool], ...]:
    """Memberships that let a user edit."""
    member = model.Member
    roles = authz.get_roles_with_permission(EDITS)
    return member.table_name == "user", member.state == "active", member.capacity.in_(roles)


def offices_of(user: str) -> frozenset[str]:
    """The offices in which an account (name or id) edits; for a sysadmin all. Nothing for nobody.

    Accounts and memberships are read through the ORM, where a token narrows them.
    """
    account = model.User.get(user) if user else None
    return _offices_of(account) if account else frozenset()


def my_offices() -> frozenset[str]:
    """The offices in which the person who looks edits; one statement for each page."""
    if "hatinh_my_offices" not in g:
        account = g.get("userobj")
        g.hatinh_my_offices = _offices_of(account) if account else frozenset()
    return g.hatinh_my_offices


def _offices_of(account: model.User) -> frozenset[str]:
    if account.state != model.State.ACTIVE:
        return frozenset()
    offices = sa.select(model.Group.name).where(
        model.Group.is_organization, model.Group.state == model.State.ACTIVE
    )
    if not account.sysadmin:
        offices = offices.join(model.Member, model.Member.group_id == model.Group.id).where(
            model.Member.table_id == account.id, *edits()
        )
    return frozenset(model.Session.scalars(offices))
