"""Who sees private records in what counts many: who reads everything, members those of theirs."""

from ckan import authz, model
from ckan.types import Context

from ckanext.hatinh.shared.auditors import reads_everything


def sees_private(context: Context, organization: model.Group | None) -> bool:
    """Whether private records count: of one organisation, or of all when none is named."""
    if reads_everything(context):
        return True
    user = context.get("user") or ""
    return organization is not None and bool(
        authz.has_user_permission_for_group_or_org(organization.id, user, "read")
    )
