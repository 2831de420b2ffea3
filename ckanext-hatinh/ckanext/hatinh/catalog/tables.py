"""What the portal says of a table to programs: CSVW of one file, Data Package of a dataset."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.uploader import get_resource_uploader
from flask import current_app

from ckanext.hatinh.catalog.dcat_record import distribution_uri, formats, iri, record_uri
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.catalogue.csvw import About, stored_metadata, table_metadata
from hatinh.catalogue.data_package import data_package
from hatinh.catalogue.observed import Observed, observe
from hatinh.dictionary.table_schema import Column
from hatinh.errors import UnreadableTableError

DELIMITED = ("CSV", "TSV")
ROWS = "hatinh_rows.rows"
"""Where the rows of a table are given as CSV."""


def csvw(package: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, Any] | None:
    """CSVW of a CSV file that the portal keeps, else of the rows that it gives of a table.

    Nothing for what is neither, or cannot be read.
    """
    promised = columns(resource)
    observed = _observed(resource, tuple(column.name for column in promised if column.key))
    if observed is not None and observed.has_known_encoding and not observed.ragged:
        about = _about(package, resource, resource["url"])
        return table_metadata(about, observed, promised, dictionary())
    if stored := _stored(resource):
        address = tk.url_for(
            ROWS, name=package["name"], resource_id=resource["id"], form="csv", _external=True,
            locale="default",
        )  # fmt: skip
        return stored_metadata(_about(package, resource, address), stored, dictionary())
    return None


def _about(package: Mapping[str, Any], resource: Mapping[str, Any], url: str) -> About:
    organization = package.get("organization") or {}
    return About(
        uri=distribution_uri(package, resource) + "#table",
        url=url,
        title=resource.get("name") or package["title"],
        licence=iri("licences", package.get("license_id")),
        publisher=organization.get("title") or "",
        modified=(resource.get("last_modified") or resource.get("created") or "")[:10],
    )


def _stored(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The columns of the table that a file became; none where no plugin gives its rows."""
    if not resource.get("datastore_active") or ROWS not in current_app.view_functions:
        return []
    return tk.get_action("hatinh_column_list")({}, {"resource_id": resource["id"]})


def package_descriptor(package: Mapping[str, Any]) -> dict[str, Any]:
    """The Data Package of a dataset, each table with its columns."""
    licence = iri("licences", package.get("license_id"))
    schemas = {
        resource["id"]: tk.h.hatinh_table_schema(resource)
        for resource in package["resources"]
        if "hatinh_table_schema" in tk.h
    }
    return data_package(package, record_uri(package), licence, formats(), schemas)


def columns(resource: Mapping[str, Any]) -> Sequence[Column]:
    """The columns of a file that somebody has described."""
    return tk.h.hatinh_bound_columns(resource) if "hatinh_bound_columns" in tk.h else ()


def _observed(resource: Mapping[str, Any], key: tuple[str, ...]) -> Observed | None:
    if resource.get("url_type") != "upload" or (resource.get("format") or "") not in DELIMITED:
        return None
    path = Path(get_resource_uploader(dict(resource)).get_path(resource["id"]))
    try:
        state = path.stat()
        return _observed_file(path, state.st_mtime_ns, state.st_size, key)
    except (FileNotFoundError, UnreadableTableError):
        return None


@lru_cache(maxsize=512)
def _observed_file(path: Path, _changed: int, _size: int, key: tuple[str, ...]) -> Observed:
    with path.open("rb") as file:
        return observe(path.name, file, key)
