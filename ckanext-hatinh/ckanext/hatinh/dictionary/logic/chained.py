"""What this plugin adds to an action of CKAN's own."""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core
from ckan.types import Context, DataDict

from ckanext.datastore.backend import DatastoreBackend
from ckanext.hatinh.dictionary import binding, model

__all__ = ["datastore_create"]


@tk.chained_action
def datastore_create(
    next_action: Callable[[Context, DataDict], Any], context: Context, data_dict: DataDict
) -> Any:
    """Give a table that is loaded anew the elements that its columns had, and keep new ones."""
    resource_id = data_dict.get("resource_id") or ""
    new = bool(resource_id) and not _exists(resource_id)
    kept = _kept(resource_id) if resource_id else {}
    fields = data_dict.get("fields")
    if kept and isinstance(fields, list):
        data_dict["fields"] = binding.filled(fields, kept, new=new)
    result = next_action(context, data_dict)
    if kept and new and not fields:
        _dress(next_action, context, resource_id, kept)
    if chosen := binding.given(fields):
        model.bind(resource_id or result["resource_id"], chosen)
        core.Session.commit()
    return result


def _exists(resource_id: str) -> bool:
    return DatastoreBackend.get_active_backend().resource_exists(resource_id)


def _kept(resource_id: str) -> dict[str, str]:
    """Elements of a resource's columns, chosen or promised."""
    resource = core.Resource.get(resource_id)
    if resource is None:
        return {}
    found = binding.columns(resource.extras or {}, model.bindings(resource_id))
    return {column.name: column.element for column in found if column.element}


def _dress(
    next_action: Callable[[Context, DataDict], Any],
    context: Context,
    resource_id: str,
    kept: dict[str, str],
) -> None:
    """Bind the columns of a table whose fields CKAN has just guessed from its records."""
    found = tk.get_action("datastore_info")(tk.fresh_context(context), {"id": resource_id})
    fields = [{"id": field["id"], "type": field["type"]} for field in found["fields"]]
    next_action(
        tk.fresh_context(context),
        {
            "resource_id": resource_id,
            "force": True,
            "fields": binding.filled(fields, kept, new=True),
        },
    )
