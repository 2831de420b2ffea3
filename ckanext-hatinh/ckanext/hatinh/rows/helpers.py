"""Template helpers: what the page of a file shows of its rows."""

from collections.abc import Mapping
from typing import Any

from ckanext.hatinh.rows.asked import linked
from ckanext.hatinh.rows.previews import Preview, preview_of
from ckanext.hatinh.rows.resources import Shown
from ckanext.hatinh.rows.words import heading_of, said
from hatinh.rows.column import Column, Value

__all__ = ["hatinh_heading", "hatinh_preview", "hatinh_rows_file", "hatinh_value"]


def hatinh_heading(column: Column) -> str:
    """The heading of a column, with its unit."""
    return heading_of(column)


def hatinh_preview(package: Mapping[str, Any], resource: Mapping[str, Any]) -> Preview:
    """What can be shown of a resource."""
    return preview_of(package, resource)


def hatinh_rows_file(shown: Shown, form: str, parameters: list[tuple[str, str]]) -> str:
    """Address of a set of rows as a file."""
    return linked(shown.address("hatinh_rows.rows", form=form), parameters)


def hatinh_value(value: Value) -> str:
    """A value in words of the page's language."""
    return said(value)
