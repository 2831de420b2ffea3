"""A dataset in the words of schema.org, for the search engines of data.

Keeps what they ask for: https://developers.google.com/search/docs/appearance/structured-data/dataset
"""

from collections.abc import Callable, Mapping
from typing import Any

from hatinh.catalogue.addresses import address, mail_address
from hatinh.catalogue.formats import FileFormat, media_type
from hatinh.local_time import local_day

PUBLIC = "cong_khai"
SHORTEST, LONGEST = 50, 5000
"""Letters that a description may have; a shorter one is told with the publisher."""


def structured_dataset(
    package: Mapping[str, Any],
    uri: str,
    page: str,
    catalogue: Mapping[str, str],
    iri: Callable[[str, str | None], str],
    formats: Mapping[str, FileFormat],
) -> dict[str, Any]:
    """A dataset; ``uri`` is its permanent identifier, ``page`` its address here, ``catalogue`` the
    portal's name and address."""
    licence = iri("licences", package.get("license_id"))
    return _filled(
        {
            "@context": "https://schema.org/",
            "@type": "Dataset",
            "@id": uri,
            "identifier": uri,
            "url": page,
            "name": package["title"],
            "alternateName": (package.get("title_translated") or {}).get("en"),
            "description": _description(package),
            "keywords": [tag["name"] for tag in package.get("tags", ())],
            "about": [group.get("title") or group["name"] for group in package.get("groups", ())],
            "license": licence,
            "isAccessibleForFree": True if package.get("publication_class") == PUBLIC else None,
            "datePublished": package.get("issued")
            or local_day(package["metadata_created"]).isoformat(),
            "dateModified": package.get("modified")
            or local_day(package["metadata_modified"]).isoformat(),
            "inLanguage": sorted(package.get("title_translated") or {"vi": ""}),
            "temporalCoverage": _period(package),
            "publisher": _organization(package),
            "creator": _organization(package),
            "includedInDataCatalog": {"@type": "DataCatalog", **catalogue},
            "distribution": [
                _download(resource, formats)
                for resource in package["resources"]
                if address(resource.get("url"))
            ],
        }
    )


def _description(package: Mapping[str, Any]) -> str:
    words = package.get("notes") or package["title"]
    if len(words) < SHORTEST:
        office = (package.get("organization") or {}).get("title") or ""
        words = f"{words} – {package['title']}, {office}, tỉnh Hà Tĩnh"
    return words[:LONGEST]


def _organization(package: Mapping[str, Any]) -> dict[str, Any]:
    organization = package.get("organization")
    if not organization:
        return {}
    email = mail_address(package.get("contact_email"))
    contact = {"name": package.get("contact"), "email": email, "contactType": "data"}
    return {
        "@type": "GovernmentOrganization",
        "name": organization.get("title") or organization["name"],
        "contactPoint": {"@type": "ContactPoint", **_filled(contact)},
    }


def _download(resource: Mapping[str, Any], formats: Mapping[str, FileFormat]) -> dict[str, Any]:
    known = formats.get((resource.get("format") or "").upper())
    said = media_type(resource.get("mimetype") or "")
    size = resource.get("size")
    return _filled(
        {
            "@type": "DataDownload",
            "name": resource.get("name"),
            "contentUrl": address(resource["url"]),
            "encodingFormat": said or (known.media_type if known else resource.get("format")),
            "contentSize": f"{size} B" if size else "",
        }
    )


def _period(package: Mapping[str, Any]) -> str:
    start, end = package.get("period_start") or "..", package.get("period_end") or ".."
    return "" if start == end == ".." else f"{start}/{end}"


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
