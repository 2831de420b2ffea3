"""The elements that people gave to columns, for plugins that do not keep them."""

from collections.abc import Callable, Mapping

Chosen = Mapping[str, Mapping[str, str]]
"""Element by column, by the id of the resource."""

_readers: list[Callable[[str | None], Chosen]] = []


def chosen(only: str | None = None) -> Chosen:
    """What people chose, of all resources or of one; nothing where no plugin keeps it."""
    return _readers[0](only) if _readers else {}


def read_from(reader: Callable[[str | None], Chosen]) -> None:
    """Ask this function for the choices from now on."""
    _readers[:] = [reader]
