"""A web folder of geographic metadata: the list that a web server makes, and its XML files."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree, html

from harvesters.conditional import NotModifiedError, Visitor
from harvesters.documents import is_page, read_xml
from harvesters.errors import GarbledSourceError, TooLargeSourceError, TruncatedSourceError
from harvesters.geographic import draft_of, records_of
from harvesters.http import Response
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft

MAX_FILES = 20_000
MAX_FOLDERS = 500
DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}[-/](?:\d{1,2}|[A-Za-z]{3})[-/]\d{4}|[A-Z][a-z]+ \d{1,2}, \d{4}"
)
"""How web servers write the day on which a file was changed."""

ENDED = re.compile(rb"</(?:html|body)\s*>\s*(?:</html\s*>\s*)?\Z", re.IGNORECASE)


class Folder(NamedTuple):
    """One list: its files and folders, and whether it dates them all."""

    files: tuple[str, ...]
    folders: tuple[str, ...]
    dated: bool


class WafSource(Adapter):
    """``url`` is the folder; the folders below it are read too. ``options.topics`` as for CSW.

    A file that is no record of ISO metadata is a record with a fault, told with the others: one
    bad file among thousands does not stop a folder.
    """

    optional_options = frozenset({"topics"})

    def drafts(self) -> Iterator[Draft]:
        """The records of all files, folder by folder, in the order of the list."""
        visitor = Visitor(self.client, self.visited, {"Accept": "*/*"})
        if visitor.unchanged(self.config.url):
            raise NotModifiedError(self.name)
        folders = dict(self._folders(visitor))
        files = list(dict.fromkeys(url for found, _ in folders.values() for url in found.files))
        if len(files) > MAX_FILES:
            raise TooLargeSourceError(self.name, self.config.url, f"{MAX_FILES} files")
        # A list that dates its files tells by itself whether one of them changed.
        line = [*folders, *([] if all(found.dated for found, _ in folders.values()) else files)]
        following = dict(zip(line, [*line[1:], ""], strict=True))
        for url, (_, response) in folders.items():
            visitor.remember(url, response, following[url])
        for url in files:
            response = visitor.get(url)
            if url in following:
                visitor.remember(url, response, following[url])
            yield from self._records(response)

    def _folders(self, visitor: Visitor) -> Iterator[tuple[str, tuple[Folder, Response]]]:
        """The folders by their addresses, each once, however their links run."""
        waiting, seen = [self.config.url], set[str]()
        while waiting:
            url = waiting.pop(0)
            if url in seen:
                continue
            seen.add(url)
            if len(seen) > MAX_FOLDERS:
                raise TooLargeSourceError(self.name, url, f"{MAX_FOLDERS} folders")
            response = visitor.get(url)
            found = self._folder(response)
            yield url, (found, response)
            waiting.extend(found.folders)

    def _folder(self, response: Response) -> Folder:
        try:
            page = html.fromstring(response.body) if is_page(response) else None
        except etree.ParserError as err:
            raise GarbledSourceError(self.name, response.url, f"no list: {err}") from err
        links = dict.fromkeys(urljoin(response.url, href) for href in _hrefs(page))
        if page is None or not links or page.find(".//form") is not None:
            raise GarbledSourceError(self.name, response.url, "no list of files")
        # A list that stops in the middle reads like a shorter one.
        if not ENDED.search(response.body):
            raise TruncatedSourceError(self.name, response.url)
        below = [link for link in links if _is_below(link, response.url)]
        files = tuple(link for link in below if urlsplit(link).path.lower().endswith(".xml"))
        folders = tuple(link for link in below if link.endswith("/"))
        dates = DATE.findall(" ".join(map(str, page.itertext())))
        return Folder(files, folders, len(dates) >= len(files) + len(folders))

    def _records(self, response: Response) -> Iterator[Draft]:
        """The records of a file; a page for people in its place fails the whole folder."""
        if is_page(response):
            raise GarbledSourceError(self.name, response.url, "a web page instead of a record")
        try:
            records = records_of(read_xml(self.name, response))
        except GarbledSourceError:
            records = []
        topics = self.config.options.get("topics", {})
        for record in records:
            yield draft_of(record, response.url, topics, self.table_schema)
        if not records:
            yield Draft(unquote(response.url.rsplit("/", 1)[-1]), {}, (), response.url)


def _hrefs(page: etree._Element | None) -> list[str]:
    return [] if page is None else [link.get("href", "").strip() for link in page.iter("a")]


def _is_below(link: str, folder: str) -> bool:
    """Whether an address lies in a folder; neither its parents nor its own other orders do."""
    here, there = urlsplit(folder), urlsplit(link)
    root = here.path[: here.path.rfind("/") + 1]
    same = (here.scheme, here.netloc) == (there.scheme, there.netloc)
    return same and not there.query and there.path.startswith(root) and there.path != root
