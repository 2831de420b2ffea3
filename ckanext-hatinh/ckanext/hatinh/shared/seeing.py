"""Who sees private records in what counts many: who reads everything, members those of theirs."""

import sqlalchemy as sa
from ckan import authz, model
from ckan.types import Context
from sqlalchemy.orm import aliased

from ckanext.hatinh.shared.auditors import reads_everything

READS = "read"
CASCADE = "roles_that_cascade_to_sub_groups"


def sees_private(context: Context, organization: model.Group | None) -> bool:
    """Whether private records count: of one organisation, or of all when none is named."""
    if reads_everything(context):
        return True
    user = context.get("user") or ""
    return bool(user and organization is not None and _reads_in(organization, user))


def _reads_in(organization: model.Group, user: str) -> bool:
    """What ``authz.has_user_permission_for_group_or_org`` says, in one statement for its five.

    A SELECT of memberships themselves, for that is what a token narrows.
    """
    roles = set(authz.get_roles_with_permission(READS))
    cascade = authz.check_config_permission(CASCADE)
    cascading = roles & set(cascade if isinstance(cascade, list) else ())
    member, account, above = model.Member, model.User, _above(organization)
    query = (
        sa.select(member.id)
        .join(account, account.id == member.table_id)
        .where(account.name == user, account.state == model.State.ACTIVE)
        .where(member.table_name == "user", member.state == model.State.ACTIVE)
        .where(
            sa.or_(
                sa.and_(member.group_id == organization.id, member.capacity.in_(roles)),
                sa.and_(member.group_id.in_(above), member.capacity.in_(cascading)),
            )
        )
    )
    return model.Session.scalars(query).first() is not None


def _above(organization: model.Group) -> sa.Select[tuple[str]]:
    """Ids of the organisations above one, of its type."""
    member, office = aliased(model.Member), model.Group
    step = sa.select(member.table_id).where(
        member.table_name == "group", member.state == model.State.ACTIVE
    )
    parents = step.where(member.group_id == organization.id).cte("parents", recursive=True)
    parents = parents.union(step.where(member.group_id == parents.c.table_id))
    return (
        sa.select(office.id)
        .join(parents, parents.c.table_id == office.id)
        .where(office.type == organization.type, office.state == model.State.ACTIVE)
    )
