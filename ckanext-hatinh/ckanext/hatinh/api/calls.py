"""Which ready calls a file gets."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ckanext.hatinh.api.table import site
from hatinh.openapi.examples import Example, of_file, of_table


def examples(resource: Mapping[str, Any]) -> list[Example]:
    """Calls for rows when the file is a table; else for the file, when it has an address."""
    if resource.get("datastore_active"):
        return of_table(site(), resource["id"])
    url = resource.get("url") or ""
    if urlsplit(url).scheme not in ("http", "https"):
        return []
    return of_file(url, (resource.get("format") or "").upper())


def shown(resources: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The file whose calls a dataset's page shows: the first table, else the first with an
    address."""
    useful = [resource for resource in resources if examples(resource)]
    return next((it for it in useful if it.get("datastore_active")), next(iter(useful), None))
