"""Brings the search index up to the database, from the outbox, many documents in one request.

    committed batch ──▶ Sender ──▶ Solr            the quick way, documents at hand
    outbox ──▶ drain() ──▶ index_documents ──▶ Solr   whatever that left behind

A row leaves the outbox only after Solr has acknowledged its document.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import SearchError, SearchIndexError, make_connection
from pysolr import Solr, SolrError

from ckanext.hatinh.harvest.containment import Broken, contained
from ckanext.hatinh.harvest.documents import index_documents
from ckanext.hatinh.harvest.model.outbox import (
    awaiting_index,
    forget_stale,
    forget_unless_changed,
    note_refusal,
    postpone,
)

log = logging.getLogger(__name__)

BATCH = 100

PATIENCE = 3
"""How much longer a writer waits for Solr than a page."""

LONGEST_REASON = 500
"""Characters that are kept of why a document is put off."""

Document = Mapping[str, Any]


class _RefusedDocumentError(Exception):
    """Solr answers, but does not take what it was given."""


def drain(batches: int | None = None) -> int:
    """Index stale packages, many at a time; gives the number of those that were taken up.

    All of them, or so many batches at most: whoever has other work to do comes back.
    A document that Solr refuses, or over which a plugin breaks, is put off, longer each time, and
    holds up no other.
    Raises :class:`ckan.lib.search.SearchIndexError` while Solr is away or refuses everything, as
    after its disk was full: the outbox keeps what is left, and since when.
    """
    done = 0
    for _ in count() if batches is None else range(batches):
        stale = awaiting_index(BATCH)
        if not stale:
            break
        try:
            _index(stale)
        except SearchIndexError as err:
            model.Session.rollback()
            note_refusal(stale, str(err)[:LONGEST_REASON])
            model.Session.commit()
            raise
        model.Session.commit()
        done += len(stale)
    if done:
        show_soon()
    return done


def drain_if_possible(batches: int = 1) -> int:
    """Like :func:`drain`; while Solr is away it only says so, for the outbox loses nothing."""
    try:
        return drain(batches)
    except SearchIndexError as err:
        model.Session.rollback()
        log.warning("The search index is away, %s; stale documents wait in the outbox", err)
        return 0


class Sender:
    """Sends documents at hand to Solr while the next batch is being written."""

    def __init__(self) -> None:
        self._line = ThreadPoolExecutor(1, "solr")
        self._under_way: tuple[Future[None], Mapping[str, datetime]] | None = None

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, *_raised: object) -> None:
        self._line.shutdown()

    def send(self, documents: Mapping[str, Document], modified: Mapping[str, datetime]) -> None:
        """Begin to index packages that were just committed; both by package id."""
        if documents:
            # The connection is made here: a thread of its own does not know CKAN's settings.
            future = self._line.submit(_send, _patient(), [*documents.values()])
            self._under_way = (future, modified)

    def settle(self) -> None:
        """Wait for what was sent, and let it leave the outbox in the open transaction.

        Whatever Solr did not take, and whatever was edited meanwhile, stays.
        """
        if self._under_way is None:
            return
        future, modified = self._under_way
        self._under_way = None
        refusing = (SearchIndexError, _RefusedDocumentError)
        try:
            sent = contained("Sending to the index", future.result, *refusing)
        except refusing as err:
            log.warning("%d documents wait in the outbox: %s", len(modified), err)
            return
        if not isinstance(sent, Broken):
            forget_unless_changed(modified)


def show_soon() -> None:
    """Let searches find at once what was sent; else Solr lets them within a second or so."""
    try:
        _patient().commit(softCommit=True)
    except SolrError as err:
        log.warning("The search index shows what is new a little later: %s", err)


def _index(stale: Sequence[str]) -> None:
    """Index some packages; when they fail together, find out which one is to blame."""
    reason = _fault_of(stale)
    if reason is None:
        forget_stale(stale)
    elif len(stale) == 1:
        postpone(stale[0], reason)
    else:
        middle = len(stale) // 2
        _index(stale[:middle])
        _index(stale[middle:])


def _fault_of(stale: Sequence[str]) -> str | None:
    """Bring the documents of some packages up to date; else why they are not.

    Solr refuses them, or a plugin that has a hand in them breaks.
    """
    name, passing = f"Indexing of {len(stale)} datasets", (SearchIndexError, _RefusedDocumentError)
    try:
        done = contained(name, lambda: _bring_up(stale), *passing)
    except _RefusedDocumentError as err:
        return str(err)
    return repr(done.error)[:LONGEST_REASON] if isinstance(done, Broken) else None


def _bring_up(stale: Sequence[str]) -> None:
    documents = index_documents(stale)
    known = {document["id"] for document in documents}
    _send(_patient(), documents)
    _remove([package for package in stale if package not in known])


def _patient() -> Solr:
    """Solr for writing: a hundred documents may take longer than a page may wait for a search."""
    solr = make_connection()
    solr.timeout = PATIENCE * tk.config["solr_timeout"]
    return solr


def _send(solr: Solr, documents: Sequence[Document]) -> None:
    with _told_apart():
        if documents:
            solr.add(docs=documents, commit=False)


def _remove(package_ids: Sequence[str]) -> None:
    """Drop the documents of packages that are gone for good."""
    ids = f"{{!terms f=id}}{','.join(package_ids)}"
    with _told_apart():
        if package_ids:
            query = f'+site_id:"{tk.config["ckan.site_id"]}" +_query_:"{ids}"'
            _patient().delete(q=query, commit=False)


@contextmanager
def _told_apart() -> Iterator[None]:
    """A Solr that refuses what it is given, from one that is away."""
    try:
        yield
    except SolrError as err:
        if "HTTP 400" in str(err):
            raise _RefusedDocumentError(str(err)[:LONGEST_REASON]) from err
        raise SearchIndexError(str(err)) from err
    except SearchError as err:
        raise SearchIndexError(str(err)) from err
