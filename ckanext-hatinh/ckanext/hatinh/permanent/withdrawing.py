"""How records leave: with a reason where a person takes a public one away, and never by purging.

CKAN's actions that delete are held to it: ``package_delete`` takes a ``reason`` and a
``successor``, ``package_update`` deletes nothing public, ``dataset_purge`` frees no address.
"""

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core
from ckan.types import Context, DataDict
from flask import has_request_context

from ckanext.hatinh.permanent import model
from ckanext.hatinh.shared.parameters import text
from ckanext.hatinh.shared.withdrawal import Cause

Action = Callable[[Context, DataDict], Any]

LONGEST = 2000


class WithdrawalRefusedError(tk.ValidationError):
    """A public record is to go in a way in which it cannot; pages that know no better say so."""


@tk.chained_action
def package_delete(up: Action, context: Context, data_dict: DataDict) -> Any:
    """Delete a record; of a public one a tombstone stays.

    Besides CKAN's: ``reason``, which a person has to give for a public record, and ``successor``,
    id, name or address of the public record that takes its place.
    """
    package = core.Package.get(data_dict.get("id") or "")
    if package is None:
        return up(context, data_dict)
    tk.check_access("package_delete", context, data_dict)
    return up(context, {**data_dict, **_why(context, package, data_dict)})


@tk.chained_action
def package_update(up: Action, context: Context, data_dict: DataDict) -> Any:
    """Update a record; a person takes a public one away by ``package_delete``, which asks why."""
    if data_dict.get("state") == core.State.DELETED and _is_person(context):
        package = core.Package.get(data_dict.get("id") or data_dict.get("name") or "")
        if package is not None and model.is_public(package):
            raise _refused("state", tk._("A public dataset is deleted with a reason"))
    return up(context, data_dict)


@tk.chained_action
def dataset_purge(up: Action, context: Context, data_dict: DataDict) -> Any:
    """Purge a record; one that was public only by ``ckan hatinh permanent purge``."""
    package = core.Package.get(data_dict.get("id") or "")
    if package is not None and not context.get("ignore_auth"):
        tk.check_access("dataset_purge", context, data_dict)
        if has_address(package):
            words = tk._("{name} was public: its address stays, and says why it was withdrawn")
            raise _refused("id", words.format(name=package.name))
    elif package is not None and model.is_public(package):
        package.delete()
        core.Session.flush()  # of this the database leaves a tombstone
    return up(context, data_dict)


ACTIONS: dict[str, Any] = {
    "package_delete": package_delete,
    "package_update": package_update,
    "dataset_purge": dataset_purge,
}


def has_address(package: core.Package) -> bool:
    """Whether a record is or was public, so that others may have noted its address."""
    return model.is_public(package) or model.was_public(package.id)


def leave_tombstone(data_dict: DataDict) -> None:
    """Say why a record goes, before it does; for the hook of ``package_delete``."""
    model.bury(
        data_dict["id"],
        Cause(data_dict.get("cause") or Cause.UNSTATED),
        data_dict.get("reason") or "",
        data_dict.get("successor") or "",
    )


def _why(context: Context, package: core.Package, data_dict: DataDict) -> dict[str, str]:
    reason = text(data_dict.get("reason") or "")
    if model.is_public(package) and not reason and _is_person(context):
        raise _refused("reason", tk._("Say why a public dataset is withdrawn"))
    if len(reason) > LONGEST:
        raise _refused("reason", tk._("At most {count} letters").format(count=LONGEST))
    return {
        "id": package.id,
        "cause": Cause.PERSON if reason else Cause.UNSTATED,
        "reason": reason,
        "successor": _successor(package, text(data_dict.get("successor") or "")),
    }


def _successor(package: core.Package, said: str) -> str:
    """Id of the record that somebody names by id, name or address."""
    if not said:
        return ""
    found = core.Package.get(said.partition("?")[0].rstrip("/").rpartition("/")[2])
    if found is None or not model.is_public(found) or found.id == package.id:
        raise _refused("successor", tk._("No other public dataset has this name or address"))
    return found.id


def _is_person(context: Context) -> bool:
    """Whether somebody asks by a page or by the API; programs of the portal know what they do."""
    program = context.get("ignore_auth") or context.get("user") == tk.config["ckan.site_id"]
    return has_request_context() and not program


def _refused(field: str, words: str) -> WithdrawalRefusedError:
    return WithdrawalRefusedError({field: [words]})
