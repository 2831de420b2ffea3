"""What is withdrawn, as actions and pages tell it."""

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core

from ckanext.hatinh.permanent import model
from ckanext.hatinh.permanent.model import Tombstone
from ckanext.hatinh.shared.mapping import permanent_uri
from ckanext.hatinh.shared.withdrawal import Cause
from hatinh.local_time import LOCAL_TIME

WORDS: Mapping[Cause, Callable[[], str]] = {
    Cause.PERSON: lambda: tk._("The publisher has withdrawn it."),
    Cause.SOURCE: lambda: tk._("Its source does not offer it any more."),
    Cause.ROLLBACK: lambda: tk._("The harvest that had brought it was taken back."),
    Cause.UNSTATED: lambda: tk._("No reason was stated."),
}
"""What is said where nobody gave a reason in words of his or her own."""


def told(tombstone: Tombstone) -> dict[str, Any]:
    """A tombstone in its JSON form; ``successor`` only while everybody may see it."""
    return {
        "id": tombstone.id,
        "uri": permanent_uri(tombstone.kind, tombstone.id),
        "kind": tombstone.kind,
        "name": tombstone.name,
        "title": {"vi": tombstone.title, "en": tombstone.title_en},
        "organization": tombstone.organization,
        "withdrawn": tombstone.at.astimezone(LOCAL_TIME).isoformat(timespec="seconds"),
        "cause": tombstone.cause,
        "reason": tombstone.reason or WORDS[Cause(tombstone.cause)](),
        "successor": _successor(tombstone.successor),
    }


def _successor(package_id: str) -> dict[str, str] | None:
    package = core.Session.get(core.Package, package_id) if package_id else None
    if package is None or not model.is_public(package):
        return None
    page = tk.url_for(f"{package.type}.read", id=package.name, _external=True)
    known = {"id": package.id, "kind": package.type, "name": package.name}
    return known | {"title": package.title or package.name, "page": page}
