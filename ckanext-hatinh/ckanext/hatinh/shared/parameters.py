"""Parameters of actions, validated."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema


def checked(data_dict: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The parameters that a schema names, validated. Raises ``ValidationError``."""
    given = {name: data_dict[name] for name in schema if name in data_dict}
    found, errors = tk.navl_validate(given, schema, {})
    if errors:
        raise tk.ValidationError(errors)
    return found
