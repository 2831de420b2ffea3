"""What templates ask about auditors."""

import ckan.plugins.toolkit as tk

from ckanext.hatinh.shared.auditors import audits

__all__ = ["hatinh_audits"]


def hatinh_audits() -> bool:
    """Whether the person who looks is an auditor."""
    return tk.current_user.is_authenticated and audits(tk.current_user.name)
