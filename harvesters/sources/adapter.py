"""What all adapters have: a configuration, a client, the options they know, and plain files."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from harvesters.conditional import Noise, NotModifiedError, Visited, Visitor
from harvesters.documents import read_file, read_object
from harvesters.errors import (
    ForbiddenAddressError,
    GarbledSourceError,
    RefusedBySourceError,
    TooLargeSourceError,
)
from harvesters.http import Client, Response
from harvesters.paging import Page, read_pages
from harvesters.source import SourceConfig
from hatinh.dataset import Draft, Resource

Record = TypeVar("Record")

SERVER_FAULT = 500
"""From this status on it is the server that fails, not the address that is wrong."""


class Adapter(ABC):
    """Base of the adapters: they add :meth:`drafts`, and :meth:`content` where files are made.

    The class variables say what ``config/sources.yaml`` may and must give.
    """

    required_options: ClassVar[frozenset[str]] = frozenset()
    optional_options: ClassVar[frozenset[str]] = frozenset()
    required_secrets: ClassVar[frozenset[str]] = frozenset()
    noise: ClassVar[Noise] = None
    optional_secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, config: SourceConfig, client: Client) -> None:
        self.config = config
        self.client = client
        self.name = config.name
        self.visited = Visited()
        self._schemas: dict[str, Any] = {}

    @classmethod
    def option_faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        """What is wrong with the options, each with its mend."""
        del options
        return iter(())

    @classmethod
    def addresses(cls, config: SourceConfig) -> Iterable[str]:
        """Further addresses that the configuration names, such as of a token server."""
        del config
        return ()

    @abstractmethod
    def drafts(self) -> Iterator[Draft]:
        """Every record of the source, once; see :class:`harvesters.source.Source`."""

    def content(self, resource: Resource) -> bytes:
        """The bytes of a file as it is published."""
        response = self.client.get(resource.url, again=False)
        return read_file(self.name, response, resource.format)

    # -- what adapters share ------------------------------------------------------------------

    def pages(
        self, first_url: str, parse: Callable[[str, Response], Page[Record]], accept: str = "*/*"
    ) -> Iterator[Record]:
        """The records of a list in pages; see :func:`harvesters.paging.read_pages`."""
        visitor = Visitor(self.client, self.visited, {"Accept": accept}, self.noise)
        return read_pages(visitor, first_url, parse)

    def document(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """The one document that a source consists of.

        Raises :class:`harvesters.conditional.NotModifiedError` when it is as remembered.
        """
        visitor = Visitor(self.client, self.visited, headers or {})
        if visitor.unchanged(url):
            raise NotModifiedError(self.name)
        response = visitor.get(url)
        visitor.remember(url, response)
        return response

    def table_schema(self, url: str) -> Any:
        """The JSON form of a table schema that the source publishes beside its file.

        Words in place of one that is not there, or is none: a wrong link is a problem of its
        record. Raises ``SourceError`` when the source itself is away.
        """
        if url not in self._schemas:
            self._schemas[url] = self._fetched_schema(url)
        return self._schemas[url]

    def _fetched_schema(self, url: str) -> Any:
        try:
            return read_object(self.name, self.client.get(url))
        except RefusedBySourceError as err:
            if err.status >= SERVER_FAULT:
                raise
            return str(err)
        except (ForbiddenAddressError, GarbledSourceError, TooLargeSourceError) as err:
            return str(err)

    def records(self, value: Any, url: str, what: str) -> list[dict[str, Any]]:
        """A list of objects in a source's JSON; anything else is an error."""
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise GarbledSourceError(self.name, url, f"{what} is no list of records")
        return value

    def record(self, value: Any, url: str, what: str) -> dict[str, Any]:
        """An object in a source's JSON; anything else is an error."""
        if not isinstance(value, dict):
            raise GarbledSourceError(self.name, url, f"{what} is no record")
        return value
