"""A web folder of geographic metadata: the list that a web server makes, and its XML files."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import unquote

from harvesters.conditional import NotModifiedError, Visit, Visitor, visit_of
from harvesters.documents import is_page, read_xml
from harvesters.errors import GarbledSourceError, TooLargeSourceError
from harvesters.geographic import draft_of, records_of
from harvesters.http import Response
from harvesters.listing import read_index
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft

MAX_FILES = 20_000
MAX_FOLDERS = 500


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
        for url, (_, visit) in folders.items():
            self.visited.keep(url, replace(visit, next=following[url]))
        for url in files:
            response = visitor.get(url)
            if url in following:
                visitor.remember(url, response, following[url])
            yield from self._records(response)

    def _folders(self, visitor: Visitor) -> Iterator[tuple[str, tuple[Folder, Visit]]]:
        """The folders by their addresses, each once, however their links run.

        Their pages are not kept: there may be hundreds.
        """
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
            yield url, (found, visit_of(response))
            waiting.extend(found.folders)

    def _folder(self, response: Response) -> Folder:
        listed = read_index(self.name, response)
        folders = [entry for entry in listed if entry.folder]
        files = [entry for entry in listed if entry.name.lower().endswith(".xml")]
        return Folder(
            files=tuple(entry.url for entry in files if not entry.folder),
            folders=tuple(entry.url for entry in folders),
            dated=all(entry.dated for entry in (*files, *folders)),
        )

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
