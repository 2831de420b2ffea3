"""Reads all pages of a list, or fails: a partial list must never look complete."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from harvesters.conditional import NotModifiedError, Visitor
from harvesters.errors import IncompleteSourceError, LoopingSourceError, TooLargeSourceError
from harvesters.http import Response

MAX_PAGES = 2000

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One page. ``next_url`` is empty on the last one.

    ``ids`` count the records and tell pages apart; ``total`` is the number of records that the
    source declares for the whole list, ``None`` when it declares none. ``aside`` of the records
    may be left out of that number.
    """

    records: Iterable[Record]
    ids: tuple[str, ...]
    next_url: str = ""
    total: int | None = None
    aside: int = 0


def read_pages(
    visitor: Visitor, first_url: str, parse: Callable[[str, Response], Page[Record]]
) -> Iterator[Record]:
    """All records of all pages, one page in memory at a time.

    The list is whole only when it has come to its end: until then any of the errors may come.
    Raises :class:`harvesters.conditional.NotModifiedError` before the first record,
    :class:`harvesters.errors.LoopingSourceError` when a page comes back,
    :class:`harvesters.errors.IncompleteSourceError` when the numbers do not add up.
    """
    if visitor.unchanged(first_url):
        raise NotModifiedError(visitor.source)
    given = aside = 0
    seen: set[str] = set()
    url = first_url
    while url:
        response = visitor.get(url)
        page = parse(url, response)
        _guard_loop(visitor.source, url, page, seen)
        visitor.remember(url, response, page.next_url)
        given, aside = given + len(page.ids), aside + page.aside
        # A total that changes on the way means that the list changed under our hands.
        if not page.next_url and page.total not in (None, given, given - aside):
            raise IncompleteSourceError(visitor.source, first_url, page.total, given)
        yield from page.records
        url = page.next_url


def _guard_loop(source: str, url: str, page: Page[Record], seen: set[str]) -> None:
    """Neither an address nor the records of a page may come a second time."""
    ids = hashlib.blake2b("\n".join(page.ids).encode(), digest_size=16).hexdigest()
    if url in seen or (page.ids and ids in seen):
        raise LoopingSourceError(source, url)
    seen |= {url, ids}
    if len(seen) >= 2 * MAX_PAGES:
        raise TooLargeSourceError(source, url, f"{MAX_PAGES} pages")
