"""Who sees private records in what counts many: sysadmins all, members those of their office."""

from ckan import authz, model
from ckan.types import Context


def sees_private(context: Context, organization: model.Group | None) -> bool:
    """Whether private records count: of one organisation, or of all when none is named."""
    user = context.get("user") or ""
    if context.get("ignore_auth") or authz.is_sysadmin(user):
        return True
    return organization is not None and bool(
        authz.has_user_permission_for_group_or_org(organization.id, user, "read")
    )
