"""The catalogue as plain JSON, for programs that know no RDF: DCAT-US 1.1 (``data.json``).

Beside the members of the standard stand our own fields under their own names, so that a portal
like ours takes a record over whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hatinh.catalogue.addresses import address, mail_address
from hatinh.catalogue.formats import FileFormat, media_type
from hatinh.dictionary.model import CodeList
from hatinh.local_time import local_day

CONFORMS_TO = "https://project-open-data.cio.gov/v1.1/schema"
IRREGULAR = "irregular"
ACCESS = {"cong_khai": "public", "co_dieu_kien": "restricted public", "khong": "non-public"}
OWN_FIELDS = (
    "frequency", "data_layer", "data_block", "sharing_level", "publication_class", "pii_class",
    "importance_class", "source_system", "legal_basis", "approved_by", "places",
)  # fmt: skip


@dataclass(frozen=True)
class Vocabulary:
    """What codes stand for: ``iri(list, code)``, the frequencies, the formats of files."""

    iri: Callable[[str, str | None], str]
    frequencies: CodeList
    formats: Mapping[str, FileFormat]


def plain_record(package: Mapping[str, Any], uri: str, vocabulary: Vocabulary) -> dict[str, Any]:
    """One dataset or data service; what is empty is left out."""
    described = {
        "@type": "dcat:DataService" if package["type"] == "dataservice" else "dcat:Dataset",
        "identifier": uri,
        "title": package["title"],
        "description": package.get("notes") or package["title"],
        "keyword": [tag["name"] for tag in package.get("tags", ())],
        "theme": [group.get("title") or group["name"] for group in package.get("groups", ())],
        "issued": package.get("issued") or local_day(package["metadata_created"]).isoformat(),
        "modified": package.get("modified") or local_day(package["metadata_modified"]).isoformat(),
        "publisher": _publisher(package),
        "contactPoint": _contact(package),
        "accessLevel": ACCESS.get(package.get("publication_class") or "", ""),
        "license": vocabulary.iri("licences", package.get("license_id")),
        "accrualPeriodicity": _interval(package.get("frequency"), vocabulary.frequencies),
        "temporal": _period(package),
        "landingPage": address(package.get("landing_page")),
        "language": sorted(package["title_translated"]),
        "distribution": [
            _distribution(resource, uri, vocabulary.formats) for resource in package["resources"]
        ],
        "endpointURL": address(package.get("endpoint_url")),
        "endpointDescription": package.get("endpoint_description"),
    }
    own = {name: package.get(name) for name in OWN_FIELDS}
    return _filled(described | own)


def _distribution(
    resource: Mapping[str, Any], record: str, formats: Mapping[str, FileFormat]
) -> dict[str, Any]:
    name = (resource.get("format") or "").upper()
    known = formats.get(name)
    url = address(resource.get("url"))
    said = media_type(resource.get("mimetype") or "")
    return _filled(
        {
            "@type": "dcat:Distribution",
            "identifier": f"{record}/resource/{resource['id']}",
            "title": resource.get("name"),
            "description": resource.get("description"),
            "downloadURL" if resource.get("url_type") == "upload" else "accessURL": url,
            "format": name,
            "mediaType": said or (known.media_type if known else ""),
            "schema": resource.get("schema") or "",
        }
    )


def _publisher(package: Mapping[str, Any]) -> dict[str, str]:
    organization = package.get("organization") or {}
    name = organization.get("title") or organization.get("name")
    return {"@type": "org:Organization", "name": name} if name else {}


def _contact(package: Mapping[str, Any]) -> dict[str, str]:
    email = mail_address(package.get("contact_email"))
    told = {"fn": package.get("contact") or "", "hasEmail": f"mailto:{email}" if email else ""}
    found = _filled(told)
    return {"@type": "vcard:Contact", **found} if found else {}


def _interval(code: str | None, frequencies: CodeList) -> str:
    """A repeating interval of ISO 8601."""
    found = next((entry for entry in frequencies if entry.code == code), None)
    if found is None:
        return ""
    return f"R/{found.value}" if found.value.startswith("P") else IRREGULAR


def _period(package: Mapping[str, Any]) -> str:
    start, end = package.get("period_start") or "", package.get("period_end") or ""
    return f"{start}/{end}" if start or end else ""


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
