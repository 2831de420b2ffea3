"""Holds back what CKAN sends one by one: search documents and activities.

While a batch is written, documents go to a list in place of Solr, and the activity plugin's
notes of changed datasets wait for the end of the batch. What they hold is made by CKAN's own
code from the same rows.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import ckan.lib.search.index as search_index
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import search
from ckan.lib.plugins import get_permission_labels
from ckan.types import Context

from ckanext.activity import subscriptions
from ckanext.activity.model import Activity
from ckanext.hatinh.harvest.batch.replacing import replaced

Document = dict[str, Any]
ONE_TO_ONE = {"new": "new package", "changed": "changed package"}


class Buffer:
    """Stands for the connection to Solr and keeps what it is given."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    def add(self, docs: list[Document], **_options: Any) -> None:
        """Keep documents, by the id of their package."""
        self.documents.update({document["id"]: document for document in docs})

    def delete(self, **_options: Any) -> None:
        """Nothing was sent that could be taken back; who drains removes what has no document."""

    def show(self, reference: str) -> Mapping[str, Any]:
        """A kept document, as the search gives it."""
        if reference not in self.documents:
            raise search.SearchError(reference)
        return self.documents[reference]


@contextmanager
def buffered() -> Iterator[Buffer]:
    """Documents go to the buffer, and are read from it."""
    buffer = Buffer()
    with (
        replaced(search_index, "make_connection", lambda *_args, **_options: buffer),
        replaced(search, "show", buffer.show),
    ):
        yield buffer


class Notes:
    """Activities that wait: what the activity plugin would have written at once."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, str, str]] = []

    def note(self, kind: str, package: str, context: Context) -> None:
        """Stands for the plugin's own function."""
        self.waiting.append((kind, package, context.get("user", "")))

    def forget(self, package: str) -> None:
        """Drop what was noted of a package that was undone."""
        self.waiting = [note for note in self.waiting if note[1] != package]

    def write(self) -> None:
        """Add the activities of packages whose documents are at hand, all at the next flush."""
        if not tk.config.get("ckan.activity_streams_enabled"):
            return
        for kind, package, user in self.waiting:
            model.Session.add(_activity(kind, package, user))
        self.waiting.clear()


def _activity(kind: str, package: str, user: str) -> Activity:
    shown = tk.get_action("package_show")(
        Context(for_view=False, ignore_auth=True), {"id": package, "include_tracking": False}
    )
    actor, row = model.User.get(user), model.Package.get(package)
    if actor is None or row is None:
        raise tk.ObjectNotFound(package)
    return Activity(
        user_id=actor.id,
        object_id=package,
        activity_type=ONE_TO_ONE[kind],
        data={"package": shown, "actor": actor.name},
        permission_labels=get_permission_labels().get_dataset_labels(row),
    )


@contextmanager
def activities_held() -> Iterator[Notes]:
    """Activities of datasets wait; those of anything else are written as ever."""
    notes = Notes()
    with replaced(subscriptions, "_create_package_activity", notes.note):
        yield notes
