"""Streams of changes: CKAN shows a change to whoever could see the dataset then; ours, to whoever
may see it now. A dataset that was public for a day is told to nobody once it is private.
"""

from collections.abc import Callable, Iterable
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
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


@tk.chained_action
@tk.side_effect_free
def seen_now(
    next_action: Callable[[Context, DataDict], Changes], context: Context, data_dict: DataDict
) -> Changes:
    """The changes of a stream without those of datasets that the reader may not see any more."""
    found = next_action(context, data_dict)
    about = {change["object_id"] for change in found if _is_of_dataset(change)}
    hidden = {id_ for id_ in about - _public(about) if not _may_see(context, id_)}
    return [c for c in found if not (_is_of_dataset(c) and c["object_id"] in hidden)]


def _is_of_dataset(change: dict[str, Any]) -> bool:
    return (change.get("activity_type") or "").endswith(("package", "resource view"))


def _public(ids: Iterable[str]) -> set[str]:
    package = model.Package
    query = sa.select(package.id).where(
        package.id.in_(ids), package.state == "active", package.private.is_(False)
    )
    return set(model.Session.scalars(query))


def _may_see(context: Context, package: str) -> bool:
    try:
        tk.check_access("package_show", tk.fresh_context(context), {"id": package})
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True
