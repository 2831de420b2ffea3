"""Search documents of many packages: CKAN's own, made with few statements for a whole batch."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import logic, model
from ckan.lib.dictization import model_dictize
from ckan.types import Context

from ckanext.hatinh.harvest.batch.holding import Document, buffered
from ckanext.hatinh.harvest.batch.memory import Memory, Wanted
from ckanext.hatinh.harvest.batch.replacing import replaced
from ckanext.hatinh.harvest.batch.session import BatchSession, batch_session


def index_documents(package_ids: Collection[str]) -> list[Document]:
    """The documents of those packages that shall be found, equal to what CKAN would index.

    A package without a document has been purged, or deleted where deleted ones are not indexed.
    """
    with batch_session() as session, buffered() as buffer:
        session.memory = Memory.read(session, Wanted(packages=package_ids))
        known = [key for key, package in session.memory.packages.items() if package is not None]
        with rows_at_hand(session, known):
            make_documents(known, Context(ignore_auth=True))
        return [buffer.documents[key] for key in known if key in buffer.documents]


@contextmanager
def rows_at_hand(session: BatchSession, packages: Collection[str]) -> Iterator[None]:
    """Read the rows of some packages at once; CKAN's dictization finds them in memory."""
    owners = sa.select(model.Package.owner_org).where(model.Package.id.in_(packages)).distinct()
    found = [owner for owner in session.scalars(owners) if owner] if packages else []
    session.rows.read(session, packages, found)
    session.memory.read_beside(session, packages)
    try:
        with replaced(model_dictize, "_get_members", _remembered(model_dictize._get_members)):
            yield
    finally:
        session.rows.forget()
        session.memory.beside.clear()


def _remembered(members: Any) -> Any:
    """CKAN's look-up of a group's members, each group once."""
    known: dict[tuple[str, str], Any] = {}

    def look_up(context: Context, group: Any, kind: str) -> Any:
        key = (group.id, kind)
        if key not in known:
            known[key] = members(context, group, kind)
        return known[key]

    return look_up


def make_documents(packages: Collection[str], context: Context) -> None:
    """Have CKAN index packages, one after the other."""
    for package in packages:
        own: Any = tk.fresh_context(context)
        both = logic.package_show_default_and_custom_schemas(own, package)
        logic.index_update_package_dicts(both, defer_commit=True)
