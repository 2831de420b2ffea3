"""What the templates ask for."""

from collections.abc import Iterable, Mapping
from typing import Any

from ckanext.hatinh.api import calls
from hatinh.openapi.examples import Example

__all__ = ["hatinh_examples", "hatinh_shown_file"]


def hatinh_examples(resource: Mapping[str, Any]) -> list[Example]:
    """Ready calls for a file."""
    return calls.examples(resource)


def hatinh_shown_file(resources: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The file whose ready calls a dataset's page shows."""
    return calls.shown(resources)
