"""Actions on notices: what an officer must hear of the sources he or she looks after."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

from ckanext.hatinh.harvest import notices
from ckanext.hatinh.harvest.logic import schema
from ckanext.hatinh.shared.editors import offices_of
from ckanext.hatinh.shared.parameters import checked


@tk.side_effect_free
def hatinh_notice_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The newest notices of one's own sources: ``id``, ``kind`` (failed, recovered, waiting,
    partly),
    ``source``, ``run_id``, ``created``, ``headline``, ``seen``. Parameter: ``limit`` (50)."""
    tk.check_access("hatinh_notice_list", context, data_dict)
    limit = checked(data_dict, schema.notice_list())["limit"]
    return notices.of_user(context.get("user") or "", limit)


def hatinh_notice_seen(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Mark a notice as seen by oneself, or all. Parameter: ``id`` (optional)."""
    tk.check_access("hatinh_notice_seen", context, data_dict)
    asked = checked(data_dict, schema.notice_seen())
    user = context.get("user") or ""
    notices.mark_seen(user, asked.get("id"))
    return {"unseen": notices.unseen(user, offices_of(user))}
