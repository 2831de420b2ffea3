"""What CKAN works out at length to find that nothing is to be done, found by a look.

* ``package_update`` asks for the real path of every resource's file, five times each, though it
  brings none. The harvest stores its files itself (``files``).
* The views that a resource has are listed before anybody knows whether a new one would fit.
* ``get_or_bust`` validates a whole dict to read one key of it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from ckan import logic
from ckan.lib import datapreview, uploader
from ckan.lib.navl import dictization_functions as navl
from ckan.lib.navl.validators import not_missing
from ckan.types import Context

from ckanext.hatinh.harvest.batch.replacing import replaced

_uploader = uploader.get_resource_uploader
_add_views = datapreview.add_views_to_resource


@contextmanager
def shortcuts() -> Iterator[None]:
    """Take the short ways, for a while."""
    with ExitStack() as stack:
        stack.enter_context(replaced(uploader, "get_resource_uploader", resource_uploader))
        stack.enter_context(replaced(datapreview, "add_views_to_resource", add_fitting_views))
        stack.enter_context(replaced(logic, "_validate", validate_required))
        yield


def resource_uploader(resource: dict[str, Any]) -> Any:
    """Stands for CKAN's ``get_resource_uploader``: with nothing to store, storing does nothing."""
    asked: Any = _uploader(resource)
    if type(asked) is uploader.ResourceUpload and not _brings_file(asked):
        asked.upload = _nothing
    return asked


def _brings_file(asked: Any) -> bool:
    return bool(asked.storage_path) and bool(asked.filename or asked.clear)


def _nothing(*_asked: object, **_options: object) -> None:
    """Store nothing."""


def add_fitting_views(
    context: Context,
    resource: dict[str, Any],
    dataset: dict[str, Any] | None = None,
    kinds: list[str] | None = None,
    datastore: bool = False,
) -> list[dict[str, Any]]:
    """Stands for CKAN's ``add_views_to_resource``, and asks it only where a default view fits."""
    if dataset and not kinds:
        shown = {"resource": resource, "package": dataset}
        views = datapreview.get_default_view_plugins(datastore)
        if not any(view.can_view(shown) for view in views):
            return []
    return _add_views(context, resource, dataset, kinds, datastore)


def validate_required(
    data: dict[str, Any], schema: dict[str, Any], context: Context | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Stands for CKAN's ``validate`` where keys are only asked to be there, as they mostly are."""
    if context is None and all(
        asked == [not_missing] and data.get(key, navl.missing) not in (None, navl.missing)
        for key, asked in schema.items()
    ):
        return data, {}
    return navl.validate(data, schema, context)
