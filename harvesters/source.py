"""What every source is to the rest of the house: drafts, and the bytes of their files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hatinh.dataset import Draft, Resource
from hatinh.text import Text


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """One row of ``config/sources.yaml`` (nguồn thu thập).

    ``name`` is part of every identifier made from the source: it never changes.
    ``owner`` is the slug of the organisation that answers for the source.
    ``defaults`` fill canonical fields that the source leaves empty.
    ``secrets`` are values, read from the environment when the file was loaded; they are
    never printed.
    """

    name: str
    kind: str
    title: Text
    url: str
    owner: str
    allow_private: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


class Source(Protocol):
    """A source that can be read from start to end."""

    def drafts(self) -> Iterator[Draft]:
        """Every record of the source, once.

        Raises :class:`harvesters.errors.SourceError` when the source cannot be read whole:
        a partial list must never look like a complete one.
        """
        ...

    def content(self, resource: Resource) -> bytes:
        """The bytes of one file. Raises :class:`harvesters.errors.SourceError`."""
        ...
