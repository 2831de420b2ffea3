"""API of what is withdrawn."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict, Schema

from ckanext.hatinh.permanent import model, shown
from ckanext.hatinh.shared.parameters import checked

__all__ = ["hatinh_withdrawn_list", "hatinh_withdrawn_show"]

MOST = 1000


@tk.side_effect_free
def hatinh_withdrawn_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Why a record that was public is not there any more, since when, and what takes its place.

    Parameter: ``id``, its id or any name that it had.
    """
    tk.check_access("hatinh_withdrawn_show", context, data_dict)
    found = model.tombstone(str(tk.get_or_bust(data_dict, "id")))
    if found is None:
        raise tk.ObjectNotFound(tk._("Nothing of this name was withdrawn"))
    return shown.told(found)


@tk.side_effect_free
def hatinh_withdrawn_list(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Everything that was public and is withdrawn, the latest first: ``count`` and ``results``.

    Parameters: ``limit`` (at most and by default 1000), ``offset``.
    """
    tk.check_access("hatinh_withdrawn_list", context, data_dict)
    asked = checked(data_dict, _paged())
    found = model.tombstones(min(asked["limit"], MOST), asked["offset"])
    return {"count": model.count(), "results": [shown.told(one) for one in found]}


def _paged() -> Schema:
    whole: Any = tk.get_validator("natural_number_validator")
    default: Any = tk.get_validator("default")
    return {"limit": [default(MOST), whole], "offset": [default(0), whole]}
