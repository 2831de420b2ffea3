"""API of the loads."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context, DataDict

from ckanext.hatinh.datastore import files, queue, shown
from ckanext.hatinh.datastore import model as loads
from ckanext.hatinh.datastore.logic import schema
from ckanext.hatinh.shared.auditors import reads_everything
from ckanext.hatinh.shared.parameters import checked

__all__ = [
    "hatinh_column_list",
    "hatinh_load_choose",
    "hatinh_load_list",
    "hatinh_load_problems",
    "hatinh_load_show",
    "hatinh_load_start",
]


@tk.side_effect_free
def hatinh_load_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """How the file of a resource became a table, or why it did not.

    Parameter: ``resource_id``. ``state`` is that of the newest load, nothing while there is none;
    ``table`` tells from which load the rows are that readers see.
    """
    tk.check_access("hatinh_load_show", context, data_dict)
    resource = _resource(checked(data_dict, schema.one()))
    return shown.status(resource)


@tk.side_effect_free
def hatinh_load_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The newest load of each file, the newest first.

    Parameters: ``organization``, its id or name; ``state``; ``limit`` (100, at most 1000). Files
    of private datasets are left out, except for members of their organisation.
    """
    tk.check_access("hatinh_load_list", context, data_dict)
    asked = checked(data_dict, schema.several())
    organization = _organization(asked["organization"])
    found = loads.listed(organization, asked["state"], asked["limit"], offices=_offices(context))
    return [{**shown.load(load), **place} for load, place in found]


@tk.side_effect_free
def hatinh_load_problems(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """What was wrong with the rows that the newest load left out, or was refused for.

    Parameters: ``resource_id``; ``limit`` (100, at most 1000). For those who may change the file.
    """
    tk.check_access("hatinh_load_problems", context, data_dict)
    asked = checked(data_dict, schema.problems())
    found = loads.newest(_resource(asked).id)
    return [shown.problem(stored) for stored in found.causes[: asked["limit"]]] if found else []


def hatinh_load_start(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Load a file now, not at the next sweep. Parameters: ``resource_id``; ``force`` (false).

    A file that is loaded as it is now is loaded again with ``force`` only.
    """
    tk.check_access("hatinh_load_start", context, data_dict)
    asked = checked(data_dict, schema.start())
    resource = _resource(asked)
    wanted = next(iter(files.wanted(resource.id)), None)
    if wanted is None:
        words = tk._("The file is not a table that lies on this portal")
        raise tk.ValidationError({"resource_id": [words]})
    if asked["force"] or wanted.is_due:
        queue.enqueue(resource.id, wanted.signature)
    return shown.status(resource)


def hatinh_load_choose(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Choose how a file is loaded; it is loaded anew when that changes anything.

    Parameters: ``resource_id``; ``policy``: ``whole``, one bad row refuses the file, or
    ``good_rows``, bad rows are left out; ``sheet``, the name of a workbook's (the first).
    """
    tk.check_access("hatinh_load_choose", context, data_dict)
    asked = checked(data_dict, schema.choose())
    resource = _resource(asked)
    loads.choose(resource.id, asked["policy"], asked["sheet"])
    model.Session.commit()
    return shown.status(resource)


@tk.side_effect_free
def hatinh_column_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """The columns of a resource's table with their types and profiles.

    Parameter: ``resource_id``. Empty while there is no table. Of personal columns only counts are
    told.
    """
    tk.check_access("hatinh_column_list", context, data_dict)
    resource = _resource(checked(data_dict, schema.one()))
    found = loads.published(resource.id)
    return shown.columns(found) if found else []


def _resource(asked: dict[str, Any]) -> model.Resource:
    found = model.Resource.get(asked["resource_id"])
    if found is None:
        raise tk.ObjectNotFound(tk._("Resource not found"))
    return found


def _organization(name: str) -> str:
    if not name:
        return ""
    found = model.Group.get(name)
    if found is None or not found.is_organization:
        raise tk.ObjectNotFound(tk._("No such organisation"))
    return found.id


def _offices(context: Context) -> list[str] | None:
    """Ids of the organisations whose private datasets the reader may see; nothing means all."""
    if reads_everything(context):
        return None
    if not context.get("user"):
        return []
    found = tk.get_action("organization_list_for_user")(
        tk.fresh_context(context), {"permission": "read"}
    )
    return [office["id"] for office in found]
