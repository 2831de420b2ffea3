"""Template helpers: words of the register."""

import ckan.plugins.toolkit as tk

from ckanext.hatinh.register import records
from ckanext.hatinh.shared.vocabulary import dictionary

__all__ = [
    "hatinh_lgsp_state",
    "hatinh_register_kind",
    "hatinh_register_state",
    "hatinh_system_kind",
]


def hatinh_register_kind(kind: str) -> str:
    """Name of a kind of finding."""
    return tk.h.hatinh_say(records.config().words.kinds[kind])


def hatinh_register_state(state: str) -> str:
    """Name of a state of a finding."""
    return tk.h.hatinh_say(records.config().words.states[state])


def hatinh_lgsp_state(code: str) -> str:
    """Name of a state of a connection; of none, that nobody stated it."""
    return _name("integration_status", code) if code else tk._("Not stated")


def hatinh_system_kind(code: str) -> str:
    """Name of a kind of system."""
    return _name("system_kinds", code)


def _name(code_list: str, code: str) -> str:
    codes = dictionary().code_lists[code_list]
    return next((tk.h.hatinh_say(entry.name) for entry in codes if entry.code == code), code)
