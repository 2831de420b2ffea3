"""Reads all pages of a list, or fails: a partial list must never look complete."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from harvesters.errors import IncompleteSourceError, LoopingSourceError, TooLargeSourceError

MAX_PAGES = 2000

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One page. ``next_url`` is empty on the last one.

    ``ids`` tell pages apart; ``total`` is the number of records that the source declares for
    the whole list, ``None`` when it declares none.
    """

    records: Sequence[Record]
    ids: tuple[str, ...]
    next_url: str = ""
    total: int | None = None


def read_pages(source: str, first_url: str, read: Callable[[str], Page[Record]]) -> list[Record]:
    """All records of all pages.

    Raises :class:`harvesters.errors.LoopingSourceError` when a page comes back,
    :class:`harvesters.errors.IncompleteSourceError` when the numbers do not add up.
    """
    records: list[Record] = []
    urls: set[str] = set()
    pages: set[tuple[str, ...]] = set()
    url = first_url
    while url:
        page = read(url)
        if url in urls or (page.ids and page.ids in pages):
            raise LoopingSourceError(source, url)
        urls.add(url)
        pages.add(page.ids)
        records.extend(page.records)
        if len(urls) >= MAX_PAGES:
            raise TooLargeSourceError(source, url, f"{MAX_PAGES} pages")
        # A total that changes on the way means that the list changed under our hands.
        if page.total is not None and not page.next_url and page.total != len(records):
            raise IncompleteSourceError(source, first_url, page.total, len(records))
        url = page.next_url
    return records
