"""The elements that people gave to columns, for plugins that do not keep them."""

from collections.abc import Callable, Mapping

Chosen = Mapping[str, Mapping[str, str]]
"""Element by column, by the id of the resource."""

_readers: list[Callable[[], Chosen]] = []


def chosen() -> Chosen:
    """What people chose, of all resources; nothing where no plugin keeps it."""
    return _readers[0]() if _readers else {}


def read_from(reader: Callable[[], Chosen]) -> None:
    """Ask this function for the choices from now on."""
    _readers[:] = [reader]
