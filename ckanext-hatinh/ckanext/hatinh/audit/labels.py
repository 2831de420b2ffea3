"""Which datasets an auditor sees: those of every office, private ones and drafts too."""

import sqlalchemy as sa
from ckan import model
from ckan.lib.plugins import DefaultPermissionLabels

from ckanext.hatinh.shared.auditors import audits


def labels_of(user: model.User) -> list[str]:
    """The labels of an account's search; for an auditor those of members of all offices.

    No dataset is without an office here, so these name them all.
    """
    own = DefaultPermissionLabels().get_user_dataset_labels(user)
    if not user or user.is_anonymous or not audits(user.name):
        return own
    offices = model.Session.scalars(sa.select(model.Group.id).where(model.Group.is_organization))
    return sorted({*own, *(f"member-{office}" for office in offices)})
