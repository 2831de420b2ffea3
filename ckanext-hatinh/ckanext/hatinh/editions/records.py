"""The public datasets that belong into a catalogue, read from the database in few statements."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB

from ckanext.hatinh.shared.mapping import permanent_uri
from ckanext.hatinh.shared.served import served, words
from hatinh.editions import Record
from hatinh.local_time import local_day
from hatinh.text import parse_date

FIELDS = ("publication_class", "frequency", "modified", "source_system")


@dataclass
class _Files:
    """What the files of one dataset say."""

    formats: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    in_datastore: bool = False


def public_ids(sharing_level: str = "") -> dict[str, str]:
    """Names of the public datasets by id, of one sharing level or of all."""
    package = model.Package
    query = sa.select(package.id, package.name).where(*_public(sharing_level))
    return dict(model.Session.execute(query).tuples().all())


def records(sharing_level: str) -> list[Record]:
    """The public datasets of a sharing level in the order of their offices and titles."""
    files, keywords, of_services = _files(sharing_level), _keywords(sharing_level), _served()
    package, group = model.Package, model.Group
    query = (
        sa.select(
            package.id, package.name, package.title, package.notes,
            model.package_table.c.license_id,
            package.metadata_modified, group.name.label("organization"),
            group.title.label("provider"),
            *(package.extras[name].astext.label(name) for name in FIELDS),
        )
        .outerjoin(group, group.id == package.owner_org)
        .where(*_public(sharing_level))
        .order_by(group.name, package.title, package.id)
    )  # fmt: skip
    return [
        _record(row, files.get(row.id, _Files()), keywords.get(row.id, ()), of_services)
        for row in model.Session.execute(query)
    ]


def _record(row: Any, files: _Files, keywords: tuple[str, ...], of_services: set[str]) -> Record:
    return Record(
        id=row.id,
        name=row.name,
        uri=permanent_uri("dataset", row.id),
        title=row.title or row.name,
        organization=row.organization or "",
        provider=row.provider or "",
        description=row.notes or "",
        publication_class=row.publication_class or "",
        licence=row.license_id or "",
        frequency=row.frequency or "",
        modified=parse_date(row.modified or "") or local_day(row.metadata_modified),
        source_system=row.source_system or "",
        formats=tuple(files.formats),
        served=files.in_datastore or row.id in of_services,
        keywords=keywords,
        columns=tuple(files.columns),
    )


def _public(sharing_level: str) -> list[Any]:
    package = model.Package
    found = [package.type == "dataset", package.state == "active", package.private.is_(False)]
    if sharing_level:
        found.append(package.extras["sharing_level"].astext == sharing_level)
    return found


def _files(sharing_level: str) -> dict[str, _Files]:
    resource, package = model.Resource, model.Package
    extras = sa.cast(model.resource_table.c.extras, JSONB)
    query = (
        sa.select(
            resource.package_id,
            resource.format,
            extras["schema"].astext.label("schema"),
            extras["datastore_active"].astext.label("datastore"),
        )
        .join(package, package.id == resource.package_id)
        .where(resource.state == "active", *_public(sharing_level))
        .order_by(resource.package_id, resource.position)
    )
    found: dict[str, _Files] = {}
    for row in model.Session.execute(query):
        files = found.setdefault(row.package_id, _Files())
        files.formats.append((row.format or "").upper())
        files.columns += _columns(row.schema)
        files.in_datastore |= (row.datastore or "").lower() == "true"
    return found


def _columns(schema: str | None) -> list[str]:
    """Headers of a table; a schema that cannot be read promises none."""
    try:
        found = json.loads(schema or "{}")
        return [str(column["name"]) for column in found.get("columns", ())]
    except (AttributeError, KeyError, TypeError, ValueError):
        return []


def _keywords(sharing_level: str) -> Mapping[str, tuple[str, ...]]:
    package, link, tag = model.Package, model.PackageTag, model.Tag
    query = (
        sa.select(link.package_id, sa.func.array_agg(tag.name))
        .join(tag, tag.id == link.tag_id)
        .join(package, package.id == link.package_id)
        .where(link.state == "active", *_public(sharing_level))
        .group_by(link.package_id)
    )
    return {id_: tuple(names) for id_, names in model.Session.execute(query)}


def _served() -> set[str]:
    """The ids of the datasets that a public service serves."""
    package = model.Package
    named, source = (package.extras[n].astext for n in ("serves_datasets", "harvest_source"))
    query = sa.select(source, named).where(
        package.type == "dataservice", package.state == "active", package.private.is_(False)
    )
    asked = [word for row in model.Session.execute(query) for word in words(*row)]
    return set(served(asked).values())


def public_titles(sharing_level: str = "") -> list[dict[str, str]]:
    """The public datasets in short: id, name, title, and name of the organisation."""
    package, group = model.Package, model.Group
    query = (
        sa.select(package.id, package.name, package.title, group.name.label("organization"))
        .outerjoin(group, group.id == package.owner_org)
        .where(*_public(sharing_level))
        .order_by(group.name, package.title, package.id)
    )
    return [
        {key: value or "" for key, value in row.items()}
        for row in model.Session.execute(query).mappings()
    ]
