"""A dataset as a Data Package 2.0: its files, their formats, hashes and columns, in one JSON.

https://datapackage.org/standard/data-package/
"""

import re
from collections.abc import Mapping
from typing import Any

from hatinh.catalogue.addresses import address, mail_address
from hatinh.catalogue.formats import FileFormat, media_type
from hatinh.text import slug

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
RESOURCE_PROFILE = "https://datapackage.org/profiles/2.0/dataresource.json"

_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)


def data_package(
    package: Mapping[str, Any],
    uri: str,
    licence: str,
    formats: Mapping[str, FileFormat],
    schemas: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The descriptor of a dataset; ``schemas`` are Table Schemas by the id of their file."""
    names: set[str] = set()
    return _filled(
        {
            "$schema": PROFILE,
            "name": package["name"],
            "id": uri,
            "title": package["title"],
            "description": package.get("notes"),
            "homepage": address(package.get("landing_page")) or uri,
            "created": f"{package['metadata_created'][:19]}Z",
            "keywords": [tag["name"] for tag in package.get("tags", ())],
            "licenses": [{"name": package["license_id"], "path": licence}] if licence else [],
            "contributors": _contributors(package),
            "sources": _sources(package),
            "resources": [
                _resource(resource, names, formats, schemas.get(resource["id"], {}))
                for resource in package["resources"]
                if address(resource.get("url"))
            ],
        }
    )


def _resource(
    resource: Mapping[str, Any],
    names: set[str],
    formats: Mapping[str, FileFormat],
    schema: Mapping[str, Any],
) -> dict[str, Any]:
    form = (resource.get("format") or "").upper()
    known = formats.get(form)
    said = media_type(resource.get("mimetype") or "")
    digest = _SHA256.fullmatch(resource.get("hash") or "")
    return _filled(
        {
            "$schema": RESOURCE_PROFILE,
            "name": _name(resource, names),
            "type": "table" if schema else "",
            "path": address(resource["url"]),
            "title": resource.get("name"),
            "description": resource.get("description"),
            "format": form.lower(),
            "mediatype": said or (known.media_type if known else ""),
            "bytes": resource.get("size"),
            "hash": f"sha256:{digest[1].lower()}" if digest else "",
            "schema": dict(schema),
        }
    )


def _name(resource: Mapping[str, Any], taken: set[str]) -> str:
    """A name that no other file of the dataset has."""
    name = slug(resource.get("name") or "") or resource["id"]
    found = name if name not in taken else f"{name}-{resource['id'][:8]}"
    taken.add(found)
    return found


def _contributors(package: Mapping[str, Any]) -> list[dict[str, Any]]:
    organization = package.get("organization") or {}
    publisher = {"title": organization.get("title"), "roles": ["publisher"]}
    email = mail_address(package.get("contact_email"))
    contact = {"title": package.get("contact"), "email": email, "roles": ["contact"]}
    return [_filled(person) for person in (publisher, contact) if person["title"]]


def _sources(package: Mapping[str, Any]) -> list[dict[str, str]]:
    words = package.get("source_system") or package.get("provenance")
    return [{"title": words}] if words else []


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
