"""Which kinds of records there are."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

KINDS = ("dataset", "system", "dataservice")


@tk.chained_action
def package_create(
    next_action: Callable[[Context, DataDict], Any], context: Context, data_dict: DataDict
) -> Any:
    """CKAN's, but for kinds of which nothing of ours checks the fields, and that have no page."""
    kind = data_dict.get("type") or KINDS[0]
    if kind not in KINDS:
        words = tk._("There is no such kind of record; choose one of: {kinds}")
        raise tk.ValidationError({"type": [words.format(kinds=", ".join(KINDS))]})
    return next_action(context, data_dict)
