"""Parameters of the actions."""

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.hatinh.shared.parameters import number, text

MOST = 1000
LARGEST = 2**31 - 1


def places() -> Schema:
    """A dataset, a rule, perhaps a file and a column, and which of the places."""
    required = tk.get_validator("not_empty")
    return {
        "id": [required, text], "rule": [required, text], "resource_id": [text], "column": [text],
        "limit": [number(0, MOST, 100)], "offset": [number(0, LARGEST, 0)],
    }  # fmt: skip


def mends() -> Schema:
    """A dataset, or an organisation."""
    return {"id": [text], "organization": [text]}
