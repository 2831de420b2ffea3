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
    ``schedule`` says in the form of cron when it is due, empty for runs by hand.
    ``secrets`` are values, read from the environment or opened from the table; they are never
    printed. ``unset`` names the environment variables that should hold one and do not.
    """

    name: str
    kind: str
    title: Text
    url: str
    owner: str
    allow_private: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    schedule: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    unset: tuple[str, ...] = ()


class Source(Protocol):
    """A source that can be read from start to end."""

    def drafts(self) -> Iterator[Draft]:
        """Every record of the source, once.

        Raises :class:`harvesters.errors.SourceError` when the source cannot be read whole, be it
        after the last record: what came before is no list until the end is reached.
        Raises :class:`harvesters.conditional.NotModifiedError`, before the first record, when
        the source is as it was remembered.
        """
        ...

    def content(self, resource: Resource) -> bytes:
        """The bytes of one file. Raises :class:`harvesters.errors.SourceError`."""
        ...
