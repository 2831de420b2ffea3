"""Canonical dataset ⇄ CKAN package dict. Pure functions; a test takes every field there and back.

Where names differ: title → ``title_translated``, notes → ``notes_translated``,
publisher → ``owner_org``, licence → ``license_id``, themes → ``groups``, keywords → ``tags``,
bbox → ``spatial``. All other fields keep their name.
"""

import json
import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from hatinh.dataset import Dataset, Kind, Resource
from hatinh.dictionary.model import CodeList
from hatinh.dictionary.table_schema import TableSchema
from hatinh.reading import DETAILS
from hatinh.text import Text, slug

URI_ROOT = "https://data.hatinh.gov.vn/id"
"""Permanent identifiers start with this, wherever the portal runs (REQ-45)."""

NOT_PUBLIC = "khong"

SAME_NAME = (
    "former_publisher", "frequency", "data_layer", "data_block", "sharing_level",
    "publication_class", "pii_class", "importance_class", "source_system", "legal_basis",
    "contact", "contact_email", "approved_by", "provenance", "landing_page",
)  # fmt: skip
DATES = ("period_start", "period_end", "issued", "modified", "sent_to_bca_date")

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, URI_ROOT)
_NOT_IN_TAGS = re.compile(r"[^\w\-. ]+")


def package_id(source: str, guid: str) -> str:
    """The id of the package that a source's record becomes: the same on every machine and run.

    A record can therefore never become two packages, whenever a run is cut off.
    """
    return str(uuid.uuid5(_NAMESPACE, f"{source}\n{guid}"))


def permanent_uri(kind: str, package: str) -> str:
    """The permanent identifier of a package; nobody chooses it, so no two have the same."""
    return f"{URI_ROOT}/{kind}/{package}"


def resource_id(package: str, guid: str) -> str:
    """The id of a resource within its package, made in the same way."""
    return str(uuid.uuid5(uuid.UUID(package), guid))


def theme_group(code: str, themes: CodeList) -> str:
    """Name of the CKAN group of a theme: the slug of its Vietnamese name."""
    return slug(next(entry.name.vi for entry in themes if entry.code == code))


def to_package(dataset: Dataset, package: str, themes: CodeList) -> dict[str, Any]:
    """The package dict of a dataset with that id; ``name`` is left to the writer."""
    return {
        "id": package,
        "type": dataset.kind,
        "uri": permanent_uri(dataset.kind, package),
        "harvest_guid": dataset.guid,
        "title_translated": dataset.title.as_dict(),
        "notes_translated": dataset.notes.as_dict(),
        "title": dataset.title.vi,
        "notes": dataset.notes.vi,
        "owner_org": dataset.publisher,
        "license_id": dataset.licence,
        "private": dataset.publication_class == NOT_PUBLIC,
        "groups": [{"name": theme_group(code, themes)} for code in dataset.themes],
        "tags": [{"name": name} for word in dataset.keywords if (name := _tag(word))],
        "spatial": _polygon(dataset.bbox) if dataset.bbox else "",
        "places": list(dataset.places),
        **{name: getattr(dataset, name) for name in SAME_NAME},
        **{name: _iso(getattr(dataset, name)) for name in DATES},
        **dataset.details,
        "resources": [_to_resource(resource, package) for resource in dataset.resources],
    }


def from_package(package: Mapping[str, Any], themes: CodeList) -> Dataset:
    """The dataset that a package dict (as ``package_show`` gives it) stands for."""
    kind = cast(Kind, package["type"])
    codes = {slug(theme.name.vi): theme.code for theme in themes}
    same: dict[str, Any] = {name: package.get(name) or "" for name in SAME_NAME}
    same |= {name: _date(package.get(name)) for name in DATES}
    return Dataset(
        guid=package.get("harvest_guid") or package["id"],
        kind=kind,
        title=_text(package["title_translated"]),
        notes=_text(package.get("notes_translated") or {}),
        publisher=(package.get("organization") or {}).get("name") or package["owner_org"],
        licence=package.get("license_id") or "",
        themes=tuple(codes[group["name"]] for group in package.get("groups", ())),
        keywords=tuple(tag["name"] for tag in package.get("tags", ())),
        bbox=_bounds(package["spatial"]) if package.get("spatial") else None,
        places=tuple(package.get("places") or ()),
        **same,
        details={name: package[name] for name in DETAILS[kind] if package.get(name)},
        resources=tuple(_from_resource(item) for item in package.get("resources", ())),
    )


def _to_resource(resource: Resource, package: str) -> dict[str, Any]:
    return {
        "id": resource_id(package, resource.guid),
        "resource_guid": resource.guid,
        "name": resource.name.vi,
        "name_translated": resource.name.as_dict(),
        "description": resource.description.vi,
        "description_translated": resource.description.as_dict(),
        "url": resource.url,
        "format": resource.format,
        "mimetype": resource.media_type,
        "schema": json.dumps(resource.schema.as_dict(), ensure_ascii=False),
    }


def _from_resource(item: Mapping[str, Any]) -> Resource:
    schema = item.get("schema") or {}
    return Resource(
        guid=item.get("resource_guid") or item["id"],
        name=_text(item.get("name_translated") or {"vi": item.get("name")}),
        url=item["url"],
        format=(item.get("format") or "").upper(),
        description=_text(item.get("description_translated") or {}),
        media_type=item.get("mimetype") or "",
        schema=TableSchema.from_dict(json.loads(schema) if isinstance(schema, str) else schema),
    )


def _text(value: Mapping[str, Any]) -> Text:
    return Text(value.get("vi") or "", value.get("en") or "")


def _tag(word: str) -> str:
    """A keyword without the signs that CKAN's tags refuse; empty when too short to be one."""
    name = " ".join(_NOT_IN_TAGS.sub(" ", word).split())[:100]
    return name if len(name) > 1 else ""


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value[:10]) if value else None


def _polygon(bbox: tuple[float, float, float, float]) -> str:
    west, south, east, north = bbox
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def _bounds(polygon: str) -> tuple[float, float, float, float]:
    points = json.loads(polygon)["coordinates"][0]
    longitudes, latitudes = zip(*points, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)
