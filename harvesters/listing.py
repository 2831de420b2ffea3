"""Pages and folder listings that web servers make for people and for WebDAV clients."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree, html

from harvesters.address import joined
from harvesters.documents import read_xml
from harvesters.errors import GarbledSourceError, TruncatedSourceError
from harvesters.http import Response
from hatinh.text import clean

DAV = {"d": "DAV:"}
_WHEN = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?|\d{1,2}-[A-Za-z]{3}-\d{4} \d\d:\d\d(:\d\d)?"
    r"|\d{1,2}/\d{1,2}/\d{4} +\d{1,2}:\d\d( [AP]M)?"
)
_ENDED = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_BYTES = re.compile("[0-9]{1,18}")
_SIZE = re.compile(r"(?<![\w.:/-])(\d+)(?![\w.:/-])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or folder of a listing.

    ``size`` is in bytes, ``None`` where the listing rounds it. ``version`` is what the listing
    says of its state, in its own words: when it changes, the file has changed. Only a ``dated``
    file (by its time of change, or a mark of its content) cannot change without that.
    """

    url: str
    name: str
    folder: bool
    size: int | None = None
    modified: str = ""
    version: str = ""
    dated: bool = False


def read_page(source: str, response: Response) -> Any:
    """The root of a web page that is whole, as an lxml element.

    Raises :class:`harvesters.errors.GarbledSourceError`.
    """
    text = response.body.decode("utf-8", "replace")
    if not _ENDED.search(text, max(0, len(text) - 2000)):
        raise TruncatedSourceError(source, response.url)
    try:
        return html.fromstring(text)
    except (etree.ParserError, ValueError) as err:
        raise GarbledSourceError(source, response.url, f"no page: {err}") from err


def read_index(source: str, response: Response) -> list[Entry]:
    """The entries of a listing as HTML, as all common web servers make it.

    Raises :class:`harvesters.errors.GarbledSourceError` for a page that is no listing.
    """
    page = read_page(source, response)
    if next(page.iter("form"), None) is not None:
        raise GarbledSourceError(source, response.url, "a page with a form, no listing")
    title = clean(page.findtext(".//title")) + clean(page.findtext(".//h1"))
    entries = {entry.url: entry for entry in _links(page, response.url)}
    if not entries and not re.search(r"index of|directory|thư mục", title, re.IGNORECASE):
        raise GarbledSourceError(source, response.url, "a page that lists no files")
    return list(entries.values())


def read_multistatus(source: str, response: Response) -> list[Entry]:
    """The entries of a WebDAV listing (RFC 4918), without the folder itself.

    Raises :class:`harvesters.errors.GarbledSourceError`.
    """
    root = read_xml(source, response)
    if root.tag != "{DAV:}multistatus":
        raise GarbledSourceError(source, response.url, "no multistatus")
    found = (_resource(node, response.url) for node in root.iterfind("d:response", DAV))
    return [entry for entry in found if entry]


def child_name(url: str, base: str) -> str:
    """The name of a URL directly below a folder, decoded; empty when it is not."""
    try:
        folder, child = urlsplit(base), urlsplit(url)
    except ValueError:
        return ""
    under = folder.path.rpartition("/")[0] + "/"
    if (child.scheme, child.netloc) != (folder.scheme, folder.netloc) or child.query:
        return ""
    name = unquote(child.path).removeprefix(unquote(under)).rstrip("/")
    inside = unquote(child.path).startswith(unquote(under))
    return name if inside and "/" not in name and name not in (".", "..") else ""


def _links(page: Any, base: str) -> Iterator[Entry]:
    for link in page.iter("a"):
        url = joined(base, link.get("href") or "").partition("#")[0]
        name = child_name(url, base)
        if name:
            yield _entry(url, name, _beside(link))


def _beside(link: Any) -> str:
    """What the listing says beside a link: its row, the text behind it, or before it."""
    row = next(link.iterancestors("tr"), None)
    if row is not None:
        own = set(link.iterancestors("td", "th"))
        cells = [cell for cell in row.iterchildren("td", "th") if cell not in own]
        return clean("  ".join(cell.text_content() for cell in cells))
    before = link.getprevious()
    behind = clean(link.tail)
    return behind if _WHEN.search(behind) else clean(before.tail if before is not None else "")


def _entry(url: str, name: str, words: str) -> Entry:
    when = _WHEN.search(words)
    rest = words.replace(when[0], " ") if when else words
    size = _SIZE.search(rest)
    folder = urlsplit(url).path.endswith("/")
    return Entry(
        url=url,
        name=name,
        folder=folder,
        size=_bytes(size[1]) if size and not folder else None,
        modified=_day(when[0]) if when else "",
        version=words,
        dated=bool(when),
    )


def _bytes(digits: str) -> int | None:
    """A size, unless no file could have it."""
    return int(digits) if _BYTES.fullmatch(digits) else None


def _day(words: str) -> str:
    """The day as ISO; a listing in the order month/day cannot be told and gives none."""
    if re.match(r"\d{4}-", words):
        return words[:10]
    if "/" in words:
        return ""
    try:
        return parsedate_to_datetime(words.replace("-", " ")).date().isoformat()
    except (ValueError, OverflowError):
        return ""


def _resource(node: etree._Element, base: str) -> Entry | None:
    url = joined(base, (node.findtext("d:href", "", DAV)).strip())
    name = child_name(url, base)
    if not name:
        return None
    properties = [
        prop
        for stat in node.iterfind("d:propstat", DAV)
        if " 200" in stat.findtext("d:status", " 200", DAV)
        for prop in stat.iterfind("d:prop", DAV)
    ]

    def said(what: str) -> str:
        return next((clean(p.findtext(f"d:{what}", "", DAV)) for p in properties), "")

    size, when = said("getcontentlength"), said("getlastmodified")
    state = said("getetag") or when
    return Entry(
        url=url,
        name=name,
        folder=any(p.find("d:resourcetype/d:collection", DAV) is not None for p in properties),
        size=_bytes(size),
        modified=_day(when.partition(",")[2].strip()) if when else "",
        version=" ".join(word for word in (state, size) if word),
        dated=bool(state),
    )
