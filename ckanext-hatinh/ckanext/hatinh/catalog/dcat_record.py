"""A package as ckanext-dcat's DCAT-AP 3 profile wants it: codes become the IRIs they stand for.

The package itself is not changed. What DCAT has no word for is added by the profile.
"""

from collections.abc import Mapping
from typing import Any

from ckanext.hatinh.shared.mapping import URI_ROOT
from ckanext.hatinh.shared.vocabulary import dictionary, today
from hatinh.dictionary.model import Code, CodeList

MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
VIETNAMESE = "http://publications.europa.eu/resource/authority/language/VIE"
ENGLISH = "http://publications.europa.eu/resource/authority/language/ENG"


def to_record(package: Mapping[str, Any]) -> dict[str, Any]:
    """The package dict that the base profile serialises."""
    organization = package.get("organization") or {}
    translated = {*package["title_translated"], *(package.get("notes_translated") or ())}
    return dict(package) | {
        "url": package.get("landing_page"),
        "language": [VIETNAMESE, *([ENGLISH] if "en" in translated else ())],
        "frequency": iri("frequencies", package.get("frequency")),
        "access_rights": iri("publication_classes", package.get("publication_class")),
        "contact": [{"name": package.get("contact"), "email": package.get("contact_email")}],
        "temporal_start": package.get("period_start"),
        "temporal_end": package.get("period_end"),
        "publisher_uri": f"{URI_ROOT}/organization/{organization.get('name')}",
        "publisher_name": organization.get("title"),
        "publisher_identifier": organization.get("name"),
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


def _distribution(resource: Mapping[str, Any], package: Mapping[str, Any]) -> dict[str, Any]:
    record = {key: value for key, value in resource.items() if value not in ({}, "", None)}
    if resource.get("url_type") == "upload":
        record["download_url"] = resource["url"]
    if resource.get("hash"):
        record["hash_algorithm"] = SHA256
    if resource.get("mimetype"):
        record["mimetype"] = MEDIA_TYPE + resource["mimetype"]
    return record | {
        "uri": f"{URI_ROOT}/{package['type']}/{package['id']}/resource/{resource['id']}",
        "access_url": resource["url"],
        "license": iri("licences", package.get("license_id")),
    }
