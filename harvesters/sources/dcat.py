"""A DCAT catalogue in Turtle, N-Triples, RDF/XML or JSON-LD, in pages if it likes."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from harvesters.documents import is_page
from harvesters.errors import GarbledSourceError, IncompleteSourceError, TooLargeSourceError
from harvesters.http import Response
from harvesters.paging import Page
from harvesters.rdf.process import RdfFaultError, RdfPage, RdfReader, RdfTooLargeError
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft

ACCEPT = (
    "text/turtle, application/n-triples;q=0.9, application/ld+json;q=0.8, "
    "application/rdf+xml;q=0.7, */*;q=0.1"
)
SYNTAX = {
    "text/turtle": "turtle",
    "application/x-turtle": "turtle",
    "text/n3": "turtle",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/ld+json": "json-ld",
    "application/json": "json-ld",
}
BY_ENDING = {
    ".ttl": "turtle",
    ".n3": "turtle",
    ".nt": "nt",
    ".rdf": "xml",
    ".xml": "xml",
    ".jsonld": "json-ld",
    ".json": "json-ld",
}
BY_START = {b"<?xml": "xml", b"<rdf:RDF": "xml", b"{": "json-ld", b"[": "json-ld", b"@": "turtle"}
"""How documents begin, for servers that call everything text or bytes."""


class DcatSource(Adapter):
    """``url`` is the catalogue; its further pages (``hydra:next``) are followed."""

    def drafts(self) -> Iterator[Draft]:
        """The datasets and data services, page by page, in the order of their addresses."""
        with closing(RdfReader()) as reader:
            ledger = _Ledger()

            def parse(url: str, response: Response) -> Page[Draft]:
                del url
                return self._page(reader, ledger, response)

            yield from self.pages(self.config.url, parse, ACCEPT)

    def _page(self, reader: RdfReader, ledger: "_Ledger", response: Response) -> Page[Draft]:
        found = self._read(reader, response)
        owed = ledger.owed_after(found)
        if owed and not found.next_url:
            declared = len(ledger.told) + owed
            raise IncompleteSourceError(self.name, response.url, declared, len(ledger.told))
        return Page(
            records=found.drafts,
            ids=found.ids,
            next_url=found.next_url,
            total=self._number(found.total, response.url) if found.total else None,
            aside=found.services,
        )

    def _read(self, reader: RdfReader, response: Response) -> RdfPage:
        syntax = _syntax(response)
        if is_page(response) or not syntax:
            what = f"{response.media_type}, neither Turtle, N-Triples, RDF/XML nor JSON-LD"
            raise GarbledSourceError(self.name, response.url, what)
        try:
            return reader.read(response.body, syntax, response.url)
        except RdfFaultError as err:
            raise GarbledSourceError(self.name, response.url, f"no {syntax}: {err}") from err
        except RdfTooLargeError as err:
            raise TooLargeSourceError(self.name, response.url, str(err)) from err

    def _number(self, words: str, url: str) -> int:
        try:
            return int(words)
        except ValueError as err:
            raise GarbledSourceError(self.name, url, f"totalItems: {err}") from err


@dataclass
class _Ledger:
    """What the pages so far have listed and what they have told."""

    told: set[str] = field(default_factory=set)
    _listed: set[str] = field(default_factory=set)

    def owed_after(self, page: RdfPage) -> int:
        """How many records are listed and not yet told: they may stand on another page."""
        self.told.update(page.nodes)
        self._listed.update(page.missing)
        return len(self._listed - self.told)


def _syntax(response: Response) -> str:
    """By what the server says, by the ending, by how the document begins."""
    ending = PurePosixPath(urlsplit(response.url).path).suffix
    start = response.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    begun = (syntax for sign, syntax in BY_START.items() if start.startswith(sign))
    return SYNTAX.get(response.media_type) or BY_ENDING.get(ending) or next(begun, "")
