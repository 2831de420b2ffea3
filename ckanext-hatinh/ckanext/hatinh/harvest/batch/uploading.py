"""CKAN's look at the disk for every resource of a package, only where a resource brings a file.

``package_update`` asks for the real path of every resource's file, five times each, to find that
there is nothing to store. The harvest stores its files itself (``files``).
"""

from typing import Any

from ckan.lib import uploader

_real = uploader.get_resource_uploader


def resource_uploader(resource: dict[str, Any]) -> Any:
    """Stands for CKAN's ``get_resource_uploader``: with nothing to store, storing does nothing."""
    asked: Any = _real(resource)
    if type(asked) is uploader.ResourceUpload and not _brings_file(asked):
        asked.upload = _nothing
    return asked


def _brings_file(asked: Any) -> bool:
    return bool(asked.storage_path) and bool(asked.filename or asked.clear)


def _nothing(*_asked: object, **_options: object) -> None:
    """Store nothing."""
