"""Validator of what CKAN's data dictionary says of a column."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.dictionary.binding import INFO_KEY
from ckanext.hatinh.dictionary.editions import current

__all__ = ["hatinh_element_known"]


def hatinh_element_known(info: Any) -> Any:
    """Accept the ``info`` of a column whose element, if it names one, is in the dictionary."""
    wanted = info.get(INFO_KEY) if isinstance(info, dict) else None
    if wanted and wanted not in current().elements:
        raise tk.Invalid(tk._("The dictionary has no element {id}").format(id=wanted))
    return info
