"""Joins what records say of each other: by id, then by exact title whatever its marks; no guess.

A word that fits several records joins none of them: that is a finding.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from hatinh.register.model import DATASET, SERVICE, SYSTEM, Calls, Facts, Row
from hatinh.text import fold


class Named(Protocol):
    """What may be named: its ids, the source that one of them is of, its address and its title."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def guid(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def title(self) -> str: ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True)
class Index(Generic[N]):
    """Records of one kind by everything that may name them."""

    rows: Iterable[N]
    _ids: dict[str, dict[str, N]] = field(default_factory=dict)
    _titles: dict[str, list[N]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.rows:
            for word in filter(None, (row.id, row.name, row.guid, row.endpoint)):
                self._ids.setdefault(word, {})[row.id] = row
            self._titles.setdefault(fold(row.title), []).append(row)

    def find(self, word: str, source: str | None = None) -> list[N]:
        """The records that a word names: none, the one, or several that it could mean.

        An id is that of a ``source`` first, because two sources may use the same.
        """
        if not word:
            return []
        named = list(self._ids.get(word, {}).values())
        same = [row for row in named if row.source == source] if source is not None else []
        return same or named or self._titles.get(fold(word), [])


@dataclass(frozen=True)
class Joined:
    """The facts with their joins, each computed once."""

    facts: Facts

    @cached_property
    def systems(self) -> Index[Row]:
        """The systems by their names."""
        return Index(self.facts.of(SYSTEM))

    @cached_property
    def datasets(self) -> Index[Row]:
        """The datasets by their names."""
        return Index(self.facts.of(DATASET))

    @cached_property
    def services(self) -> Index[Row]:
        """The services by their names."""
        return Index(self.facts.of(SERVICE))

    @cached_property
    def served(self) -> dict[str, list[tuple[str, list[Row]]]]:
        """For each service its words for datasets, with what each word names."""
        return {
            service.id: [
                (word, self.datasets.find(word, service.source)) for word in service.serves
            ]
            for service in self.facts.of(SERVICE)
        }

    @cached_property
    def calls(self) -> dict[str, Calls]:
        """Calls of each service that the gateway's words name alone, by its id."""
        found: dict[str, Calls] = {}
        for called, rows in self.called:
            if len(rows) == 1:
                id_ = rows[0].id
                found[id_] = added(found[id_], called) if id_ in found else called
        return found

    @cached_property
    def called(self) -> list[tuple[Calls, list[Row]]]:
        """What the gateway counted, with the services that its word could mean."""
        return [
            (called, self.services.find(called.service)) for called in self.facts.counted.services
        ]

    def count(self, service: Row) -> int:
        """How often a service was called, as far as the gateway told."""
        return self.calls[service.id].count if service.id in self.calls else 0

    def datasets_of(self, service: Row) -> list[Row]:
        """The datasets that a service surely serves."""
        return [rows[0] for _, rows in self.served[service.id] if len(rows) == 1]

    def system_of(self, row: Row) -> list[Row]:
        """The systems that a record could come from; the gateway lists services by their system."""
        found = self.systems.find(row.source_system)
        if not row.source_system and row.kind == SERVICE:
            found = self.systems.find(row.title)
        return [system for system in found if system.id != row.id]


def added(one: Calls, other: Calls) -> Calls:
    """Calls of one service that was counted under two names."""
    days = [day for day in (one.last, other.last) if day]
    return Calls(one.service, one.count + other.count, max(days, default=None))
