"""What templates ask of the harvest."""

from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.harvest import notices, shown
from ckanext.hatinh.harvest.model.run import last_success
from ckanext.hatinh.shared.editors import my_offices

__all__ = [
    "hatinh_harvest_unseen",
    "hatinh_index_refusal",
    "hatinh_last_harvest",
    "hatinh_looks_after",
    "hatinh_span",
]

MINUTE, HOUR, DAY = 60, 3600, 86400


def hatinh_last_harvest() -> datetime | None:
    """End of the latest run that completed, of whichever source."""
    return last_success()


def hatinh_looks_after() -> bool:
    """Whether the person who looks may have sources."""
    return bool(my_offices())


def hatinh_harvest_unseen() -> int:
    """How many notices the person who looks has not seen."""
    return notices.unseen(tk.current_user.name, my_offices())


def hatinh_index_refusal() -> dict[str, Any] | None:
    """What officers must hear of a search index that takes nothing new, in words."""
    return shown.index_refusal()


def hatinh_span(seconds: float | None) -> str:
    """A length of time in words: *3 hours*; a dash for none."""
    if seconds is None:
        return "–"
    if seconds < MINUTE:
        number = max(round(seconds), 1)
        return tk.ungettext("{number} second", "{number} seconds", number).format(number=number)
    if seconds < HOUR:
        number = round(seconds / MINUTE)
        return tk.ungettext("{number} minute", "{number} minutes", number).format(number=number)
    if seconds < 2 * DAY:
        number = round(seconds / HOUR)
        return tk.ungettext("{number} hour", "{number} hours", number).format(number=number)
    number = round(seconds / DAY)
    return tk.ungettext("{number} day", "{number} days", number).format(number=number)
