"""Takes datasets out of sight, as ``package_delete`` does, but inside a transaction of ours.

CKAN's own action commits and asks Solr each time. What it does besides is done here in the same
order: the plugins' hooks, the state, the memberships, the signal that the activity stream hears.
"""

from collections.abc import Sequence

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.hatinh.shared.withdrawal import Cause


def archive(package_ids: Sequence[str], user: str, cause: Cause = Cause.SOURCE) -> None:
    """Delete datasets softly, up to but without the commit; what is deleted stays as it is."""
    if not package_ids:
        return
    query = sa.select(model.Package).where(
        model.Package.id.in_(package_ids), model.Package.state != "deleted"
    )
    for package in model.Session.scalars(query).all():
        _archive(package, user, cause)
    model.Session.flush()


def _archive(package: model.Package, user: str, cause: Cause) -> None:
    context = Context(user=user, ignore_auth=True, defer_commit=True, session=model.Session)
    data = {"id": package.id, "cause": cause}
    for plugin in p.PluginImplementations(p.IPackageController):
        plugin.delete(package)
        plugin.after_dataset_delete(context, data)
    package.delete()
    members = sa.select(model.Member).where(
        model.Member.table_id == package.id, model.Member.state == "active"
    )
    for member in model.Session.scalars(members):
        member.delete()
    model.Session.flush()
    tk.signals.action_succeeded.send("package_delete", context=context, data_dict=data, result=None)
