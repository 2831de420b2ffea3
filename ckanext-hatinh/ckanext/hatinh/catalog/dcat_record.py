"""A package as ckanext-dcat's DCAT-AP 3 profile wants it: codes become the IRIs they stand for.

The package itself is not changed. What DCAT has no word for is added by the profile. What a
publisher typed and RDF cannot say (an address with spaces, a checksum that is none) is left out.
"""

import csv
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import schemas
from ckanext.hatinh.shared.mapping import URI_ROOT, permanent_uri
from ckanext.hatinh.shared.vocabulary import dictionary, today
from hatinh.catalogue.addresses import address, mail_address
from hatinh.catalogue.extent import envelope, read_shape
from hatinh.catalogue.formats import (
    MEDIA_TYPE,
    FileFormat,
    format_iri,
    load_formats,
    media_type,
)
from hatinh.dictionary.model import Code, CodeList

SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
VIETNAMESE = "http://publications.europa.eu/resource/authority/language/VIE"
ENGLISH = "http://publications.europa.eu/resource/authority/language/ENG"

_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)
_OTHERWISE = ("contact", "contact_email", "landing_page", "provenance", "spatial")
"""Fields that go into the record in another form, or not at all."""


def record_uri(package: Mapping[str, Any]) -> str:
    """The permanent identifier of a package."""
    return permanent_uri(package["type"], package["id"])


def distribution_uri(package: Mapping[str, Any], resource: Mapping[str, Any]) -> str:
    """The permanent identifier of a file."""
    return f"{record_uri(package)}/resource/{resource['id']}"


def organization_uri(name: str) -> str:
    """The permanent identifier of an organisation."""
    return f"{URI_ROOT}/organization/{name}"


def to_record(package: Mapping[str, Any]) -> dict[str, Any]:
    """The package dict that the base profile serialises."""
    same = {name: value for name, value in package.items() if name not in _OTHERWISE}
    titles = _texts(package["title_translated"])
    notes = _texts(package.get("notes_translated"))
    return same | {
        "title_translated": titles,
        # Every record is described; one without a description by its title.
        "notes_translated": notes or titles,
        "url": address(package.get("landing_page")),
        "language": [VIETNAMESE, *([ENGLISH] if "en" in {*titles, *notes} else ())],
        "frequency": iri("frequencies", package.get("frequency")),
        "access_rights": iri("publication_classes", package.get("publication_class")),
        "contact": _contact(package),
        "temporal_start": package.get("period_start"),
        "temporal_end": package.get("period_end"),
        **_publisher(package),
        **_extent(package),
        "resources": [_distribution(resource, package) for resource in package["resources"]],
    }


def iri(code_list: str, code: str | None) -> str:
    """The IRI that a code is mapped to, or nothing."""
    found = find(dictionary().code_lists[code_list], code)
    return found.uri if found else ""


def find(codes: CodeList, code: str | None) -> Code | None:
    """The entry of a code, in force or not."""
    if not code:
        return None
    return codes.get(code, today()) or next((c for c in codes if c.code == code), None)


@lru_cache(maxsize=1)
def formats() -> Mapping[str, FileFormat]:
    """Formats of files, by name."""
    return load_formats(schemas.ROOT / "file_formats.csv")


@lru_cache(maxsize=1)
def data_themes() -> Mapping[str, str]:
    """Names of the EU's data themes, by code."""
    with (schemas.ROOT / "data_themes.csv").open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row["name"] for row in csv.DictReader(stream)}


def _texts(translated: Mapping[str, str] | None) -> dict[str, str]:
    return {lang: text for lang, text in (translated or {}).items() if text}


def _contact(package: Mapping[str, Any]) -> list[dict[str, str]]:
    email = mail_address(package.get("contact_email"))
    name = package.get("contact") or ""
    return [{"name": name, "email": email}] if name or email else []


def _publisher(package: Mapping[str, Any]) -> dict[str, Any]:
    organization = package.get("organization")
    if not organization:
        return {}
    return {
        "publisher_uri": organization_uri(organization["name"]),
        "publisher_name": organization.get("title") or organization["name"],
        "publisher_identifier": organization["name"],
    }


def _extent(package: Mapping[str, Any]) -> dict[str, str]:
    """The box around what the data covers, and its shape where it is no box."""
    found = read_shape(package.get("spatial") or "")
    if found is None:
        return {}
    box = envelope(found)
    other = {} if found == box else {"spatial": json.dumps(found)}
    return {"spatial_bbox": json.dumps(box)} | other


def _distribution(resource: Mapping[str, Any], package: Mapping[str, Any]) -> dict[str, Any]:
    record = {key: value for key, value in resource.items() if value not in ({}, "", None)}
    for name in ("hash", "mimetype", "format"):
        record.pop(name, None)
    for name in ("name_translated", "description_translated"):
        record[name] = _texts(resource.get(name))
    uri = distribution_uri(package, resource)
    url = address(resource.get("url"))
    if url and resource.get("url_type") == "upload":
        record["download_url"] = url
    return (
        record
        | _form(resource)
        | _checksum(resource)
        | {
            "uri": uri,
            # Every file is reached somehow: one without an address by its page here.
            "url": url or uri,
            "access_url": url or uri,
            "license": iri("licences", package.get("license_id")),
        }
    )


def _form(resource: Mapping[str, Any]) -> dict[str, str]:
    name = (resource.get("format") or "").strip()
    known = media_type(resource.get("mimetype") or "")
    return ({"format": format_iri(name, formats())} if name else {}) | (
        {"mimetype": MEDIA_TYPE + known} if known else {}
    )


def _checksum(resource: Mapping[str, Any]) -> dict[str, str]:
    found = _SHA256.fullmatch(resource.get("hash") or "")
    return {"hash": found[1].lower(), "hash_algorithm": SHA256} if found else {}
