"""CKAN's lists that name datasets to readers who may not see them: ours leave those out.

A stream shows a change to whoever could see the dataset then, the members of an office to
everybody. A dataset that was public for a day is told to nobody once it is private.
"""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import authz, model
from ckan.lib.plugins import get_permission_labels
from ckan.types import Context, DataDict

STREAMS = (
    "dashboard_activity_list",
    "group_activity_list",
    "organization_activity_list",
    "recently_changed_packages_activity_list",
    "user_activity_list",
)
"""The lists of changes of many datasets; those of one dataset ask for the right to see it."""

Changes = list[dict[str, Any]]
Members = list[tuple[str, str, str]]


@tk.chained_action
@tk.side_effect_free
def changes_seen(
    next_action: Callable[[Context, DataDict], Changes], context: Context, data_dict: DataDict
) -> Changes:
    """The changes of a stream without those of datasets that the reader may not see any more."""
    found = next_action(context, data_dict)
    about = {change["object_id"] for change in found if _is_of_dataset(change)}
    hidden = _hidden(context, about)
    return [c for c in found if not (_is_of_dataset(c) and c["object_id"] in hidden)]


@tk.chained_action
@tk.side_effect_free
def members_seen(
    next_action: Callable[[Context, DataDict], Members], context: Context, data_dict: DataDict
) -> Members:
    """The members of an office or a theme without datasets that the reader may not see."""
    found = next_action(context, data_dict)
    hidden = _hidden(context, {id_ for id_, kind, _ in found if kind == "package"})
    return [member for member in found if member[0] not in hidden]


def _is_of_dataset(change: dict[str, Any]) -> bool:
    return (change.get("activity_type") or "").endswith(("package", "resource view"))


def _hidden(context: Context, ids: set[str]) -> set[str]:
    """Those of the datasets that the reader may not see, however many they are, by one query."""
    if not ids or context.get("ignore_auth") or authz.is_sysadmin(context.get("user")):
        return set()
    labels = get_permission_labels()
    reader = set(labels.get_user_dataset_labels(context.get("auth_user_obj")))
    package = model.Package
    asked = sa.select(
        package.id, package.state, package.private, package.owner_org, package.creator_user_id
    ).where(package.id.in_(ids))
    datasets: Any = model.Session.execute(asked)
    return ids - {it.id for it in datasets if reader & set(labels.get_dataset_labels(it))}
