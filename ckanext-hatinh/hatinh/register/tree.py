"""The register as a tree: systems, the databases that are parts of them, datasets, services."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from hatinh.register.joins import Joined
from hatinh.register.model import DATASET, SERVICE, SYSTEM, Row


@dataclass(frozen=True, slots=True)
class Branch:
    """A dataset with the services that give it."""

    dataset: Row
    services: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A system or database with what is below it; ``services`` give none of its datasets."""

    system: Row
    parts: tuple["Node", ...]
    datasets: tuple[Branch, ...]
    services: tuple[Row, ...]

    def walk(self) -> Iterator["Node"]:
        """The node and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


def grow(joined: Joined, sees: Callable[[Row], bool] = lambda row: True) -> list[Node]:
    """The systems that are part of no other, with all below them that the reader ``sees``.

    Joins are made over all records: a title that fits two is no clearer when one is hidden.
    Where systems are part of each other in a ring, the first of them stands at the top.
    """
    below, giving = _children(joined, sees), _giving(joined, sees)
    placed: set[str] = set()

    def node(system: Row) -> Node:
        placed.add(system.id)
        own = below.get(system.id, [])
        branches = tuple(Branch(row, giving(row)) for row in own if row.kind == DATASET)
        given = {service.id for branch in branches for service in branch.services}
        return Node(
            system,
            tuple(node(row) for row in own if row.kind == SYSTEM and row.id not in placed),
            branches,
            tuple(row for row in own if row.kind == SERVICE and row.id not in given),
        )

    systems = [row for row in joined.facts.of(SYSTEM) if sees(row)]
    children = {row.id for rows in below.values() for row in rows}
    roots = [node(row) for row in systems if row.id not in children]
    return [*roots, *(node(row) for row in systems if row.id not in placed)]


def _children(joined: Joined, sees: Callable[[Row], bool]) -> dict[str, list[Row]]:
    """What surely belongs to each system that is seen."""
    found: dict[str, list[Row]] = {}
    for row in filter(sees, joined.facts.rows):
        owners = joined.system_of(row)
        if len(owners) == 1 and sees(owners[0]):
            found.setdefault(owners[0].id, []).append(row)
    return found


def _giving(joined: Joined, sees: Callable[[Row], bool]) -> Callable[[Row], tuple[Row, ...]]:
    found: dict[str, list[Row]] = {}
    for service in filter(sees, joined.facts.of(SERVICE)):
        for dataset in joined.datasets_of(service):
            found.setdefault(dataset.id, []).append(service)
    return lambda dataset: tuple(found.get(dataset.id, ()))
