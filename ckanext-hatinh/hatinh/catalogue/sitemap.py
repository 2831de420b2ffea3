"""Sitemaps: the addresses of pages for search engines. https://www.sitemaps.org/protocol.html"""

from collections.abc import Iterable
from typing import NamedTuple
from xml.sax.saxutils import escape

MOST = 50_000
"""Addresses that one sitemap may have."""

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Page(NamedTuple):
    """A page and the day on which it changed last, blank where it is not known."""

    address: str
    changed: str = ""


def sitemap(pages: Iterable[Page]) -> str:
    """The sitemap of some pages."""
    return _document("urlset", "url", pages)


def index(sitemaps: Iterable[Page]) -> str:
    """The list of the sitemaps of a site."""
    return _document("sitemapindex", "sitemap", sitemaps)


def _document(root: str, item: str, pages: Iterable[Page]) -> str:
    items = "".join(f"<{item}>{_page(page)}</{item}>\n" for page in pages)
    return f'{_HEAD}<{root} xmlns="{NAMESPACE}">\n{items}</{root}>\n'


def _page(page: Page) -> str:
    changed = f"<lastmod>{escape(page.changed)}</lastmod>" if page.changed else ""
    return f"<loc>{escape(page.address)}</loc>{changed}"
