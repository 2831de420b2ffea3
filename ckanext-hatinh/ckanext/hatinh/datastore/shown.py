"""Loads as the API and the pages tell of them."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core

from ckanext.hatinh.datastore import files, model
from ckanext.hatinh.datastore.model import DatastoreLoad, State
from ckanext.hatinh.shared.vocabulary import dictionary, problem_texts, today
from hatinh.messages import describe, locate
from hatinh.problem import Problem


def status(resource: core.Resource) -> dict[str, Any]:
    """The newest load of a resource, the table that there is, and what was chosen."""
    policy, sheet = model.choice(resource)
    newest = model.newest(resource.id)
    table = model.published(resource.id)
    wanted = next(iter(files.wanted(resource.id)), None)
    return {
        "resource_id": resource.id,
        "policy": policy.value,
        "sheet": sheet,
        "loadable": wanted is not None,
        "current": bool(table and wanted and table.signature == wanted.signature),
        "table": {"rows": table.kept, "loaded": _moment(table)} if table else None,
        **(load(newest) if newest else {"state": None}),
    }


def load(found: DatastoreLoad) -> dict[str, Any]:
    """One load. Nothing of the values that were wrong is told."""
    return {
        "id": found.id,
        "resource_id": found.resource_id,
        "state": found.state,
        "state_name": _name(found.state),
        "steps": [step | {"name": _name(step["state"])} for step in found.steps],
        "rows": found.rows,
        "kept": found.kept,
        "bad": found.bad,
        "reason": _plain(found.reason) if found.reason else None,
        "remarks": [_plain(stored) for stored in found.remarks],
        "created": found.created.isoformat(),
        "finished": found.finished.isoformat() if found.finished else None,
    }


def columns(found: DatastoreLoad) -> list[dict[str, Any]]:
    """The columns of a table with their profiles."""
    profiles = {profile["id"]: profile for profile in found.profile}
    names = ("id", "label", "element", "type", "personal")
    return [
        {name: column[name] for name in names} | profiles.get(column["id"], {})
        for column in found.columns
    ]


def problem(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A problem with its words in the reader's language."""
    lang = tk.h.lang() if tk.request else "vi"
    title, mend = describe(Problem.from_dict(stored), lang, problem_texts())
    place = locate(stored["path"], lang, problem_texts())
    return dict(stored) | {"title": title, "mend": mend, "place": place}


def _plain(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A problem for everybody: what is wrong where, not the value."""
    told = problem(stored)
    return {name: told[name] for name in ("code", "path", "place", "count", "title", "mend")}


def _name(state: str) -> str:
    """Name of a state in the reader's language; an older edition may not know it."""
    states = dictionary().code_lists.get("load_states")
    entry = states.get(state, today()) if states else None
    if entry is None:
        return state
    return entry.name.said(tk.h.lang() if tk.request else "vi")


def _moment(found: DatastoreLoad) -> str:
    swapped = [step["at"] for step in found.steps if step["state"] == State.INDEXING]
    return swapped[-1] if swapped else found.created.isoformat()
