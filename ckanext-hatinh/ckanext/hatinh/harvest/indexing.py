"""Brings the search index up to the database, from the outbox."""

import logging

from ckan import logic, model
from ckan.lib.search import PackageSearchIndex, SearchIndexError

from ckanext.hatinh.harvest.model.outbox import awaiting_index, mark_indexed

log = logging.getLogger(__name__)

BATCH = 50


def drain() -> int:
    """Index every stale package, a batch at a time with one Solr commit each; gives their number.

    Raises :class:`ckan.lib.search.SearchIndexError` while Solr is away: the outbox keeps what is
    left, and the next run or start drains it.
    """
    done = 0
    while stale := awaiting_index(BATCH):
        for package in stale:
            _index(package)
        PackageSearchIndex().commit()
        mark_indexed(stale)
        done += len(stale)
    return done


def _index(package: str) -> None:
    """Index one package, or drop its document when the package has been purged."""
    if model.Package.get(package) is None:
        logic.index_remove_package(package)
    else:
        logic.index_update_package({"ignore_auth": True}, package, defer_commit=True)


def drain_if_possible() -> int:
    """Like :func:`drain`; while Solr is away it only says so, for the outbox loses nothing."""
    try:
        return drain()
    except SearchIndexError as err:
        model.Session.rollback()
        log.warning("The search index is away, %s; stale documents wait in the outbox", err)
        return 0
