"""Atom feeds (RFC 4287), in pages (RFC 5005): the datasets of a search, last changed first.

CKAN's own feeds lead to no second page, list systems and services among the datasets, and leave
filters out that stand twice.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from ckanext.hatinh.catalog.dcat_record import record_uri
from hatinh.text import clean, clean_lines

hatinh_catalogue_feeds = Blueprint("hatinh_catalogue_feeds", __name__)

Pairs = Iterable[tuple[str, str]]

NEWEST_FIRST = "metadata_modified desc"
LONGEST_QUERY = 100
"""Letters of the words looked for that the title of a feed repeats."""


def feed_address(asked: Pairs, page: int = 1) -> str:
    """The feed of a search page with these parameters; a feed has an order of its own."""
    kept = [pair for pair in asked if _is_asked(*pair) and pair[0] not in ("page", "sort")]
    address = tk.url_for("hatinh_catalogue_feeds.search", _external=True, locale="default")
    query = urlencode([*kept, *([("page", str(page))] if page > 1 else ())])
    return f"{address}?{query}" if query else address


@hatinh_catalogue_feeds.get("/feeds/search.atom")
def search() -> Response:
    """What the page of datasets with the same parameters lists."""
    page, size = tk.h.get_page_number(request.args), tk.config["ckan.feeds.limit"]
    question = _question(request.args) | {"rows": size, "start": (page - 1) * size}
    try:
        found = tk.get_action("package_search")({}, question)
    except (SearchError, tk.ValidationError):
        tk.abort(400, tk._("The search is not understood"))
    feed = _feed(found["results"], page, last=max(1, -(-found["count"] // size)))
    answer = Response(feed.atom_str(), mimetype="application/atom+xml")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _is_asked(name: str, value: str) -> bool:
    return bool(value) and not name.startswith("_")


def _question(arguments: MultiDict[str, str]) -> dict[str, Any]:
    """The parameters of a search page as CKAN's search takes them."""
    asked = [pair for pair in arguments.items(multi=True) if _is_asked(*pair)]
    filters = [
        f"+{name}:{_quoted(value)}"
        for name, value in asked
        if name not in ("q", "page", "sort") and not name.startswith("ext_")
    ]
    return {
        "q": arguments.get("q", ""),
        "fq": " ".join(["+dataset_type:dataset", *filters]),
        "sort": NEWEST_FIRST,
        "extras": {name: value for name, value in asked if name.startswith("ext_")},
    }


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _feed(packages: list[dict[str, Any]], page: int, last: int) -> FeedGenerator:
    asked = list(request.args.items(multi=True))
    feed, words = FeedGenerator(), clean(request.args.get("q"))[:LONGEST_QUERY]
    title = tk.config["ckan.site_title"]
    feed.id(feed_address(asked))
    feed.title(f"{title}: {words}" if words else title)
    feed.author(name=title)
    feed.updated(max((_moment(p["metadata_modified"]) for p in packages), default=_LONG_AGO))
    feed.link(href=feed_address(asked, page), rel="self", type="application/atom+xml")
    feed.link(href=_page_for_people(asked), rel="alternate", type="text/html")
    pages = {"first": 1, "previous": page - 1, "next": page + 1, "last": last}
    for rel, number in pages.items():
        if 1 <= number <= last:
            feed.link(href=feed_address(asked, number), rel=rel)
    for package in packages:
        _describe(package, feed.add_entry(order="append"))
    return feed


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _page_for_people(asked: Pairs) -> str:
    query = urlencode([pair for pair in asked if _is_asked(*pair) and pair[0] != "page"])
    address = tk.url_for("dataset.search", _external=True, locale="default")
    return f"{address}?{query}" if query else address


def _describe(package: dict[str, Any], entry: FeedEntry) -> None:
    page = tk.url_for("dataset.read", id=package["name"], _external=True, locale="default")
    office = (package.get("organization") or {}).get("title")
    entry.id(record_uri(package))
    entry.title(clean(package.get("title")) or package["name"])
    entry.link(href=page, rel="alternate", type="text/html")
    entry.link(href=f"{page}.ttl", rel="alternate", type="text/turtle")
    entry.updated(_moment(package["metadata_modified"]))
    entry.published(_moment(package["metadata_created"]))
    if office:
        entry.author(name=clean(office))
    if notes := clean_lines(package.get("notes")):
        entry.summary(notes)
    entry.category([{"term": clean(tag["name"])} for tag in package.get("tags", ())])


def _moment(said: str) -> datetime:
    """A moment as CKAN tells it, which is in UTC."""
    return datetime.fromisoformat(said).replace(tzinfo=UTC)
