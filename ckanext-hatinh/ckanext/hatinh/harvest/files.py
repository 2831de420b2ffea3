"""The files of harvested datasets: what a resource says of its bytes, and where they lie."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import uploader
from werkzeug.datastructures import FileStorage

from harvesters.spool import StoredFile
from hatinh.dataset import Resource
from hatinh.text import slug

_OF_BYTES = ("size", "hash", "last_modified")
"""What a resource says of its bytes."""


def describe(
    resource: Resource,
    item: dict[str, Any],
    file: StoredFile | None,
    old: model.Resource | None,
) -> bool:
    """Say in a resource dict what its bytes are; gives whether they must be stored.

    Without a new file the last good copy stays (REQ-53), and so does one with the same bytes.
    """
    stored = old if old is not None and old.url_type == "upload" else None
    if stored is not None and (file is None or stored.hash == file.sha256):
        item.update(_as_stored(stored))
        return False
    if file is None:
        return False
    if stored is not None:
        item.update(_as_loaded(stored))
    item.update(
        url_type="upload",
        url=filename(resource),
        size=file.size,
        hash=file.sha256,
        last_modified=datetime.now(UTC).replace(tzinfo=None).isoformat(),
    )
    return True


def describe_elsewhere(item: dict[str, Any], old: model.Resource | None) -> None:
    """Say in a resource dict that its bytes, which the portal had, are at its source only."""
    if old is not None and old.url_type == "upload":
        # A field that is not there would stay as it was.
        item.update({name: item.get(name) or "" for name in _OF_BYTES}, url_type="")


def store(resource: str, name: str, file: StoredFile) -> None:
    """Put bytes under a resource. The store writes beside the former file and then renames."""
    with file.path.open("rb") as body:
        upload = uploader.get_resource_uploader({"id": resource, "upload": FileStorage(body, name)})
        upload.upload(resource, uploader.get_max_resource_size())


def stored_path(resource_id: str) -> Path:
    """Where the store keeps the bytes of a resource."""
    return Path(uploader.get_resource_uploader({}).get_path(resource_id))


def remove_rowless(resources: Iterable[str]) -> None:
    """Remove bytes that are under resources of which the database knows no bytes."""
    paths = {resource: stored_path(resource) for resource in resources}
    stored = {resource: path for resource, path in paths.items() if path.is_file()}
    row = model.resource_table.c
    known = sa.select(row.id).where(row.id.in_(stored), row.url_type == "upload")
    for resource in stored.keys() - {*model.Session.scalars(known)} if stored else ():
        stored[resource].unlink(missing_ok=True)


def filename(resource: Resource) -> str:
    """A readable file name: the source's own where it has an ending, else the title's."""
    last = resource.url.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
    stem, dot, ending = last.rpartition(".")
    if not dot or ending.upper() != resource.format:
        stem, ending = resource.name.vi, resource.format.lower() or "bin"
    return f"{slug(stem, 80) or 'du-lieu'}.{ending.lower()}"


def _as_stored(old: model.Resource) -> Mapping[str, Any]:
    return {
        "url_type": "upload",
        "url": old.url,
        "size": old.size,
        "hash": old.hash,
        "last_modified": old.last_modified.isoformat() if old.last_modified else None,
        **_as_loaded(old),
    }


def _as_loaded(old: model.Resource) -> Mapping[str, Any]:
    """That there is a table of it, which readers have until new bytes are loaded."""
    active = (old.extras or {}).get("datastore_active")
    return {"datastore_active": True} if active else {}
