"""Template helpers: where a dataset stands, and words of the catalogues."""

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.editions import catalogues, shown
from hatinh.text import Text

__all__ = [
    "hatinh_catalogue_field",
    "hatinh_catalogue_standing",
    "hatinh_catalogue_state",
    "hatinh_subject_state",
]


def hatinh_catalogue_standing(package: dict[str, Any]) -> dict[str, Any] | None:
    """The catalogue that a dataset belongs into, and whether its edition in force names it."""
    return shown.standing(package)


def hatinh_catalogue_field(name: str) -> str:
    """Label of a field of an entry."""
    return _say(catalogues.form().fields[name])


def hatinh_catalogue_state(state: str) -> str:
    """Name of a state of an edition."""
    return _say(catalogues.form().states[state])


def hatinh_subject_state(state: str) -> str:
    """Name of a state of a subject."""
    return _say(catalogues.form().subject_states[state])


def _say(text: Text) -> str:
    return text.said(tk.h.lang())
